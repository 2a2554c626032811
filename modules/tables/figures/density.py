"""How many rows are in each cell of a grid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.tables.figures.columns import Groups
from modules.tables.figures.figure import Density

if TYPE_CHECKING:
    import numpy as np

_ROWS_A_PART = 1 << 16
"""So few that what is computed of them stays in the processor's cache."""


@dataclass(frozen=True)
class Binned:
    """The values of a column in cells of equal width.

    Parameters
    ----------
    codes : numpy.ndarray
        For each row the number of its cell; ``count`` for a row that isn't in any.
    low, high : float
        Where the cells begin and end.
    count : int
    """

    codes: np.ndarray
    low: float
    high: float
    count: int


def binned(
    values: np.ndarray, inside: np.ndarray, ends: tuple[float, float], cells: int, *, whole: bool
) -> Binned:
    """Return the cells of the values that are inside.

    Parameters
    ----------
    ends : tuple of float
        The least and the largest of these values, or what is visible.
    whole : bool
        They are integers: few of them have a cell each.
    """
    import numpy as np

    low, high, count = _edges(*ends, cells, whole)
    codes = np.full(len(values), count, np.min_scalar_type(count))
    for part in _parts(len(values)):
        own = inside[part]
        codes[part][own] = cells_of(values[part][own], low, high, count)
    return Binned(codes, low, high, count)


def density(across: Binned, up: Binned, groups: Groups) -> tuple[Density, ...]:
    """Return for each color how many rows are in each cell of both columns."""
    import numpy as np

    kinds, wide, tall = len(groups.names), across.count + 1, up.count + 1
    counts = np.zeros(kinds * tall * wide, dtype="int64")
    for part in _parts(len(across.codes), len(counts)):
        found = up.codes[part].astype("int64")
        found *= wide
        found += across.codes[part]
        if groups.codes is not None:
            found += groups.codes[part].astype("int64") * (tall * wide)
        counts += np.bincount(found, minlength=len(counts))
    grid = counts.reshape(kinds, tall, wide)[:, :-1, :-1]
    return tuple(
        Density(grid[group], across.low, up.low, across.high, up.high, group)
        for group in range(kinds)
        if grid[group].any()
    )


def ends_of(values: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest of the values that are inside, of which there are some."""
    chosen = values if inside.all() else values[inside]
    return float(chosen.min()), float(chosen.max())


def cells_of(values: np.ndarray, low: float, high: float, count: int) -> np.ndarray:
    """Return in which of so many cells each value is; what is beyond them is in the last one."""
    import numpy as np

    # Of halves, so that the difference of the largest numbers is one, too.
    width = (high / 2 - low / 2) or 1.0
    share = (values / 2 - low / 2) / width
    return np.asarray(np.clip((share * count).astype("int64"), 0, count - 1))


def _edges(low: float, high: float, cells: int, whole: bool) -> tuple[float, float, int]:
    """Return the ends of cells and their number; a cell for each of few integers."""
    if whole and high - low < cells - 2:
        low, high = math.floor(low) - 0.5, math.ceil(high) + 0.5
        return low, high, round(high - low)
    return low, high, cells


def _parts(rows: int, at_least: int = 0) -> Iterator[slice]:
    """Yield parts of a table: ten million rows need no copies as long as they are."""
    size = max(_ROWS_A_PART, at_least)
    for start in range(0, rows, size):
        yield slice(start, start + size)
