"""The written deploy.py does what the deployment does, and AKS answers the SDK's own client."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from a_person import Command, document
from serving_examples import Trained, azure_request, same_scores
from stand_in.service import Service

from designer.azure.workspace import WorkspaceConfig, authentication_v1, connect_v1

PARTS = {
    "aci": ("/services", "/models", "/assets"),
    "managed": ("/onlineEndpoints/", "/models/", "/environments/"),
}


@pytest.fixture
def config(service: Service) -> WorkspaceConfig:
    plain = service.config()
    return WorkspaceConfig(
        plain["subscription_id"], plain["resource_group"], plain["workspace_name"]
    )


def sent(service: Service, target: str) -> list[Any]:
    """Return what was sent to make a deployment, without what differs each time."""
    found = []
    for each in service.door.requests:
        if each.method not in ("PUT", "POST") or "/listKeys" in each.path:
            continue
        if not any(part in each.path for part in PARTS[target]) or not each.body:
            continue
        if "validate" in each.path or "startPendingUpload" in each.path:
            continue
        text = json.dumps(json.loads(each.body), sort_keys=True)
        # Times, ids, hashes, names of temporary files, and numbers of versions.
        text = re.sub(r"\d{4}-\d\d-\d\dT[^\"]+", "TIME", text)
        text = re.sub(r"\btmp\w+", "TEMPORARY", text)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
        text = re.sub(r"[0-9a-f]{32,64}", "HASH", text)
        text = re.sub(r"aml://\S+?\"|people:\d+|\w+\.tar\.gz", "PLACE", text)
        text = re.sub(r"https://deskstorage\S+?\"", "PLACE", text)
        text = re.sub(r"LocalUpload/\S+?\"|/versions/\d+", "PLACE", text)
        found.append((re.sub(r"[\w-]*\d{6,}[\w-]*|/versions/\d+", "N", each.path), text))
    return found


def run_script(
    folder: Path, target: str, config: WorkspaceConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run deploy.py from another folder; its sign-in by browser is one by the Azure CLI."""
    from azureml.core import authentication

    monkeypatch.setattr(
        authentication,
        "InteractiveLoginAuthentication",
        lambda **_: authentication_v1(config, "azure-cli"),
    )
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    runpy.run_path(str(folder / "deploy.py"), run_name="__main__")


@pytest.mark.long
@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("managed", ("--instance-type", "Standard_F2s_v2", "--instances", 2)),
        ("aci", ("--cores", 0.5, "--memory", 1.5)),
    ],
)
def test_the_script_sends_what_the_deployment_sends(
    target: str,
    options: tuple[object, ...],
    deploy: Command,
    designer: Command,
    here: Trained,
    service: Service,
    config: WorkspaceConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "files"
    written = deploy(target, *options, "--dry-run", "-o", folder)
    assert written.exit_code == 0, written.output
    document(deploy(target, *options, "--json"))
    real = sent(service, target)
    deleted = designer("endpoints", "delete", "people")
    assert deleted.exit_code == 0, deleted.output
    service.kept("model").clear()
    service.kept("models").clear()
    service.door.requests.clear()
    (folder / "config.json").write_text(json.dumps(service.config()))

    run_script(folder, target, config, monkeypatch)

    by_script = sent(service, target)
    assert real
    assert set(by_script) - set(real) == set()
    assert set(real) - set(by_script) == set()
    # It answers as the training pipeline scored: the sample request was sent.
    assert "Results" in capsys.readouterr().out


@pytest.mark.long
def test_a_web_service_on_aks_answers_the_unchanged_client_of_the_sdk(
    deploy: Command, here: Trained, service: Service, config: WorkspaceConfig
) -> None:
    from azureml.core.webservice import AksWebservice

    made = document(deploy("aks", "--instances", 2, "--json"))
    client = AksWebservice(connect_v1(config, "azure-cli"), "people")
    assert client.state == "Healthy"
    assert client.scoring_uri == made["url"]
    assert client.get_keys()[0] == made["key"]
    answer: Any = client.run(json.dumps(azure_request(*here.rows)))
    assert same_scores(answer["Results"]["output1"], here.expected)
    # Its other key is good too, and a renewed one isn't any longer.
    primary, secondary = client.get_keys()
    client.regen_key("Primary", set_key=None)
    assert client.get_keys()[0] != primary
    assert client.get_keys()[1] == secondary
