"""A person's own modules, in the folder of the workspace: every command knows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline

SOURCE = '''
from __future__ import annotations

from modules.contract import DataTable, module


@module("Double", outputs=("doubled",))
def double(dataset: DataTable, *, column: str = "x") -> DataTable:
    """Twice the numbers of a column."""
    return dataset.with_frame(dataset.frame.assign(**{column: dataset.frame[column] * 2}))
'''


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace with a module of the person's own, and one that doesn't load."""
    folder = tmp_path / "my workspace"
    (folder / "modules").mkdir(parents=True)
    (folder / "modules" / "double.py").write_text(SOURCE, "utf-8")
    (folder / "modules" / "broken.py").write_text("def broken(:\n", "utf-8")
    return folder


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    (tmp_path / "numbers.csv").write_text("x\n1\n2\n", "utf-8")
    path = tmp_path / "own.pipeline.json"
    nodes = {
        "data": Node("data", "dataset", parameters={"path": "numbers.csv"}),
        "double": Node("double", "double"),
    }
    link = Link(Endpoint("data", "dataset"), Endpoint("double", "dataset"))
    write(Pipeline(nodes=nodes, links=(link,)), path)
    return path


def test_it_is_validated_listed_run_and_shown(designer, workspace, pipeline):
    place = ("--workspace", workspace)
    checked = designer("validate", pipeline, *place)
    assert checked.exit_code == 0, checked.output
    assert "A module can't be loaded." in checked.stderr
    assert "broken.py: line 1 isn't Python" in checked.stderr

    listed = {each["id"]: each for each in json.loads(designer("modules", "--json", *place).stdout)}
    assert listed["double"]["category"] == "My Modules"
    assert "Twice the numbers" in designer("modules", "Double", *place).stdout

    assert designer("run", pipeline, *place).exit_code == 0
    shown = json.loads(designer("show", pipeline, "double", "--json", *place).stdout)
    assert shown["data"] == [[2], [4]]


def test_its_parameters_are_checked(designer, workspace, pipeline):
    whole = read(pipeline)
    wrong = {**whole.nodes, "double": Node("double", "double", parameters={"colum": "x"})}
    write(Pipeline(nodes=wrong, links=whole.links), pipeline)
    checked = designer("validate", pipeline, "--workspace", workspace)
    assert checked.exit_code == 2
    assert "double.colum: Double has no parameter “colum”." in checked.stdout
    assert "Did you mean “column”?" in checked.stdout


def test_elsewhere_it_is_unknown(designer, tmp_path, workspace, pipeline):
    elsewhere = tmp_path / "other"
    checked = designer("validate", pipeline, "--workspace", elsewhere)
    assert checked.exit_code == 2
    assert "The module “double” isn't installed" in checked.stdout
    # Looking makes nothing.
    assert not elsewhere.exists()
    assert designer("modules", "double", "--workspace", elsewhere).exit_code == 2


TRANSFORMING = '''
from __future__ import annotations

from dataclasses import dataclass

from modules.contract import DataTable, module
from modules.values import Transformation


@dataclass(frozen=True, eq=False)
class Shift(Transformation):
    """Takes the mean away."""

    column: str = ""
    mean: float = 0.0
    title: str = "Shift"

    def apply(self, table: DataTable) -> DataTable:
        frame = table.frame
        return table.with_frame(frame.assign(**{self.column: frame[self.column] - self.mean}))


@module("Shift", outputs=("shifted", "transformation"))
def shift(dataset: DataTable, *, column: str = "x") -> tuple[DataTable, Transformation]:
    """Take the mean of a column away."""
    fitted = Shift(column=column, mean=float(dataset.frame[column].mean()))
    return fitted.apply(dataset), fitted
'''


def test_what_it_learnt_is_read_by_other_processes_too(designer, workspace, tmp_path):
    place = ("--workspace", workspace)
    (workspace / "modules" / "shift.py").write_text(TRANSFORMING, "utf-8")
    (tmp_path / "numbers.csv").write_text("x\n1\n2\n3\n", "utf-8")
    path = tmp_path / "shift.pipeline.json"
    nodes = {
        "data": Node("data", "dataset", parameters={"path": "numbers.csv"}),
        "shift": Node("shift", "shift"),
        "apply": Node("apply", "apply_transformation"),
    }
    ends = (
        ("data.dataset", "shift.dataset"),
        ("shift.transformation", "apply.transformation"),
        ("data.dataset", "apply.dataset"),
    )
    links = tuple(Link(Endpoint(*a.split(".")), Endpoint(*b.split("."))) for a, b in ends)
    write(Pipeline(nodes=nodes, links=links), path)
    assert designer("run", path, "--until", "shift", *place).exit_code == 0
    # The next run has it from the store, in a worker that never ran the module.
    result = designer("run", path, "--json", *place)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["nodes"]["shift"]["status"] == "reused"
    shown = json.loads(designer("show", path, "apply", "--json", *place).stdout)
    assert shown["data"] == [[-1], [0], [1]]
    fitted = designer("show", path, "shift.transformation", *place)
    assert fitted.exit_code == 0, fitted.output
    assert "Shift" in fitted.stdout
