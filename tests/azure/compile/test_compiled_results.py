"""A compiled pipeline gives what a run here gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chosen_samples import CHOSEN, SAMPLES
from compiled_jobs import run_all, run_in_shell, v1_commands, v2_commands

from designer.catalog import Catalog
from designer.engine import Engine, RunResult
from designer.pipeline.file import SUFFIX, read
from designer.workspace import Workspace

Compiled = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def local(
    catalog: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], RunResult]]:
    known: dict[str, RunResult] = {}
    with Engine(Workspace(tmp_path_factory.mktemp("local")), catalog, workers=1) as engine:

        def run(sample: str) -> RunResult:
            if sample not in known:
                file = SAMPLES / f"{sample}{SUFFIX}"
                known[sample] = engine.run(read(file), base=file.parent)
            return known[sample]

        yield run


@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
@pytest.mark.parametrize("sample", CHOSEN)
def test_the_jobs_give_the_metrics_of_a_local_run(
    sample: str,
    target: str,
    compiled: Compiled,
    graph: Callable[[Path], Any],
    local: Callable[[str], RunResult],
    tmp_path: Path,
) -> None:
    folder = compiled(sample, target)
    if target == "azureml-v1":
        commands = list(v1_commands(folder, graph(folder), tmp_path))
    else:
        commands = list(v2_commands(folder, tmp_path))
    run_all(commands, folder / "snapshot")
    expected = local(sample)
    assert expected.status == "completed"
    assert {command.name for command in commands} == set(expected.nodes)
    compared = 0
    for name, node in expected.nodes.items():
        for port, output in node.outputs.items():
            there = tmp_path / name / port
            assert sorted(path.name for path in there.iterdir()) == sorted(
                path.name for path in output.path.iterdir()
            )
            if output.type == "Evaluation":
                compared += 1
                assert _metrics(there) == _metrics(output.path)
    assert compared


def test_in_a_shell_as_a_service_would(
    compiled: Compiled, local: Callable[[str], RunResult], tmp_path: Path
) -> None:
    """Each job is a process of its own, from the command line of its component."""
    sample = "automobile_price"
    folder = compiled(sample, "azureml-v2")
    for command in v2_commands(folder, tmp_path):
        done = run_in_shell(command, folder / "snapshot")
        assert done.returncode == 0, done.stderr
    there = tmp_path / "evaluate_model" / "evaluation_results"
    output = local(sample).nodes["evaluate_model"].outputs["evaluation_results"]
    assert _metrics(there) == _metrics(output.path)


def _metrics(folder: Path) -> Any:
    return json.loads((folder / "metrics.json").read_text("utf-8"))
