from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import keyring
import pytest
from click.testing import CliRunner, Result

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "service"))
sys.path.append(str(Path(__file__).parents[2] / "deployment"))

from a_person import Command, MemoryKeyring
from serving_examples import Trained, train
from stand_in import azure_cli
from stand_in.fixtures import cluster, peers, service
from stand_in.service import Service

from designer.cli.main import main
from designer.deployment import Endpoints
from designer.deployment.deploying import pack

__all__ = ["cluster", "peers", "service"]

# A setting of SDK v1, which reads it when it is imported. Nothing that fails here gets better
# by being tried again.
os.environ.setdefault("AZUREML_DEFAULT_RETRIES", "0")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDKs try again and look again without a pause: the stand-in is quick."""
    from azure.ai.ml.constants._common import LROConfigurations
    from azure.core.pipeline.policies import RetryPolicy
    from azureml.core.webservice import webservice

    hurried = SimpleNamespace(**vars(time) | {"sleep": lambda seconds: time.sleep(0.02)})
    monkeypatch.setattr(webservice, "time", hurried)
    monkeypatch.setattr(RetryPolicy, "BACKOFF_MAX", 0)
    monkeypatch.setattr(LROConfigurations, "POLL_INTERVAL", 0)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a pipeline that was run, with the scores of the training pipeline."""
    return train(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="session")
def package(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the scoring package, whose inference pipeline is quickly packed again."""
    folder = tmp_path_factory.mktemp("packed") / "package"
    return pack(trained.workspace, trained.file, folder, "people").package.folder


@pytest.fixture
def key_ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    made = MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def here(
    trained: Trained,
    service: Service,
    peers: list[str],
    key_ring: MemoryKeyring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Trained]:
    """Be a person who is signed in to Azure, has a config.json and works in that folder."""
    service.computes["aks-cluster"] = "AKS"
    monkeypatch.setenv("PATH", azure_cli.install(service, tmp_path / "bin"))
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(trained.workspace.folder))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(service.config()))
    yield trained
    endpoints = Endpoints(trained.workspace)
    for name in endpoints.names():
        endpoints.delete(name, only_here=True)


@pytest.fixture
def designer(here: Trained) -> Command:
    """Call ``designer`` as a person does, in this process."""
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def deploy(designer: Command, package: Path, tmp_path: Path) -> Command:
    """Call ``designer deploy`` for the endpoint “people” and a target."""
    file = package / "pipeline.pipeline.json"
    config = tmp_path / "config.json"

    def call(target: str, *words: object) -> Result:
        common = ("--name", "people", "--no-register", "--target", target)
        cloud = ("--sign-in", "azure-cli", "--config", config) if target != "docker" else ()
        if target == "aks" and "--cluster" not in words:
            cloud += ("--cluster", "aks-cluster")
        return designer("deploy", file, *common, *cloud, *words)

    return call
