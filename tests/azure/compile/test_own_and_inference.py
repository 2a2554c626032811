"""Inference pipelines and a person's own modules, compiled: what the jobs need travels with them.

The folders are made by the command line and run as a service would run them, in processes that
know neither the workspace nor this checkout.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from compiled_jobs import Command, run_all, v1_commands, v2_commands

from designer.azure.compile.compiling import TARGETS
from designer.cli.main import main
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from modules.values import storage

SHIFT = '''
from __future__ import annotations

from dataclasses import dataclass

from modules.contract import DataTable, Serving, module
from modules.values import Transformation

from ._naming import COLUMN


@dataclass(frozen=True, eq=False)
class Shift(Transformation):
    """Takes the mean away."""

    mean: float = 0.0
    title: str = "Shift"

    def apply(self, table: DataTable) -> DataTable:
        frame = table.frame
        return table.with_frame(frame.assign(**{COLUMN: frame[COLUMN] - self.mean}))


@module(
    "Shift",
    outputs=("shifted", "transformation"),
    when_serving=Serving.AS_FITTED,
    requires=("pandas", "pyyaml"),
)
def shift(dataset: DataTable) -> tuple[DataTable, Transformation]:
    """Take the mean of a column away."""
    fitted = Shift(mean=float(dataset.frame[COLUMN].mean()))
    return fitted.apply(dataset), fitted
'''
DOUBLE = '''
from modules.contract import DataTable, module


@module("Double", outputs=("doubled",))
def double(dataset: DataTable) -> DataTable:
    """Twice the numbers of x."""
    return dataset.with_frame(dataset.frame.assign(x=dataset.frame["x"] * 2))
'''
STEPS = {
    "data": ("dataset", {"path": "numbers.csv"}),
    "double": ("double", {}),
    "shift": ("shift", {}),
    "split": ("split_data", {}),
    "learner": ("linear_regression", {}),
    "train": ("train_model", {"label_column": ["y"]}),
    "score": ("score_model", {}),
}
LINKS = (
    "data.dataset > double.dataset",
    "double.doubled > shift.dataset",
    "shift.shifted > split.dataset",
    "split.results_dataset1 > train.dataset",
    "learner.untrained_model > train.untrained_model",
    "train.trained_model > score.trained_model",
    "split.results_dataset2 > score.dataset",
)


class Place:
    """A person's folder: a workspace with own modules, data, and pipelines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = folder / "workspace"
        own = self.workspace / "modules"
        own.mkdir(parents=True)
        (own / "shift.py").write_text(SHIFT, "utf-8")
        # Nobody else's: a process keeps modules of the same content where it found them first.
        (own / "_naming.py").write_text(f'COLUMN = "x"\n# of {folder}\n', "utf-8")
        (own / "double.py").write_text(DOUBLE, "utf-8")
        rows = "".join(f"{x},{3 * x + 1}\n" for x in range(30))
        (folder / "numbers.csv").write_text(f"x,y\n{rows}", "utf-8")

    def call(self, *words: object) -> Any:
        arguments = [*map(str, words), "--workspace", str(self.workspace)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        return result

    def train(self, *without: str) -> Path:
        """Write the pipeline, without some of its steps, and run it."""
        path = self.folder / "training.pipeline.json"
        nodes = {
            name: Node(name, module, parameters=parameters)
            for name, (module, parameters) in STEPS.items()
            if name not in without
        }
        links = list(LINKS)
        if "double" in without:
            links[:2] = ["data.dataset > shift.dataset"]
        ends = [[Endpoint(*end.split(".")) for end in link.split(" > ")] for link in links]
        write(Pipeline(nodes=nodes, links=tuple(Link(*pair) for pair in ends)), path)
        self.call("run", path)
        return path

    def inference(self, training: Path, kind: str) -> Path:
        path = self.folder / f"{kind}.pipeline.json"
        self.call("inference", training, "--kind", kind, "-o", path)
        return path

    def compiled(self, path: Path, target: str) -> Path:
        """Compile, and take the folder where nothing of the person's is near."""
        folder = self.folder / "compiled"
        self.call("compile", path, "--to", target, "-o", folder)
        elsewhere = self.folder.parent / "elsewhere" / target
        shutil.move(folder, elsewhere)
        shutil.rmtree(self.workspace / "modules")
        return elsewhere


def jobs_of(
    target: str, folder: Path, results: Path, graph: Callable[[Path], Any]
) -> list[Command]:
    if target == "azureml-v1":
        return list(v1_commands(folder, graph(folder), results))
    return list(v2_commands(folder, results))


def scored(results: Path) -> list[float]:
    frame = storage.load(results / "score" / "scored_dataset").frame
    assert frame.columns.tolist() == ["x", "y", "Scored Labels"]
    return frame["Scored Labels"].tolist()


# Half of them hold every pair of an SDK, a kind, and what is there; one is tried by make test.
@pytest.mark.long
@pytest.mark.parametrize(
    ("without", "kind", "target"),
    [
        pytest.param(
            without,
            kind,
            target,
            id=f"{what}-{kind}-{target}",
        )
        for what, without in {"module and fitted": (), "fitted alone": ("double",)}.items()
        for kind in ("batch", "real-time")
        for target in TARGETS
    ],
)
def test_an_inference_pipeline_of_own_modules(
    target: str,
    kind: str,
    without: tuple[str, ...],
    graph: Callable[[Path], Any],
    tmp_path: Path,
) -> None:
    place = Place(tmp_path / "person")
    training = place.train(*without)
    folder = place.compiled(place.inference(training, kind), target)
    results = tmp_path / "results"
    run_all(jobs_of(target, folder, results, graph), folder / "snapshot")
    # y = 3 x + 1 is learnt to the last digit but few, whatever is done to x before.
    assert scored(results) == pytest.approx([3 * x + 1 for x in range(30)], abs=0.05)
    conda = yaml.safe_load((folder / "environment" / "conda.yml").read_text("utf-8"))
    assert "pyyaml" in str(conda).casefold()


@pytest.mark.long
@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
def test_a_transformation_that_is_older_than_the_modules_of_today(
    target: str,
    graph: Callable[[Path], Any],
    tmp_path: Path,
) -> None:
    """The package of own modules is named after its content, which another file changes."""
    place = Place(tmp_path / "person")
    training = place.train("double")
    inference = place.inference(training, "batch")
    (place.workspace / "modules" / "another.py").write_text(
        DOUBLE.replace("def double", "def another").replace('"Double"', '"Another"'), "utf-8"
    )
    folder = place.compiled(inference, target)
    results = tmp_path / "results"
    run_all(jobs_of(target, folder, results, graph), folder / "snapshot")
    assert scored(results) == pytest.approx([3 * x + 1 for x in range(30)], abs=0.05)


def test_modules_that_are_no_longer_here_are_told(tmp_path: Path) -> None:
    place = Place(tmp_path / "person")
    training = place.train("double")
    inference = place.inference(training, "batch")
    (place.workspace / "modules" / "shift.py").rename(place.folder / "away.py")
    words = ["compile", inference, "--to", TARGETS[1], "-o", tmp_path / "out"]
    words += ["--workspace", place.workspace]
    program = "import sys; from designer.cli.main import main; main(sys.argv[1:])"
    # Another process: this one has imported the module and knows it still.
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)], capture_output=True, text=True
    )
    assert done.returncode == 2, done.stderr
    assert "shift:Shift” isn't defined by any module of this installation." in done.stderr
    assert not (tmp_path / "out").exists()
