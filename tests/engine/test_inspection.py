"""Summaries of stored models and evaluations against scikit-learn."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from designer.engine.inspection import inspect
from modules.classification.two_class_decision_forest import two_class_decision_forest
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.parameter import ValuesToTry
from modules.learning import SklearnLearner
from modules.regression.boosted_decision_tree_regression import (
    boosted_decision_tree_regression,
)
from modules.values import Evaluation, EvaluationReport, storage, two_class_metrics
from modules.values.evaluation import MOST_POINTS


def kept(value, tmp_path):
    storage.save(value, tmp_path / "value")
    return inspect(tmp_path / "value")


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    rows = 300
    size = draw.normal(size=rows)
    colour = draw.choice(["red", "blue", "green"], rows)
    return pd.DataFrame(
        {
            "size": size,
            "colour": colour,
            "price": 3 * size + 2.0 * (colour == "red") + draw.normal(size=rows) / 10,
            "sold": np.where(size + draw.normal(size=rows) > 0, "yes", "no"),
        }
    )


def two_class_report(rows: int, seed: int = 0, name: str = "Model"):
    draw = np.random.default_rng(seed)
    actual = draw.random(rows) < 0.4
    score = np.clip(draw.normal(0.35 + 0.3 * actual, 0.2), 0, 1).round(3)
    thresholds = np.unique(score)[::-1]
    hits = [int((actual & (score >= cut)).sum()) for cut in thresholds]
    alarms = [int((~actual & (score >= cut)).sum()) for cut in thresholds]
    table = pd.DataFrame(
        {
            "threshold": [np.inf, *thresholds],
            "true_positives": [0, *hits],
            "false_positives": [0, *alarms],
        }
    )
    report = EvaluationReport(
        name,
        "two-class",
        {"AUC": 0.8},
        thresholds=table,
        positives=int(actual.sum()),
        negatives=int((~actual).sum()),
        positive="yes",
        classes=("no", "yes"),
        confusion=pd.DataFrame(
            confusion_matrix(actual, score > 0.5), index=["no", "yes"], columns=["no", "yes"]
        ),
    )
    return report, actual, score


def test_curves_are_those_of_scikit_learn(tmp_path):
    report, actual, score = two_class_report(4_000)
    found = kept(Evaluation((report,)), tmp_path).reports[0]
    false_rate, true_rate, _ = roc_curve(actual, score, drop_intermediate=False)
    x, y = found.curves["roc"]
    assert x == pytest.approx(false_rate)
    assert y == pytest.approx(true_rate)
    precision, recall, _ = precision_recall_curve(actual, score)
    x, y = found.curves["precision_recall"]
    # scikit-learn goes the other way, and both start where nothing counts as positive.
    assert x == pytest.approx(recall[::-1])
    assert y == pytest.approx(precision[::-1])
    x, y = found.curves["lift"]
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, actual.sum())


def test_a_long_curve_is_thinned_to_points_that_lie_on_it(tmp_path):
    count = 12_345
    hits = np.arange(count + 1)
    table = pd.DataFrame(
        {
            "threshold": np.linspace(1, 0, count + 1),
            "true_positives": hits,
            "false_positives": hits // 2,
        }
    )
    report = EvaluationReport(
        "M", "two-class", {}, thresholds=table, positives=count, negatives=count // 2
    )
    x, y = kept(Evaluation((report,)), tmp_path).reports[0].curves["roc"]
    assert len(x) <= MOST_POINTS
    assert (x[0], y[0]) == (0, 0)
    assert (x[-1], y[-1]) == (1, 1)
    whole = set(zip(*(report.curves()["roc"][axis].tolist() for axis in "xy"), strict=True))
    assert set(zip(x, y, strict=True)) <= whole


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 0.731, 0.999, 1.0])
def test_metrics_at_a_threshold_are_counted(tmp_path, threshold):
    report, actual, score = two_class_report(500)
    found = kept(Evaluation((report,)), tmp_path).reports[0].at_threshold(threshold)
    negatives, alarms, misses, hits = confusion_matrix(actual, score > threshold).ravel()
    expected = two_class_metrics(hits, alarms, misses, negatives)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, nan_ok=True), name
    same = report.at_threshold(threshold)
    assert found == {name: pytest.approx(value, nan_ok=True) for name, value in same.items()}


def test_residuals_confusion_and_tables_come_as_plain_data(tmp_path):
    residuals = pd.DataFrame({"low": [-1.0, 0.0], "high": [0.0, 1.0], "count": [3, 4]})
    table = pd.DataFrame({"Class": ["a", "b"], "Recall": [0.5, math.nan]})
    confusion = pd.DataFrame([[5, 1], [2, 7]], index=[0, 1], columns=[0, 1])
    report = EvaluationReport(
        "M", "multiclass", {"Overall accuracy": math.nan}, classes=(0, 1),
        confusion=confusion, residuals=residuals, table=table,
    )  # fmt: skip
    found = kept(Evaluation((report,)), tmp_path).reports[0]
    assert found.residuals == ((-1.0, 0.0, 1.0), (3, 4))
    assert found.confusion == ((5.0, 1.0), (2.0, 7.0))
    assert found.classes == ("0", "1")
    assert found.table.rows == (("a", 0.5), ("b", None))
    assert math.isnan(found.metrics["Overall accuracy"])


def test_coefficients_of_a_linear_model(frame, tmp_path):
    learner = SklearnLearner("Linear Regression", "regression", estimator=LinearRegression())
    model = learner.fit(DataTable(frame[["size", "colour", "price"]]), "price")
    found = kept(model, tmp_path)
    sheet = found.sheets["Coefficients"]
    assert sheet.headers == ("Feature", "Coefficient")
    values = dict(sheet.rows)
    assert values["Intercept"] == pytest.approx(float(model.estimator.intercept_))
    names = model.encoder.feature_names_
    assert values == {"Intercept": values["Intercept"]} | {
        name: pytest.approx(weight)
        for name, weight in zip(names, model.estimator.coef_, strict=True)
    }
    sizes = [abs(value) for name, value in sheet.rows if name != "Intercept"]
    assert sizes == sorted(sizes, reverse=True)
    assert [(column.name, column.kind) for column in found.features] == [
        ("size", "number"),
        ("colour", "string"),
    ]
    assert (found.label, found.task, found.classes) == ("price", "regression", ())
    assert set(found.versions) >= {"scikit-learn"}


def logistic(frame, tmp_path, scaler):
    estimator = Pipeline([("scaler", scaler), ("learner", LogisticRegression())])
    learner = SklearnLearner(
        "Logistic", "two-class", estimator=estimator, parameters={"l2_weight": 1}
    )
    model = learner.fit(DataTable(frame[["size", "sold"]]), "sold")
    return model, kept(model, tmp_path)


def test_scaled_two_class_coefficients_say_what_they_mean(frame, tmp_path):
    model, found = logistic(frame, tmp_path, MinMaxScaler())
    sheet = found.sheets["Coefficients"]
    values, sizes = dict(sheet.rows), frame[["size"]].to_numpy()
    told = values["Intercept"] + values["size"] * sizes[:, 0]
    assert told == pytest.approx(model.estimator.decision_function(sizes))
    assert "“yes”" in sheet.note
    assert "In the units of the data" in sheet.note
    assert (found.positive, found.classes) == ("yes", ("no", "yes"))


def test_coefficients_with_a_scaler_that_is_not_linear_name_it(frame, tmp_path):
    model, found = logistic(frame, tmp_path, MinMaxScaler(clip=True))
    sheet = found.sheets["Coefficients"]
    assert dict(sheet.rows)["size"] == pytest.approx(model.estimator[-1].coef_[0, 0])
    assert "scaled by MinMaxScaler" in sheet.note


def test_several_classes_have_a_column_each(frame, tmp_path):
    learner = SklearnLearner("Logistic", "multiclass", estimator=LogisticRegression())
    model = learner.fit(DataTable(frame[["size", "price", "colour"]]), "colour")
    sheet = kept(model, tmp_path).sheets["Coefficients"]
    assert sheet.headers == ("Feature", "blue", "green", "red")
    assert len(sheet.rows) == 3


def test_importances_of_trees(frame, tmp_path):
    table = DataTable(frame[["size", "colour", "sold"]])
    forest = RandomForestClassifier(10, random_state=0)
    learner = two_class_decision_forest()
    model = replace(learner, estimator=forest).fit(table, "sold")
    sheet = kept(model, tmp_path).sheets["Feature importances"]
    assert sheet.rows[0] == ("size", pytest.approx(model.estimator.feature_importances_[0]))
    assert sum(value for _, value in sheet.rows) == pytest.approx(1)


def test_splits_of_boosted_trees_are_counted(frame, tmp_path):
    table = DataTable(frame[["size", "colour", "price"]])
    trees = HistGradientBoostingRegressor(max_iter=7, early_stopping=False)
    model = replace(boosted_decision_tree_regression(), estimator=trees).fit(table, "price")
    sheet = kept(model, tmp_path).sheets["Feature importances"]
    assert sheet.headers == ("Feature", "Importance", "Splits")
    leaves = sum(tree.get_n_leaf_nodes() for trees in model.estimator._predictors for tree in trees)
    # A binary tree has one split less than leaves.
    assert sum(row[2] for row in sheet.rows) == leaves - 7
    assert sum(row[1] for row in sheet.rows) == pytest.approx(1)
    assert sheet.rows[0][0] == "size"


def test_cluster_centres_are_in_the_units_of_the_data(frame, tmp_path):
    estimator = Pipeline(
        [("scaler", MinMaxScaler()), ("learner", KMeans(3, n_init=1, random_state=0))]
    )
    learner = SklearnLearner("K-Means", "clustering", estimator=estimator)
    model = learner.fit(DataTable(frame[["size", "price"]]))
    sheet = kept(model, tmp_path).sheets["Cluster centers"]
    labels = model.estimator[-1].labels_
    assert sheet.headers == ("Feature", "Cluster 0", "Cluster 1", "Cluster 2")
    assert sheet.rows[0] == ("Training rows", *np.bincount(labels))
    means = frame[["size", "price"]].groupby(labels).mean()
    assert sheet.rows[1][1:] == pytest.approx(tuple(means["size"]))
    assert sheet.rows[2][1:] == pytest.approx(tuple(means["price"]))


def test_an_untrained_model_shows_its_settings(tmp_path):
    learner = SklearnLearner(
        "Linear Regression",
        "regression",
        parameters={"l2_weight": 0.1},
        sweep={"l2_weight": (0.1, 1)},
        estimator=LinearRegression(),
    )
    found = kept(learner, tmp_path)
    assert (found.title, found.parameters) == ("Linear Regression", {"l2_weight": 0.1})
    assert found.search == {"l2_weight": ValuesToTry((0.1, 1))}


def test_a_table_is_its_columns(frame, tmp_path):
    storage.save(DataTable(frame), tmp_path / "table")
    (sheet,) = inspect(tmp_path / "table").sheets.values()
    assert [row[0] for row in sheet.rows] == list(frame)


def test_a_damaged_model_is_refused(frame, tmp_path):
    learner = SklearnLearner("Linear Regression", "regression", estimator=LinearRegression())
    storage.save(learner.fit(DataTable(frame[["size", "price"]]), "price"), tmp_path / "model")
    (tmp_path / "model" / "model.skops").write_bytes(b"no longer a model")
    with pytest.raises(ModuleError, match="can't be read"):
        inspect(tmp_path / "model")
