"""Paired tests against published figures and other ways to compute them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss, roc_auc_score

from designer.deployment.problem import ServingError
from designer.retraining.comparison import Scores, compare


def _labels(truth: list[str], predicted: list[str]) -> Scores:
    return Scores(np.array(truth), np.array(predicted))


def test_accuracy_is_tested_on_the_rows_that_only_one_predicts_correctly() -> None:
    # Of 100 rows 15 are right only with the challenger, 5 only with the champion.
    truth = ["a"] * 100
    champion = _labels(truth, ["a"] * 5 + ["b"] * 15 + ["a"] * 80)
    challenger = _labels(truth, ["b"] * 5 + ["a"] * 95)

    found = compare("accuracy", champion, challenger)

    assert (found.rows, found.champion, found.challenger) == (100, 0.85, 0.95)
    assert found.improvement == pytest.approx(0.1)
    # The two-sided exact McNemar test of 5 and 15 has p = 0.04139.
    assert 2 * found.p_better == pytest.approx(0.04139, abs=5e-6)
    assert found.p_worse > 0.99


def test_equal_predictions_are_no_evidence() -> None:
    same = _labels(["a", "b", "a"], ["a", "a", "a"])
    found = compare("accuracy", same, same)
    assert (found.improvement, found.p_better, found.p_worse) == (0, 1, 1)


def test_auc_has_the_variance_of_delong() -> None:
    random = np.random.default_rng(3)
    truth = np.where(random.random(60) < 0.4, "yes", "no")
    shift = (truth == "yes") * 1.0
    one = np.round(random.normal(0, 1, 60) + shift, 1)
    two = np.round(random.normal(0, 1, 60) + 2 * shift, 1)

    found = compare("auc", Scores(truth, truth, one, "yes"), Scores(truth, truth, two, "yes"))

    assert found.champion == pytest.approx(roc_auc_score(truth == "yes", one))
    assert found.challenger == pytest.approx(roc_auc_score(truth == "yes", two))
    # By the definition: each positive row against each negative one.
    kernel = [
        np.array(
            [[(x > y) + 0.5 * (x == y) for y in each[truth == "no"]] for x in each[truth == "yes"]]
        )
        for each in (one, two)
    ]
    by_positive = np.cov([each.mean(axis=1) for each in kernel])
    by_negative = np.cov([each.mean(axis=0) for each in kernel])
    s = by_positive / len(kernel[0]) + by_negative / len(kernel[0].T)
    z = (found.challenger - found.champion) / np.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])
    assert found.p_better == pytest.approx(stats.norm.sf(z))
    assert found.p_worse == pytest.approx(1 - found.p_better)


def test_log_loss_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(5)
    truth = np.where(random.random(50) < 0.5, "yes", "no")
    one, two = random.random(50), np.where(truth == "yes", 0.9, 0.2)

    found = compare("log-loss", Scores(truth, truth, one, "yes"), Scores(truth, truth, two, "yes"))

    assert found.champion == pytest.approx(log_loss(truth == "yes", one))
    assert found.challenger == pytest.approx(log_loss(truth == "yes", two))
    assert found.improvement == pytest.approx(found.champion - found.challenger)
    assert found.p_better < 0.001 < 0.999 < found.p_worse


@pytest.mark.parametrize("metric", ["mae", "rmse"])
def test_errors_of_numbers_are_tested_by_row(metric: str) -> None:
    truth = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    one = truth + np.array([2.0, -1.0, 1.5, -2.0, 1.0, 2.5, -1.0, 0.5])
    two = truth + np.array([1.0, -1.5, 0.5, -1.0, 1.5, 1.0, -0.5, 0.5])

    found = compare(metric, Scores(truth, one), Scores(truth, two))  # type: ignore[arg-type]

    power = 1 if metric == "mae" else 2
    differences = np.abs(one - truth) ** power - np.abs(two - truth) ** power
    t = differences.mean() / (differences.std(ddof=1) / np.sqrt(8))
    assert found.p_better == pytest.approx(stats.t.sf(t, 7))
    # Without any assumption about the distribution: all 256 ways to exchange the models.
    flips = np.array(list(itertools.product([1, -1], repeat=8)))
    exact = float(((flips * differences).mean(axis=1) >= differences.mean() - 1e-12).mean())
    assert found.p_better == pytest.approx(exact, abs=0.05)


def test_a_constant_improvement_is_certain() -> None:
    truth = np.arange(5.0)
    found = compare("mae", Scores(truth, truth + 2), Scores(truth, truth + 1))
    assert (found.improvement, found.p_better, found.p_worse) == (1, 0, 1)


def test_auc_of_one_class_is_refused_with_a_reason() -> None:
    truth = np.array(["yes", "yes"])
    scores = Scores(truth, truth, np.array([0.1, 0.2]), "yes")
    with pytest.raises(ServingError, match="one class only"):
        compare("auc", scores, scores)
