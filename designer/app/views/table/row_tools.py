"""Conditions, pinned columns, and menus of the rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QDialog, QMenu

from designer.app.views.background import Caller
from designer.app.views.table.filter_bar import FilterBar
from designer.app.views.table.filter_dialog import FilterDialog
from designer.app.views.table.grid import TableGrid
from designer.app.views.table.menus import TableActs, add_cell_acts, column_menu
from designer.app.views.table.pinned import PinnedColumns
from designer.engine.tables.row_filters import RowFilter

MOST_PINNED = 4
"""Columns that are pinned by themselves: of a model with many classes, not all scores."""

_PINNED_ROLES = ("label", "score")


class RowTools(QObject):
    """What a user does with the rows of a table besides looking at them.

    Parameters
    ----------
    folder : Path
        Where the table is stored.
    sort : callable
        Accepts the name of a column, or None, and whether in descending order.
    statistics : callable
        Accepts the position of a column.

    Attributes
    ----------
    filters_changed : Signal
        All conditions (tuple of RowFilter).
    filters : tuple of RowFilter
    filter_bar : FilterBar
    pinned : PinnedColumns
    """

    filters_changed = Signal(object)

    def __init__(
        self,
        grid: TableGrid,
        folder: Path,
        engine: Caller | None,
        sort: Callable[[str | None, bool], None],
        statistics: Callable[[int], None],
    ) -> None:
        super().__init__(grid)
        self._grid = grid
        self._folder = folder
        self._engine = engine
        self._columns = grid.table_model.stored.columns
        self.filters: tuple[RowFilter, ...] = ()
        self.filter_bar = FilterBar()
        self.pinned = PinnedColumns(grid)
        self._acts = TableActs(
            sort, self.add_filter, self._ask, statistics, grid.copy_column, self._turn_pin
        )
        self.filter_bar.edit_asked.connect(self._edit)
        self.filter_bar.removed.connect(self._remove)
        grid.header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        grid.header.customContextMenuRequested.connect(self._show_menu)
        pinned = [at for at, each in enumerate(self._columns) if each.role in _PINNED_ROLES]
        self.pinned.pin(pinned[:MOST_PINNED])

    def set_filters(self, filters: tuple[RowFilter, ...]) -> None:
        """Replace all conditions."""
        if filters == self.filters:
            return
        self.filters = filters
        kinds = {column.name: column.kind for column in self._columns}
        self.filter_bar.show_filters(filters, kinds)
        self.filters_changed.emit(filters)

    def add_filter(self, added: RowFilter) -> None:
        """Add a condition; one of the same kind on the same column is replaced, or extended."""
        kept = []
        for each in self.filters:
            if (each.column, each.test) != (added.column, added.test):
                kept.append(each)
            elif added.test == "not in":
                added = added._replace(values=tuple(dict.fromkeys(each.values + added.values)))
        self.set_filters((*kept, added))

    def add_cell_acts(self, menu: QMenu) -> None:
        """Add what can be done with the current cell to its menu."""
        index = self._grid.currentIndex()
        if index.isValid():
            value = self._grid.table_model.value(index.row(), index.column())
            column = self._columns[index.column()]
            add_cell_acts(menu, self._acts, column, index.column(), value)

    def _show_menu(self, at: QPoint) -> None:
        header = self._grid.header
        column = header.logicalIndexAt(at)
        if column < 0:
            return
        menu = column_menu(
            self._grid,
            self._acts,
            self._columns[column],
            column,
            ordered=header.is_sorted,
            pinned=column in self.pinned.columns,
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(header.viewport().mapToGlobal(at))

    def _turn_pin(self, column: int) -> None:
        pinned = self.pinned.columns
        others = [each for each in pinned if each != column]
        self.pinned.pin(others if column in pinned else [*pinned, column])

    def _ask(self, column: int, at: int | None = None) -> None:
        """Ask for a condition on a column; ``at`` is the position of the one to be edited."""
        current = None if at is None else self.filters[at]
        dialog = FilterDialog(
            self._columns[column], self._folder, self._engine, current, self._grid.window()
        )
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        found = dialog.filter() if accepted else None
        dialog.deleteLater()
        if not accepted:
            return
        others = self.filters if at is None else (*self.filters[:at], *self.filters[at + 1 :])
        if found is None:
            self.set_filters(others)
        elif at is None:
            self.add_filter(found)
        else:
            self.set_filters((*self.filters[:at], found, *self.filters[at + 1 :]))

    def _edit(self, at: int) -> None:
        names = [column.name for column in self._columns]
        self._ask(names.index(self.filters[at].column), at)

    def _remove(self, at: int) -> None:
        filters = self.filters
        self.set_filters(() if at < 0 else (*filters[:at], *filters[at + 1 :]))
