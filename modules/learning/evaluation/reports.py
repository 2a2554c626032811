"""Metrics of a scored dataset, by task."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, Scoring, warn
from modules.learning.evaluation.diagnostics import calibration_of
from modules.learning.evaluation.scored import (
    class_codes,
    complete_rows,
    distinct,
    numbers,
    reject_infinite,
    reject_non_probabilities,
    reject_unknown_classes,
    two_classes,
)
from modules.learning.evaluation.thresholds import area_under_roc, thinned, threshold_table
from modules.values import TWO_CLASS_METRICS, EvaluationReport, two_class_metrics
from modules.values.score_columns import QUANTILE

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_BINS = 50
"""Bars of the histogram of residuals."""


def report_on(table: DataTable, scoring: Scoring, name: str, port: str) -> EvaluationReport:
    """Return the report of one scored dataset.

    Parameters
    ----------
    scoring : Scoring
        With the label, from :func:`modules.learning.evaluation.scored.recognize`.
    name : str
        For legends.

    Raises
    ------
    ModuleError
        If the scores can't be compared with the label.
    """
    report = _BY_TASK[scoring.task](table, scoring, name, port)
    return replace(report, label=scoring.label or "")


def _regression(table: DataTable, scoring: Scoring, name: str, port: str) -> EvaluationReport:
    import numpy as np

    label = str(scoring.label)
    quantiles = [column for column in scoring.probabilities if column.startswith(QUANTILE)]
    frame = complete_rows(table, [label, scoring.scored, *quantiles], port)
    actual, predicted = (numbers(frame[column], port) for column in (label, scoring.scored))
    reject_infinite(actual, label, port)
    if not np.isfinite(predicted).all():
        warn(f"Column “{scoring.scored}” contains infinite values, so the errors are infinite too.")
    with np.errstate(over="ignore", invalid="ignore"):
        residuals = actual - predicted
    return EvaluationReport(
        name,
        "regression",
        regression_metrics(actual, predicted) | quantile_losses(actual, frame[quantiles]),
        residuals=_histogram(residuals),
    )


def regression_metrics(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Return the five metrics of a regression.

    The relative errors are sums of errors divided by those of always predicting the mean
    of the label; NaN if the label is constant. The coefficient of determination
    is 1 minus the relative squared error.
    """
    import numpy as np

    # The square of a large number may overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        error, spread = actual - predicted, actual - actual.mean()
        absolute, squared = np.abs(spread).sum(), (spread**2).sum()
        relative = float((error**2).sum() / squared) if squared else math.nan
        whole = float(np.abs(error).sum() / absolute) if absolute else math.nan
        return {
            "Mean absolute error": float(np.abs(error).mean()),
            "Root mean squared error": float(np.sqrt((error**2).mean())),
            "Relative absolute error": whole,
            "Relative squared error": relative,
            "Coefficient of determination": 1.0 - relative,
        }


def quantile_losses(actual: np.ndarray, scores: pd.DataFrame) -> dict[str, float]:
    """Return the mean pinball loss of each quantile (Koenker and Bassett 1978), and of all."""
    import numpy as np

    losses = {}
    for name in scores.columns:
        quantile = float(name.removeprefix(QUANTILE))
        error = actual - scores[name].to_numpy("float64")
        loss = np.maximum(quantile * error, (quantile - 1) * error)
        losses[f"Quantile loss: {quantile:g}"] = float(loss.mean())
    if losses:
        losses["Average quantile loss"] = sum(losses.values()) / len(losses)
    return losses


def _histogram(residuals: np.ndarray) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    finite = residuals[np.isfinite(residuals)]
    # Rice's rule.
    bins = min(max(math.ceil(2 * len(finite) ** (1 / 3)), 1), MOST_BINS)
    try:
        counts, edges = np.histogram(finite, bins)
    except ValueError:
        # Huge residuals that are too close together, or too far apart, for bins.
        counts, edges = np.array([len(finite)]), np.array([finite.min(), finite.max()])
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": counts})


