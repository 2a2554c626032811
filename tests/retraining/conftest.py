from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
# Clients that send requests without a pause, and a server of schedules.
sys.path += [str(Path(__file__).parents[1] / each) for each in ("deployment", "scheduling")]

from retraining_desk import NAME, Desk

from designer.deployment import local_target, records

# Before the tests of another folder change it in the same process.
FIRST_PORT = records.FIRST_PORT


@pytest.fixture(scope="session", autouse=True)
def own_ports() -> Iterator[None]:
    """Every test process has ports of its own: each begins to look at the same one otherwise."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST_PORT + 300 * number + 200
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "FIRST_PORT", first)
        patch.setattr(local_target, "FIRST_PORT", first)
        yield


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a workspace with a stopped endpoint; tests only copy it."""
    made = Desk(tmp_path_factory.mktemp("deployed"))
    made.deploy()
    return made


@pytest.fixture
def desk(deployed: Desk, tmp_path: Path) -> Iterator[Desk]:
    """Return a running endpoint whose model is poor, and its training pipeline."""
    made = Desk(tmp_path / "desk", like=deployed)
    made.endpoints.start(NAME)
    yield made
    made.close()
