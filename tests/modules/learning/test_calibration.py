"""Calibrate Probabilities and Tune Threshold against scikit-learn called directly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    matthews_corrcoef,
    precision_score,
    recall_score,
)
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modules.contract import DataTable, Role
from modules.model_training.calibrate_probabilities import calibrate_probabilities
from modules.model_training.tune_threshold import tune_threshold
from modules.requests.tables import rows_of
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model
from modules.values import TrainedModel, UntrainedModel
from modules.values.compiled_model import CompiledModel
from modules.values.storage import load, save

Learner = Callable[..., UntrainedModel]
LOGISTIC = "classification.two_class_logistic_regression"
BAYES = "classification.two_class_naive_bayes"


@pytest.fixture(scope="module")
def cancer() -> DataTable:
    frame = load_breast_cancer(as_frame=True).frame
    return DataTable(frame[[*frame.columns[:5], "target"]], {"target": Role.LABEL})


@pytest.fixture(scope="module")
def iris() -> DataTable:
    return DataTable(load_iris(as_frame=True).frame, {"target": Role.LABEL})


def probabilities(model: TrainedModel, table: DataTable) -> np.ndarray:
    return model.score(table).frame.iloc[:, 1:].to_numpy()


@pytest.mark.proves("calibrate_probabilities", by="scikit-learn")
def test_sigmoid_on_folds_equals_scikit_learn(make_learner: Learner, cancer: DataTable) -> None:
    matrix, label = cancer.frame.iloc[:, :-1], cancer.frame["target"]
    base = make_learner(LOGISTIC, tolerance=1e-9)
    model = calibrate_probabilities(base, folds=4, seed=2).fit(cancer, "target")
    other = CalibratedClassifierCV(
        LogisticRegression(C=1.0, tol=1e-9, max_iter=10_000),
        method="sigmoid",
        cv=StratifiedKFold(4, shuffle=True, random_state=2),
        ensemble=False,
    ).fit(matrix, label)
    expected = other.predict_proba(matrix)[:, 1:]
    assert probabilities(model, cancer) == pytest.approx(expected, abs=1e-4)


def test_isotonic_on_folds_equals_steps_fitted_to_predictions(
    make_learner: Learner, cancer: DataTable
) -> None:
    matrix, label = cancer.frame.iloc[:, :-1].to_numpy(), cancer.frame["target"]
    learner = calibrate_probabilities(make_learner(BAYES), method="isotonic")
    model = learner.fit(cancer, "target")
    bayes = make_pipeline(StandardScaler(), GaussianNB(var_smoothing=1e-9))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    left_out = cross_val_predict(bayes, matrix, label, cv=folds, method="predict_proba")[:, 1]
    steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(left_out, label)
    expected = steps.predict(bayes.fit(matrix, label).predict_proba(matrix)[:, 1])
    assert probabilities(model, cancer)[:, 0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_overconfident_probabilities_get_better(
    method: str, make_learner: Learner, cancer: DataTable
) -> None:
    """Columns that are copies make naive Bayes count the same evidence several times."""
    rng = np.random.default_rng(0)
    label = rng.random(3_000) < 0.3
    evidence = rng.normal(label * 1.0, 1.0)
    frame = pd.DataFrame({f"copy {n}": evidence for n in range(6)}).assign(label=label)
    table = DataTable(frame)
    training, test = table.slice(0, 2_000), table.slice(2_000, 3_000)
    base = make_learner(BAYES)
    plain = base.fit(training, "label")
    made = calibrate_probabilities(base, method=method, rows="held-out rows")
    calibrated = made.fit(training, "label")
    before, after = (
        brier_score_loss(test.frame["label"], probabilities(model, test)[:, 0])
        for model in (plain, calibrated)
    )
    truth = 1 / (1 + (0.7 / 0.3) * np.exp(0.5 - test.frame["copy 0"]))
    assert after < 0.9 * before
    assert after < 1.05 * brier_score_loss(test.frame["label"], truth)


def test_several_classes_are_divided_by_their_sum(make_learner: Learner, iris: DataTable) -> None:
    matrix, label = iris.frame.iloc[:, :4], iris.frame["target"]
    base = make_learner("classification.multiclass_naive_bayes")
    made = calibrate_probabilities(base, method="isotonic", rows="held-out rows", held_out=0.5)
    model = made.fit(iris, "target")
    training, held = train_test_split(np.arange(150), test_size=0.5, stratify=label, random_state=0)
    bayes = GaussianNB(var_smoothing=1e-9).fit(
        matrix.iloc[np.sort(training)], label[np.sort(training)]
    )
    columns = []
    for k in range(3):
        steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        steps.fit(bayes.predict_proba(matrix.iloc[held])[:, k], label[held] == k)
        columns.append(steps.predict(bayes.predict_proba(matrix)[:, k]))
    expected = np.column_stack(columns)
    total = expected.sum(axis=1, keepdims=True)
    expected = np.where(total > 0, expected / np.where(total > 0, total, 1), 1 / 3)
    assert probabilities(model, iris) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("label", ["buys", "level"])
@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_the_compiled_form_equals_the_calibrated_model(
    method: str, label: str, make_learner: Learner, table_for: Callable[[str], DataTable]
) -> None:
    table = table_for(label)
    kind = "two_class" if label == "buys" else "multiclass"
    base = make_learner(f"classification.{kind}_decision_forest", trees=3)
    model = calibrate_probabilities(base, method=method, folds=2).fit(table, label)
    compiled = model.compile()
    assert compiled is not None
    row = compiled.row_function()
    for given, scores in zip(rows_of(table), rows_of(model.score(table)), strict=True):
        assert row(given)["Scored Labels"] == scores["Scored Labels"]
        assert row(given) == pytest.approx(scores, abs=1e-12)


def test_the_positive_class_and_tuning_go_to_the_learner(
    make_learner: Learner, table_for: Callable[[str], DataTable], tmp_path: Path
) -> None:
    table = table_for("buys")
    learner = calibrate_probabilities(make_learner(LOGISTIC)).with_parameters({"l2_weight": 0.25})
    assert learner.base.parameters["l2_weight"] == 0.25
    save(learner, tmp_path / "learner")
    model = load(tmp_path / "learner").fit(table, "buys", positive="no")
    assert model.positive == "no"
    other = learner.fit(table, "buys")
    assert probabilities(model, table) == pytest.approx(1 - probabilities(other, table), abs=0.02)
    save(model, tmp_path / "model")
    again = load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.score(table).frame, model.score(table).frame)
    before, after = zip(*again.sheets()["Calibration"].rows, strict=True)
    assert before[0] == 0.0
    assert list(after) == sorted(after)


def test_classes_without_rows_to_hold_out_are_refused(
    make_learner: Learner, cancer: DataTable, refused
) -> None:
    frame = cancer.frame.groupby("target").head(1)
    learner = calibrate_probabilities(make_learner(LOGISTIC), rows="held-out rows")
    with refused("too-few-rows", "target", column="target"):
        learner.fit(cancer.with_frame(frame), "target")


@pytest.fixture(scope="module")
def trained(cancer: DataTable) -> TrainedModel:
    from modules.classification.two_class_naive_bayes import two_class_naive_bayes

    return two_class_naive_bayes().fit(cancer, "target")


METRICS = {
    "F1 score": f1_score,
    "accuracy": accuracy_score,
    "balanced accuracy": balanced_accuracy_score,
    "Matthews correlation": matthews_corrcoef,
}


@pytest.mark.long
@pytest.mark.parametrize("objective", METRICS)
@pytest.mark.proves("tune_threshold", by="every threshold tried")
def test_no_other_threshold_is_better(
    objective: str, trained: TrainedModel, cancer: DataTable
) -> None:
    model, thresholds = tune_threshold(trained, cancer, objective=objective)
    label = cancer.frame["target"]
    found = score_model(model, cancer).frame
    share = found["Scored Probabilities"]
    best = METRICS[objective](label, found["Scored Labels"])
    others = [METRICS[objective](label, share >= each) for each in [*np.unique(share), 2]]
    assert best == pytest.approx(max(others))
    row = thresholds.frame[thresholds.frame["Chosen"]].iloc[0]
    assert row["Threshold"] == model.threshold
    column = objective[:1].upper() + objective[1:]
    assert row[column] == pytest.approx(best)
    assert thresholds.metrics[column] == pytest.approx(best)


def test_costs_decide(trained: TrainedModel, cancer: DataTable) -> None:
    label = cancer.frame["target"]
    share = trained.score(cancer).frame["Scored Probabilities"]

    def cost(threshold: float) -> float:
        positive = share >= threshold
        return (5 * (positive & (label == 0)) + 1 * (~positive & (label == 1))).mean()

    model, thresholds = tune_threshold(
        trained, cancer, objective="cost", false_positive_cost=5, false_negative_cost=1
    )
    assert cost(model.threshold) == pytest.approx(min(cost(each) for each in [*share, 2]))
    assert thresholds.metrics["Cost"] == pytest.approx(cost(model.threshold))
    gain, _ = tune_threshold(trained, cancer, objective="cost", true_positive_cost=-100)
    assert gain.threshold < model.threshold


def test_a_minimum_is_reached(trained: TrainedModel, cancer: DataTable) -> None:
    label = cancer.frame["target"]
    careful, _ = tune_threshold(
        trained, cancer, objective="precision at a minimum recall", minimum=0.99
    )
    found = score_model(careful, cancer).frame["Scored Labels"]
    assert recall_score(label, found) >= 0.99
    exact, _ = tune_threshold(
        trained, cancer, objective="recall at a minimum precision", minimum=0.97
    )
    found = score_model(exact, cancer).frame["Scored Labels"]
    assert precision_score(label, found) >= 0.97
    assert exact.threshold > careful.threshold


def test_an_unreachable_precision_is_said() -> None:
    from modules.classification.two_class_naive_bayes import two_class_naive_bayes

    frame = pd.DataFrame({"x": [1.0, 2.0] * 20, "label": ["a", "a", "b", "b"] * 10})
    table = DataTable(frame)
    model = two_class_naive_bayes().fit(table, "label")
    with pytest.warns(match="No threshold reaches a precision of 0.9"):
        tune_threshold(model, table, objective="recall at a minimum precision", minimum=0.9)


def test_a_fixed_threshold_is_kept_everywhere(
    trained: TrainedModel, cancer: DataTable, tmp_path: Path
) -> None:
    model, thresholds = tune_threshold(trained, cancer, objective="fixed threshold", threshold=0.9)
    assert model.threshold == 0.9
    assert thresholds.frame.loc[thresholds.frame["Chosen"], "Threshold"].tolist() == [0.9]
    save(model, tmp_path / "model")
    scored = score_model(load(tmp_path / "model"), cancer)
    share = scored.frame["Scored Probabilities"]
    assert (scored.frame["Scored Labels"] == (share >= 0.9)).all()
    pd.testing.assert_series_equal(share, trained.score(cancer).frame["Scored Probabilities"])
    metrics = evaluate_model(scored).reports[0].metrics
    assert metrics["Recall"] == pytest.approx(recall_score(cancer.frame["target"], share >= 0.9))
    model.compile().save(tmp_path / "compiled")
    row = CompiledModel.load(tmp_path / "compiled").row_function()
    for given, scores in zip(rows_of(cancer), rows_of(model.score(cancer)), strict=True):
        assert row(given) == pytest.approx(scores, abs=1e-12)


def test_a_dataset_without_the_label_is_refused(
    trained: TrainedModel, cancer: DataTable, refused
) -> None:
    with refused("no-label", "target", port="dataset"):
        tune_threshold(trained, cancer.select(cancer.names[:-1]))
