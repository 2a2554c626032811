"""Markers for rows, a density where there are too many, and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.contract.data_table import DataTable
from modules.tables.figures.columns import Groups, numbers
from modules.tables.figures.density import binned, cells_of, density, ends_of
from modules.tables.figures.figure import Line, Marks, Points

if TYPE_CHECKING:
    import numpy as np

MOST_MARKERS = 20_000
"""Of a whole figure; more rows are a density, until the user zooms in."""

MOST_STEPS = 2_000
"""Points of a line; more are averaged in intervals of x."""

DENSITY = "Too many rows for markers: the color shows how many there are."
"""The note of a density."""

AT_EQUAL = "The line is the mean of rows with equal x."
IN_INTERVALS = f"The line is the mean in {MOST_STEPS:,} intervals of x."

_BESIDE = 0.1
"""The share of what is visible by which a line continues at both sides."""

_ENOUGH = 10 * MOST_STEPS

Window = tuple[float, float, float, float]
"""Left, bottom, right, top."""


def scatter(
    table: DataTable,
    x: str,
    y: str,
    chosen: tuple[np.ndarray | slice, Groups],
    *,
    size: str = "",
    most: int = MOST_MARKERS,
    window: Window | None = None,
    cells: tuple[int, int],
    sampled: bool = False,
) -> tuple[tuple[Marks, ...], str]:
    """Return the marks of two columns, and a note.

    Parameters
    ----------
    chosen : tuple
        The rows of this panel, and the groups by color.
    most : int
        The most markers.
    window : tuple of float, optional
        Only what is inside; everything by default.
    cells : tuple of int
        Of a density: across and upwards.
    sampled : bool
        Markers of evenly chosen rows instead of a density.
    """
    import numpy as np

    rows, groups = chosen
    across, up = numbers(table, x), numbers(table, y)
    inside = np.zeros(len(across), dtype=bool)
    inside[rows] = True
    inside &= np.isfinite(across) & np.isfinite(up)
    if window is not None:
        left, bottom, right, top = window
        inside &= (across >= left) & (across <= right) & (up >= bottom) & (up <= top)
    count = int(np.count_nonzero(inside))
    if count > most and not sampled:
        kinds = {column.name: column.kind for column in table.columns}
        whole = (kinds[x] == "integer", kinds[y] == "integer")
        return _density(across, up, inside, groups, window, cells, whole), DENSITY
    places = np.flatnonzero(inside)
    note = ""
    if count > most:
        places = places[np.linspace(0, count - 1, most).round().astype("int64")]
        note = f"{most:,} of {count:,} rows, evenly chosen."
    sizes = numbers(table, size)[places] if size else None
    codes = None if groups.codes is None else groups.codes[places]
    marks: list[Marks] = []
    for group in range(len(groups.names)):
        own = np.arange(len(places)) if codes is None else np.flatnonzero(codes == group)
        if len(own):
            at = places[own]
            scale = None if sizes is None else sizes[own]
            marks.append(Points(across[at], up[at], at, scale, group))
    return tuple(marks), note


def lines(
    table: DataTable,
    x: str,
    y: str,
    chosen: tuple[np.ndarray | slice, Groups],
    window: Window | None = None,
) -> tuple[tuple[Marks, ...], str]:
    """Return a line for each group: the mean of y at each x, and a note.

    Parameters
    ----------
    window : tuple of float, optional
        What is visible; the lines continue a little to the left and right of it.
    """
    import numpy as np

    rows, groups = chosen
    across, up = numbers(table, x), numbers(table, y)
    inside = np.zeros(len(across), dtype=bool)
    inside[rows] = True
    inside &= np.isfinite(across) & np.isfinite(up)
    if window is not None:
        left, _, right, _ = window
        beyond = (right - left) * _BESIDE
        inside &= (across >= left - beyond) & (across <= right + beyond)
    marks: list[Marks] = []
    notes: dict[str, None] = {}
    for group in range(len(groups.names)):
        own = inside if groups.codes is None else inside & (groups.codes == group)
        values, index, note = _steps(across[own])
        if not len(values):
            continue
        notes[note] = None
        counts = np.bincount(index, minlength=len(values))
        with np.errstate(over="ignore", invalid="ignore"):
            sums = np.bincount(index, up[own], minlength=len(values))
        there = counts > 0
        averaged = note == IN_INTERVALS
        marks.append(Line(values[there], sums[there] / counts[there], group, averaged))
    # What is averaged in intervals is averaged where x is equal, too.
    return tuple(marks), IN_INTERVALS if IN_INTERVALS in notes else "".join(notes)


def _steps(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Return the values of x of a line, the one that each row belongs to, and a note."""
    import numpy as np

    # To find that there are too many different values, some are enough; to sort all takes long.
    few = values[:: max(1, len(values) // _ENOUGH)]
    if len(np.unique(few)) <= MOST_STEPS:
        found, index = np.unique(values, return_inverse=True)
        if len(found) <= MOST_STEPS:
            return found, index, AT_EQUAL if len(found) < len(values) else ""
    low, high = float(values.min()), float(values.max())
    edges = np.linspace(low, high, MOST_STEPS + 1)
    return (edges[:-1] + edges[1:]) / 2, cells_of(values, low, high, MOST_STEPS), IN_INTERVALS


def _density(
    across: np.ndarray,
    up: np.ndarray,
    inside: np.ndarray,
    groups: Groups,
    window: Window | None,
    cells: tuple[int, int],
    whole: tuple[bool, bool],
) -> tuple[Marks, ...]:
    if window is None:
        ends = ends_of(across, inside), ends_of(up, inside)
    else:
        ends = (window[0], window[2]), (window[1], window[3])
    columns = binned(across, inside, ends[0], cells[0], whole=whole[0])
    return density(columns, binned(up, inside, ends[1], cells[1], whole=whole[1]), groups)
