"""``designer models``: the registry from the command line."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from designer.automl.dataset_pipeline import for_file
from designer.catalog import load_catalog
from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A regression that has run, in a workspace with its own database of models."""
    folder = tmp_path_factory.mktemp("models")
    rows = "".join(f"{n},{2 * n + n % 3}\n" for n in range(30))
    (folder / "data.csv").write_text("x,y\n" + rows)
    pipeline = Pipeline()
    for module, parameters in (
        ("dataset", {"path": "data.csv"}),
        ("linear_regression", {}),
        ("train_model", {"label_column": ["y"]}),
        ("explain_model", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    for source, target in (
        ("dataset.dataset", "train_model.dataset"),
        ("linear_regression.untrained_model", "train_model.untrained_model"),
        ("train_model.trained_model", "explain_model.trained_model"),
        ("dataset.dataset", "explain_model.dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    path = folder / "flow.pipeline.json"
    write(pipeline, path)
    workspace = Workspace(folder / "w")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDESK_TRACKING", "off")
        command = ["run", str(path), "--workspace", str(workspace.folder)]
        result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return path, workspace


@pytest.fixture
def models(designer, trained, monkeypatch):
    monkeypatch.setenv("MODELDESK_TRACKING", "off")
    monkeypatch.delenv("MODELDESK_TRACKING_URI", raising=False)
    _, workspace = trained
    return lambda *arguments: designer("models", *arguments, "--workspace", workspace.folder)


def test_a_model_is_registered_listed_shown_and_deleted(models, trained):
    path, workspace = trained
    assert models("list").output == "There are no registered models.\n"
    made = models("register", path, "train_model", "--name", "Line", "--alias", "champion")
    assert made.exit_code == 0
    assert made.output == "“Line” is registered as version 1.\n"
    again = models("register", path, "train_model.trained_model", "--name", "Line", "--json")
    assert json.loads(again.output)["version"] == "2"
    (listed,) = json.loads(models("list", "--json").output)
    assert (listed["name"], listed["versions"], listed["latest"]["version"]) == ("Line", 2, "2")
    assert listed["aliases"] == {"champion": "1"}
    assert listed["latest"]["run"] == workspace.latest_run(path)
    assert "Linear Regression" in models("list").output
    shown = json.loads(models("show", "Line", "--json").output)
    assert [each["version"] for each in shown["versions"]] == ["2", "1"]
    one = json.loads(models("show", "Line", "--version", "champion", "--json").output)
    assert one["version"] == "1"
    assert one["label"] == "y"
    assert "models:/Line/1" in models("show", "Line", "--version", "1").output
    assert models("alias", "Line", "champion", "2").exit_code == 0
    assert json.loads(models("list", "--json").output)[0]["aliases"] == {"champion": "2"}
    assert "version 1 deleted" in models("delete", "Line", "--version", "1").output
    assert json.loads(models("delete", "Line", "--json").output) == {
        "name": "Line",
        "deleted": ["2"],
    }
    assert json.loads(models("list", "--json").output) == []


def test_what_can_not_be_registered_is_said(models, trained, tmp_path):
    path, _ = trained
    new = tmp_path / "new.pipeline.json"
    write(Pipeline(), new)
    for arguments, said in (
        ((tmp_path / "nothing.json", "train_model", "--name", "x"), "There is no file"),
        ((new, "train_model", "--name", "x"), "hasn't been run yet"),
        ((path, "train", "--name", "x"), "Did you mean “train_model”?"),
        ((path, "dataset", "--name", "x"), "has no trained model"),
        ((path, "train_model", "--name", "a/b"), "can't be the name of a model"),
        ((path, "train_model", "--name", "x", "--run", "19990101"), "There is no run"),
        ((path, "train_model", "--name", "x", "--alias", "latest"), "can't be an alias"),
        ((path, "train_model"), "--name"),
    ):
        result = models("register", *arguments)
        assert result.exit_code == 2, result.output
        assert said in result.output
    assert json.loads(models("list", "--json").output) == []


def test_an_unknown_model_or_version_is_said(models, trained):
    path, _ = trained
    models("register", path, "train_model", "--name", "Known")
    for arguments, said in (
        (("show", "Knwn"), "Did you mean “Known”?"),
        (("show", "x/../y"), "There is no registered model"),
        (("show", "Known", "--version", "7"), "has no version 7"),
        (("delete", "Knwn"), "Did you mean “Known”?"),
        (("delete", "Known", "--version", "next"), "has no version next"),
        (("alias", "Known", "champion", "7"), "has no version 7"),
    ):
        result = models(*arguments)
        assert result.exit_code == 2, result.output
        assert said in result.output


def test_a_damaged_database_ends_with_one_and_names_the_file(designer, tmp_path, monkeypatch):
    monkeypatch.delenv("MODELDESK_TRACKING_URI", raising=False)
    database = tmp_path / "tracking" / "mlflow.db"
    database.parent.mkdir()
    database.write_bytes(b"no database " * 500)
    result = designer("models", "list", "--workspace", tmp_path)
    assert result.exit_code == 1
    assert f"“{database}”, is damaged." in result.output
    assert "Don't delete it" in result.output


def test_a_model_card_has_what_is_recorded(models, trained, tmp_path):
    path, workspace = trained
    options = ("--name", "Card", "--description", "Lines | *of* <b>y</b>")
    assert models("register", path, "train_model", *options).exit_code == 0
    card = models("card", "Card").output
    assert card.startswith("# Card, version 1\n")
    assert "Lines \\| \\*of\\* &lt;b&gt;y&lt;/b&gt;" in card
    for line in (
        "| Learner | Linear Regression |",
        "| Predicts | y |",
        f"| Run | {workspace.latest_run(path)} |",
        "The model was trained on 30 rows of 2 columns.",
        "1. Dataset (`dataset`): File: data.csv",
        "3. Train Model (`train_model`): Label column: y",
        "| x | integer |  |",
        "| Intercept |",
        "- No metrics are recorded: the model wasn't evaluated in its run.",
        "## Explanation of Linear Regression",
        "### Importance by shuffling",
    ):
        assert line in card, card
    shuffled = card[card.index("### Importance by shuffling") :]
    assert shuffled.index("| x |") < shuffled.index("## Limits")
    digest = json.loads(models("show", "Card", "--version", "1", "--json").output)["data"]
    assert digest
    for name, value in digest.items():
        assert f"| {name} | `{value}` |" in card
    target = tmp_path / "card.md"
    assert "is in" in models("card", "Card", "--version", "latest", "-o", target).output
    assert target.read_text("utf-8") == card
    assert json.loads(models("card", "Card", "--json").output)["card"] == card


@pytest.mark.long
def test_the_card_of_an_average_has_the_settings_of_its_models(models, trained, tmp_path):
    """As of the best model of Automated ML, with its preparation."""
    random = np.random.default_rng(2)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, 90), "D")
    frame = pd.DataFrame({"when": days, "x": random.normal(size=90)})
    frame["y"] = np.where(frame["x"] + random.normal(size=90) > 0, "yes", "no")
    frame.to_csv(tmp_path / "people.csv", index=False)
    parameters = {
        "label_column": ["y"],
        "trials": 3,
        "folds": 2,
        "allowed_learners": "LightGBM, Logistic Regression, Nearest Neighbors",
    }
    pipeline, node = for_file("people.csv", parameters, load_catalog())
    path = tmp_path / "search.pipeline.json"
    write(pipeline, path)
    run = ["run", str(path), "--workspace", str(trained[1].folder)]
    result = CliRunner().invoke(main, run)
    assert result.exit_code == 0, result.output
    assert models("register", path, node, "--name", "Best").exit_code == 0
    card = models("card", "Best").output
    for line in (
        "| date_parts | columns: when",
        "## Settings of the models that it combines",
        ". Two-Class Logistic Regression | L2 regularization weight | ",
        "## Metrics",
        "| when | datetime |",
    ):
        assert line in card, card


def test_a_card_of_an_unknown_model_or_to_an_unwritable_file_is_a_clear_error(models, trained):
    path, _ = trained
    missing = models("card", "Nobody")
    assert missing.exit_code == 2
    assert "Nobody" in missing.stderr
    models("register", path, "train_model", "--name", "Other")
    failed = models("card", "Other", "-o", path / "card.md")
    assert failed.exit_code == 2
    assert "can't be written" in failed.stderr
