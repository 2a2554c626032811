from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner, Result

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "service"))
sys.path.append(str(Path(__file__).parents[2] / "serving"))

from a_person import Command, MemoryKeyring
from serving_examples import Trained, train
from stand_in import azure_cli
from stand_in.fixtures import cluster, peers, service
from stand_in.service import Service

from designer.cli.main import main
from designer.serving import Endpoints

__all__ = ["cluster", "peers", "service"]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a pipeline that was run, with the scores of the training pipeline."""
    return train(tmp_path_factory.mktemp("people"))


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
    """Call ``designer`` as a person does; ``deploy`` takes what is common to all calls here."""

    def call(*arguments: object) -> Result:
        words = [str(each) for each in arguments]
        if words[0] == "deploy":
            words[1:1] = [str(here.file), "--no-register", "--sign-in", "azure-cli"]
        return CliRunner().invoke(main, words)

    return call