def _two_class(table: DataTable, scoring: Scoring, name: str, port: str) -> EvaluationReport:
    label = str(scoring.label)
    given = list(scoring.probabilities)
    frame = complete_rows(table, [label, scoring.scored, *given], port)
    classes = scoring.classes or two_classes(frame[label], frame[scoring.scored], port)
    positive = classes[1] if scoring.positive is None else scoring.positive
    actual = class_codes(frame[label], classes)
    predicted = class_codes(frame[scoring.scored], classes)
    for codes, column in ((actual, label), (predicted, scoring.scored)):
        reject_unknown_classes(codes, frame[column], classes, port)
    index = classes.index(positive)
    is_positive = actual == index
    confusion = confusion_of(actual, predicted, classes)
    counts = confusion.to_numpy()
    hits, alarms = counts[index, index], counts[1 - index, index]
    positives, negatives = int(is_positive.sum()), int(len(actual) - is_positive.sum())
    metrics = two_class_metrics(
        float(hits), float(alarms), float(positives - hits), float(negatives - alarms)
    )
    metrics = {name: metrics[name] for name in TWO_CLASS_METRICS}
    _, by_class = multiclass_metrics(counts)
    by_class.insert(0, "Class", [str(value) for value in classes])
    thresholds = calibration = None
    if given:
        probability = numbers(frame[given[0]], port)
        reject_non_probabilities(probability, given[0], port)
        complete = threshold_table(is_positive, probability)
        thresholds = thinned(complete)
        metrics |= probability_metrics(complete, is_positive, probability)
        calibration = calibration_of(is_positive, probability)
    return EvaluationReport(
        name,
        "two-class",
        metrics,
        thresholds=thresholds,
        positives=positives,
        negatives=negatives,
        positive=positive,
        classes=classes,
        confusion=confusion,
        table=by_class,
        calibration=calibration,
    )


def probability_metrics(
    thresholds: pd.DataFrame, is_positive: np.ndarray, probability: np.ndarray
) -> dict[str, float]:
    """Return the metrics of the probabilities of two classes.

    Parameters
    ----------
    thresholds : pandas.DataFrame
        From :func:`modules.learning.evaluation.thresholds.threshold_table`.
    """
    import numpy as np

    losses = log_losses(np.where(is_positive, probability, 1 - probability))
    return {
        "AUC": area_under_roc(thresholds),
        "Average log loss": float(losses.mean()),
        "Brier score": float(((probability - is_positive) ** 2).mean()),
    }


def _multiclass(table: DataTable, scoring: Scoring, name: str, port: str) -> EvaluationReport:
    label = str(scoring.label)
    given = list(scoring.probabilities)
    frame = complete_rows(table, [label, scoring.scored, *given], port)
    seen = distinct(frame[label], frame[scoring.scored])
    classes = scoring.classes + tuple(value for value in seen if value not in scoring.classes)
    actual = class_codes(frame[label], classes)
    predicted = class_codes(frame[scoring.scored], classes)
    confusion = confusion_of(actual, predicted, classes)
    metrics, by_class = multiclass_metrics(confusion.to_numpy())
    by_class.insert(0, "Class", [str(value) for value in classes])
    if given:
        losses, known = class_losses(frame[given].to_numpy("float64"), actual)
        metrics["Average log loss"] = float(losses.mean()) if len(losses) else math.nan
        by_class["Average log loss"] = _means(losses, actual[known], len(classes))
        if not known.all():
            left = int((~known).sum())
            rows, them = ("1 row has", "it") if left == 1 else (f"{left} rows have", "them")
            warn(f"{rows} a class that wasn't in the training data; the log loss excludes {them}.")
    return EvaluationReport(
        name, "multiclass", metrics, classes=classes, confusion=confusion, table=by_class
    )


def multiclass_metrics(counts: np.ndarray) -> tuple[dict[str, float], pd.DataFrame]:
    """Return the metrics over all classes and those of each class.

    Parameters
    ----------
    counts : numpy.ndarray of int, shape (classes, classes)
        Rows actual, columns predicted.

    Notes
    -----
    As in Sokolova and Lapalme (2009): the average accuracy is the mean over the
    classes of distinguishing each from the rest. The macro averages exclude classes that
    are neither actual nor predicted, and count a ratio without a denominator as 0. Balanced
    accuracy is the mean recall of the classes that have rows; Matthews' correlation
    coefficient for several classes is from Gorodkin (2004), and 0 if all rows have one class
    or are predicted to have it.
    """
    import numpy as np
    import pandas as pd

    total = counts.sum()
    hits, actual, predicted = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = hits / predicted, hits / actual
        f1 = 2 * hits / (actual + predicted)
    present = (actual + predicted) > 0
    one_by_one = (total - actual - predicted + 2 * hits) / total
    overall = float(hits.sum() / total)
    # As Python's integers, which have no limit.
    rows, real, guessed = int(total), actual.tolist(), predicted.tolist()
    spreads = (rows**2 - sum(n * n for n in real)) * (rows**2 - sum(n * n for n in guessed))
    together = sum(a * b for a, b in zip(real, guessed, strict=True))
    covariance = int(hits.sum()) * rows - together
    metrics = {
        "Overall accuracy": overall,
        "Average accuracy": float(one_by_one[present].mean()),
        "Balanced accuracy": float(recall[actual > 0].mean()),
        "Micro-averaged precision": overall,
        "Macro-averaged precision": float(np.nan_to_num(precision[present]).mean()),
        "Micro-averaged recall": overall,
        "Macro-averaged recall": float(np.nan_to_num(recall[present]).mean()),
        "Matthews correlation coefficient": covariance / math.sqrt(spreads) if spreads else 0.0,
    }
    by_class = pd.DataFrame(
        {"Rows": actual, "Precision": precision, "Recall": recall, "F1 score": f1}
    )
    return metrics, by_class


