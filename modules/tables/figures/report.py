"""A figure as a report: its charts as stored values, for pictures outside of the window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from modules.contract.chart import Chart, Series, Value
from modules.tables.figures.columns import moment
from modules.tables.figures.figure import Bars, Box, Cells, Figure, Line, Panel, Points
from modules.values import Report, Section

if TYPE_CHECKING:
    import numpy as np

MOST_MARKERS = 5_000
"""Rows with a marker; of more, evenly chosen ones are kept."""

_DAY = 86_400.0


def figure_report(figure: Figure, title: str = "") -> Report:
    """Return a report with a chart for each panel.

    A panel that only repeats another with its axes exchanged is left out. Panels with the same
    axes show the same ranges of them.
    """
    seen: set[frozenset[str]] = set()
    headings, charts = [], []
    for panel in figure.panels:
        axes = frozenset((panel.x_title, panel.y_title, panel.title))
        if len(figure.panels) > 1 and axes in seen:
            continue
        seen.add(axes)
        headings.append(panel.title or _heading(panel) or figure.title)
        charts.append(_chart(figure, panel))
    if figure.linked:
        charts = _with_common_ranges(charts)
    sections = (
        Section(heading, chart=chart) for heading, chart in zip(headings, charts, strict=True)
    )
    return Report(title or figure.title, tuple(sections))


def _with_common_ranges(charts: list[Chart]) -> list[Chart]:
    """Return charts whose axes of numbers include the values of all of them."""
    # Bars and boxes lie on their side: their values are across.
    upright = all(chart.kind in ("points", "lines", "steps") for chart in charts)
    series = [each for chart in charts for each in chart.series]
    if upright:
        across, up = [each.x for each in series], [each.y for each in series]
    else:
        across, up = [(*each.y, *each.x) for each in series], []
    return [replace(chart, x_range=_ends(across), y_range=_ends(up)) for chart in charts]


def _ends(parts: list[tuple[Value, ...]]) -> tuple[float, ...]:
    """Return the least and the largest number; nothing if there is none."""
    known = [value for part in parts for value in part if isinstance(value, float)]
    return (min(known), max(known)) if known else ()


def _heading(panel: Panel) -> str:
    return f"{panel.y_title} by {panel.x_title}" if panel.x_title and panel.y_title else ""


def _chart(figure: Figure, panel: Panel) -> Chart:
    marks = panel.marks
    boxes = [mark for mark in marks if isinstance(mark, Box)]
    if boxes:
        series = [Series(each.name, each.outliers, each.five) for each in boxes]
        return Chart("boxes", "", panel.y_title, series=series, note=panel.note)
    for mark in marks:
        if isinstance(mark, Cells):
            rows = [
                Series(name, y=row) for name, row in zip(panel.y_labels, mark.values, strict=True)
            ]
            return Chart("heatmap", "", series=rows, categories=panel.x_labels, note=panel.note)
    bars = [mark for mark in marks if isinstance(mark, Bars)]
    if bars and panel.x_labels:
        series = [Series(_name(figure, bar.group), y=bar.height) for bar in bars]
        return Chart(
            "bars", "", panel.y_title, series=series, categories=panel.x_labels, note=panel.note
        )
    x_title, y_title = panel.x_title, panel.y_title
    beside = figure.panels if figure.linked else (panel,)
    first = _first(beside) if panel.x_time else 0.0
    if panel.x_time:
        x_title = f"{x_title} (days since {moment(first)})"
    above = _first(beside, up=True) if panel.y_time else 0.0
    if panel.y_time:
        y_title = f"{y_title} (days since {moment(above)})"
    series, kind = [], "points"
    for mark in marks:
        if isinstance(mark, Bars):
            kind = "steps"
            edges = [*mark.left.tolist(), mark.right[-1].item()]
            x, y = _moved(edges, first, panel.x_time), mark.height
        elif isinstance(mark, (Points, Line)):
            kind = "lines" if isinstance(mark, Line) else "points"
            x = _moved(mark.x, first, panel.x_time)
            y = _moved(mark.y, above, panel.y_time)
        else:
            continue
        sized = isinstance(mark, Points) and mark.sizes is not None
        sizes = figure.areas(mark) if sized else ()  # type: ignore[arg-type]
        series.append(Series(_name(figure, mark.group), x, y, sizes=sizes))
    note = f"{figure.size_note} {panel.note}".strip()
    return Chart(kind, "", x_title, y_title, series, note=note)  # type: ignore[arg-type]


def _name(figure: Figure, group: int) -> str:
    return figure.groups[group] if figure.groups else "Rows"


def _first(panels: Iterable[Panel], *, up: bool = False) -> float:
    """Return the earliest moment of an axis, at midnight."""
    found = []
    for mark in (mark for panel in panels for mark in panel.marks):
        if isinstance(mark, Bars):
            found.append(float(mark.left.min()))
        elif isinstance(mark, (Points, Line)) and len(mark.x):
            found.append(float((mark.y if up else mark.x).min()))
    return min(found, default=0.0) // _DAY * _DAY


def _moved(values: np.ndarray | list[float], first: float, time: bool) -> np.ndarray:
    import numpy as np

    numbers = np.asarray(values, dtype="float64")
    return (numbers - first) / _DAY if time else numbers
