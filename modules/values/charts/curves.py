"""Lines, steps, histograms and points between two axes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from modules.contract.chart import Chart, Series, Value
from modules.values.charts.axes import Axis, axis, number
from modules.values.charts.shapes import Box, Dot, Drawing, Label, Line, Look, Point, Spot

_ASPECT, _LOWEST, _HIGHEST = 0.5, 180.0, 420.0
_DASHES: tuple[tuple[float, ...], ...] = ((), (6, 3), (2, 2), (8, 3, 2, 3))


def draw(chart: Chart, drawing: Drawing, top: float) -> None:
    """Draw the series of a chart of lines, steps or points."""
    look = drawing.look
    height = min(max(look.width * _ASPECT, _LOWEST), _HIGHEST)
    across, up = _axes(chart, drawing, top + look.line / 2, top + height)
    line = [(across.at(x), up.at(y)) for x, y in chart.reference if across.shows(x) and up.shows(y)]
    if line:
        drawing.add(Line(line, look.muted, 1.2, dashes=(4, 4)))
    # A bundle of lines is behind those with a name.
    for index, series in sorted(enumerate(chart.series), key=lambda each: bool(each[1].name)):
        if len(series.x) > len(series.y):
            _histogram(chart, drawing, index, across, up)
            continue
        known = [
            point
            for point, (x, y) in enumerate(zip(series.x, series.y, strict=True))
            if across.shows(x) and up.shows(y)
        ]
        spots = [
            Spot(across.at(series.x[at]), up.at(series.y[at]), _text(chart, series, at))  # type: ignore[arg-type]
            for at in known
        ]
        drawing.spots += spots
        if chart.kind == "points":
            usual = 3.5 if len(spots) < 200 else 2.5
            for spot, at in zip(spots, known, strict=True):
                radius = _radius(series.sizes[at]) if series.sizes else usual
                drawing.add(Dot(spot.x, spot.y, radius, look.color(index), index, 0.7))
            continue
        _band(chart, drawing, index, across, up)
        bundle = len(chart.series) > 1 and not series.name
        color, dashes = look.color(index), _DASHES[index % len(_DASHES)]
        for points in _runs(series, series.y, across, up, steps=chart.kind == "steps"):
            if len(points) == 1:
                drawing.add(Dot(*points[0], 3.0, color, index))
            elif bundle:
                drawing.add(Line(points, look.muted, 1.0, 0.4))
            else:
                drawing.add(Line(points, color, 2.0, dashes=dashes))


def marker(look: Look, index: int, x: float, y: float) -> Dot:
    """Return the sign of a series in a legend."""
    return Dot(x, y, 4.5, look.color(index), index)


def _radius(size: Value) -> float:
    """Return the radius of a marker, whose area is what people compare."""
    share = min(max(size, 0.0), 1.0) if isinstance(size, (int, float)) else 0.0
    return 2.0 + 8.0 * math.sqrt(share)


def _axes(chart: Chart, drawing: Drawing, top: float, bottom: float) -> tuple[Axis, Axis]:
    look = drawing.look
    below = look.line * 1.4 + (look.line + 4) * bool(chart.x_title)
    xs = [value for each in chart.series for value in each.x]
    ys = [value for each in chart.series for value in (*each.y, *each.low, *each.high)]
    xs += [*(x for x, _ in chart.reference), *chart.x_range]
    ys += [*(y for _, y in chart.reference), *chart.y_range]
    histogram = any(len(each.x) > len(each.y) for each in chart.series)
    bottom -= below
    up = axis(ys, bottom, top, log=chart.y_log, zero=histogram, margin=0.04)
    up_ticks = up.ticks(max(2, int((bottom - top) / 36)))
    side = max((look.measure(look.number(value)) for value in up_ticks), default=0.0) + 10
    left = side + (look.line + 4) * bool(chart.y_title)
    margin = 0.0 if histogram else 0.02
    across = axis(xs, left, look.width - 16, log=chart.x_log, margin=margin)
    for value in up_ticks:
        y = up.at(value)
        drawing.add(Line(((left, y), (across.end, y)), look.grid))
        drawing.add(Label(left - 6, y, look.number(value), look.muted, "end"))
    for value in across.ticks(max(2, int((across.end - left) / 90))):
        x = across.at(value)
        drawing.add(Line(((x, top), (x, bottom)), look.grid))
        drawing.add(Label(x, bottom + look.line * 0.7, look.number(value), look.muted, "middle"))
    drawing.add(Line(((left, top), (left, bottom), (across.end, bottom)), look.muted))
    drawing.height = bottom + below
    if chart.x_title:
        middle = (left + across.end) / 2
        y = drawing.height - look.line / 2
        drawing.add(Label(middle, y, chart.x_title, look.muted, "middle"))
    if chart.y_title:
        title = look.elided(chart.y_title, bottom - top)
        drawing.add(
            Label(look.line / 2, (top + bottom) / 2, title, look.muted, "middle", upright=True)
        )
    return across, up


def _histogram(chart: Chart, drawing: Drawing, index: int, across: Axis, up: Axis) -> None:
    series, color = chart.series[index], drawing.look.color(index)
    opacity = 0.85 if len(chart.series) == 1 else 0.45
    floor = up.start
    for bar, value in enumerate(series.y):
        ends = series.x[bar], series.x[bar + 1]
        if not (up.shows(value) and all(map(across.shows, ends))):
            continue
        left, right = (across.at(end) for end in ends)  # type: ignore[arg-type]
        y = up.at(value)  # type: ignore[arg-type]
        drawing.add(Box(left, y, max(right - left - 1, 0.5), max(floor - y, 0.0), color, opacity))
        text = f"{number(ends[0])} to {number(ends[1])}: {number(value)}"
        if series.name and len(chart.series) > 1:
            text = f"{series.name} · {text}"
        drawing.spots.append(Spot(left, up.end, text, right - left, floor - up.end))


def _band(chart: Chart, drawing: Drawing, index: int, across: Axis, up: Axis) -> None:
    series = chart.series[index]
    if not (series.low and series.high):
        return
    steps = chart.kind == "steps"
    lows = _runs(series, series.low, across, up, steps=steps)
    highs = _runs(series, series.high, across, up, steps=steps)
    for low, high in zip(lows, highs, strict=False):
        drawing.add(Line([*low, *reversed(high)], drawing.look.color(index), 0, 0.18, fill=True))


def _runs(
    series: Series, values: tuple[object, ...], across: Axis, up: Axis, *, steps: bool
) -> Iterator[list[Point]]:
    """Yield the points of a line between its gaps."""
    run: list[Point] = []
    for x, y in zip(series.x, values, strict=True):
        if not (across.shows(x) and up.shows(y)):  # type: ignore[arg-type]
            if run:
                yield run
            run = []
            continue
        point = across.at(x), up.at(y)  # type: ignore[arg-type]
        if steps and run:
            run.append((point[0], run[-1][1]))
        run.append(point)
    if run:
        yield run


def _text(chart: Chart, series: Series, point: int) -> str:
    x, y = chart.x_title or "x", chart.y_title or "y"
    text = f"{x} {number(series.x[point])} · {y} {number(series.y[point])}"
    if series.low and series.high:
        text += f" ({number(series.low[point])} to {number(series.high[point])})"
    return f"{series.name}: {text}" if series.name and len(chart.series) > 1 else text
