"""Primary metrics under Azure's names, from the label and the scores of rows held out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Metric:
    """A metric that decides which model is the best.

    Parameters
    ----------
    name : str
        Azure's.
    compute : callable
        Accepts the codes of the actual classes and the probabilities, of shape (rows, classes),
        or the actual and the predicted numbers, both divided by the range of the whole label. NaN
        if it is undefined for these rows.
    higher_is_better : bool
        Whether a larger value is a better model.
    """

    name: str
    compute: Callable[[np.ndarray, np.ndarray], float]
    higher_is_better: bool = True

    def gain(self, value: float) -> float:
        """Return a number that is larger for better values; minus infinity if undefined."""
        if not math.isfinite(value):
            return -math.inf
        return value if self.higher_is_better else -value


def _accuracy(actual: np.ndarray, scores: np.ndarray) -> float:
    return float((scores.argmax(axis=1) == actual).mean())


def _weighted_auc(actual: np.ndarray, scores: np.ndarray) -> float:
    if scores.shape[1] == 2:
        # Both classes have the same.
        return _auc(actual, scores[:, 1])
    return _weighted(actual, scores, _auc)


def _auc(actual: np.ndarray, scores: np.ndarray) -> float:
    """Return the area under the curve by pairs (Mann and Whitney 1947): quick, for many calls."""
    import numpy as np

    positive = actual == 1
    found, others = np.sort(scores[positive]), np.sort(scores[~positive])
    if not len(found) or not len(others):
        return math.nan
    below, not_above = (
        np.searchsorted(others, found, "left"), np.searchsorted(others, found, "right")
    )  # fmt: skip
    # A pair with equal scores counts half.
    return float((below.sum() + not_above.sum()) / (2 * len(found) * len(others)))


def _weighted_average_precision(actual: np.ndarray, scores: np.ndarray) -> float:
    from sklearn.metrics import average_precision_score

    return _weighted(actual, scores, average_precision_score)


def _weighted(
    actual: np.ndarray, scores: np.ndarray, one: Callable[[np.ndarray, np.ndarray], float]
) -> float:
    """Return the mean over the classes against the rest, weighted by their rows."""
    import numpy as np

    sizes = np.bincount(actual, minlength=scores.shape[1])
    present = np.flatnonzero((sizes > 0) & (sizes < len(actual)))
    if not len(present):
        return math.nan
    values = [one(actual == code, scores[:, code]) for code in present]
    return float(np.average(values, weights=sizes[present]))


def _normalized_recall(actual: np.ndarray, scores: np.ndarray) -> float:
    import numpy as np

    sizes = np.bincount(actual, minlength=scores.shape[1])
    hits = np.bincount(actual[scores.argmax(axis=1) == actual], minlength=scores.shape[1])
    present = sizes > 0
    count = int(present.sum())
    if count < 2:
        return math.nan
    recall = float((hits[present] / sizes[present]).mean())
    return (recall - 1 / count) / (1 - 1 / count)


def _weighted_precision(actual: np.ndarray, scores: np.ndarray) -> float:
    from sklearn.metrics import precision_score

    predicted = scores.argmax(axis=1)
    return float(precision_score(actual, predicted, average="weighted", zero_division=0.0))


def _log_loss(actual: np.ndarray, scores: np.ndarray) -> float:
    import numpy as np

    own = scores[np.arange(len(actual)), actual]
    return float(-np.log(np.clip(own, np.finfo(float).eps, 1.0)).mean())


def _rmse(actual: np.ndarray, scores: np.ndarray) -> float:
    import numpy as np

    return float(np.sqrt(np.square(actual - scores).mean()))


def _mae(actual: np.ndarray, scores: np.ndarray) -> float:
    import numpy as np

    return float(np.abs(actual - scores).mean())


def _determination(actual: np.ndarray, scores: np.ndarray) -> float:
    from sklearn.metrics import r2_score

    return float(r2_score(actual, scores)) if len(actual) > 1 else math.nan


def _spearman(actual: np.ndarray, scores: np.ndarray) -> float:
    import numpy as np
    from scipy.stats import rankdata

    ranks = rankdata(actual), rankdata(scores)
    if any(np.ptp(each) == 0 for each in ranks):
        return math.nan
    return float(np.corrcoef(*ranks)[0, 1])


CLASSIFICATION = {
    metric.name: metric
    for metric in (
        Metric("AUC weighted", _weighted_auc),
        Metric("Accuracy", _accuracy),
        Metric("Average precision score weighted", _weighted_average_precision),
        Metric("Norm macro recall", _normalized_recall),
        Metric("Precision score weighted", _weighted_precision),
        Metric("Log loss", _log_loss, higher_is_better=False),
    )
}
"""By name. Without log loss they are Azure's primary metrics of classification."""

REGRESSION = {
    metric.name: metric
    for metric in (
        Metric("Normalized root mean squared error", _rmse, higher_is_better=False),
        Metric("R2 score", _determination),
        Metric("Normalized mean absolute error", _mae, higher_is_better=False),
        Metric("Spearman correlation", _spearman),
    )
}
"""By name: Azure's primary metrics of regression."""
