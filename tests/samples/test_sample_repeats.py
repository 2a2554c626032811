"""Samples that run again from scratch store the same bytes, whatever the workers did meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from designer import paths
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.engine.entries import hashes, read_manifest
from designer.engine.results import RunResult
from designer.pipeline import file
from designer.workspace import Workspace

SAMPLES = sorted(
    path.name.removesuffix(file.SUFFIX) for path in paths.samples().glob(f"*{file.SUFFIX}")
)


@pytest.fixture(scope="module")
def second_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with a store and workers of its own, as on another day."""
    workspace = Workspace(tmp_path_factory.mktemp("again"))
    with Engine(workspace, load_catalog(), workers=2, cores=2) as engine:
        yield engine


def contents(result: RunResult) -> dict[str, dict[str, str]]:
    """Return the hash of every file of every output, by node."""
    found = {}
    for node, each in result.nodes.items():
        for output in each.outputs.values():
            found[node] = hashes(read_manifest(Path(output.path).parent))
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_two_runs_from_scratch_store_the_same(name: str, run_sample, second_engine: Engine) -> None:
    first = run_sample(name).result
    pipeline = file.read(paths.samples() / f"{name}{file.SUFFIX}")
    second = second_engine.run(pipeline, base=paths.samples(), reuse=False)
    assert {each.status for each in second.nodes.values()} == {"completed"}
    stored = contents(first)
    # Every step gave something, and nothing of it differs.
    assert set(stored) == set(first.nodes)
    assert contents(second) == stored
