"""Deploying to Azure with the unmodified SDKs; what the stand-in then serves really answers."""

from __future__ import annotations

import pytest
import requests
from a_person import Command, MemoryKeyring, document
from serving_examples import Trained, azure_request, same_scores
from stand_in.service import Service

TARGETS = pytest.mark.parametrize(
    ("target", "options"),
    [
        ("aci", ("--cores", 0.5, "--memory", 1.5)),
        ("aks", ("--cluster", "aks-cluster", "--instances", 2)),
        ("managed", ("--instance-type", "Standard_F2s_v2", "--instances", 2)),
    ],
)


@TARGETS
def test_a_package_is_deployed_and_answers_as_the_training_pipeline_scored(
    target: str,
    options: tuple[object, ...],
    designer: Command,
    here: Trained,
    service: Service,
    key_ring: MemoryKeyring,
) -> None:
    result = designer("deploy", "--name", "people", "--target", target, *options, "--json")
    made = document(result)

    assert set(made) == {"name", "url", "key", "version", "pid"}
    assert made["pid"] is None
    headers = {"Authorization": f"Bearer {made['key']}"}
    rows = azure_request(*here.rows)
    answer = requests.post(made["url"], json=rows, headers=headers, timeout=30)
    assert same_scores(answer.json()["Results"]["output1"], here.expected)
    assert requests.post(made["url"], json=rows, timeout=30).status_code == 401

    (listed,) = document(designer("endpoints", "list", "--json"))
    assert (listed["target"], listed["state"], listed["url"]) == (target, "running", made["url"])
    assert document(designer("endpoints", "test", "people", "--json"))["status"] == 200
    # The key is in the keyring, and in no file of the workspace.
    assert any(made["key"] in kept for kept in key_ring.kept.values())
    files = [path for path in here.workspace.endpoints_folder.rglob("*") if path.is_file()]
    assert not [path for path in files if made["key"].encode() in path.read_bytes()]
    log = designer("endpoints", "logs", "people").stdout
    assert "The entry script is ready." in log
    assert made["key"] not in log

    deleted = designer("endpoints", "delete", "people")
    assert "Deleting “people”" in deleted.stderr
    assert not service.scoring.fronts
    assert document(designer("endpoints", "list", "--json")) == []
