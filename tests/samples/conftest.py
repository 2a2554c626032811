"""The sample pipelines, each run once through the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from designer import paths
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.engine.results import RunResult
from designer.pipeline import file
from designer.workspace import Workspace
from modules.values import EvaluationReport
from modules.values.storage import load

FOLDER = paths.samples()


@dataclass(frozen=True)
class Ran:
    """A sample that ran to its end."""

    result: RunResult

    def table(self, node: str, port: str = "scored_dataset") -> pd.DataFrame:
        """Return the frame at an output."""
        return load(Path(self.result.nodes[node].outputs[port].path)).frame

    def reports(self) -> tuple[EvaluationReport, ...]:
        """Return what Evaluate Model found."""
        output = self.result.nodes["evaluate_model"].outputs["evaluation_results"]
        return load(Path(output.path)).reports

    def threads(self, node: str) -> int:
        """Return how many threads a step had: sums depend on it in their last bits."""
        return self.result.nodes[node].threads


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Leave the cores to the engine; boosted trees are the same with any number of threads."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def data() -> Path:
    return FOLDER / "data"


@pytest.fixture(scope="session")
def run_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int, str], Ran]]:
    """Runs a sample on so many cores, once: that decides how many threads its steps have."""
    engines: dict[int, Engine] = {}

    @cache
    def run(cores: int, name: str) -> Ran:
        if cores not in engines:
            workspace = Workspace(tmp_path_factory.mktemp("samples"))
            engines[cores] = Engine(workspace, load_catalog(), workers=2, cores=cores)
        pipeline = file.read(FOLDER / f"{name}{file.SUFFIX}")
        result = engines[cores].run(pipeline, base=FOLDER)
        errors = {node: each.error for node, each in result.nodes.items() if each.error}
        assert not errors
        assert result.status == "completed"
        return Ran(result)

    yield run
    for engine in engines.values():
        engine.close()


@pytest.fixture(scope="module")
def another_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with a store and workers of its own, as on another day."""
    workspace = Workspace(tmp_path_factory.mktemp("again"))
    with Engine(workspace, load_catalog(), workers=2, cores=2) as engine:
        yield engine
