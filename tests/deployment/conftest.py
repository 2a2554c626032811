from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

sys.path.append(str(Path(__file__).parent))

from serving_examples import Trained, train

from designer.deployment import Endpoints, local_target, records
from designer.deployment.deploying import Packed, deploy, pack
from designer.deployment.target import DeployResult

# Before the tests of another folder change it in the same process.
FIRST_PORT = records.FIRST_PORT


@pytest.fixture(scope="session", autouse=True)
def own_ports() -> Iterator[int]:
    """Every test process has ports of its own: each begins to look at the same one otherwise.

    Return the one that each would begin with.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST_PORT + 300 * number
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "FIRST_PORT", first)
        patch.setattr(local_target, "FIRST_PORT", first)
        yield FIRST_PORT


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a pipeline whose every step compiles, and that was run."""
    return train(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a pipeline with a person's own code, and that was run."""
    return train(tmp_path_factory.mktemp("scripted"), script=True)


@pytest.fixture(scope="session")
def packed(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    folder = tmp_path_factory.mktemp("packed") / "package"
    return pack(trained.workspace, trained.file, folder, "people")


@pytest.fixture(scope="session")
def scripted_packed(scripted: Trained, tmp_path_factory: pytest.TempPathFactory) -> Packed:
    folder = tmp_path_factory.mktemp("packed") / "package"
    return pack(scripted.workspace, scripted.file, folder, "scripted")


@pytest.fixture(scope="session")
def deployed(trained: Trained) -> Iterator[DeployResult]:
    """Return an endpoint that runs; tests only send requests to it."""
    made = deploy(trained.workspace, trained.file, "people", register=False)
    yield made
    Endpoints(trained.workspace).stop("people")


@pytest.fixture
def client(deployed: DeployResult) -> Iterator[httpx.Client]:
    """Return a client with the endpoint's key."""
    address = deployed.url.removesuffix("/score")
    headers = {"Authorization": f"Bearer {deployed.key}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture
def endpoints(trained: Trained, tmp_path: Path) -> Iterator[Endpoints]:
    """Return the endpoints of an empty workspace; all are stopped after the test."""
    made = Endpoints(tmp_path / "workspace")
    yield made
    for name in made.names():
        made.delete(name)
