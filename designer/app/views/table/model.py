"""A stored table for Qt, read page by page from its memory-mapped file."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from designer.app.shell import theme
from designer.app.views import formatting
from designer.engine.stored_table import plain_values
from designer.texts import tr
from modules.contract.data_table import DataTable

PAGE = 128
"""Rows that are read at once, of one column."""

PAGES = 4_000
"""Pages that are kept; a page of numbers takes about 5 kB."""


_NOWHERE = QModelIndex()


class TableModel(QAbstractTableModel):
    """Rows of a stored table, all as they are or those at given positions.

    Parameters
    ----------
    stored : DataTable
        Never read as a whole.
    """

    def __init__(self, stored: DataTable) -> None:
        super().__init__()
        self._stored = stored
        self._rows: Any = None
        self._pages: OrderedDict[tuple[int, int], list[Any]] = OrderedDict()
        self._numeric = [column.kind in ("integer", "number") for column in stored.columns]
        self._are_days: dict[int, bool] = {}
        self._takes_floats = [column.kind == "number" for column in stored.columns]
        self.values_read = 0

    @property
    def stored(self) -> DataTable:
        """The table that is shown."""
        return self._stored

    def show_rows(self, rows: Any) -> None:
        """Show the rows at these positions, an array of integers, or all with None."""
        self.beginResetModel()
        self._rows = rows
        self._pages.clear()
        self.endResetModel()

    def position(self, row: int) -> int:
        """Return the position in the file of a row that is shown."""
        return row if self._rows is None else int(self._rows[row])

    def value(self, row: int, column: int) -> Any:
        """Return a value as Python has it; None when it is missing."""
        page, offset = divmod(row, PAGE)
        values = self._pages.get((column, page))
        if values is None:
            values = self._read(column, page)
        else:
            self._pages.move_to_end((column, page))
        return values[offset]

    def text(self, row: int, column: int) -> str:
        """Return a value as the table shows it."""
        return formatting.cell(self.value(row, column), days=self._has_days(column))

    def full_text(self, row: int, column: int) -> str:
        """Return a value in full; empty when missing."""
        return formatting.full(self.value(row, column), days=self._has_days(column))

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Return the number of rows that are shown."""
        if parent.isValid():
            return 0
        return len(self._stored) if self._rows is None else len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._stored.columns)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return what Qt asks of a cell."""
        if role == _DISPLAY:
            return self.text(index.row(), index.column())
        if role == _ALIGNMENT:
            return _RIGHT if self._numeric[index.column()] else _LEFT
        if role == _FOREGROUND:
            if self.value(index.row(), index.column()) is None:
                return QColor(theme.current().text_muted)
            return None
        if role == _TOOLTIP:
            return self._tooltip(index)
        if role == _ACCESSIBLE:
            missing = self.value(index.row(), index.column()) is None
            return tr("missing") if missing else self.text(index.row(), index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the name of a column, or the number of a row as it is in the file."""
        if orientation == Qt.Orientation.Vertical:
            return f"{self.position(section) + 1}" if role == _DISPLAY else None
        column = self._stored.columns[section]
        if role in (_DISPLAY, _ACCESSIBLE):
            return column.name
        if role == _TOOLTIP:
            return formatting.tooltip(
                tr("{name}\n{kind}, {role}\nDouble-click to sort").format(
                    name=column.name, kind=column.kind, role=column.role
                )
            )
        return None

    def _tooltip(self, index: QModelIndex | QPersistentModelIndex) -> str | None:
        if self.value(index.row(), index.column()) is None:
            return tr("No value")
        days = self._has_days(index.column())
        text = formatting.full_shown(self.value(index.row(), index.column()), days=days)
        if len(text) > _FITS or text != self.text(index.row(), index.column()):
            return formatting.tooltip(text)
        return None

    def _has_days(self, column: int) -> bool:
        """Return whether a column has days without a time, by the start of the file."""
        if self._stored.columns[column].kind != "datetime":
            return False
        found = self._are_days.get(column)
        if found is None:
            values = plain_values(self._stored.arrow.column(column).slice(0, PAGE))
            found = all(value is None or formatting.is_day(value) for value in values)
            self._are_days[column] = found
        return found

    def _read(self, column: int, page: int) -> list[Any]:
        start = page * PAGE
        data = self._stored.arrow.column(column)
        if self._rows is None:
            part = data.slice(start, PAGE)
        else:
            part = data.take(_indices(self._rows[start : start + PAGE]))
        values = plain_values(part)
        if self._takes_floats[column]:
            values = [None if value != value else value for value in values]
        self.values_read += len(values)
        self._pages[column, page] = values
        if len(self._pages) > PAGES:
            self._pages.popitem(last=False)
        return values


def _indices(rows: Any) -> Any:
    """Return positions as Arrow has them; ``pyarrow.array`` would import pandas, a long wait."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows.astype("int64"))])


_FITS = 14
"""Letters that a column of the usual width shows."""

_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
