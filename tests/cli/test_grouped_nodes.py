"""Nodes in groups, addressed ``group/node``, in every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from designer.pipeline.file import read
from designer.pipeline.own_modules import WEB_SERVICE_INPUT

DOCUMENT: dict[str, Any] = {
    "format": "modeldesk-pipeline",
    "version": 1,
    "nodes": {
        "data": {"module": "dataset", "parameters": {"path": "data.csv"}},
        "evaluate": {"module": "evaluate_model"},
    },
    "groups": {
        "prepare": {
            "title": "Prepare",
            "nodes": {"clean": {"module": "clean_missing_data"}},
            "groups": {"parts": {"nodes": {"split": {"module": "split_data"}}}},
        },
        "model": {
            "title": "Model",
            "comment": "The usual one.",
            "nodes": {
                "learner": {"module": "linear_regression"},
                "train": {"module": "train_model", "parameters": {"label_column": ["y"]}},
                "score": {"module": "score_model"},
            },
        },
    },
    "links": [
        {"from": "data.dataset", "to": "prepare/clean.dataset"},
        {"from": "prepare/clean.cleaned_dataset", "to": "prepare/parts/split.dataset"},
        {"from": "model/learner.untrained_model", "to": "model/train.untrained_model"},
        {"from": "prepare/parts/split.results_dataset1", "to": "model/train.dataset"},
        {"from": "model/train.trained_model", "to": "model/score.trained_model"},
        {"from": "prepare/parts/split.results_dataset2", "to": "model/score.dataset"},
        {"from": "model/score.scored_dataset", "to": "evaluate.scored_dataset"},
    ],
}
NODES = {
    "data",
    "evaluate",
    "prepare/clean",
    "prepare/parts/split",
    "model/learner",
    "model/train",
    "model/score",
}


@pytest.fixture
def grouped(tmp_path: Path) -> Path:
    rows = "".join(f"{n},{n % 7},{3 * n + n % 5}\n" for n in range(60))
    (tmp_path / "data.csv").write_text("x,z,y\n" + rows + ",3,9\n", "utf-8")
    return _written(tmp_path / "grouped.pipeline.json", DOCUMENT)


@pytest.fixture
def place(tmp_path: Path) -> tuple[str, Path]:
    return ("--workspace", tmp_path / "w")


def test_a_pipeline_with_groups_runs_and_every_result_has_its_address(designer, grouped, place):
    assert json.loads(designer("validate", grouped, "--json").stdout) == {
        "valid": True,
        "problems": [],
    }
    result = designer("run", grouped, "--json", *place)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert set(document["nodes"]) == NODES
    assert set(document["metrics"]) == {"evaluate"}
    assert Path(document["nodes"]["prepare/parts/split"]["log"]).is_file()

    shown = json.loads(
        designer("show", grouped, "prepare/parts/split.results_dataset2", "--json", *place).stdout
    )
    assert (shown["node"], shown["port"]) == ("prepare/parts/split", "results_dataset2")
    assert (
        shown["rows"]
        == document["nodes"]["prepare/parts/split"]["outputs"]["results_dataset2"]["rows"]
    )
    assert "model/train.trained_model: trained model" in (
        designer("show", grouped, "model/train", *place).stdout
    )
    wrong = designer("show", grouped, "train", *place)
    assert wrong.exit_code == 2
    assert "no node “train”" in wrong.stderr
    again = json.loads(designer("run", grouped, "--json", *place).stdout)
    assert {node["status"] for node in again["nodes"].values()} == {"reused"}


def test_a_nested_node_is_set_and_run_to_by_its_address(designer, grouped, place):
    setting = "prepare/parts/split.fraction=0.5"
    result = designer(
        "run", grouped, "--until", "prepare/parts/split", "--set", setting, "--json", *place
    )
    nodes = json.loads(result.stdout)["nodes"]
    assert set(nodes) == {"data", "prepare/clean", "prepare/parts/split"}
    rows = [output["rows"] for output in nodes["prepare/parts/split"]["outputs"].values()]
    assert max(rows) - min(rows) <= 1


def test_problems_name_the_address(designer, grouped, tmp_path, place):
    document = json.loads(json.dumps(DOCUMENT))
    model = document["groups"]["model"]["nodes"]
    model["train"]["parameters"] = {"label_columns": ["y"]}
    model["score"]["module"] = "no_such_module"
    path = _written(tmp_path / "bad.pipeline.json", document)
    checked = designer("validate", path)
    assert checked.exit_code == 2
    assert "error: model/train.label_columns: " in checked.stdout
    assert "error: model/score: " in checked.stdout
    ran = designer("run", path, *place)
    assert ran.exit_code == 2
    assert "model/train.label_columns: " in ran.stderr


def test_a_failure_in_a_group_names_the_address(designer, grouped, place):
    setting = 'model/train.label_column=["nothing"]'
    result = designer("run", grouped, "--set", setting, *place)
    assert result.exit_code == 1
    assert "model/train" in result.stderr
    assert "“nothing”" in result.stderr
    assert "“model/train” failed." in result.stderr
    assert designer("show", grouped, "model/train", *place).exit_code == 1


def test_differences_name_groups_and_nested_nodes(designer, grouped, tmp_path):
    document = json.loads(json.dumps(DOCUMENT))
    document["groups"]["model"]["comment"] = "Another one."
    document["groups"]["model"]["nodes"]["train"]["parameters"] = {"label_column": ["z"]}
    document["groups"]["prepare"]["groups"]["parts"]["nodes"]["more"] = {"module": "add_rows"}
    other = _written(tmp_path / "other.pipeline.json", document)
    found = json.loads(designer("diff", grouped, other, "--json").stdout)
    assert found["nodes"]["added"] == ["prepare/parts/more"]
    assert set(found["nodes"]["changed"]) == {"model/train"}
    assert set(found["groups"]["changed"]) == {"model"}
    assert "~ node model/train" in designer("diff", grouped, other).stdout


@pytest.mark.long
def test_the_inference_pipeline_keeps_groups_that_still_hold_something(
    designer, grouped, tmp_path, place
):
    assert designer("run", grouped, *place).exit_code == 0
    target = tmp_path / "inference.pipeline.json"
    made = designer("inference", grouped, "-o", target, *place)
    assert made.exit_code == 0, made.output
    inference = read(target)
    assert inference.nodes["model/train"].module == "saved_model"
    assert inference.nodes["prepare/clean"].module == "apply_transformation"
    assert "model/score" in inference.nodes
    assert set(inference.groups) == {"prepare", "model"}
    assert inference.groups["model"].title == "Model"
    assert any(node.module == WEB_SERVICE_INPUT for node in inference.nodes.values())
    checked = designer("validate", target)
    assert checked.exit_code == 0, checked.output
    # It is a pipeline like any other: its example rows run.
    ran = designer("run", target, "--json", *place)
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["nodes"]["model/score"]["status"] == "completed"


@pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])
def test_it_compiles(designer, grouped, tmp_path, target):
    result = designer("compile", grouped, "--to", target, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    text = "".join(
        path.read_text("utf-8")
        for path in (tmp_path / "out").rglob("*")
        if path.suffix in (".py", ".yml", ".yaml", ".json") and "modules" not in path.parts
    )
    assert "split_data" in text


def _written(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(json.dumps(document), "utf-8")
    return path
