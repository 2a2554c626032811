"""From a frame that the user drew around marks to conditions on rows of the table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF

from designer.engine.tables.row_filters import RowFilter
from modules.tables.figures.columns import Choice
from modules.tables.figures.figure import Bars, Box, Density, Line, Panel, Points


def framed_rows(panel: Panel, area: QRectF) -> tuple[RowFilter, ...]:
    """Return the conditions that rows inside a frame meet; none if it has no rows.

    Parameters
    ----------
    area : QRectF
        In units of the axes.
    """
    across = _across(panel, area.left(), area.right())
    if across is None:
        return ()
    found = [across] if across.column else []
    by_value = any(isinstance(mark, (Points, Density, Line, Box)) for mark in panel.marks)
    if by_value and panel.y_column:
        found.append(RowFilter(panel.y_column, "between", (area.top(), area.bottom())))
    if panel.facet is not None and found:
        found.append(RowFilter(panel.facet[0], *panel.facet[1]))
    return tuple(found)


def _across(panel: Panel, left: float, right: float) -> RowFilter | None:
    """Return the condition on the horizontal column, without a column if there is none."""
    if panel.x_labels:
        framed = [
            choice
            for position, choice in enumerate(panel.x_choices)
            if left < position + 0.4 and position - 0.4 < right
        ]
        if panel.x_column and framed:
            return RowFilter(panel.x_column, *_together(framed))
        return RowFilter("", "in", ()) if any(isinstance(m, Box) for m in panel.marks) else None
    bars = [mark for mark in panel.marks if isinstance(mark, Bars)]
    if bars:
        return _bins(panel.x_column, bars[0], left, right)
    return RowFilter(panel.x_column, "between", (left, right)) if panel.x_column else None


def _bins(column: str, bars: Bars, left: float, right: float) -> RowFilter | None:
    import numpy as np

    framed = np.flatnonzero((bars.right > left) & (bars.left < right))
    if not len(framed):
        return None
    end = float(bars.right[framed[-1]])
    if framed[-1] < len(bars.right) - 1:
        # Only the last bin includes its upper edge.
        end = float(np.nextafter(end, -np.inf))
    return RowFilter(column, "between", (float(bars.left[framed[0]]), end))


def _together(choices: list[Choice]) -> Choice:
    """Return the condition that rows of any of some neighboring groups meet."""
    values: list[Any] = [value for test, found in choices for value in found if test == "in"]
    ranges = [found for test, found in choices if test == "between"]
    if ranges:
        return "between", (ranges[0][0], ranges[-1][1])
    for test, excluded in choices:
        if test == "not in":
            return test, tuple(value for value in excluded if value not in values)
    return "in", tuple(values)
