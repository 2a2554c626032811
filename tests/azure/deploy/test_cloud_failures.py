"""What goes wrong with a deployment to Azure: a sentence, and nothing half-deployed stays."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from a_person import Command, document, kept_files
from serving_examples import Trained
from stand_in import azure_cli
from stand_in.service import Service

from designer.deployment import Endpoints
from designer.deployment.deploying import deploy as deploy_now
from modules.values.skops_import import import_skops

BOTH = pytest.mark.parametrize("target", ["aci", "managed"])
# What takes the same way to both is tried with one by make test.
ONE = pytest.mark.parametrize("target", [pytest.param("aci", marks=pytest.mark.long), "managed"])


def nothing_is_left(service: Service, here: Trained) -> bool:
    """Tell whether neither Azure nor this computer has anything of the endpoint."""
    kinds = ("web service", "online endpoint", "online deployment", "model")
    models = [each["properties"] for each in service.kept("models").values()]
    return (
        not any(service.kept(kind) for kind in kinds)
        and all(each.get("isArchived") for each in models)
        and not service.scoring.fronts
        and not Endpoints(here.workspace).names()
        and not kept_files(here)
    )


@pytest.mark.long
@ONE
def test_without_a_network_that_is_said(target: str, deploy: Command, here: Trained) -> None:
    # The fixture monkeypatch would be undone after the one that leads to the stand-in, and so
    # lead every test after this one to a stand-in that is gone.
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
        result = deploy(target)

    assert result.exit_code == 2
    assert "The proxy “127.0.0.1:9” can't be reached." in result.stderr
    assert kept_files(here) == []


@ONE
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("not json", "isn't JSON"),
        ('{"subscription_id": "x"}', "has no “resource_group”"),
        pytest.param("elsewhere", "There is no workspace “elsewhere”", marks=pytest.mark.long),
    ],
)
def test_a_wrong_config_is_said(
    target: str,
    content: str,
    sentence: str,
    deploy: Command,
    service: Service,
    here: Trained,
    tmp_path: Path,
) -> None:
    if content == "elsewhere":
        content = json.dumps(service.config() | {"workspace_name": content})
    (tmp_path / "config.json").write_text(content)

    result = deploy(target)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert nothing_is_left(service, here)


@ONE
def test_an_expired_sign_in_is_said(
    target: str,
    deploy: Command,
    service: Service,
    here: Trained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", azure_cli.install_signed_out(tmp_path / "bin"))

    result = deploy(target)

    assert result.exit_code == 2
    assert "The sign-in failed or has expired." in result.stderr
    assert "az login" in result.stderr
    assert nothing_is_left(service, here)


@pytest.mark.long
def test_an_unknown_cluster_is_said_with_those_that_there_are(
    deploy: Command, service: Service, here: Trained
) -> None:
    result = deploy("aks", "--cluster", "no-such-cluster")

    assert result.exit_code == 2
    assert "has no cluster “no-such-cluster”" in result.stderr
    assert "It has: aks-cluster." in result.stderr
    assert nothing_is_left(service, here)


@pytest.mark.long
@BOTH
def test_an_endpoint_of_somebody_else_is_left_alone(
    target: str, designer: Command, deploy: Command, service: Service
) -> None:
    document(deploy(target, "--json"))
    assert designer("endpoints", "delete", "people", "--only-here").exit_code == 0
    (front,) = service.scoring.fronts.values()
    before = dict(front.containers)

    result = deploy(target)

    assert result.exit_code == 2
    assert "wasn't deployed from here" in result.stderr
    assert front.containers == before


@pytest.mark.long
@ONE
def test_a_build_that_fails_shows_its_log_without_the_key(
    target: str, deploy: Command, service: Service, here: Trained
) -> None:
    service.broken_image = "ERROR: No matching distribution found for numpy==99"

    result = deploy(target)

    assert result.exit_code == 1
    assert "ERROR: No matching distribution found for numpy==99" in result.stderr
    assert "key ***" in result.stderr
    assert "Traceback" not in result.output
    assert nothing_is_left(service, here)


@pytest.mark.long
@ONE
def test_an_entry_script_that_fails_shows_its_log(
    target: str, deploy: Command, service: Service, here: Trained
) -> None:
    service.loses_models = 1

    result = deploy(target)

    assert result.exit_code == 1
    assert "The model is missing" in result.stderr
    assert nothing_is_left(service, here)


@pytest.mark.long
def test_what_can_not_be_removed_is_named(deploy: Command, service: Service) -> None:
    service.loses_models, service.keeps_all = 1, True

    result = deploy("aci")

    assert result.exit_code == 1
    assert "couldn't be removed: the endpoint “people”" in result.stderr
    assert set(service.kept("web service")) == {"people"}


@pytest.mark.long
def test_a_deployment_that_is_ended_leaves_nothing(
    service: Service, here: Trained, package: Path, tmp_path: Path
) -> None:
    def on_step(step: str, status: str, text: str) -> None:
        if step == "test":
            raise KeyboardInterrupt

    options = {"config": tmp_path, "sign_in": "azure-cli"}
    file = package / "pipeline.pipeline.json"
    with pytest.raises(KeyboardInterrupt):
        deploy_now(
            here.workspace, file, "people", "managed", options, register=False, on_step=on_step
        )

    assert nothing_is_left(service, here)


def test_a_model_with_types_that_are_not_trusted_is_not_sent(
    designer: Command, service: Service, here: Trained, package: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(package, tmp_path / "stranger")
    models = list((copy / "model").rglob("*.skops"))
    assert models
    for path in models:
        import_skops().dump(subprocess.Popen, path)

    result = designer(
        *("deploy", copy / "pipeline.pipeline.json", "--name", "people", "--target", "aci"),
        *("--config", tmp_path, "--sign-in", "azure-cli"),
    )

    assert result.exit_code == 2
    assert "subprocess.Popen" in result.stderr
    assert "Traceback" not in result.output
    assert not service.door.requests
    assert nothing_is_left(service, here)
