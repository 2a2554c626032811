"""From a table and what the user chose to a figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable
from modules.tables.figures.columns import Groups, groups, numbers
from modules.tables.figures.figure import Density, Figure, Panel, Points
from modules.tables.figures.groups import bars, bin_edges, boxes, histogram
from modules.tables.figures.matrices import correlation_panel, pair_panels
from modules.tables.figures.scatter import MOST_MARKERS, Window, lines, scatter
from modules.tables.figures.settings import NEEDS, ORDERED, ChartSettings

if TYPE_CHECKING:
    import numpy as np

MOST_COLORS = 8
MOST_CATEGORIES = 40
MOST_PANELS = 9
CELLS = (360, 240)
"""Of the densities in a row, and in a column, of panels."""


def build_figure(
    table: DataTable,
    settings: ChartSettings,
    *,
    window: Window | None = None,
    most_markers: int = MOST_MARKERS,
    sampled: bool = False,
) -> Figure:
    """Return the figure of a table.

    Parameters
    ----------
    window : tuple of float, optional
        Left, bottom, right, and top of what is visible, for a scatter or line chart.
    most_markers : int
        More rows are a density.
    sampled : bool
        Show evenly chosen rows instead of a density.

    Raises
    ------
    ModuleError
        If a column isn't chosen, doesn't exist, or can't be drawn this way.
    """
    names = settings.read_columns(table.columns)
    settings, table = settings.used(), table.select(names)
    if settings.kind == "correlation":
        return Figure("Correlation matrix", (correlation_panel(table, names),))
    colors = groups(table, settings.color, MOST_COLORS)
    legend: dict[str, Any] = {
        "groups": () if colors.codes is None else colors.names,
        "color_title": settings.color,
        "ordered": colors.ordered,
    }
    if settings.kind == "pairs":
        named = [name for name in names if name != settings.color or name in settings.columns]
        panels = pair_panels(table, named, colors, most_markers, sampled=sampled)
        paired = len(named) > 1
        return Figure("Pair plot", tuple(panels), len(named), paired=paired, **legend)
    facets = groups(table, settings.facet, MOST_PANELS)
    most = max(most_markers // len(facets.names), 100)
    across = _across(len(facets.names))
    cells = (CELLS[0] // across, CELLS[1] // across)
    draw = _Drawer(table, settings, colors, window, most, cells, sampled)
    found = [draw.panel(facets, index) for index in range(len(facets.names))]
    if {Points, Density} <= {type(mark) for panel in found for mark in panel.marks}:
        # Side by side, markers and colors of cells can't be compared.
        draw.most = 0
        found = [draw.panel(facets, index) for index in range(len(facets.names))]
    if settings.size and any(isinstance(mark, Points) for one in found for mark in one.marks):
        legend |= {
            "size_title": settings.size,
            "size_range": _range(numbers(table, settings.size)),
        }
    return Figure(
        _title(settings),
        tuple(found),
        across,
        linked=len(found) > 1,
        **legend,
    )


class _Drawer:
    """Draws the panels of one chart, all with the same categories and bins."""

    def __init__(
        self,
        table: DataTable,
        settings: ChartSettings,
        colors: Groups,
        window: Window | None,
        most: int,
        cells: tuple[int, int],
        sampled: bool,
    ) -> None:
        self._table = table
        self._settings = settings
        self._colors = colors
        self._window = window
        self.most = most
        self._cells = cells
        self._sampled = sampled
        self._kinds = {column.name: column.kind for column in table.columns}
        by_name = settings.kind in ("bar", "box")
        if settings.kind == "histogram" and self._kinds[settings.x] not in ORDERED:
            by_name = True
        self._categories = groups(table, settings.x, MOST_CATEGORIES) if by_name else None
        if settings.kind == "histogram" and not by_name:
            self._values = numbers(table, settings.x)
            whole = self._kinds[settings.x] == "integer"
            self._edges = bin_edges(self._values, settings.bins, whole)

    def panel(self, facets: Groups, index: int) -> Panel:
        settings, kinds = self._settings, self._kinds
        panel = Panel(
            _facet_title(settings.facet, facets.names[index]),
            settings.x,
            settings.y,
            x_time=kinds.get(settings.x) == "datetime",
            y_time=kinds.get(settings.y) == "datetime",
            x_whole=kinds.get(settings.x) == "integer",
            y_whole=kinds.get(settings.y) == "integer" and settings.kind != "bar",
            x_column=settings.x,
            y_column=settings.y,
            facet=(settings.facet, facets.choices[index]) if facets.choices else None,
        )
        return self._filled(panel, facets.rows_of(index))

    def _filled(self, panel: Panel, rows: np.ndarray | slice) -> Panel:
        settings, table, chosen = self._settings, self._table, (rows, self._colors)
        if settings.kind == "scatter":
            marks, note = scatter(
                table, settings.x, settings.y, chosen, size=settings.size, most=self.most,
                window=self._window, cells=self._cells, sampled=self._sampled,
            )  # fmt: skip
            return replace(panel, marks=marks, note=note)
        if settings.kind == "line":
            marks, note = lines(table, settings.x, settings.y, chosen, self._window)
            return replace(panel, marks=marks, note=note)
        if self._categories is not None:
            panel = replace(
                panel,
                x_labels=self._categories.names if settings.x else ("",),
                x_choices=self._categories.choices,
                x_time=False,
            )
        if settings.kind == "box":
            assert self._categories is not None
            return replace(panel, marks=boxes(table, settings.y, self._categories, rows))
        if self._categories is None:
            marks = histogram(self._values, self._edges, chosen)
            return replace(panel, y_title="Rows", y_whole=True, y_column="", marks=marks)
        y = settings.y if settings.kind == "bar" else ""
        title = f"{settings.statistic.capitalize()} of {y}" if y else "Rows"
        marks = bars(table, self._categories, y, settings.statistic, chosen)
        return replace(panel, y_title=title, y_column="", y_time=False, y_whole=not y, marks=marks)


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest finite number."""
    import numpy as np

    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)


def _facet_title(column: str, name: str) -> str:
    return f"{column}: {name}" if column else ""


def _across(count: int) -> int:
    """Return how many panels are in a row: about as many as there are rows."""
    across = 1
    while across * across < count:
        across += 1
    return across


def _title(settings: ChartSettings) -> str:
    y = settings.y or "rows"
    if settings.kind == "bar" and settings.y:
        y = f"{settings.statistic} of {settings.y}"
    if settings.kind == "histogram":
        return f"Histogram of {settings.x}"
    return f"{y[:1].upper()}{y[1:]} by {settings.x}" if settings.x else y


def is_complete(settings: ChartSettings) -> bool:
    """Return whether each column that the kind needs is chosen."""
    return all(getattr(settings, name) for name in NEEDS[settings.kind])
