"""Values to try in a pipeline: validated, run, exported, compiled, compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline

TRIED = {"$values": [0.1, 10]}


def pipeline_with(folder: Path, parameters: dict[str, Any], *chain: str) -> Path:
    """Write a pipeline in which a learner goes through some modules."""
    rows = "".join(f"{x},{x % 7},{'yes' if x % 5 > 1 else 'no'}\n" for x in range(60))
    (folder / "rows.csv").write_text(f"a,b,label\n{rows}", "utf-8")
    learner = "two_class_logistic_regression"
    nodes = {
        "data": Node("data", "dataset", parameters={"path": "rows.csv"}),
        "learner": Node("learner", learner, parameters=parameters),
    }
    links, source = [], "learner"
    for name in chain:
        options = {} if name.startswith("one_vs") else {"label_column": ["label"]}
        if name == "tune_model_hyperparameters":
            options |= {"mode": "entire grid", "folds": 2}
        nodes[name] = Node(name, name, parameters=options)
        links.append(Link(Endpoint(source, "untrained_model"), Endpoint(name, "untrained_model")))
        source = name
    port = "training_dataset" if source.startswith("tune") else "dataset"
    links.append(Link(Endpoint("data", "dataset"), Endpoint(source, port)))
    path = folder / "tuning.pipeline.json"
    write(Pipeline(nodes=nodes, links=tuple(links)), path)
    return path


def test_they_are_tried_and_shown(designer, tmp_path):
    path = pipeline_with(tmp_path, {"l2_weight": TRIED}, "tune_model_hyperparameters")
    place = ("--workspace", tmp_path / "workspace")
    assert read(path).nodes["learner"].parameters == {"l2_weight": TRIED}
    assert designer("validate", path).exit_code == 0
    assert designer("run", path, *place).exit_code == 0
    tune = "tune_model_hyperparameters"
    shown = json.loads(designer("show", path, f"{tune}.sweep_results", "--json", *place).stdout)
    assert sorted(row[0] for row in shown["data"]) == [0.1, 10]
    report = designer("show", path, f"{tune}.report", *place).stdout
    assert "2 settings were tried" in " ".join(report.split())
    learner = designer("show", path, "learner", *place)
    assert learner.exit_code == 0, learner.output
    assert "0.1, 10" in learner.stdout
    ranged = '{"$range": {"from": 0.1, "to": 100, "log": true, "points": 4}}'
    result = designer("run", path, "--set", f"learner.l2_weight={ranged}", *place)
    assert result.exit_code == 0, result.output
    shown = json.loads(designer("show", path, f"{tune}.sweep_results", "--json", *place).stdout)
    assert sorted(row[0] for row in shown["data"]) == pytest.approx([0.1, 1, 10, 100])


@pytest.mark.parametrize("chain", [("train_model",), ("one_vs_all_multiclass", "train_model")])
def test_a_learner_that_is_trained_once_needs_one_value(designer, tmp_path, chain):
    path = pipeline_with(tmp_path, {"l2_weight": TRIED}, *chain)
    checked = designer("validate", path)
    assert checked.exit_code == 2
    assert (
        "learner.l2_weight: L2 regularization weight has several values to try, "
        "but Train Model needs one."
    ) in " ".join(checked.stdout.split())
    assert "Use Tune Model Hyperparameters, or enter one value." in checked.stdout
    tuned = pipeline_with(tmp_path, {"l2_weight": TRIED}, *chain[:-1], "tune_model_hyperparameters")
    assert designer("validate", tuned).exit_code == 0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"$values": []}, "has no values to try"),
        ({"$values": [0.1, "much"]}, "“much” isn't a number"),
        ({"$values": [-1]}, "-1 isn't a number of at least 0"),
        ({"$range": {"from": 5, "to": 5}}, "the range ends at 5.0, not above 5.0"),
        ({"$range": {"from": -5, "to": 5}}, "-5 isn't a number of at least 0"),
        ({"$range": {"from": 0, "to": 5, "log": True}}, "starts above 0"),
        ({"$range": {"from": 0, "to": 5, "points": 1}}, "from 2 to 1,000 points"),
        ({"$range": {"to": 5}}, "a range has “from” and “to”"),
        ({"$range": 7}, "a range has “from” and “to”"),
    ],
)
def test_wrong_values_are_explained(designer, tmp_path, value, message):
    path = pipeline_with(tmp_path, {"l2_weight": value}, "tune_model_hyperparameters")
    checked = designer("validate", path)
    assert checked.exit_code == 2
    assert message in " ".join(checked.stdout.split())


def test_other_modules_have_one_value(designer, tmp_path):
    path = pipeline_with(tmp_path, {}, "train_model")
    refused = designer("run", path, "--set", 'train_model.positive_class={"$values": ["yes"]}')
    assert refused.exit_code == 2
    assert "Train Model can't have several values to try" in " ".join(refused.stderr.split())


def test_it_is_exported_and_compiled(designer, tmp_path):
    ranged = {"$range": {"from": 0.1, "to": 10.0, "log": True}}
    tried = {"l2_weight": ranged, "tolerance": {"$values": [1e-4, 1e-6]}}
    path = pipeline_with(tmp_path, tried, "tune_model_hyperparameters")
    script = tmp_path / "tuning.py"
    exported = designer("export", path, "--to", "python", "-o", script)
    assert exported.exit_code == 0, exported.output
    text = script.read_text("utf-8")
    assert "RangeToTry(" in text
    assert "ValuesToTry(values=(0.0001, 1e-06))" in text
    compiled = designer("compile", path, "--to", "azureml-v2", "-o", tmp_path / "azure")
    assert compiled.exit_code == 0, compiled.output


@pytest.mark.long
def test_the_exported_code_tries_the_same(designer, tmp_path):
    path = pipeline_with(tmp_path, {"l2_weight": TRIED}, "tune_model_hyperparameters")
    script = tmp_path / "tuning.py"
    assert designer("export", path, "--to", "python", "-o", script).exit_code == 0
    program = [sys.executable, str(script)]
    ran = subprocess.run(program, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "Accuracy (best)" in ran.stdout
