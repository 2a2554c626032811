"""``designer inference`` on a pipeline that ran."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline import edits, file
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace

Command = Callable[..., Result]

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """Return the file of a pipeline with a model and a scoring step."""
    rows = "".join(f"{n},{'ab'[n % 2]},{2 * n + n % 2}\n" for n in range(40))
    (tmp_path / "numbers.csv").write_text("x,kind,y\n" + rows, "utf-8")
    pipeline = Pipeline()
    for module, name, parameters in (
        ("dataset", "numbers", {"path": "numbers.csv"}),
        ("linear_regression", "learner", {}),
        ("train_model", "train", {"label_column": ["y"]}),
        ("score_model", "score", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, node_id=name, parameters=parameters)
    for source, target in (
        ("learner.untrained_model", "train.untrained_model"),
        ("numbers.dataset", "train.dataset"),
        ("numbers.dataset", "score.dataset"),
        ("train.trained_model", "score.trained_model"),
    ):
        ends = [Endpoint(*text.split(".")) for text in (source, target)]
        pipeline = edits.connect(pipeline, *ends)
    path = tmp_path / "train.pipeline.json"
    file.write(pipeline, path)
    return path


def run(path: Path) -> None:
    with Engine(Workspace(), load_catalog(), workers=1) as engine:
        result = engine.run(file.read(path), base=path.parent, source=path)
    assert result.status == "completed"


def test_it_writes_the_inference_pipeline_and_says_what_it_did(
    designer: Command, trained: Path, tmp_path: Path
) -> None:
    run(trained)
    target = tmp_path / "serve.pipeline.json"
    result = designer("inference", trained, "-o", target)
    assert result.exit_code == 0, result.output
    assert "was replaced by the model" in result.output
    assert "don't need to send “y”" in result.output
    made = file.read(target)
    assert made.extra["inference"]["source"] == "train.pipeline.json"
    assert made.nodes["train"].parameters["path"].startswith("serve.values/model-")
    assert designer("validate", target).exit_code == 0


def test_json_names_inputs_and_outputs(designer: Command, trained: Path, tmp_path: Path) -> None:
    run(trained)
    target = tmp_path / "serve.pipeline.json"
    document = json.loads(designer("inference", trained, "-o", target, "--json").stdout)
    assert document["inputs"] == ["input1"]
    assert document["outputs"] == ["output1"]
    assert document["file"] == str(target)
    assert document["messages"]


def test_update_keeps_what_was_edited(designer: Command, trained: Path, tmp_path: Path) -> None:
    run(trained)
    target = tmp_path / "serve.pipeline.json"
    designer("inference", trained, "-o", target)
    edited = edits.set_comment(file.read(target), "score", "Mine.")
    file.write(edited, target)
    pipeline = edits.set_parameter(file.read(trained), "learner", "l2_weight", 50.0)
    file.write(pipeline, trained)
    run(trained)
    result = designer("inference", trained, "-o", target, "--update")
    assert result.exit_code == 0, result.output
    assert "“train” now has the trained model of the latest run." in result.output
    made = file.read(target)
    assert made.nodes["score"].comment == "Mine."
    assert made.nodes["train"].parameters != edited.nodes["train"].parameters


def test_batch(designer: Command, trained: Path, tmp_path: Path) -> None:
    run(trained)
    target = tmp_path / "batch.pipeline.json"
    result = designer("inference", trained, "--kind", "batch", "-o", target)
    assert result.exit_code == 0, result.output
    assert file.read(target).parameters["numbers_file"].default == "numbers.csv"


def test_an_edit_after_the_run_is_told(designer: Command, trained: Path, tmp_path: Path) -> None:
    run(trained)
    file.write(edits.remove(file.read(trained), ["train"]), trained)
    result = designer("inference", trained, "-o", tmp_path / "serve.pipeline.json")
    assert result.exit_code == 0, result.output
    assert "has changed since that run" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "train.pipeline.json"], "overwrite the training pipeline"),
        (["-o", "new.pipeline.json", "--update"], "to update"),
        (["-o", "numbers.csv"], "already exists"),
        (["-o", "new.pipeline.json", "--score", "train"], "isn't a step that scores"),
    ],
)
def test_wrong_calls(
    designer: Command, trained: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    run(trained)
    target = str(tmp_path / arguments[1])
    result = designer("inference", trained, "-o", target, *arguments[2:])
    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / "new.pipeline.json").exists()


def test_a_pipeline_that_never_ran(designer: Command, trained: Path, tmp_path: Path) -> None:
    result = designer("inference", trained, "-o", tmp_path / "serve.pipeline.json")
    assert result.exit_code == 2
    assert "hasn't been run yet" in result.output
