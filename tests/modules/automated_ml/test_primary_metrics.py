"""Primary metrics against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn import metrics
from sklearn.preprocessing import label_binarize

from modules.automated_ml._metrics import CLASSIFICATION, REGRESSION

RANDOM = np.random.default_rng(5)
ACTUAL = RANDOM.integers(0, 3, 200)
SCORES = RANDOM.dirichlet(np.ones(3), 200) + np.eye(3)[ACTUAL] * 0.3
SCORES /= SCORES.sum(axis=1, keepdims=True)
CODES = SCORES.argmax(axis=1)
MACRO_RECALL = metrics.recall_score(ACTUAL, CODES, average="macro")

EXPECTED = {
    "AUC weighted": metrics.roc_auc_score(ACTUAL, SCORES, average="weighted", multi_class="ovr"),
    "Accuracy": metrics.accuracy_score(ACTUAL, CODES),
    "Average precision score weighted": metrics.average_precision_score(
        label_binarize(ACTUAL, classes=[0, 1, 2]), SCORES, average="weighted"
    ),
    "Norm macro recall": (MACRO_RECALL - 1 / 3) / (1 - 1 / 3),
    "Precision score weighted": metrics.precision_score(ACTUAL, CODES, average="weighted"),
    "Log loss": metrics.log_loss(ACTUAL, SCORES),
}


@pytest.mark.parametrize("name", list(CLASSIFICATION))
def test_metrics_of_classification_are_those_of_scikit_learn(name):
    assert CLASSIFICATION[name].compute(ACTUAL, SCORES) == pytest.approx(EXPECTED[name], rel=1e-12)


def test_the_weighted_auc_of_two_classes_is_the_auc():
    actual = ACTUAL % 2
    second = np.clip(actual * 0.3 + RANDOM.random(200) * 0.7, 0, 1)
    found = CLASSIFICATION["AUC weighted"].compute(actual, np.column_stack([1 - second, second]))
    assert found == pytest.approx(metrics.roc_auc_score(actual, second), rel=1e-12)


def test_a_class_that_is_missing_from_the_rows_does_not_count():
    rows = ACTUAL < 2
    found = CLASSIFICATION["AUC weighted"].compute(ACTUAL[rows], SCORES[rows])
    one, two = (metrics.roc_auc_score(ACTUAL[rows] == code, SCORES[rows, code]) for code in (0, 1))
    sizes = np.bincount(ACTUAL[rows])
    assert found == pytest.approx(np.average([one, two], weights=sizes), rel=1e-12)
    assert np.isnan(CLASSIFICATION["AUC weighted"].compute(np.zeros(3, int), np.eye(3)))


def test_metrics_of_regression_are_those_of_scikit_learn():
    actual = RANDOM.normal(50, 10, 100)
    predicted = actual + RANDOM.normal(0, 3, 100)
    width = np.ptp(actual)
    one, two = actual / width, predicted / width
    expected = {
        "Normalized root mean squared error": metrics.root_mean_squared_error(actual, predicted)
        / width,
        "R2 score": metrics.r2_score(actual, predicted),
        "Normalized mean absolute error": metrics.mean_absolute_error(actual, predicted) / width,
        "Spearman correlation": spearmanr(actual, predicted).statistic,
    }
    found = {name: metric.compute(one, two) for name, metric in REGRESSION.items()}
    assert found == pytest.approx(expected, rel=1e-10)


def test_lower_errors_gain_more():
    loss = CLASSIFICATION["Log loss"]
    assert loss.gain(0.2) > loss.gain(0.4) > loss.gain(float("nan"))
    assert CLASSIFICATION["Accuracy"].gain(0.9) > CLASSIFICATION["Accuracy"].gain(0.8)


def test_ties_count_half_as_in_scikit_learn():
    random = np.random.default_rng(3)
    for digits in (0, 1, 2):
        actual = random.integers(0, 2, 200)
        second = random.random(200).round(digits)
        found = CLASSIFICATION["AUC weighted"].compute(
            actual, np.column_stack([1 - second, second])
        )
        assert found == pytest.approx(metrics.roc_auc_score(actual, second), rel=1e-12)
