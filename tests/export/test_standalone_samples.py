"""The code of every sample without this project gives what a run of the sample gives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from alone import assert_equal, executed
from exporting import CATALOG, ENVIRONMENT

from designer import paths
from designer.engine import Engine
from designer.export import Script
from designer.export.standalone import standalone_script
from designer.pipeline.file import SUFFIX, read
from designer.workspace import Workspace
from modules.contract import DataTable
from modules.values.storage import load

pytestmark = pytest.mark.filterwarnings("ignore")

EVERY = sorted(path.name.removesuffix(SUFFIX) for path in paths.samples().glob(f"*{SUFFIX}"))
SAMPLES = [
    name
    for name in EVERY
    if not any(
        isinstance(CATALOG[node.module].code, str)
        for node in read(paths.samples() / f"{name}{SUFFIX}").nodes.values()
    )
]
SHORT = ("automobile_price", "iris_clustering")

PROGRAM = """\
import runpy, sys
sys.modules |= dict.fromkeys(("modules", "designer"))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script where this project can't be imported, though it may be installed."""


def exported(name: str) -> Script:
    file = paths.samples() / f"{name}{SUFFIX}"
    workspace = Workspace(Path("nowhere"))
    return standalone_script(read(file), CATALOG, file=file, workspace=workspace)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    # On one core every step has one thread, like the code.
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    with Engine(workspace, CATALOG, workers=1, cores=1) as engine:
        yield engine


@pytest.mark.parametrize(
    "name",
    [name if name in SHORT else pytest.param(name, marks=pytest.mark.long) for name in SAMPLES],
)
def test_the_code_gives_the_results_of_the_sample(name: str, engine: Engine) -> None:
    script = exported(name)
    assert not script.warnings
    found = executed(script, paths.samples())
    file = paths.samples() / f"{name}{SUFFIX}"
    result = engine.run(read(file), base=file.parent)
    assert result.status == "completed"
    values = {
        end: load(Path(result.nodes[end.node].outputs[end.port].path))
        for end in script.results.values()
        if end.port in result.nodes[end.node].outputs
    }
    table = _rows(result, name)
    for variable, end in script.results.items():
        assert_equal(found[variable], values.get(end), table)


def _rows(result, name: str) -> DataTable:
    """Return the table that the sample's first model is applied to, or else learns from."""
    pipeline = read(paths.samples() / f"{name}{SUFFIX}")
    users = (
        node.id
        for name in ("trained_model", "untrained_model")
        for node in pipeline.nodes.values()
        if {name, "dataset"} <= {port.name for port in CATALOG[node.module].inputs}
        and "dataset" in pipeline.inputs_of(node.id)
    )
    scorer = next(users, None)
    if scorer is None:
        return DataTable(pd.DataFrame())
    source = pipeline.inputs_of(scorer)["dataset"]
    value = load(Path(result.nodes[source.node].outputs[source.port].path))
    # A network for images isn't applied to a table.
    return value if isinstance(value, DataTable) else DataTable(pd.DataFrame())


def test_every_sample_without_automated_ml_can_be_exported() -> None:
    assert {*EVERY} - {*SAMPLES} == {"credit_model_search"}


def test_the_code_is_formatted_and_without_complaint(tmp_path: Path) -> None:
    for name in SAMPLES:
        nodes = read(paths.samples() / f"{name}{SUFFIX}").nodes.values()
        # PyTorch may not be installed.
        if all(CATALOG.available(CATALOG[node.module]) for node in nodes):
            (tmp_path / f"{name}.py").write_text(exported(name).text, "utf-8")
    assert len(list(tmp_path.iterdir())) >= 10
    options = ["--isolated", "--line-length", "100", "--no-cache", str(tmp_path)]
    for command in (["check", "--select", "E,F,W,I,UP,B,SIM,C4"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_it_runs_as_a_program_in_a_clean_folder(tmp_path: Path) -> None:
    script = exported("automobile_price")
    shutil.copytree(paths.samples() / "data", tmp_path / "data")
    (tmp_path / "script.py").write_text(script.text, "utf-8")
    (tmp_path / "clean").mkdir()
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM, str(tmp_path / "script.py"), "--results", "out"],
        cwd=tmp_path / "clean",
        env={name: value for name, value in ENVIRONMENT.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Coefficient of determination" in done.stdout
    results = tmp_path / "clean" / "out"
    metrics = pd.read_csv(results / "evaluation" / "metrics.csv")
    assert metrics["Coefficient of determination"].between(0.9, 1).all()
    assert (results / "model.joblib").exists()
    assert os.listdir(tmp_path / "clean") == ["out"]
