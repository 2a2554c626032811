"""Metrics that are undefined for a dataset, and why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from modules.contract import warn
from modules.values import Report


def warn_of_undefined(report: Report) -> None:
    """Warn about the undefined metrics of a report, and why."""
    names = _undefined(report)
    if names:
        warn(f"{_reason(report)}, so these metrics are undefined: {', '.join(names)}.")


def warn_of_undefined_folds(reports: Sequence[Report]) -> None:
    """Warn about metrics that are undefined in some folds; their mean is over the others."""
    counts = Counter(name for report in reports for name in _undefined(report))
    if counts:
        listed = ", ".join(f"{name} ({count})" for name, count in counts.items())
        reason = next(_reason(report) for report in reports if _undefined(report))
        warn(
            f"In some of the {len(reports)} folds these metrics are undefined: {listed}; "
            f"the means exclude them. In one of them: {reason[:1].lower()}{reason[1:]}."
        )


def _undefined(report: Report) -> list[str]:
    return [name for name, value in report.metrics.items() if math.isnan(value)]


def _reason(report: Report) -> str:
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
