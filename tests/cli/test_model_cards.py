"""Cards of models of a run that trained and judged several."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from blake3 import blake3
from click.testing import CliRunner
from sklearn.linear_model import LogisticRegression

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace

SHOWN = ("wide", "narrow")


def people() -> pd.DataFrame:
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"x": random.normal(size=240), "z": random.normal(size=240)})
    frame["group"] = np.where(np.arange(240) % 3 == 0, "a", "b")
    chance = 2 * frame["x"] + frame["z"] + (frame["group"] == "a")
    frame["y"] = np.where(chance + random.normal(size=240) > 0, "yes", "no")
    return frame


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Two models of one learner, of which one sees all columns, and another learner alone."""
    folder = tmp_path_factory.mktemp("cards")
    people().to_csv(folder / "people.csv", index=False)
    pipeline = Pipeline()
    label = {"label_column": ["y"]}
    rules = [{"include": "all"}, {"exclude": "names", "values": ["z", "group"]}]
    for id, module, parameters in (
        ("people", "dataset", {"path": "people.csv"}),
        ("few", "select_columns_in_dataset", {"columns": {"rules": rules}}),
        ("learner", "two_class_logistic_regression", {}),
        ("forest", "two_class_decision_forest", {"trees": 5}),
        ("folds", "cross_validate_model", {**label, "folds": 2}),
        ("folds_of_forest", "cross_validate_model", {**label, "folds": 2}),
        ("wide", "train_model", label),
        ("narrow", "train_model", label),
        ("score_wide", "score_model", {}),
        ("score_narrow", "score_model", {}),
        ("evaluate", "evaluate_model", {}),
        ("groups", "fairness_by_group", {"sensitive_columns": ["group"]}),
        ("errors", "error_analysis", {"columns": ["x"]}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters, node_id=id)
    for source, target in (
        ("people.dataset", "few.dataset"),
        ("people.dataset", "wide.dataset"),
        ("few.results_dataset", "narrow.dataset"),
        ("learner.untrained_model", "wide.untrained_model"),
        ("learner.untrained_model", "narrow.untrained_model"),
        ("learner.untrained_model", "folds.untrained_model"),
        ("people.dataset", "folds.dataset"),
        ("forest.untrained_model", "folds_of_forest.untrained_model"),
        ("people.dataset", "folds_of_forest.dataset"),
        ("wide.trained_model", "score_wide.trained_model"),
        ("people.dataset", "score_wide.dataset"),
        ("narrow.trained_model", "score_narrow.trained_model"),
        ("people.dataset", "score_narrow.dataset"),
        ("score_wide.scored_dataset", "evaluate.scored_dataset"),
        ("score_narrow.scored_dataset", "evaluate.scored_dataset_to_compare"),
        ("score_wide.scored_dataset", "groups.scored_dataset"),
        ("score_narrow.scored_dataset", "errors.scored_dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    path, workspace = folder / "people.pipeline.json", Workspace(folder / "w")
    write(pipeline, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDESK_TRACKING", "off")
        patch.delenv("MODELDESK_TRACKING_URI", raising=False)
        commands = [["run", str(path)]]
        commands += [["models", "register", str(path), id, "--name", id] for id in SHOWN]
        for command in commands:
            result = CliRunner().invoke(main, [*command, "--workspace", str(workspace.folder)])
            assert result.exit_code == 0, result.output
    return workspace


@pytest.fixture
def models(designer, judged, monkeypatch):
    monkeypatch.setenv("MODELDESK_TRACKING", "off")
    monkeypatch.delenv("MODELDESK_TRACKING_URI", raising=False)
    return lambda *arguments: designer("models", *arguments, "--workspace", judged.folder).output


def accuracy(columns: list[str]) -> float:
    frame = people()
    features = pd.get_dummies(frame[columns]).astype("float64")
    model = LogisticRegression(max_iter=1000).fit(features, frame["y"])
    return float(model.score(features, frame["y"]))


@pytest.mark.parametrize(
    ("name", "columns", "port"),
    [
        ("wide", ["x", "z", "group"], "(scored dataset)"),
        ("narrow", ["x"], "(scored dataset to compare)"),
    ],
)
def test_metrics_of_a_version_are_those_of_its_model(models, name, columns, port):
    metrics = json.loads(models("show", name, "--version", "1", "--json"))["metrics"]
    judged_by = {key.partition(".")[0] for key in metrics}
    # Folds judge the learner of both, but neither the forest.
    assert judged_by == {"folds", "evaluate"}
    of_model = {key: value for key, value in metrics.items() if key.startswith("evaluate.")}
    assert of_model
    assert all(port in key for key in of_model)
    (found,) = (value for key, value in of_model.items() if key.endswith(": Accuracy"))
    assert found == pytest.approx(accuracy(columns), abs=0.01)
    assert accuracy(["x", "z", "group"]) > accuracy(["x"]) + 0.05
    card = models("card", name)
    assert card.count(": Accuracy |") == 1


def test_a_card_has_the_reports_on_the_scores_of_its_model(models):
    wide, narrow = models("card", "wide"), models("card", "narrow")
    assert "### Groups of group" in wide
    assert "### Groups of group" not in narrow
    assert "## Error analysis" in narrow
    assert "## Error analysis" not in wide


def test_a_card_describes_which_columns_were_selected(models):
    line = "Select Columns in Dataset (`few`): Select columns: All columns, except z, group"
    assert line in models("card", "narrow")


def test_the_hash_of_the_data_says_how_to_compute_it(models, judged):
    file = judged.folder.parent / "people.csv"
    digest = blake3(file.read_bytes()).hexdigest()
    card = models("card", "wide")
    assert "| Read by | Hash of the content (BLAKE3) |" in card
    assert f"| people.path | `{digest}` |" in card
