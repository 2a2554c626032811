from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "service"))

from stand_in import azure_cli
from stand_in.fixtures import cluster, peers, service
from stand_in.service import Service

from designer.azure.workspace import WorkspaceConfig
from designer.catalog import Catalog, load_catalog
from designer.workspace import Workspace

__all__ = ["cluster", "peers", "service"]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def signed_in(
    service: Service, peers: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the person be signed in with the Azure CLI, and the SDKs be led to the service."""
    monkeypatch.setenv("PATH", azure_cli.install(service, tmp_path / "bin"))


@pytest.fixture
def config(service: Service) -> WorkspaceConfig:
    plain = service.config()
    return WorkspaceConfig(
        plain["subscription_id"], plain["resource_group"], plain["workspace_name"]
    )
