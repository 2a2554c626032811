"""Deploying to Azure with the unmodified SDKs; what the stand-in then serves really answers."""

from __future__ import annotations

import re

import pytest
import requests
from a_person import Command, MemoryKeyring, document, kept_files
from serving_examples import Trained, azure_request, same_scores
from stand_in.service import Service

from designer.azure.deploy import web_services

TARGETS = pytest.mark.parametrize(
    ("target", "options"),
    [
        pytest.param("aci", ("--cores", 0.5, "--memory", 1.5), marks=pytest.mark.long),
        pytest.param("aks", ("--instances", 2), marks=pytest.mark.long),
        ("managed", ("--instance-type", "Standard_F2s_v2", "--instances", 2)),
    ],
)


@TARGETS
def test_a_package_is_deployed_and_answers_as_the_training_pipeline_scored(
    target: str,
    options: tuple[object, ...],
    designer: Command,
    deploy: Command,
    here: Trained,
    service: Service,
    key_ring: MemoryKeyring,
) -> None:
    made = document(deploy(target, *options, "--json"))

    assert set(made) == {"name", "url", "key", "version", "pid"}
    assert made["pid"] is None
    headers = {"Authorization": f"Bearer {made['key']}"}
    rows = azure_request(*here.rows)
    answer = requests.post(made["url"], json=rows, headers=headers, timeout=60)
    assert same_scores(answer.json()["Results"]["output1"], here.expected)
    assert requests.post(made["url"], json=rows, timeout=60).status_code == 401

    (listed,) = document(designer("endpoints", "list", "--json"))
    assert (listed["target"], listed["state"], listed["url"]) == (target, "running", made["url"])
    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200
    # The key is in the keyring, and in no file of the workspace.
    assert any(made["key"] in kept for kept in key_ring.kept.values())
    files = kept_files(here)
    assert not [path for path in files if made["key"].encode() in path.read_bytes()]
    log = designer("endpoints", "logs", "people").stdout
    assert "The entry script is ready." in log
    assert made["key"] not in log

    deleted = designer("endpoints", "delete", "people")
    assert "Deleting “people”" in deleted.stderr
    assert not service.scoring.fronts
    assert document(designer("endpoints", "list", "--json")) == []


@pytest.mark.long
def test_a_training_pipeline_is_registered_here_and_in_azure(
    designer: Command, here: Trained, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.slow_deployments = 3
    monkeypatch.setattr(web_services, "WAIT", 0.01)

    result = designer(
        *("deploy", here.file, "--name", "people", "--target", "aci", "--sign-in", "azure-cli")
    )

    assert result.exit_code == 0, result.output
    # In the order of the mission's workflow; Azure's state is told while it works.
    steps = [line.split(" …")[0] for line in result.stderr.splitlines() if " …" in line]
    assert list(dict.fromkeys(steps)) == [
        "Create the inference pipeline",
        "Prepare the entry script",
        "Prepare the inference configuration",
        "Test locally",
        "Choose the compute target",
        "Register the model",
        "Deploy",
        "Test the endpoint",
    ]
    assert re.search("Deploy … healthy, [0-9]+ s", result.stderr)
    assert "registered as “people”, version 1" in result.stdout
    assert "unencrypted" in result.stdout
    (model,) = service.kept("model").values()
    assert (model["name"], model["kvTags"]["version"]) == ("people", "1")


@pytest.mark.long
def test_sizes_and_cluster_reach_azure(deploy: Command, service: Service) -> None:
    deploy("aks", "--cores", 0.5, "--memory", 1.5, "--instances", 3)

    (plain,) = service.kept("web service").values()
    needs = plain["containerResourceRequirements"]
    assert (needs["cpu"], needs["memoryInGB"]) == (0.5, 1.5)
    assert (plain["computeName"], plain["numReplicas"]) == ("aks-cluster", 3)


@pytest.mark.long
def test_a_key_of_ones_own_is_taken_by_a_web_service_and_refused_for_a_managed_endpoint(
    deploy: Command, service: Service
) -> None:
    assert document(deploy("aci", "--key", "a-key-of-my-own", "--json"))["key"] == "a-key-of-my-own"
    refused = deploy("managed", "--key", "a-key-of-my-own")

    assert refused.exit_code == 2
    assert "a-key-of-my-own" not in refused.output
