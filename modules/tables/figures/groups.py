"""Bars, histograms, and boxes: one mark for many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable
from modules.tables.figures.columns import Groups, numbers
from modules.tables.figures.figure import Bars, Box, Marks
from modules.tables.figures.settings import Statistic

if TYPE_CHECKING:
    import numpy as np

MOST_OUTLIERS = 300


def bars(
    table: DataTable,
    categories: Groups,
    y: str,
    statistic: Statistic,
    chosen: tuple[np.ndarray | slice, Groups],
) -> tuple[Marks, ...]:
    """Return a bar for each category and color: counts, or a statistic of a column."""
    import numpy as np

    rows, groups = chosen
    inside = np.zeros(len(table), dtype=bool)
    inside[rows] = True
    values = numbers(table, y) if y else None
    if values is not None:
        inside &= np.isfinite(values)
    count = len(categories.names)
    thick = 0.8 / len(groups.names)
    marks: list[Marks] = []
    for group in range(len(groups.names)):
        own = inside if groups.codes is None else inside & (groups.codes == group)
        codes = np.zeros(int(own.sum()), "int64") if categories.codes is None else (
            categories.codes[own]
        )  # fmt: skip
        if values is None:
            heights = np.bincount(codes, minlength=count).astype("float64")
        else:
            heights = _statistics(values[own], codes, count, statistic)
        left = np.arange(count) - 0.4 + group * thick
        marks.append(Bars(left, left + thick, heights, group))
    return tuple(marks)


def histogram(
    values: np.ndarray, edges: np.ndarray, chosen: tuple[np.ndarray | slice, Groups]
) -> tuple[Marks, ...]:
    """Return a bar for each bin and color: how many rows; bins are closed on the left."""
    import numpy as np

    rows, groups = chosen
    inside = np.zeros(len(values), dtype=bool)
    inside[rows] = True
    marks: list[Marks] = []
    for group in range(len(groups.names)):
        own = inside if groups.codes is None else inside & (groups.codes == group)
        heights = counted(values if own.all() else values[own], edges)
        marks.append(Bars(edges[:-1], edges[1:], heights.astype("float64"), group))
    return tuple(marks)


def counted(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return how many values are between each two edges, as NumPy's histogram counts them."""
    import numpy as np

    bins, ends = len(edges) - 1, (float(edges[0]), float(edges[-1]))
    # NumPy sorts the values into given edges; where it makes the edges, it divides by their width.
    if ends[1] - ends[0] < np.inf and np.array_equal(edges, np.linspace(*ends, bins + 1)):
        return np.histogram(values, bins, ends)[0]
    return np.histogram(values, edges)[0]


def bin_edges(values: np.ndarray, bins: int, whole: bool) -> np.ndarray:
    """Return the edges of equally wide bins; of few integers one bin for each."""
    import numpy as np

    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.array([0.0, 1.0])
    low, high = float(finite.min()), float(finite.max())
    if whole and high - low < bins:
        return np.arange(low, high + 2) - 0.5
    if low == high:
        around = abs(low) / 2 or 0.5
        return np.array([low - around, low + around])
    if high / 2 - low / 2 < np.finfo("float64").max / 2:
        edges = np.linspace(low, high, bins + 1)
    else:
        share = np.linspace(0, 1, bins + 1)
        edges = low * (1 - share) + high * share
        edges[-1] = high
    # Huge numbers may be too close together for bins.
    return np.unique(edges)


def boxes(
    table: DataTable, y: str, categories: Groups, rows: np.ndarray | slice
) -> tuple[Marks, ...]:
    """Return a box for each category that has values."""
    import numpy as np

    values = numbers(table, y)
    inside = np.zeros(len(values), dtype=bool)
    inside[rows] = True
    inside &= np.isfinite(values)
    marks: list[Marks] = []
    for group, name in enumerate(categories.names):
        own = values[inside if categories.codes is None else inside & (categories.codes == group)]
        if len(own):
            marks.append(box(np.sort(own), group, name))
    return tuple(marks)


def box(ordered: np.ndarray, position: float, name: str) -> Box:
    """Return the box of sorted values.

    The whiskers end at the last values within 1.5 interquartile ranges (Tukey, Exploratory Data
    Analysis, 1977); quartiles interpolate linearly.
    """
    import numpy as np

    lower, middle, upper = (float(value) for value in np.quantile(ordered, (0.25, 0.5, 0.75)))
    with np.errstate(over="ignore"):
        reach = 1.5 * (upper - lower)
    first = int(np.searchsorted(ordered, lower - reach, "left"))
    last = int(np.searchsorted(ordered, upper + reach, "right")) - 1
    low, high = min(float(ordered[first]), lower), max(float(ordered[last]), upper)
    outside = np.concatenate([ordered[:first], ordered[last + 1 :]])
    if len(outside) > MOST_OUTLIERS:
        outside = outside[np.linspace(0, len(outside) - 1, MOST_OUTLIERS).round().astype("int64")]
    return Box(position, name, (low, lower, middle, upper, high), outside, len(ordered))


def _statistics(
    values: np.ndarray, codes: np.ndarray, count: int, statistic: Statistic
) -> np.ndarray:
    """Return a statistic of the values of each category; NaN where there are none."""
    import numpy as np

    if statistic in ("mean", "sum"):
        sums = np.bincount(codes, values, minlength=count)
        if statistic == "sum":
            return sums
        with np.errstate(invalid="ignore"):
            return np.asarray(sums / np.bincount(codes, minlength=count))
    order = np.argsort(codes, kind="stable")
    parts = np.split(values[order], np.searchsorted(codes[order], np.arange(1, count)))
    way: dict[str, Any] = {"median": np.median, "minimum": np.min, "maximum": np.max}
    return np.array([way[statistic](part) if len(part) else np.nan for part in parts])
