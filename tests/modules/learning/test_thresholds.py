"""Properties of the table of thresholds, for any scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from modules.learning.evaluation.thresholds import (
    MOST_ROWS,
    area_under_roc,
    thinned,
    threshold_table,
)
from modules.values import EvaluationReport, two_class_metrics

SCORES = st.one_of(
    st.floats(0, 1),
    st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    st.floats(0.5 - 1e-12, 0.5 + 1e-12),
)
ROWS = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=60)


def arrays(rows: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows], dtype=float)


def report(actual: np.ndarray, score: np.ndarray) -> EvaluationReport:
    positives = int(actual.sum())
    return EvaluationReport(
        "",
        "two-class",
        {},
        thresholds=thinned(threshold_table(actual, score)),
        positives=positives,
        negatives=len(actual) - positives,
    )


def counted(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    return two_class_metrics(
        float((actual & predicted).sum()),
        float((~actual & predicted).sum()),
        float((actual & ~predicted).sum()),
        float((~actual & ~predicted).sum()),
    )


@given(ROWS, st.integers(0, 100))
def test_metrics_at_a_threshold_are_those_of_the_predictions(rows, step):
    actual, score = arrays(rows)
    found = report(actual, score).at_threshold(step / 100)
    assert found == pytest.approx(counted(actual, score > step / 100), nan_ok=True)


@given(ROWS)
def test_curves_run_from_nothing_to_everything(rows):
    actual, score = arrays(rows)
    curves = report(actual, score).curves()
    roc = curves["roc"]
    assert (roc["x"].diff().dropna() >= 0).all()
    assert (roc["y"].diff().dropna() >= 0).all()
    assert tuple(roc.iloc[0]) == (0, 0)
    assert tuple(roc.iloc[-1]) == (float(not actual.all()), float(actual.any()))
    assert curves["lift"]["x"].iloc[-1] == 1
    assert curves["lift"]["y"].iloc[-1] == actual.sum()


@given(ROWS)
def test_the_area_is_that_of_scikit_learn(rows):
    actual, score = arrays(rows)
    area = area_under_roc(threshold_table(actual, score))
    if actual.all() or not actual.any():
        assert np.isnan(area)
    else:
        assert area == pytest.approx(roc_auc_score(actual, score), abs=1e-12)


@given(ROWS)
def test_the_table_is_the_curve_of_scikit_learn(rows):
    actual, score = arrays(rows)
    table = threshold_table(actual, score)
    if actual.all() or not actual.any():
        return
    alarms, hits, thresholds = roc_curve(actual, score, drop_intermediate=False)
    np.testing.assert_array_equal(table["threshold"], thresholds)
    np.testing.assert_allclose(table["true_positives"] / actual.sum(), hits)
    np.testing.assert_allclose(table["false_positives"] / (~actual).sum(), alarms)


@pytest.mark.parametrize("share", [0.0001, 0.5, 0.999])
@pytest.mark.parametrize("spread", [1.0, 1e-6], ids=["wide", "narrow"])
def test_thinning_keeps_ends_hundredths_and_the_shape(share, spread):
    random = np.random.default_rng(11)
    actual = random.random(50_000) < share
    score = 0.5 + spread * (random.random(50_000) - 0.5 + 0.2 * actual) / 1.5
    complete = threshold_table(actual, score)
    thin = thinned(complete)
    assert len(thin) <= MOST_ROWS
    assert thin.iloc[[0, -1]].to_numpy().tolist() == complete.iloc[[0, -1]].to_numpy().tolist()
    assert thin["threshold"].is_monotonic_decreasing
    small = report(actual, score)
    for step in range(101):
        assert small.at_threshold(step / 100) == pytest.approx(
            counted(actual, score > step / 100), nan_ok=True
        )
    assert area_under_roc(thin) == pytest.approx(area_under_roc(complete), abs=2e-3)


def test_a_short_table_is_left_alone():
    table = threshold_table(np.array([True, False]), np.array([0.7, 0.2]))
    assert thinned(table) is table
