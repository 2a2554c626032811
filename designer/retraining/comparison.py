"""Compares the scores of champion and challenger on the same rows, with a paired test.

A paired test looks at the differences row by row, so that what makes a row hard for both doesn't
hide which one is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from designer.deployment.problem import ServingError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

MetricName = Literal["accuracy", "auc", "log-loss", "mae", "rmse"]

LEAST_PROBABILITY = 1e-15
"""Probabilities are at least this for the logarithm, as in scikit-learn's ``log_loss``."""


@dataclass(frozen=True)
class Metric:
    """What models are compared by.

    Parameters
    ----------
    grows : bool
        Whether larger is better.
    needs : str
        What it is computed from: ``labels``, ``probabilities`` of two classes, or ``numbers``.
    test : str
        The paired test of a difference.
    """

    title: str
    grows: bool
    needs: str
    test: str


METRICS: Mapping[MetricName, Metric] = {
    "accuracy": Metric("Accuracy", True, "labels", "exact McNemar test"),
    "auc": Metric("AUC", True, "probabilities", "DeLong test"),
    "log-loss": Metric("Log loss", False, "probabilities", "paired t-test of the row losses"),
    "mae": Metric("Mean absolute error", False, "numbers", "paired t-test of the absolute errors"),
    "rmse": Metric("Root mean squared error", False, "numbers", "paired t-test of squared errors"),
}


@dataclass(frozen=True, eq=False)
class Scores:
    """What a model predicted for rows whose label is known.

    Parameters
    ----------
    truth, predicted : array
        Labels as text, or numbers.
    probability : array or None
        Of the positive class.
    positive : str
        The positive class.
    """

    truth: Any
    predicted: Any
    probability: Any = None
    positive: str = ""


@dataclass(frozen=True)
class Compared:
    """Champion and challenger on the same rows.

    Parameters
    ----------
    champion, challenger : float
        The metric of each.
    improvement : float
        Positive if the challenger is better, in the unit of the metric.
    p_better, p_worse : float
        One-sided p-values against the hypothesis that the challenger isn't better, and that it
        isn't worse.
    """

    rows: int
    champion: float
    challenger: float
    improvement: float
    p_better: float
    p_worse: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def compare(metric: MetricName, champion: Scores, challenger: Scores) -> Compared:
    """Compare two models on the same rows.

    Parameters
    ----------
    champion, challenger : Scores
        Of the same rows in the same order.

    Raises
    ------
    ServingError
        If the metric can't be computed, of one class only for example.

    Notes
    -----
    Accuracy: McNemar's test in its exact form, a binomial test of the rows that only one of them
    predicts correctly. AUC: DeLong, DeLong, and Clarke-Pearson (Biometrics 44, 1988). Others: a
    t-test of the paired differences of the losses by row.
    """
    if metric == "accuracy":
        return _by_accuracy(champion, challenger)
    if metric == "auc":
        return _by_auc(champion, challenger)
    return _by_losses(metric, champion, challenger)


def _by_accuracy(champion: Scores, challenger: Scores) -> Compared:
    from scipy.stats import binomtest

    right = [each.predicted == each.truth for each in (champion, challenger)]
    gained = int((right[1] & ~right[0]).sum())
    lost = int((right[0] & ~right[1]).sum())
    values = [float(each.mean()) for each in right]
    both = gained + lost

    def p_of(alternative: str) -> float:
        if not both:
            return 1.0
        return float(binomtest(gained, both, 0.5, alternative=alternative).pvalue)

    return _compared("accuracy", len(right[0]), values, p_of("greater"), p_of("less"))


def _by_auc(champion: Scores, challenger: Scores) -> Compared:
    import numpy as np
    from scipy.stats import norm, rankdata

    is_positive = champion.truth == champion.positive
    m, n = int(is_positive.sum()), int((~is_positive).sum())
    if not m or not n:
        raise ServingError(
            "The held rows have one class only, so there is no AUC.",
            "Use another metric, or hold more rows.",
        )
    positives, negatives, values = [], [], []
    for each in (champion, challenger):
        ranks = rankdata(each.probability)
        # The share of the other class that a row is ranked above, ties counted half.
        above = (ranks[is_positive] - rankdata(each.probability[is_positive])) / n
        below = 1 - (ranks[~is_positive] - rankdata(each.probability[~is_positive])) / m
        positives.append(above)
        negatives.append(below)
        values.append(float(above.mean()))
    variance = _variance(np.subtract(*positives)) / m + _variance(np.subtract(*negatives)) / n
    difference = values[1] - values[0]
    if variance <= 0:
        p_better, p_worse = _certain(difference)
    else:
        z = difference / math.sqrt(variance)
        p_better, p_worse = float(norm.sf(z)), float(norm.cdf(z))
    return _compared("auc", m + n, values, p_better, p_worse)


def _by_losses(metric: MetricName, champion: Scores, challenger: Scores) -> Compared:
    import numpy as np
    from scipy.stats import ttest_rel

    losses = [_losses(metric, each) for each in (champion, challenger)]
    values = [float(each.mean()) for each in losses]
    differences = losses[0] - losses[1]
    if _variance(differences) <= 0:
        p_better, p_worse = _certain(values[0] - values[1])
    else:
        p_better = float(ttest_rel(*losses, alternative="greater").pvalue)
        p_worse = float(ttest_rel(*losses, alternative="less").pvalue)
    if metric == "rmse":
        values = [float(np.sqrt(value)) for value in values]
    return _compared(metric, len(differences), values, p_better, p_worse)


def _losses(metric: MetricName, scores: Scores) -> Numbers:
    import numpy as np

    if metric == "log-loss":
        right = scores.truth == scores.positive
        found = np.where(right, scores.probability, 1 - scores.probability)
        losses: Numbers = -np.log(np.clip(found, LEAST_PROBABILITY, 1))
        return losses
    errors = np.asarray(scores.predicted - scores.truth, dtype=np.float64)
    return np.abs(errors) if metric == "mae" else errors**2


def _compared(
    metric: MetricName, rows: int, values: list[float], p_better: float, p_worse: float
) -> Compared:
    sign = 1 if METRICS[metric].grows else -1
    improvement = sign * (values[1] - values[0])
    return Compared(rows, values[0], values[1], improvement, p_better, p_worse)


def _variance(values: Numbers) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _certain(difference: float) -> tuple[float, float]:
    """Return the p-values of a difference that is the same for every row."""
    if difference == 0:
        return 1.0, 1.0
    return (0.0, 1.0) if difference > 0 else (1.0, 0.0)
