"""Heat maps, dendrograms and parallel coordinates."""

from __future__ import annotations

from collections.abc import Callable

from modules.contract.chart import Chart, Series, Value
from modules.values.charts.axes import axis, number
from modules.values.charts.shapes import (
    Box,
    Drawing,
    Label,
    Line,
    Look,
    Point,
    Spot,
    mixed,
    readable_on,
)


def draw_heatmap(chart: Chart, drawing: Drawing, top: float) -> None:
    """Draw a cell for each value; negative values in the second color of the series."""
    look = drawing.look
    names = [each.name for each in chart.series]
    left = min(max(map(look.measure, names), default=0.0), look.width * 0.3) + 10
    if chart.y_title:
        left += look.line + 4
    columns = max(len(chart.categories), 1)
    wide = min((look.width - left - 10) / columns, 110.0)
    tall = min(max(wide * 0.6, look.line * 0.75), look.line * 2.2)
    known = [v for each in chart.series for v in each.y if isinstance(v, (int, float))]
    color = _ramp(look, known)
    upright = max(map(look.measure, chart.categories), default=0.0) > wide - 4
    room = min(max(map(look.measure, chart.categories), default=0.0), 120.0) if upright else 0.0
    head = room + 8 if upright else look.line + 4
    if chart.x_title:
        middle = left + wide * columns / 2
        drawing.add(Label(middle, top + look.line / 2, chart.x_title, look.muted, "middle"))
        top += look.line + 4
    for column, name in enumerate(chart.categories):
        x = left + (column + 0.5) * wide
        if upright and wide < look.line * 0.8 and column % 2:
            continue
        if upright:
            text = look.elided(name, room)
            drawing.add(Label(x, top + room + 2, text, look.text, "start", upright=True))
        else:
            drawing.add(Label(x, top + look.line / 2, name, look.text, "middle"))
    top += head
    for row, each in enumerate(chart.series):
        y = top + row * tall
        name = look.elided(each.name, left - 12 - (look.line + 4) * bool(chart.y_title))
        drawing.add(Label(left - 6, y + tall / 2, name, look.text, "end"))
        for column, value in enumerate(each.y):
            x = left + column * wide
            text = f"{each.name}, {chart.categories[column]}: {number(value)}"
            drawing.spots.append(Spot(x, y, text, wide, tall))
            if not isinstance(value, (int, float)):
                continue
            drawing.add(Box(x, y, wide - 1, tall - 1, color(value)))
            short, ink = look.number(value, 2), readable_on(color(value))
            if look.measure(short) < wide - 4:
                drawing.add(Label(x + wide / 2, y + tall / 2, short, ink, "middle"))
    bottom = top + tall * len(chart.series)
    if chart.y_title:
        drawing.add(
            Label(look.line / 2, (top + bottom) / 2, chart.y_title, look.muted, "middle", True)
        )
    drawing.height = bottom + 8


def draw_dendrogram(chart: Chart, drawing: Drawing, top: float) -> None:
    """Draw the leaves on the left and their links at their distances."""
    look = drawing.look
    leaves = len(chart.links) + 1
    names = chart.categories or tuple(map(str, range(leaves)))
    widest = max((look.measure(" ".join(name.split())) for name in names), default=0.0)
    left = min(widest, look.width * 0.35) + 14
    tall = look.line * (1.2 if leaves <= 60 else 0.9)
    bottom = top + tall * leaves
    distances = [distance for _, _, distance, _ in chart.links]
    across = axis(distances, left, look.width - 16, zero=True, margin=0.03)
    for value in across.ticks(max(2, int((across.end - left) / 90))):
        x = across.at(value)
        drawing.add(Line(((x, top), (x, bottom)), look.grid))
        drawing.add(Label(x, bottom + look.line * 0.7, look.number(value), look.muted, "middle"))
    heights: dict[int, Point] = {}
    for row, leaf in enumerate(_leaf_order(chart, leaves)):
        y = top + (row + 0.5) * tall
        heights[leaf] = (across.at(0.0), y)
        drawing.add(Label(left - 8, y, look.elided(names[leaf], left - 12), look.text, "end"))
    for number_, (first, second, distance, size) in enumerate(chart.links):
        (x1, y1), (x2, y2) = heights[int(first)], heights[int(second)]
        x = across.at(distance)
        drawing.add(Line(((x1, y1), (x, y1), (x, y2), (x2, y2)), look.color(0), 1.6))
        heights[leaves + number_] = (x, (y1 + y2) / 2)
        text = f"Distance {number(distance)} · {number(size)} rows"
        drawing.spots.append(Spot(x, (y1 + y2) / 2, text))
    title = chart.x_title or "Distance"
    middle = (left + across.end) / 2
    drawing.add(Label(middle, bottom + look.line * 1.9, title, look.muted, "middle"))
    drawing.height = bottom + look.line * 2.5


