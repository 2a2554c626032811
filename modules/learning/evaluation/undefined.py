"""Metrics that are undefined for a dataset, and why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from modules.contract import warn
from modules.values import EvaluationReport

_ZERO = frozenset({"Precision", "Recall", "F1 score"})
_DETERMINATION = "Coefficient of determination"


def warn_of_undefined(report: EvaluationReport) -> None:
    """Warn about the undefined metrics of a report, and why."""
    names = _undefined(report)
    if names:
        warn(f"{_reason(report)}, so these metrics are undefined: {', '.join(names)}.")


def counted_metrics(metrics: Mapping[str, float], rows: int) -> dict[str, float]:
    """Return a fold's metrics, with undefined ones as scikit-learn's scorers count them.

    Precision, recall and F1 score are 0. The coefficient of determination of equal labels is 0,
    or 1 if the predictions are exact. Others, AUC for example, stay NaN, and so does their mean.
    """
    metrics = dict(metrics)
    for name in _ZERO & metrics.keys():
        if math.isnan(metrics[name]):
            metrics[name] = 0.0
    if rows > 1 and math.isnan(metrics.get(_DETERMINATION, 0.0)):
        error = metrics["Root mean squared error"]
        if math.isfinite(error):
            metrics[_DETERMINATION] = 0.0 if error else 1.0
    return metrics


def warn_of_undefined_folds(
    reports: Sequence[EvaluationReport], counted_as: Sequence[Mapping[str, float]]
) -> None:
    """Warn about metrics that are undefined in some folds, and what their means are.

    Parameters
    ----------
    counted_as : sequence of mapping of str to float
        The metrics of :func:`counted_metrics` for each report.
    """
    counts = Counter(name for report in reports for name in _undefined(report))
    if not counts:
        return
    nowhere = {name for metrics in counted_as for name in metrics if math.isnan(metrics[name])}
    zero = ", ".join(name for name in counts if name not in nowhere)
    rest = ", ".join(name for name in counts if name in nowhere)
    effects = [f"{zero} count as 0 there"] if zero else []
    effects += [f"no mean is computed for {rest}"] if rest else []
    listed = ", ".join(f"{name} ({count})" for name, count in counts.items())
    reason = next(_reason(report) for report in reports if _undefined(report))
    warn(
        f"In some of the {len(reports)} folds these metrics are undefined: {listed}. As in "
        f"scikit-learn, {' and '.join(effects)}. "
        f"In one of them: {reason[:1].lower()}{reason[1:]}."
    )


def _undefined(report: EvaluationReport) -> list[str]:
    return [name for name, value in report.metrics.items() if math.isnan(value)]


def _reason(report: EvaluationReport) -> str:
    if report.task == "regression":
        if not math.isfinite(report.metrics["Root mean squared error"]):
            return "The errors are too large to be squared"
        return "Every row has the same label"
    if report.task == "two-class":
        if not report.positives:
            return f"No row is “{report.positive}”"
        if not report.negatives:
            return f"Every row is “{report.positive}”"
        return f"No row is predicted to be “{report.positive}”"
    if report.task == "multiclass":
        return "No row has a class from the training data"
    return "There are too few rows or clusters"
