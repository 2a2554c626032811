"""A compiled pipeline gives what a run here gives.

test_sample_submissions.py runs every sample with both SDKs and compares all tables; here it is the
files of a compiled folder that are run, as somebody has them who takes them elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chosen_samples import SAMPLES
from compiled_jobs import Command, run_all, run_in_shell, v1_commands, v2_commands

from designer.azure.compile.compiling import TARGETS, compile_pipeline
from designer.azure.compile.describing import describe
from designer.catalog import Catalog, load_catalog
from designer.engine import Engine, RunResult
from designer.pipeline.file import SUFFIX, read
from designer.pipeline.model import Pipeline, PipelineParameter
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


def test_the_jobs_of_v1_give_what_a_local_run_gives(
    compiled: Compiled,
    graph: Callable[[Path], Any],
    local: Callable[[str], RunResult],
    tmp_path: Path,
) -> None:
    folder = compiled("credit_risk", "azureml-v1")
    commands = list(v1_commands(folder, graph(folder), tmp_path))
    run_all(commands, folder / "snapshot")
    assert_the_same(commands, tmp_path, local("credit_risk"))


# A submitted run of SDK v2 gives the same in make test: test_shared_components.py.
@pytest.mark.long
def test_the_jobs_of_v2_give_what_a_local_run_gives(
    compiled: Compiled, local: Callable[[str], RunResult], tmp_path: Path
) -> None:
    folder = compiled("iris_clustering", "azureml-v2")
    commands = list(v2_commands(folder, tmp_path))
    run_all(commands, folder / "snapshot")
    assert_the_same(commands, tmp_path, local("iris_clustering"))


@pytest.mark.long
def test_the_components_of_shared_modules_give_what_a_local_run_gives(
    compiled: Compiled, local: Callable[[str], RunResult], tmp_path: Path
) -> None:
    folder = compiled("training_size", "azureml-v2")
    commands = list(v2_commands(folder, tmp_path))
    run_all(commands, folder / "snapshot")
    assert_the_same(commands, tmp_path, local("training_size"))


@pytest.mark.long
def test_in_a_shell_as_a_service_would(
    compiled: Compiled, local: Callable[[str], RunResult], tmp_path: Path
) -> None:
    """Each job is a process of its own, from the command line of its component."""
    folder = compiled("automobile_price", "azureml-v2")
    commands = list(v2_commands(folder, tmp_path))
    for command in commands:
        done = run_in_shell(command, folder / "snapshot")
        assert done.returncode == 0, done.stderr
    assert_the_same(commands, tmp_path, local("automobile_price"))


def assert_the_same(commands: list[Command], there: Path, local: RunResult) -> None:
    """Compare what all jobs have left in a folder with a run of this computer."""
    assert local.status == "completed"
    assert {command.name for command in commands} == set(local.nodes)
    compared = 0
    for name, node in local.nodes.items():
        for port, output in node.outputs.items():
            folder = there / name / port
            assert sorted(path.name for path in folder.iterdir()) == sorted(
                path.name for path in output.path.iterdir()
            )
            if output.type == "Evaluation":
                compared += 1
                assert _metrics(folder) == _metrics(output.path)
    assert compared


@pytest.mark.long
@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
def test_all_that_is_awkward_runs(
    target: str, build: Callable[..., Pipeline], own_modules: Path, tmp_path: Path, graph
) -> None:
    """Spaces, quotes, groups, own modules, values of the run, and a file that is written."""
    (tmp_path / "it's some data.csv").write_text("x,y\n1,2\n3,4\n", "utf-8")
    pipeline = build(
        {
            "data": ("dataset", {"path": "it's some data.csv", "header": {"$parameter": "top"}}),
            "group/twice": "doubled",
            "group/inner/clip": (
                "execute_python_script",
                {"script": _SCRIPT},
            ),
            "save": (
                "export_data",
                {"path": "out/my result.csv", "delimiter": {"$parameter": "between"}},
            ),
        },
        "data.dataset > group/twice.dataset",
        "group/twice.dataset > group/inner/clip.dataset1",
        "group/inner/clip.result_dataset > save.dataset",
        parameters={
            "top": PipelineParameter("top", "boolean", True),
            "between": PipelineParameter("between", "text", "comma"),
        },
    )
    description = describe(pipeline, load_catalog(own_modules), base=tmp_path)
    folder = tmp_path / "compiled"
    compile_pipeline(description, target, folder)
    code = folder / "snapshot" / "user_modules"
    (own,) = code.iterdir()
    assert {path.name for path in own.iterdir()} == {"doubled.py", "_factor.py"}
    results = tmp_path / "results"
    if target == "azureml-v1":
        commands = list(v1_commands(folder, graph(folder), results))
    else:
        commands = list(v2_commands(folder, results))
    for command in commands:
        done = run_in_shell(command, folder / "snapshot")
        assert done.returncode == 0, (command.line, done.stderr)
    written = results / "save" / "path" / "my result.csv"
    assert written.read_text("utf-8").splitlines() == ["x,y", "2,4", "6,8"]


@pytest.mark.long
def test_a_value_given_for_the_run_arrives(
    build: Callable[..., Pipeline], catalog: Catalog, tmp_path: Path, graph
) -> None:
    rows = "\n".join(f"{number},{number}" for number in range(20))
    pipeline = build(
        {
            "data": ("enter_data_manually", {"data": f"x,y\n{rows}\n"}),
            "split": ("split_data", {"fraction": {"$parameter": "part"}}),
        },
        "data.dataset > split.dataset",
        parameters={"part": PipelineParameter("part", "number", 0.5)},
    )
    description = describe(pipeline, catalog, base=tmp_path)
    for target in TARGETS:
        compile_pipeline(description, target, tmp_path / target)
    v1, v2 = (tmp_path / target for target in TARGETS)
    given = {"part": 0.25}
    run_all(list(v1_commands(v1, graph(v1), tmp_path / "r1", given)), v1 / "snapshot")
    run_all(list(v2_commands(v2, tmp_path / "r2", given)), v2 / "snapshot")
    from modules.values import storage

    for results in ("r1", "r2"):
        table = storage.load(tmp_path / results / "split" / "results_dataset1")
        assert len(table.frame) == 5


_SCRIPT = """
def azureml_main(dataframe1=None, dataframe2=None):
    return dataframe1.astype("int64"),
"""


def _metrics(folder: Path) -> Any:
    return json.loads((folder / "metrics.json").read_text("utf-8"))
