"""Charts of evaluations that explain errors: calibration, single rows, clusters, cost.

Drawn from summaries, so without pandas; reports side by side are in one chart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import quantiles
from typing import Any

from modules.contract.chart import Chart, Series
from modules.values.evaluation_summary import EvaluationReportSummary

MOST_CATEGORIES = 20
"""Of a feature that the residuals are shown by; the most frequent ones."""

Reports = Sequence[EvaluationReportSummary]


def overview(reports: Reports) -> dict[str, Chart]:
    """Return the charts without a choice, by title; only those that the reports have data for."""
    found = [calibration(reports), predicted(reports)]
    for each in reports:
        name = each.name if len(reports) > 1 else ""
        found += [clusters(each, name), silhouettes(each, name)]
    return {chart.title: chart for chart in found if chart is not None}


def calibration(reports: Reports) -> Chart | None:
    """Return the share of positive rows by their mean probability."""
    known = [each for each in reports if each.calibration is not None]
    if not known:
        return None
    series = [Series(each.name, *each.calibration[:2]) for each in known if each.calibration]
    return Chart(
        "lines",
        "Calibration",
        "Mean probability",
        f"Share of “{known[0].positive}”",
        series,
        note="On the dashed line, probabilities are the shares that occur.",
        reference=((0, 0), (1, 1)),
    )


def predicted(reports: Reports) -> Chart | None:
    """Return predicted against actual values."""
    known = _of_regression(reports)
    if not known:
        return None
    series = []
    for each in known:
        actual, guessed, *_ = _columns(each)
        series.append(Series(each.name, actual, guessed))
    values = [value for each in series for value in each.x if isinstance(value, float)]
    ends = (min(values), max(values)) if values else (0.0, 0.0)
    title = "Predicted against actual"
    note = "On the dashed line, predictions are exact."
    reference = tuple((end, end) for end in ends)
    return Chart("points", title, "Actual", "Predicted", series, note=note, reference=reference)


def features(reports: Reports) -> list[str]:
    """Return the features that residuals can be shown by."""
    names = (name for each in _of_regression(reports) for name in each.rows.headers[2:])  # type: ignore[union-attr]
    return list(dict.fromkeys(names))


def residuals(reports: Reports, feature: str) -> Chart:
    """Return the residuals by a feature: points for numbers, boxes for categories."""
    series, boxes = [], []
    for each in _of_regression(reports):
        headers = each.rows.headers if each.rows else ()
        if feature not in headers[2:]:
            continue
        columns = _columns(each)
        values = columns[headers.index(feature, 2)]
        errors = [
            None if real is None or guess is None else real - guess
            for real, guess in zip(*columns[:2], strict=True)
        ]
        name = each.name if len(reports) > 1 else ""
        if any(isinstance(value, str) for value in values):
            boxes += _boxes(values, errors, name)
        else:
            series.append(Series(each.name, values, errors))
    title, error = f"Residuals by {feature}", "Actual minus predicted"
    if boxes:
        return Chart("boxes", title, error, feature, boxes)
    xs = [value for each in series for value in each.x if isinstance(value, float)]
    reference = ((min(xs), 0), (max(xs), 0)) if xs else ()
    return Chart("points", title, feature, error, series, reference=reference)


def clusters(report: EvaluationReportSummary, name: str = "") -> Chart | None:
    """Return the rows by their first two principal components, colored by cluster."""
    if report.task != "clustering" or report.rows is None:
        return None
    across, up = report.rows.headers[1:3]
    series = [
        Series(f"Cluster {number}", [row[1] for row in rows], [row[2] for row in rows])
        for number, rows in _by_cluster(report).items()
    ]
    return Chart("points", f"Clusters of {name}" if name else "Clusters", across, up, series)


def silhouettes(report: EvaluationReportSummary, name: str = "") -> Chart | None:
    """Return the silhouettes of the rows of each cluster."""
    if report.task != "clustering" or report.rows is None:
        return None
    boxes = []
    for number, rows in _by_cluster(report).items():
        known = [row[3] for row in rows if row[3] is not None]
        if known:
            boxes.append(_box(f"Cluster {number}", known))
    note = "Near 1: well inside its cluster; near 0: between two; negative: nearer to another one."
    title = f"Silhouettes of {name}" if name else "Silhouettes"
    return Chart("boxes", title, "Silhouette", "", boxes, note=note) if boxes else None


def cost(reports: Reports, false_positive: float, false_negative: float, threshold: float) -> Chart:
    """Return the cost of errors at each threshold in hundredths.

    Parameters
    ----------
    false_positive, false_negative : float
        What one error costs.
    threshold : float
        Where a dashed line is drawn.
    """
    steps = [number / 100 for number in range(101)]
    series = [
        Series(each.name, steps, [each.cost(at, false_positive, false_negative) for at in steps])
        for each in reports
        if each.thresholds
    ]
    highest = max(
        (value for each in series for value in each.y if isinstance(value, float)), default=1.0
    )
    reference = ((threshold, 0.0), (threshold, highest))
    return Chart("lines", "Cost", "Threshold", "Total cost", series, reference=reference)


def _of_regression(reports: Reports) -> list[EvaluationReportSummary]:
    return [each for each in reports if each.task == "regression" and each.rows is not None]


def _columns(report: EvaluationReportSummary) -> list[tuple[Any, ...]]:
    """Return the columns of the rows."""
    sheet = report.rows
    assert sheet is not None
    return list(zip(*sheet.rows, strict=True)) or [() for _ in sheet.headers]


def _by_cluster(report: EvaluationReportSummary) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in report.rows.rows if report.rows else ():
        found.setdefault(int(row[0]), []).append(row)
    return dict(sorted(found.items()))


def _boxes(values: Sequence[Any], errors: Sequence[Any], name: str) -> list[Series]:
    counts = Counter(str(value) for value in values if value is not None)
    found = []
    for category, _ in counts.most_common(MOST_CATEGORIES):
        pairs = zip(values, errors, strict=True)
        known = [error for value, error in pairs if str(value) == category and error is not None]
        if known:
            title = f"{category} ({name})" if name else category
            found.append(_box(title, known))
    return found


def _box(name: str, values: Sequence[float]) -> Series:
    """Return a box with whiskers of at most 1.5 interquartile ranges (Tukey 1977)."""
    ordered = sorted(values)
    if len(ordered) == 1:
        return Series(name, (), ordered * 5)
    lower, middle, upper = quantiles(ordered, n=4, method="inclusive")
    reach = 1.5 * (upper - lower)
    inside = [value for value in ordered if lower - reach <= value <= upper + reach]
    outliers = [value for value in ordered if not inside[0] <= value <= inside[-1]]
    return Series(name, outliers, (inside[0], lower, middle, upper, inside[-1]))
