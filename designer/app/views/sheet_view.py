"""A small table that is all in memory: metrics, coefficients, settings."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.focus_ring import FocusRing
from designer.texts import tr
from modules.contract.sheet import Sheet

_NOWHERE = QModelIndex()
_WIDEST = 420


class SheetView(QTableView):
    """Shows a sheet; columns sort at a click, and the selection is copied with tabs.

    Parameters
    ----------
    best : mapping-like of (row, column)
        Cells to emphasize.
    bar : int or None
        A column of numbers that gets a bar beside each of them.
    """

    def __init__(
        self,
        sheet: Sheet,
        name: str,
        *,
        best: set[tuple[int, int]] | None = None,
        bar: int | None = None,
        sortable: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        keep_directions(self)
        self._sheet = _SheetModel(sheet, best or set())
        self._most: int | None = None
        self.setModel(self._sheet)
        self.setAccessibleName(name)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet(_STYLE)
        FocusRing(self)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setResizeContentsPrecision(200)
        if bar is not None:
            self.setItemDelegateForColumn(bar, _BarDelegate(self._sheet.extent(bar), self))
        if sortable:
            head.setSortIndicatorClearable(True)
            # Before sorting is enabled, which would sort by the first column at once.
            head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.setSortingEnabled(True)
        self.ensurePolished()
        self._fit_rows()
        theme.notifier().changed.connect(self._fit_rows)
        for column in range(self._sheet.columnCount()):
            width = max(self.sizeHintForColumn(column) + 12, head.sectionSizeHint(column), 90)
            self.setColumnWidth(column, min(width, _WIDEST))
        if bar is not None:
            head.setSectionResizeMode(bar, QHeaderView.ResizeMode.Stretch)
        elif self._sheet.columnCount() <= 3:
            last = self._sheet.columnCount() - 1
            head.setSectionResizeMode(last, QHeaderView.ResizeMode.Stretch)

    def texts(self) -> list[list[str]]:
        """Return what is on the screen: the headers, then row by row."""
        model = self._sheet
        columns = range(model.columnCount())
        head = list(model.headers)
        rows = [[model.index(r, c).data() for c in columns] for r in range(model.rowCount())]
        return [head, *rows]

    def copy(self) -> None:
        """Copy the selected rows, or all of them, separated by tabs."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedIndexes()})
        model = self._sheet
        columns = range(model.columnCount())
        lines = [[str(text) for text in self.texts()[0]]]
        for row in chosen or range(model.rowCount()):
            lines.append([model.index(row, column).data(_WHOLE) for column in columns])
        QGuiApplication.clipboard().setText(formatting.tabular(lines))

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
        """Copy by the usual key."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def fit_height(self, most: int) -> None:
        """Fit the height to the rows, up to a limit in pixels, for a table within a page."""
        self._most = most
        rows = self._sheet.rowCount() * self.verticalHeader().defaultSectionSize()
        bar = self.horizontalScrollBar().sizeHint().height()
        height = rows + self.horizontalHeader().sizeHint().height() + bar + 2
        self.setFixedHeight(min(height, most))

    @Slot()
    def _fit_rows(self) -> None:
        """Give rows the height of the current font."""
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        if self._most is not None:
            self.fit_height(self._most)


class _SheetModel(QAbstractTableModel):
    def __init__(self, sheet: Sheet, best: set[tuple[int, int]]) -> None:
        super().__init__()
        self._sheet = sheet
        self._best = best
        # Which row of the sheet is shown where.
        self._rows = list(range(len(sheet.rows)))
        self._numeric = [
            all(isinstance(row[column], (int, float, type(None))) for row in sheet.rows)
            and any(row[column] is not None for row in sheet.rows)
            for column in range(len(sheet.headers))
        ]
        self._decimals = [
            formatting.decimals([row[column] for row in sheet.rows])
            for column in range(len(sheet.headers))
        ]
        first = sheet.rows[:200]
        self._titles = [
            _in_two_lines(
                title, max((len(self._shown(r[column], column)) for r in first), default=0)
            )
            for column, title in enumerate(sheet.headers)
        ]

    def _shown(self, value: Any, column: int) -> str:
        if isinstance(value, float):
            return formatting.fixed(value, self._decimals[column])
        return formatting.cell(value)

    @property
    def headers(self) -> tuple[str, ...]:
        """The titles of the columns, each in one line."""
        return self._sheet.headers

    def extent(self, column: int) -> tuple[float, float]:
        values = [row[column] for row in self._sheet.rows]
        known = [value for value in values if isinstance(value, (int, float))]
        finite = [float(value) for value in known if math.isfinite(value)]
        return min(finite, default=0.0), max(finite, default=0.0)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rows by a column, or restore their order (-1); missing values come last."""
        self.layoutAboutToBeChanged.emit()
        before = self._rows
        rows = list(range(len(self._sheet.rows)))
        if column >= 0:
            values = [row[column] for row in self._sheet.rows]
            known = [row for row in rows if not _is_missing(values[row])]
            missing = [row for row in rows if _is_missing(values[row])]
            down = order == Qt.SortOrder.DescendingOrder
            rows = sorted(known, key=lambda row: _key(values[row]), reverse=down) + missing
        self._rows = rows
        now = {row: shown for shown, row in enumerate(rows)}
        for index in self.persistentIndexList():
            moved = self.index(now[before[index.row()]], index.column())
            self.changePersistentIndex(index, moved)
        self.layoutChanged.emit()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._sheet.rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._sheet.headers)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        value = self._sheet.rows[self._rows[index.row()]][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(value, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self._numeric[index.column()] else _LEFT
        if role == _SORT:
            return value
        if role == _WHOLE:
            return formatting.full(value)
        best = (self._rows[index.row()], index.column()) in self._best
        if role == Qt.ItemDataRole.FontRole and best:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole:
            colors = theme.current()
            return QColor(colors.success) if best else None
        if role == Qt.ItemDataRole.ToolTipRole:
            text = formatting.full_shown(value)
            if best:
                text += tr("\nThe better value")
            return formatting.tooltip(text) if len(text) > 12 else None
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._sheet.headers[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and self._numeric[section]:
            return _RIGHT
        return None


def _in_two_lines(title: str, longest: int) -> str:
    """Return a title broken in the middle where it is much longer than what is below it."""
    if len(title) < 20 or len(title) <= longest + 4 or " " not in title:
        return title
    breaks = [index for index, letter in enumerate(title) if letter == " "]
    middle = min(breaks, key=lambda index: abs(index - len(title) / 2))
    return f"{title[:middle]}\n{title[middle + 1 :]}"


def _is_missing(value: Any) -> bool:
    return value is None or value != value


def _key(value: Any) -> tuple[bool, Any]:
    """Return what orders values of one column: numbers first, then texts without case."""
    if isinstance(value, (int, float)):
        return (False, value)
    return (True, str(value).casefold())


class _BarDelegate(QStyledItemDelegate):
    """Paints a number and its bar, from the middle where some are negative."""

    def __init__(self, extent: tuple[float, float], parent: QWidget) -> None:
        super().__init__(parent)
        low, high = extent
        self._both = low < 0
        self._widest = max(abs(low), abs(high)) or 1.0

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        value = index.data(_SORT)
        if not isinstance(value, (int, float)):
            return
        colors = theme.current()
        rect: Any = option.rect
        room = QRectF(rect).adjusted(10, 6, -110, -6)
        length = room.width() * min(abs(value) / self._widest, 1.0)
        middle = room.left()
        if self._both:
            length /= 2
            middle += room.width() / 2
        left = middle if value >= 0 else middle - length
        fill = QColor(colors.accent if value >= 0 else colors.series[0])
        painter.save()
        painter.fillRect(QRectF(left, room.top(), max(length, 1.0), room.height()), fill)
        painter.setPen(QColor(colors.border))
        painter.drawLine(int(middle), rect.top(), int(middle), rect.bottom())
        painter.restore()


_SORT = Qt.ItemDataRole.UserRole
_WHOLE = Qt.ItemDataRole.UserRole + 1
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_STYLE = "QTableView { border: none; } QTableView::item { padding: 0 7px; }"
_OWN_KEYS = (QKeySequence.StandardKey.Copy,)
