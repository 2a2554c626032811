"""``designer automl``: a data file or a pipeline, and the best model as a pipeline."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from designer.pipeline.file import read, write
from designer.pipeline.model import Node, Pipeline

ROOT = Path(__file__).parents[2]
QUICK = ("--set", "allowed_learners=Logistic Regression", "--set", "folds=2")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.normal(size=(60, 2)), columns=["a", "b"])
    frame["y"] = np.where(frame["a"] + random.normal(size=60) > 0, "yes", "no")
    path = tmp_path / "rows.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_data_file_gives_a_pipeline_that_is_sound(designer, data, tmp_path):
    best = tmp_path / "best.pipeline.json"
    arguments = ("automl", data, "--label", "y", "--trials", 1, *QUICK, "-o", best)
    result = designer(*arguments, "--json", "--workspace", tmp_path / "w")
    assert result.exit_code == 0, result.output
    first, *_, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert first["event"] == "trial"
    assert (first["number"], first["total"]) == (1, 1)
    assert first["title"] == "Two-Class Logistic Regression"
    assert last["event"] == "result"
    assert last["trials"][0]["score"] == first["score"]
    assert last["file"] == str(best)
    modules = {node.module for node in read(best).nodes.values()}
    assert {"dataset", "cross_validate_model", "train_model"} <= modules
    assert designer("validate", best).exit_code == 0


def test_a_pipeline_with_several_datasets_is_an_error(designer, tmp_path):
    nodes = {name: Node(name, "dataset", parameters={"path": f"{name}.csv"}) for name in "ab"}
    file = tmp_path / "two.pipeline.json"
    write(Pipeline(nodes=nodes), file)
    result = designer("automl", file, "-o", tmp_path / "best.pipeline.json")
    assert result.exit_code == 2
    assert "“a”, “b”" in result.stderr
    assert "Hint: Link an Automated ML card to the dataset." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gone.csv", "-o", "best.pipeline.json"), "There is no file “gone.csv”."),
        (("rows.csv", "-o", "none/best.pipeline.json"), "There is no folder"),
        (
            ("rows.csv", "--set", "trails=3", "-o", "best.pipeline.json"),
            "trails",
        ),
    ],
)
def test_wrong_input_ends_before_a_run(designer, data, monkeypatch, arguments, message):
    monkeypatch.chdir(data.parent)
    result = designer("automl", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_the_first_interrupt_keeps_the_best(data, tmp_path):
    best = tmp_path / "best.pipeline.json"
    arguments = ["automl", data, "--label", "y", "--trials", "10000", *QUICK, "-o", best]
    process = subprocess.Popen(
        [sys.executable, "-m", "designer", *map(str, arguments)],
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off"}
        | {"MODELDESK_WORKSPACE": str(tmp_path / "w")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "best so far" in line:
            process.send_signal(signal.SIGINT)
            break
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert "Stopping the search" in errors
    assert "It was stopped." in errors
    assert "Row 1 is in" in output
    assert best.exists()
