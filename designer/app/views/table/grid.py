"""A grid of a million rows in which no key or click can stop the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.table.column_header import ColumnHeader
from designer.app.views.table.model import TableModel
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.focus_ring import FocusRing
from designer.texts import counted, filled, tr

MOST_CELLS = 200_000
"""Cells that may be selected or copied at once; Qt requests each of them separately."""


_USUAL = 120
"""Pixels of a column of which nothing is known."""

_READ = 60
"""Columns whose values are read for their width."""

_NAMED = 5000
"""Columns that get the width of their names; Qt moves all others for each that it is given."""


class TableGrid(QTableView):
    """Shows a table model; selections are bounded, copies are separated by tabs.

    Parameters
    ----------
    model : TableModel
        Kept alive by the grid.

    Signals
    -------
    notified : str
        A message for the user.
    menu_asked : QPoint
        The menu of the current row is wanted, at this point of the screen.
    resized
        Its size or position has changed.

    Attributes
    ----------
    covered : callable
        Returns how many pixels on the left of its cells something else covers.
    pinned : int
        How many columns are in front of the others.
    nothing_found : str
        The message if rows are asked for of which there are none.
    """

    notified = Signal(str)
    menu_asked = Signal(QPoint)
    resized = Signal()

    def __init__(self, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep_directions(self)
        self.table_model = model
        self.covered: Callable[[], int] = lambda: 0
        self.pinned = 0
        self.nothing_found = ""
        self.header = ColumnHeader(model.stored.columns, self)
        self.setHorizontalHeader(self.header)
        self.setModel(model)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(tr("Table"))
        rows = self.verticalHeader()
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        rows.setHighlightSections(False)
        rows.setAccessibleName(tr("Row numbers"))
        self.setStyleSheet(_STYLE)
        FocusRing(self)
        rows.ensurePolished()
        self._fit_rows()
        self._fit_columns()
        theme.notifier().changed.connect(self._fit_rows)

    def empty_text(self) -> str:
        """Return the message if no row or column is shown; empty if there are some."""
        model = self.table_model
        if not model.columnCount():
            return tr("This table has no columns.")
        if not len(model.stored):
            return tr("This table has no rows.")
        return "" if model.rowCount() else self.nothing_found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells, or why there are none."""
        super().paintEvent(event)
        text = self.empty_text()
        if text:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.current().text_muted))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Show a cell, to the right of what covers the left."""
        super().scrollTo(index, hint)
        bar = self.horizontalScrollBar()
        hidden = self.covered() - self.visualRect(index).left()
        if 0 < hidden <= bar.value() and self.header.visualIndex(index.column()) >= self.pinned:
            bar.setValue(bar.value() - hidden)

    def copy_column(self, column: int) -> bool:
        """Put the name and all values of a column on the clipboard, a line each."""
        model = self.table_model
        rows = model.rowCount()
        if rows > MOST_CELLS:
            self.notified.emit(
                filled(
                    tr("{rows:,} cells are too many to copy. Export the table instead."), rows=rows
                )
            )
            return False
        lines = [[model.stored.columns[column].name]]
        lines += [[model.full_text(row, column)] for row in range(rows)]
        QGuiApplication.clipboard().setText(formatting.tabular(lines))
        self.notified.emit(counted("Copied {n:,} cell.", "Copied {n:,} cells.", rows))
        return True

    def selectAll(self) -> None:
        """Select all cells, if there aren't too many."""
        model = self.table_model
        if model.rowCount() * model.columnCount() > MOST_CELLS:
            self.notified.emit(tr("The table is too large to select all of it. Export it instead."))
            return
        super().selectAll()

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: Qt would ask every row for its text."""

    def selected_cells(self) -> int:
        """Return how many cells are selected, without asking for each."""
        return sum(part.width() * part.height() for part in self._ranges())

    def copy(self) -> bool:
        """Put the selected cells on the clipboard, separated by tabs.

        Cells between them that aren't selected stay empty, as in a spreadsheet.
        """
        ranges = self._ranges()
        count = self.selected_cells()
        if not count:
            self.notified.emit(tr("Select cells first."))
            return False
        if count > MOST_CELLS:
            self.notified.emit(
                filled(
                    tr("{count:,} cells are too many to copy. Export the table instead."),
                    count=count,
                )
            )
            return False
        model = self.table_model
        rows = sorted({row for part in ranges for row in range(part.top(), part.bottom() + 1)})
        columns = sorted({c for part in ranges for c in range(part.left(), part.right() + 1)})
        chosen = {
            (row, column)
            for part in ranges
            for row in range(part.top(), part.bottom() + 1)
            for column in range(part.left(), part.right() + 1)
        }
        names = [model.stored.columns[column].name for column in columns]
        lines = [names] if len(chosen) > 1 else []
        for row in rows:
            lines.append(
                [
                    model.full_text(row, column) if (row, column) in chosen else ""
                    for column in columns
                ]
            )
        QGuiApplication.clipboard().setText(formatting.tabular(lines))
        self.notified.emit(counted("Copied {n:,} cell.", "Copied {n:,} cells.", count))
        return True

    def event(self, event: QEvent) -> bool:
        """Keep the usual keys from the shortcuts of the window."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and any(event.matches(key) for key in _OWN_KEYS)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and select all by their usual keys."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
        elif event.key() == Qt.Key.Key_Space and self.selected_cells() > MOST_CELLS:
            # Toggling one cell of a large selection takes Qt seconds.
            event.accept()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the row at the pointer, or of the current one by a key."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self.visualRect(self.currentIndex()).bottomLeft()
        else:
            at = event.pos()
            index = self.indexAt(at)
            if index.isValid() and not self.selectionModel().isSelected(index):
                self.setCurrentIndex(index)
        self.menu_asked.emit(self.viewport().mapToGlobal(at))

    def _ranges(self) -> list[QItemSelectionRange]:
        # Its type hints don't know that a QItemSelection is a list.
        selection: Any = self.selectionModel().selection()
        return list(selection)

    @Slot()
    def _fit_rows(self) -> None:
        """Give rows the height of the current font."""
        rows = self.verticalHeader()
        rows.setDefaultSectionSize(self.fontMetrics().height() + 9)
        # As wide when fewer rows are found, so that the columns keep their positions.
        rows.setMinimumWidth(rows.sizeHint().width())

    def _fit_columns(self) -> None:
        """Give columns the width of their names and first rows, within bounds."""
        self.header.setDefaultSectionSize(_USUAL)
        metrics = self.fontMetrics()
        model = self.table_model
        rows = range(min(model.rowCount(), 30))
        for index, head in enumerate(self.header.widths(model.stored.columns[:_NAMED])):
            widest = _USUAL
            # Reading every column of a very wide table would be slow, and most aren't visible.
            if index < _READ:
                texts = (model.text(row, index) for row in rows)
                widest = 22 + max((metrics.horizontalAdvance(text) for text in texts), default=0)
            width = min(max(widest, head), 320)
            if width != _USUAL:
                self.setColumnWidth(index, width)


_STYLE = """
QTableView { border: none; }
QTableView::item { padding: 0 7px; }
QHeaderView::section:vertical { font-weight: normal; border-bottom: none; padding: 0 8px; }
"""
_OWN_KEYS = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll)
