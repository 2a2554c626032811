"""The script of every sample stores the bytes that a run of the sample stores."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from exporting import CATALOG, Scripts, digests

from designer import paths
from designer.engine import Engine
from designer.export import python_script
from designer.pipeline.file import SUFFIX, read
from designer.workspace import Workspace

SAMPLES = sorted(path.name.removesuffix(SUFFIX) for path in paths.samples().glob(f"*{SUFFIX}"))
SHORT = ("automobile_price",)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    # On one core every step has one thread, like the scripts.
    with Engine(workspace, CATALOG, workers=1, cores=1) as engine:
        yield engine


@pytest.mark.parametrize(
    "name",
    [name if name in SHORT else pytest.param(name, marks=pytest.mark.long) for name in SAMPLES],
)
def test_the_script_gives_the_results_of_the_sample(
    name: str, engine: Engine, scripts: Scripts, tmp_path: Path
) -> None:
    file = paths.samples() / f"{name}{SUFFIX}"
    pipeline = read(file)
    script = python_script(pipeline, CATALOG, file=file, workspace=engine.workspace)
    assert not script.warnings
    shutil.copytree(paths.samples() / "data", tmp_path / "moved" / "data")
    (tmp_path / "moved" / "script.py").write_text(script.text, "utf-8")
    (tmp_path / "clean").mkdir()
    printed = scripts.run(
        tmp_path / "moved" / "script.py",
        "--results",
        str(tmp_path / "results"),
        folder=tmp_path / "clean",
    )
    assert not list((tmp_path / "clean").iterdir())

    result = engine.run(pipeline, base=file.parent)
    assert result.status == "completed"
    ends = set(pipeline.nodes) - set(pipeline.links_from)
    wanted = {
        (node, port)
        for node, ended in result.nodes.items()
        for port, output in ended.outputs.items()
        if node in ends or output.type == "TrainedModel"
    }
    assert wanted
    for metric in (each for node in ends for each in result.metrics.get(node, ())):
        assert metric.rpartition(": ")[2] in printed
    assert wanted <= set(script.results.values())
    folders = {end: tmp_path / "results" / name for name, end in script.results.items()}
    for node, port in wanted:
        assert digests(folders[node, port]) == digests(
            Path(result.nodes[node].outputs[port].path)
        ), f"{node}.{port}"
