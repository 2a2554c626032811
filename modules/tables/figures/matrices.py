"""Correlation matrices and pair plots: several columns at once."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from modules.contract.data_table import DataTable
from modules.tables.figures.columns import Groups, numbers
from modules.tables.figures.density import Binned, binned, density, ends_of
from modules.tables.figures.figure import Cells, Density, Marks, Panel, Points
from modules.tables.figures.groups import bin_edges, histogram
from modules.tables.figures.scatter import DENSITY, scatter

if TYPE_CHECKING:
    import numpy as np

_CELLS = 90
"""Of the densities of a pair plot, across and upwards."""

_BINS = 20


def correlation_panel(table: DataTable, names: list[str]) -> Panel:
    """Return the linear correlation of each pair of columns."""
    labels = tuple(names)
    marks = (Cells(correlations(table, names)),)
    return Panel(marks=marks, x_labels=labels, y_labels=labels)


def correlations(table: DataTable, names: list[str]) -> np.ndarray:
    """Return Pearson's correlation of each pair of columns, of the rows in which both have values.

    NaN for a constant column.
    """
    import numpy as np

    columns = [numbers(table, name) for name in names]
    finite = [np.isfinite(column) for column in columns]
    found = np.full((len(names), len(names)), np.nan)
    if all(known.all() for known in finite):
        centered = [_centered(column) for column in columns]
        for i, first in enumerate(centered):
            for j in range(i + 1):
                found[i, j] = found[j, i] = _product(first, centered[j])
        return found
    for i in range(len(names)):
        for j in range(i + 1):
            both = finite[i] & finite[j]
            pair = _centered(columns[i][both]), _centered(columns[j][both])
            found[i, j] = found[j, i] = _product(*pair)
    return found


def _centered(values: np.ndarray) -> np.ndarray:
    """Return values with mean 0 and length 1; NaN if they are constant."""
    import numpy as np

    if len(values) < 2 or values.min() == values.max():
        return np.full(len(values), np.nan)
    # Scaled first, so that no square is beyond all numbers.
    values = values / np.abs(values).max()
    values -= values.mean()
    return np.asarray(values / np.sqrt(values @ values))


def _product(first: np.ndarray, second: np.ndarray) -> float:
    return min(max(float(first @ second), -1.0), 1.0) if len(first) else float("nan")


def pair_panels(
    table: DataTable, names: list[str], groups: Groups, most: int, *, sampled: bool
) -> list[Panel]:
    """Return a panel for each pair of columns, with histograms on the diagonal."""
    share = max(most // max(len(names) ** 2, 1), 50)
    columns = [_Column(table, name) for name in names]
    panels: list[Panel] = []
    for row, down in enumerate(columns):
        for place, across in enumerate(columns):
            name = across.name
            if place == row:
                edges = bin_edges(across.values, _BINS, across.whole)
                marks = histogram(across.values, edges, (slice(None), groups))
                panels.append(
                    Panel(
                        "", name, "Rows", marks, x_whole=across.whole, y_whole=True, x_column=name
                    )
                )
                continue
            if place < row:
                panels.append(_exchanged(panels[place * len(names) + row]))
                continue
            note = DENSITY
            if not sampled and across.rows_with(down) > share:
                marks = density(across.cells, down.cells, groups)
            else:
                marks, note = scatter(
                    table, name, down.name, (slice(None), groups), most=share,
                    cells=(_CELLS, _CELLS), sampled=sampled,
                )  # fmt: skip
            panels.append(
                Panel(
                    "",
                    name,
                    down.name,
                    marks,
                    x_whole=across.whole,
                    y_whole=down.whole,
                    x_column=name,
                    y_column=down.name,
                    note=note,
                )
            )
    return panels


class _Column:
    """A column of a pair plot, read and put into cells once for all of its panels."""

    def __init__(self, table: DataTable, name: str) -> None:
        import numpy as np

        self.name = name
        self.values = numbers(table, name)
        self.whole = any(each.name == name and each.kind == "integer" for each in table.columns)
        self._known = np.isfinite(self.values)

    def rows_with(self, other: _Column) -> int:
        """Return in how many rows both columns have values."""
        import numpy as np

        return int(np.count_nonzero(self._known & other._known))

    @cached_property
    def cells(self) -> Binned:
        ends = ends_of(self.values, self._known)
        return binned(self.values, self._known, ends, _CELLS, whole=self.whole)


def _exchanged(panel: Panel) -> Panel:
    """Return a scatter chart with its axes exchanged."""
    marks: list[Marks] = []
    for mark in panel.marks:
        if isinstance(mark, Points):
            marks.append(replace(mark, x=mark.y, y=mark.x))
        elif isinstance(mark, Density):
            marks.append(
                Density(mark.counts.T, mark.bottom, mark.left, mark.top, mark.right, mark.group)
            )
    return replace(
        panel,
        x_title=panel.y_title,
        y_title=panel.x_title,
        x_whole=panel.y_whole,
        y_whole=panel.x_whole,
        x_column=panel.y_column,
        y_column=panel.x_column,
        marks=tuple(marks),
    )