def draw_parallel(chart: Chart, drawing: Drawing, top: float) -> None:
    """Draw an axis for each series and a line for each row, colored by the last axis."""
    look = drawing.look
    if not chart.series:
        drawing.height = top
        return
    left, right = 60.0, look.width - 60.0
    apart = (right - left) / max(len(chart.series) - 1, 1)
    bottom = top + min(max(look.width * 0.4, 180.0), 360.0)
    top += look.line * 2.2
    tracks = [_track(each, top, bottom - look.line) for each in chart.series]
    last = chart.series[-1]
    colors = _ramp(look, [tracks[-1](value) for value in last.y], reverse=True)
    count = len(last.y)
    for row in range(count):
        points: list[Point] = []
        for index, each in enumerate(chart.series):
            y = tracks[index](each.y[row])
            if y is not None:
                points.append((left + index * apart, y))
        final = tracks[-1](last.y[row])
        color = colors(final) if final is not None else look.muted
        drawing.add(Line(points, color, 1.5, 0.9 if count < 60 else 0.5))
        if points:
            parts = [f"{each.name} {number(each.y[row])}" for each in chart.series]
            drawing.spots += [Spot(x, y, " · ".join(parts)) for x, y in points]
    for index, each in enumerate(chart.series):
        x = left + index * apart
        drawing.add(Line(((x, top), (x, bottom - look.line)), look.muted, 1.2))
        name = look.elided(each.name, apart - 8 if len(chart.series) > 1 else look.width)
        drawing.add(Label(x, top - look.line * 1.2, name, look.text, "middle"))
        for value, y in _ends(each, tracks[index]):
            text = look.elided(look.number(value), max(apart - 14, 30.0))
            wide, half = look.measure(text) + 4, look.line / 2
            drawing.add(
                Box(x + 3, y - half, wide, 2 * half, look.surface, 0.8),
                Label(x + 5, y, text, look.text),
            )
    drawing.height = bottom


def _leaf_order(chart: Chart, leaves: int) -> list[int]:
    """Return the leaves in an order in which no links cross."""
    order: list[int] = []
    open_clusters = [leaves + len(chart.links) - 1]
    while open_clusters:
        cluster = open_clusters.pop()
        if cluster < leaves:
            order.append(cluster)
        else:
            first, second, *_ = chart.links[cluster - leaves]
            open_clusters += [int(second), int(first)]
    return order


def _track(series: Series, top: float, bottom: float) -> Callable[[Value], float | None]:
    """Return the function from a value of an axis to its y."""
    if any(isinstance(value, str) for value in series.y):
        names = _names(series)
        step = (bottom - top) / max(len(names) - 1, 1)
        heights = {name: bottom - index * step for index, name in enumerate(names)}
        return lambda value: None if value is None else heights[number(value)]
    scale = axis(series.y, bottom, top, log=series.log)
    return lambda value: scale.at(value) if scale.shows(value) else None  # type: ignore[arg-type]


def _names(series: Series) -> list[str]:
    return sorted({number(value) for value in series.y if value is not None})


def _ends(series: Series, track: Callable[[Value], float | None]) -> list[tuple[Value, float]]:
    """Return the values that are written beside an axis."""
    values: list[Value]
    if any(isinstance(value, str) for value in series.y):
        names = _names(series)
        values = list(names if len(names) <= _MOST_NAMES else (names[0], names[-1]))
    else:
        known = [value for value in series.y if isinstance(value, float) and track(value)]
        values = list(dict.fromkeys((min(known), max(known)))) if known else []
    return [(value, y) for value in values if (y := track(value)) is not None]


def _ramp(
    look: Look, values: list[float] | list[float | None], *, reverse: bool = False
) -> Callable[[float], str]:
    """Return the function from a value to its color.

    From the background to the first color; with negative values among the positive ones, to
    the second color for these, both as strong for the same size.
    """
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low < 0 < high:
        size = max(-low, high)
        return lambda value: mixed(
            look.surface, look.color(0 if value >= 0 else 1), 0.06 + 0.94 * abs(value) / size
        )
    if reverse:
        low, high = high, low
    across = (high - low) or 1.0
    faint = mixed(look.surface, look.color(0), 0.12) if not reverse else look.color(1)
    return lambda value: mixed(faint, look.color(0), (value - low) / across)


_MOST_NAMES = 12
