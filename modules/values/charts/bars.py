"""Horizontal bars and boxes: a name on the left, a length on a common axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modules.contract.chart import Chart
from modules.values.charts.axes import Axis, axis, number
from modules.values.charts.shapes import Box, Dot, Drawing, Label, Line, Spot


def draw_bars(chart: Chart, drawing: Drawing, top: float) -> None:
    """Draw a group of bars for each category."""
    look = drawing.look
    series = chart.series
    values = [v for each in series for v in (*each.y, *each.low, *each.high)]
    thick = max(look.line * 0.8 / max(len(series), 1), 4.0)
    group = thick * max(len(series), 1) + look.line * 0.45
    bottom = top + group * len(chart.categories)
    across = _frame(chart, drawing, chart.categories, values, (top, group, bottom), zero=True)
    zero = across.at(0.0) if not chart.x_log else across.start
    for row, name in enumerate(chart.categories):
        for index, each in enumerate(series):
            value = each.y[row]
            y = top + row * group + look.line * 0.225 + index * thick
            whole = " · ".join(filter(None, [name, each.name])) + f": {number(value)}"
            if each.low and each.high:
                whole += f" ({number(each.low[row])} to {number(each.high[row])})"
            drawing.spots.append(_spot(across, y, thick, whole))
            if not across.shows(value):
                continue
            end = across.at(value)  # type: ignore[arg-type]
            left, width = min(zero, end), max(abs(end - zero), 1.0)
            drawing.add(Box(left, y, width, thick - 1, look.color(index)))
            if each.low and each.high:
                _error_bar(drawing, across, y + thick / 2, each.low[row], each.high[row])
    drawing.add(Line(((zero, top), (zero, bottom)), look.muted))


def draw_boxes(chart: Chart, drawing: Drawing, top: float) -> None:
    """Draw five numbers and the outliers of each series."""
    look = drawing.look
    names = [each.name for each in chart.series]
    values = [value for each in chart.series for value in (*each.y, *each.x)]
    group = look.line * 1.6
    bottom = top + group * len(names)
    across = _frame(chart, drawing, names, values, (top, group, bottom), zero=False)
    for row, each in enumerate(chart.series):
        middle, half = top + (row + 0.5) * group, group * 0.32
        labels = ("lower whisker", "quartile", "median", "quartile", "upper whisker")
        parts = zip(labels, each.y, strict=True)
        text = ", ".join(f"{label} {number(value)}" for label, value in parts)
        drawing.spots.append(_spot(across, middle - half, 2 * half, f"{each.name}: {text}"))
        color = look.color(0)
        for value in each.x:
            if across.shows(value):
                drawing.add(Dot(across.at(value), middle, 2.0, color, opacity=0.5))  # type: ignore[arg-type]
        if not all(across.shows(value) for value in each.y):
            continue
        low, first, median, third, high = (across.at(value) for value in each.y)  # type: ignore[arg-type]
        drawing.add(Line(((low, middle), (high, middle)), color, 1.5))
        for x in (low, high):
            drawing.add(Line(((x, middle - half / 2), (x, middle + half / 2)), color, 1.5))
        wide = max(third - first, 1.0)
        drawing.add(
            Box(first, middle - half, wide, 2 * half, look.surface),
            Box(first, middle - half, wide, 2 * half, color, 0.45),
            Line(((median, middle - half), (median, middle + half)), look.text, 2.0),
        )


def _frame(
    chart: Chart,
    drawing: Drawing,
    names: Sequence[str],
    values: Sequence[Any],
    rows: tuple[float, float, float],
    *,
    zero: bool,
) -> Axis:
    """Draw names, grid and axis below, and return the axis."""
    look = drawing.look
    top, group, bottom = rows
    widest = max((look.measure(" ".join(name.split())) for name in names), default=0.0)
    left = min(widest, look.width * 0.4) + 14
    values = [*values, *chart.x_range]
    across = axis(values, left, look.width - 16, log=chart.x_log, zero=zero, margin=0.03)
    ticks = across.ticks(max(2, int((across.end - left) / 90)))
    for value in ticks:
        x = across.at(value)
        drawing.add(Line(((x, top), (x, bottom)), look.grid))
        drawing.add(Label(x, bottom + look.line * 0.7, look.number(value), look.muted, "middle"))
    for row, name in enumerate(names):
        text = look.elided(name, left - 12)
        drawing.add(Label(left - 8, top + (row + 0.5) * group, text, look.text, "end"))
    drawing.height = bottom + look.line * 1.4
    if chart.x_title:
        middle = (left + across.end) / 2
        drawing.add(
            Label(middle, drawing.height + look.line / 2, chart.x_title, look.muted, "middle")
        )
        drawing.height += look.line + 4
    return across


def _spot(across: Axis, y: float, height: float, text: str) -> Spot:
    return Spot(0.0, y, text, across.end, height)


def _error_bar(drawing: Drawing, across: Axis, y: float, low: Any, high: Any) -> None:
    if not (across.shows(low) and across.shows(high)):
        return
    color = drawing.look.text
    left, right = across.at(low), across.at(high)
    drawing.add(Line(((left, y), (right, y)), color, 1.2))
    drawing.add(*(Line(((x, y - 3), (x, y + 3)), color, 1.2) for x in (left, right)))
