"""``designer show``: what models have learnt, and evaluations beyond their metrics."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline

NUMBERS = [f"n{place:02}" for place in range(30)]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return what shows places of a pipeline with a regression, two classes and many."""
    folder = tmp_path_factory.mktemp("learnt")
    random = np.random.default_rng(1)
    data = pd.DataFrame(random.normal(size=(300, len(NUMBERS))), columns=NUMBERS)
    # The later a column, the more it weighs.
    data["y"] = sum((place + 1) * data[name] for place, name in enumerate(NUMBERS))
    data["side"] = np.where(data["n29"] + random.normal(size=300) > 0, "right", "left")
    data["band"] = [f"band {place:02}" for place in random.integers(0, 24, 300)]
    data["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(range(300), unit="D")
    data["moment"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(range(0, 3000, 10), unit="h")
    data.to_parquet(folder / "data.parquet")
    pipeline = Pipeline()
    pipeline, _ = edits.add_node(pipeline, "dataset", parameters={"path": "data.parquet"})
    places = {
        "linear_regression": "y",
        "boosted_decision_tree_regression": "y",
        "two_class_logistic_regression": "side",
        "multiclass_logistic_regression": "band",
    }
    for learner, label in places.items():
        columns = {"columns": [*NUMBERS, label]}
        pipeline, select = edits.add_node(pipeline, "select_columns_in_dataset", parameters=columns)
        pipeline, untrained = edits.add_node(pipeline, learner)
        pipeline, train = edits.add_node(
            pipeline, "train_model", parameters={"label_column": [label]}
        )
        pipeline, score = edits.add_node(pipeline, "score_model")
        pipeline, evaluate = edits.add_node(pipeline, "evaluate_model")
        for source, target in (
            ("dataset.dataset", f"{select}.dataset"),
            (f"{untrained}.untrained_model", f"{train}.untrained_model"),
            (f"{select}.results_dataset", f"{train}.dataset"),
            (f"{train}.trained_model", f"{score}.trained_model"),
            (f"{select}.results_dataset", f"{score}.dataset"),
            (f"{score}.scored_dataset", f"{evaluate}.scored_dataset"),
        ):
            pipeline = edits.connect(
                pipeline, Endpoint(*source.split(".")), Endpoint(*target.split("."))
            )
    path = folder / "learnt.pipeline.json"
    write(pipeline, path)
    place = ["--workspace", str(folder / "w")]
    done = CliRunner().invoke(main, ["run", str(path), *place])
    assert done.exit_code == 0, done.output

    def show(*arguments):
        shown = CliRunner().invoke(main, ["show", str(path), *arguments, *place])
        assert shown.exit_code == 0, shown.output
        return shown.stdout

    return show, data


def test_a_regression_shows_its_largest_coefficients(ran):
    show, _ = ran
    lines = show("train_model").splitlines()
    at = lines.index("Coefficients")
    names = [line.split("│")[0].strip() for line in lines[at + 3 :] if "│" in line]
    # The largest first, after the intercept, and no more than can be read.
    assert names == ["Intercept", *NUMBERS[:-20:-1]]
    assert lines[-1] == "and 11 more rows; --json has them all"
    sheet = json.loads(show("train_model", "--json"))["learned"]["Coefficients"]
    assert sheet["columns"] == ["Feature", "Coefficient"]
    values = dict(sheet["rows"])
    assert len(values) == 31
    for place, name in enumerate(NUMBERS):
        assert values[name] == pytest.approx(place + 1, rel=1e-3)


def test_trees_show_the_importances_of_features(ran):
    show, _ = ran
    text = show("train_model_2")
    assert "Feature importances" in text
    rows = json.loads(show("train_model_2", "--json"))["learned"]["Feature importances"]["rows"]
    assert sum(row[1] for row in rows) == pytest.approx(1)
    assert rows[0][1] == max(row[1] for row in rows)
    assert f"\n{rows[0][0]} " in text


def test_two_classes_show_the_matrix_and_give_the_curves(ran):
    from sklearn.metrics import roc_auc_score

    show, data = ran
    document = json.loads(show("evaluate_model_3", "--json"))
    (report,) = document["reports"].values()
    assert report["classes"] == ["left", "right"]
    matrix = np.array(report["confusion"])
    # Rows are what is so: they add up to the rows of each class in the data.
    assert matrix.sum(axis=1).tolist() == data["side"].value_counts()[report["classes"]].tolist()
    (metrics,) = document["metrics"].values()
    assert np.trace(matrix) / matrix.sum() == pytest.approx(metrics["Accuracy"])
    assert set(report["curves"]) == {"roc", "precision_recall", "lift"}
    roc = report["curves"]["roc"]
    assert np.trapezoid(roc["y"], roc["x"]) == pytest.approx(metrics["AUC"])
    assert len(report["thresholds"]["threshold"]) == len(roc["x"])
    scored = json.loads(show("score_model_3", "--rows", "300", "--json"))
    names = [column["name"] for column in scored["schema"]]
    frame = pd.DataFrame(scored["data"], columns=names)
    truth = frame["side"] == "right"
    assert roc_auc_score(truth, frame["Scored Probabilities"]) == pytest.approx(metrics["AUC"])
    lines = show("evaluate_model_3").splitlines()
    at = lines.index("Confusion matrix: rows actual, columns predicted")
    assert [word.strip() for word in lines[at + 1].split("┃")] == ["", "left", "right"]
    for row, line in zip(("left", "right"), lines[at + 3 :], strict=False):
        actual, *counts = (word.strip() for word in line.split("│"))
        assert actual == row
        assert list(map(int, counts)) == report["confusion"][report["classes"].index(row)]


def test_of_many_classes_the_first_are_shown(ran):
    show, _ = ran
    lines = show("evaluate_model_4").splitlines()
    at = lines.index("Confusion matrix: rows actual, columns predicted")
    assert lines[at + 3].startswith("band 00")
    assert lines[at + 22].startswith("band 19")
    assert lines[at + 23] == "and 4 more rows; --json has them all"
    (report,) = json.loads(show("evaluate_model_4", "--json"))["reports"].values()
    assert np.shape(report["confusion"]) == (24, 24)


def test_a_regression_gives_its_residuals(ran):
    show, _ = ran
    (report,) = json.loads(show("evaluate_model", "--json"))["reports"].values()
    assert sum(report["residuals"]["counts"]) == 300
    assert len(report["residuals"]["edges"]) == len(report["residuals"]["counts"]) + 1
    assert "confusion" not in report


def test_days_are_shown_without_a_time(ran):
    show, _ = ran
    lines = show("dataset", "--rows", "2").splitlines()
    names = [name.strip() for name in lines[1].split("┃")]
    first, second = (
        dict(zip(names, [cell.strip() for cell in line.split("│")], strict=True))
        for line in lines[4:6]
    )
    assert (first["day"], second["day"]) == ("2024-01-01", "2024-01-02")
    # Where one has a time, all have.
    assert (first["moment"], second["moment"]) == ("2024-01-01T00:00:00", "2024-01-01T10:00:00")
