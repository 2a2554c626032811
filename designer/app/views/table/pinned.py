"""Columns that stay on the left while a table is scrolled."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView

from designer.app.shell import theme
from designer.app.views.table.column_header import ColumnHeader
from designer.app.views.table.grid import TableGrid
from designer.app.widgets.direction import keep_directions
from designer.texts import tr

_WIDEST = 0.6
"""The share of the grid that pinned columns cover at most: the others must be reached, too."""

_NOWHERE = QModelIndex()


class PinnedColumns(QTableView):
    """Lies over the left of a grid that is scrolled; the grid's own columns are in front there.

    Attributes
    ----------
    columns : list of int
        The pinned columns of the table, from left to right.
    """

    def __init__(self, grid: TableGrid) -> None:
        super().__init__(grid)
        keep_directions(self)
        self._grid = grid
        self.columns: list[int] = []
        self._header: ColumnHeader | None = None
        self.verticalHeader().hide()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setStyleSheet(grid.styleSheet())
        self.setAccessibleName(tr("Pinned columns"))
        rows = self.verticalHeader()
        self._fit_rows()
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        grid.horizontalScrollBar().valueChanged.connect(lambda _: self.place())
        grid.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(grid.verticalScrollBar().setValue)
        grid.header.sectionResized.connect(self._resized)
        grid.selectionModel().selectionChanged.connect(lambda *_: self.viewport().update())
        grid.table_model.modelReset.connect(self.place)
        grid.resized.connect(self.place)
        theme.notifier().changed.connect(self._fit_rows)
        self.hide()

    def pin(self, columns: list[int]) -> None:
        """Pin these columns, and no others; they move to the front."""
        header = self._grid.header
        for place, column in enumerate(columns):
            header.moveSection(header.visualIndex(column), place)
        for column in sorted(set(self.columns) - set(columns)):
            # Back to where it is in the table, which the pinned ones have left.
            before = column - sum(pinned < column for pinned in columns)
            header.moveSection(header.visualIndex(column), len(columns) + before)
        self.columns = list(columns)
        self.setModel(_Part(self._grid, self.columns))
        stored = self._grid.table_model.stored.columns
        self._header = ColumnHeader([stored[column] for column in columns], self)
        self._header.column_clicked.connect(
            lambda at: self._grid.header.column_clicked.emit(self.columns[at])
        )
        self._header.column_double_clicked.connect(
            lambda at: self._grid.header.column_double_clicked.emit(self.columns[at])
        )
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setHorizontalHeader(self._header)
        self._header.add_profiles(list(header.profiles.values()))
        for place, column in enumerate(columns):
            self.setColumnWidth(place, self._grid.columnWidth(column))
        self._grid.covered, self._grid.pinned = self.covered, len(columns)
        self.place()

    def covered(self) -> int:
        """Return how many pixels of the grid's cells it covers."""
        return 0 if self.isHidden() else self.width()

    def place(self) -> None:
        """Cover the left of the grid while its own pinned columns are out of sight."""
        grid = self._grid
        width = sum(grid.columnWidth(column) for column in self.columns)
        room = grid.viewport().width()
        shown = (
            bool(self.columns)
            and grid.horizontalScrollBar().value() > 0
            and width <= room * _WIDEST
        )
        if shown:
            if self._header is not None:
                self._header.add_profiles(list(grid.header.profiles.values()))
                self._header.setFixedHeight(grid.header.height())
            top = grid.header.geometry().top()
            height = grid.header.height() + grid.viewport().height()
            self.setGeometry(QRect(grid.viewport().geometry().left(), top, width, height))
            self.verticalScrollBar().setValue(grid.verticalScrollBar().value())
            self.raise_()
        self.setVisible(shown)

    @Slot()
    def _fit_rows(self) -> None:
        """Give rows the height of the grid's."""
        height = self._grid.verticalHeader().defaultSectionSize()
        self.verticalHeader().setDefaultSectionSize(height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Make the cell the current one of the grid."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            model = self._grid.table_model
            self._grid.setCurrentIndex(model.index(index.row(), self.columns[index.column()]))
            self._grid.setFocus()
            self.viewport().update()

    def _resized(self, column: int, _: int, width: int) -> None:
        if column in self.columns:
            self.setColumnWidth(self.columns.index(column), width)
            self.place()


class _Part(QAbstractTableModel):
    """Some columns of a grid's model; selected cells have the color of a selection."""

    def __init__(self, grid: TableGrid, columns: list[int]) -> None:
        super().__init__(grid)
        self._grid = grid
        self._model = grid.table_model
        self._columns = columns
        self._model.modelAboutToBeReset.connect(self.beginResetModel)
        self._model.modelReset.connect(self.endResetModel)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return self._model.rowCount(parent)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        own = self._model.index(index.row(), self._columns[index.column()])
        color = {
            Qt.ItemDataRole.BackgroundRole: "accent",
            Qt.ItemDataRole.ForegroundRole: "on_accent",
        }.get(Qt.ItemDataRole(role))
        if color and self._grid.selectionModel().isSelected(own):
            return QColor(getattr(theme.current(), color))
        return self._model.data(own, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        at = self._columns[section] if orientation == Qt.Orientation.Horizontal else section
        return self._model.headerData(at, orientation, role)
