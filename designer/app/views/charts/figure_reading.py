"""What is under the pointer in a figure, as text, and what a frame around marks selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.app.views import formatting
from designer.app.widgets.sentence_case import in_sentence
from designer.texts import counted, filled, formatted, tr
from modules.tables.figures.figure import Bars, Box, Cells, Density, Figure, Line, Panel, Points

if TYPE_CHECKING:
    import numpy as np

NEAR = 12.0
"""Pixels from a marker within which it is read."""


def read_point(
    figure: Figure, panel: Panel, at: tuple[float, float], pixel: tuple[float, float]
) -> str:
    """Return what is at a point of a panel; empty if nothing is.

    Parameters
    ----------
    at : tuple of float
        The point in units of the axes.
    pixel : tuple of float
        How much one pixel is, across and upwards.
    """
    best: tuple[float, str] | None = None
    counts: dict[int, int] = {}
    for mark in panel.marks:
        if isinstance(mark, (Points, Line)):
            found = _nearest(mark.x, mark.y, at, pixel)
            if found is not None and (best is None or found[0] < best[0]):
                best = found[0], _of_point(figure, panel, mark, found[1])
        elif isinstance(mark, Bars):
            text = _of_bar(figure, panel, mark, at)
            if text:
                return text
        elif isinstance(mark, Box) and abs(at[0] - mark.position) < 0.4:
            return _of_box(panel, mark)
        elif isinstance(mark, Cells):
            return _of_cell(panel, mark, at)
        elif isinstance(mark, Density):
            counts[mark.group] = _rows_in_cell(mark, at)
    if any(counts.values()):
        parts = [
            f"{figure.groups[group]} {formatted(count)}"
            if figure.groups
            else filled(tr("{count:,} rows"), count=count)
            for group, count in counts.items()
            if count
        ]
        where = f"{_value(panel, at[0])}, {_value(panel, at[1], up=True)}"
        return tr("Near {where}: {rows}").format(where=where, rows=", ".join(parts))
    return "" if best is None else best[1]


def _nearest(
    x: np.ndarray, y: np.ndarray, at: tuple[float, float], pixel: tuple[float, float]
) -> tuple[float, int] | None:
    import numpy as np

    if not len(x):
        return None
    away = ((x - at[0]) / (pixel[0] or 1)) ** 2 + ((y - at[1]) / (pixel[1] or 1)) ** 2
    index = int(np.argmin(away))
    return (float(away[index]), index) if away[index] <= NEAR**2 else None


def _of_point(figure: Figure, panel: Panel, mark: Points | Line, index: int) -> str:
    parts = [
        f"{panel.x_title} {_value(panel, float(mark.x[index]))}",
        f"{panel.y_title} {_value(panel, float(mark.y[index]), up=True)}",
    ]
    if figure.groups:
        parts.append(f"{figure.color_title} {figure.groups[mark.group]}")
    if isinstance(mark, Points) and mark.sizes is not None:
        parts.append(f"{figure.size_title} {formatting.grouped(float(mark.sizes[index]))}")
    text = " · ".join(parts)
    if isinstance(mark, Points):
        return filled(tr("Row {number:,}: {text}"), number=mark.rows[index] + 1, text=text)
    return text


def _of_bar(figure: Figure, panel: Panel, bars: Bars, at: tuple[float, float]) -> str:
    import numpy as np

    inside = np.flatnonzero((bars.left <= at[0]) & (at[0] < bars.right))
    if not len(inside):
        return ""
    index = int(inside[0])
    height = float(bars.height[index])
    low, high = min(height, 0.0), max(height, 0.0)
    if not low <= at[1] <= high:
        return ""
    if panel.x_labels:
        name = f"{panel.x_title} {panel.x_labels[index]}".strip()
    else:
        ends = float(bars.left[index]), float(bars.right[index])
        name = tr("{title} {low} to {high}").format(
            title=panel.x_title, low=_value(panel, ends[0]), high=_value(panel, ends[1])
        )
    if figure.groups:
        name += f" · {figure.color_title} {figure.groups[bars.group]}"
    return f"{name}: {in_sentence(panel.y_title)} {formatting.grouped(height)}"


def _of_box(panel: Panel, box: Box) -> str:
    names = (
        tr("lower whisker"),
        tr("lower quartile"),
        tr("median"),
        tr("upper quartile"),
        tr("upper whisker"),
    )
    parts = [
        f"{name} {formatting.grouped(value)}" for name, value in zip(names, box.five, strict=True)
    ]
    name = f"{panel.x_title} {box.name}".strip() or panel.y_title
    rows = counted("{n:,} row", "{n:,} rows", box.rows)
    return f"{name}, {rows}: " + ", ".join(parts)


def _of_cell(panel: Panel, cells: Cells, at: tuple[float, float]) -> str:
    column, row = round(at[0]), round(at[1])
    if not (0 <= row < len(panel.y_labels) and 0 <= column < len(panel.x_labels)):
        return ""
    value = float(cells.values[row, column])
    shown = formatting.number(value, 3) if value == value else tr("undefined")
    return tr("{first} and {second}: {value}").format(
        first=panel.y_labels[row], second=panel.x_labels[column], value=shown
    )


def _rows_in_cell(mark: Density, at: tuple[float, float]) -> int:
    tall, wide = mark.counts.shape
    across = (at[0] - mark.left) / ((mark.right - mark.left) or 1.0)
    up = (at[1] - mark.bottom) / ((mark.top - mark.bottom) or 1.0)
    if not (0 <= across <= 1 and 0 <= up <= 1):
        return 0
    return int(mark.counts[min(int(up * tall), tall - 1), min(int(across * wide), wide - 1)])


def _value(panel: Panel, value: float, *, up: bool = False) -> str:
    time = panel.y_time if up else panel.x_time
    return formatting.moment(value) if time else formatting.grouped(value)