def _clustering(table: DataTable, scoring: Scoring, name: str, port: str) -> EvaluationReport:
    import numpy as np
    import pandas as pd

    distances = list(scoring.probabilities)
    frame = complete_rows(table, [scoring.scored, *distances], port)
    matrix = frame[distances].to_numpy("float64")
    own = numbers(frame[scoring.scored], port).astype(np.int64)
    count = len(distances)
    inside = own >= 0
    noise = int((~inside).sum())
    if noise == len(own):
        raise ModuleError(
            "no-clusters",
            "None of the rows belongs to a cluster.",
            "Choose other parameters of the clustering learner.",
            port=port,
        )
    if noise:
        warn(f"{noise:,} of {len(own):,} rows don't belong to a cluster and were skipped.")
        own, matrix = own[inside], matrix[inside]
    if own.max() >= count:
        raise ModuleError(
            "unknown-cluster",
            f"Column “{scoring.scored}” contains a cluster without distances.",
            "Connect the unchanged output of Assign Data to Clusters.",
            port=port,
            column=scoring.scored,
        )
    near = matrix[np.arange(len(own)), own]
    others = (matrix.sum(axis=1) - near) / (count - 1) if count > 1 else np.full(len(own), np.nan)
    furthest = np.full(count, np.nan)
    np.fmax.at(furthest, own, near)
    points = np.bincount(own, minlength=count)
    rows = {
        "Average distance to other center": [others.mean(), *_means(others, own, count)],
        "Average distance to cluster center": [near.mean(), *_means(near, own, count)],
        "Number of points": [len(own), *points],
        "Maximal distance to cluster center": [near.max(), *furthest],
    }
    names = ["Combined evaluation", *(f"Cluster {index}" for index in range(count))]
    return EvaluationReport(
        name,
        "clustering",
        {metric: float(values[0]) for metric, values in rows.items()},
        table=pd.DataFrame({"Result": names} | rows),
    )


def confusion_of(
    actual: np.ndarray, predicted: np.ndarray, classes: tuple[Any, ...]
) -> pd.DataFrame:
    """Return the counts of rows by actual and predicted class."""
    import numpy as np
    import pandas as pd

    count = len(classes)
    counts = np.bincount(actual * count + predicted, minlength=count * count)
    return pd.DataFrame(counts.reshape(count, count), index=list(classes), columns=list(classes))


def log_losses(probability: np.ndarray) -> np.ndarray:
    """Return the loss of each row from the probability of its actual class.

    Clipped as scikit-learn does, so that a certain but wrong prediction has a large, finite loss.
    """
    import numpy as np

    tiny = np.finfo(np.float64).eps
    losses: np.ndarray = -np.log(np.clip(probability, tiny, 1 - tiny))
    return losses


def class_losses(probabilities: np.ndarray, actual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses of the rows whose class has a probability, and a mask of them."""
    import numpy as np

    known = actual < probabilities.shape[1]
    rows = np.flatnonzero(known)
    return log_losses(probabilities[rows, actual[rows]]), known


def _means(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    import numpy as np

    sums = np.bincount(groups, values, minlength=count)
    sizes = np.bincount(groups, minlength=count)
    with np.errstate(invalid="ignore"):
        return sums / sizes


_BY_TASK: dict[str, Callable[[DataTable, Scoring, str, str], EvaluationReport]] = {
    "regression": _regression,
    "two-class": _two_class,
    "anomaly": _two_class,
    "multiclass": _multiclass,
    "clustering": _clustering,
}
