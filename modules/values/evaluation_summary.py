"""Evaluations as plain data, for display without pandas."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import neg
from typing import Any

from modules.contract.sheet import Sheet, json_value
from modules.contract.value import Summary


@dataclass(frozen=True)
class EvaluationReportSummary:
    """One report of an evaluation as plain data.

    Parameters
    ----------
    thresholds, hits, alarms : tuple
        Two-class: descending thresholds, and the true and false positives among the
        rows scored at least each.
    curves : mapping of str to (tuple, tuple)
        ``roc``, ``precision_recall`` and ``lift``: x and y, at most 2,000 points.
    confusion : tuple of tuple or None
        Rows actual, columns predicted, in the order of ``classes``.
    residuals : (tuple, tuple) or None
        Edges and counts of a histogram.
    table : Sheet or None
        Metrics of each class, cluster or fold.
    calibration : (tuple, tuple, tuple) or None
        Mean probabilities, shares of positive rows, and numbers of rows.
    rows : Sheet or None
    learner, port, label : str
        As in :class:`EvaluationReport`.
    """

    name: str
    task: str
    metrics: Mapping[str, float]
    positives: int = 0
    negatives: int = 0
    positive: str = ""
    classes: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()
    hits: tuple[float, ...] = ()
    alarms: tuple[float, ...] = ()
    curves: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)
    confusion: tuple[tuple[float, ...], ...] | None = None
    residuals: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    table: Sheet | None = None
    calibration: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]] | None = None
    rows: Sheet | None = None
    learner: str = ""
    port: str = ""
    label: str = ""

    def at_threshold(self, threshold: float) -> dict[str, float]:
        """Return counts and metrics with rows above a threshold as positive.

        Equal to :meth:`EvaluationReport.at_threshold`, without pandas.
        """
        # Descending, so all those above are first.
        above = bisect_left(self.thresholds, -threshold, key=neg)
        hits = self.hits[above - 1] if above else 0.0
        alarms = self.alarms[above - 1] if above else 0.0
        return two_class_metrics(hits, alarms, self.positives - hits, self.negatives - alarms)

    def cost(self, threshold: float, false_positive: float, false_negative: float) -> float:
        """Return what the errors at a threshold cost, from the cost of one of each kind."""
        found = self.at_threshold(threshold)
        alarms, misses = found["False positives"], found["False negatives"]
        return false_positive * alarms + false_negative * misses

    def cheapest_threshold(self, false_positive: float, false_negative: float) -> float:
        """Return the threshold in hundredths with the least cost; of equal ones that nearest 0.5.

        See :meth:`cost`.
        """
        steps = sorted((number / 100 for number in range(101)), key=lambda step: abs(step - 0.5))
        return min(steps, key=lambda step: self.cost(step, false_positive, false_negative))

    def to_json(self) -> dict[str, Any]:
        """Return the parts of the report, which depend on the task."""
        found: dict[str, Any] = {"task": self.task}
        if self.classes:
            found["classes"] = list(self.classes)
        if self.positive:
            found["positive"] = self.positive
        if self.confusion is not None:
            found["confusion"] = [[_count(value) for value in row] for row in self.confusion]
        if self.thresholds:
            found["thresholds"] = {
                "threshold": [json_value(value) for value in self.thresholds],
                "true_positives": [_count(value) for value in self.hits],
                "false_positives": [_count(value) for value in self.alarms],
            }
            found["curves"] = {
                name: {"x": [json_value(value) for value in x], "y": [json_value(v) for v in y]}
                for name, (x, y) in self.curves.items()
            }
        if self.residuals is not None:
            edges, counts = self.residuals
            found["residuals"] = {
                "edges": [json_value(value) for value in edges],
                "counts": [_count(value) for value in counts],
            }
        if self.calibration is not None:
            predicted, actual, rows = self.calibration
            found["calibration"] = {
                "predicted": [json_value(value) for value in predicted],
                "actual": [json_value(value) for value in actual],
                "rows": [_count(value) for value in rows],
            }
        if self.table is not None:
            found["table"] = self.table.to_json()
        return found


@dataclass(frozen=True)
class EvaluationSummary(Summary):
    """The reports of an evaluation, side by side."""

    reports: tuple[EvaluationReportSummary, ...]

    def tables(self) -> Mapping[str, Sheet]:
        """Return the metrics side by side, confusion matrices, and metrics of parts."""
        names = dict.fromkeys(name for report in self.reports for name in report.metrics)
        rows = [(name, *(each.metrics.get(name) for each in self.reports)) for name in names]
        tables = {"": Sheet(("metric", *(each.name for each in self.reports)), tuple(rows))}
        for report in self.reports:
            of = f" of {report.name}" if len(self.reports) > 1 else ""
            if report.confusion is not None:
                heads = ("", *(f"predicted {name}" for name in report.classes))
                found = zip(report.classes, report.confusion, strict=True)
                matrix = tuple((f"actual {name}", *map(_count, row)) for name, row in found)
                tables[f"Confusion matrix{of}"] = Sheet(heads, matrix)
            if report.table is not None:
                tables[f"Details{of}"] = report.table
            if report.calibration is not None:
                heads = ("mean probability", f"share of {report.positive}", "rows")
                shares = zip(*report.calibration, strict=True)
                bins = tuple((mean, share, _count(rows)) for mean, share, rows in shares)
                tables[f"Calibration{of}"] = Sheet(heads, bins)
        return tables

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer show --json`` prints."""
        return {
            "metrics": {
                report.name: {name: json_value(value) for name, value in report.metrics.items()}
                for report in self.reports
            },
            "reports": {report.name: report.to_json() for report in self.reports},
        }


TWO_CLASS_METRICS = (
    "Accuracy",
    "Balanced accuracy",
    "Precision",
    "Recall",
    "F1 score",
    "Matthews correlation coefficient",
)
"""The metrics of :func:`two_class_metrics` that aren't counts."""


def two_class_metrics(
    true_positives: float, false_positives: float, false_negatives: float, true_negatives: float
) -> dict[str, float]:
    """Return the counts of a 2 x 2 table and the metrics of its predictions.

    A ratio without a denominator is NaN. As in scikit-learn, balanced accuracy is the mean recall
    of the classes that have rows, and Matthews' correlation coefficient (Matthews 1975) is 0
    if a class has no rows or is never predicted.
    """

    def ratio(part: float, whole: float) -> float:
        return part / whole if whole else math.nan

    recalls = [
        ratio(true_positives, true_positives + false_negatives),
        ratio(true_negatives, true_negatives + false_positives),
    ]
    known = [recall for recall in recalls if not math.isnan(recall)]
    sides = (
        (true_positives + false_positives)
        * (true_positives + false_negatives)
        * (true_negatives + false_positives)
        * (true_negatives + false_negatives)
    )
    covariance = true_positives * true_negatives - false_positives * false_negatives
    total = true_positives + false_positives + false_negatives + true_negatives
    return {
        "True positives": true_positives,
        "False positives": false_positives,
        "False negatives": false_negatives,
        "True negatives": true_negatives,
        "Accuracy": ratio(true_positives + true_negatives, total),
        "Balanced accuracy": ratio(sum(known), len(known)),
        "Precision": ratio(true_positives, true_positives + false_positives),
        "Recall": recalls[0],
        "F1 score": ratio(
            2 * true_positives, 2 * true_positives + false_positives + false_negatives
        ),
        "Matthews correlation coefficient": covariance / math.sqrt(sides) if sides else 0.0,
    }


def _count(value: float) -> Any:
    """Return a number of rows as an integer, if it is integral."""
    return int(value) if float(value).is_integer() else json_value(value)
