"""A condition on the values of one column, entered by the user."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.views import formatting
from designer.app.views.background import Caller, Tasks
from designer.app.views.table.filter_bar import value_text
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import check_selected
from designer.app.widgets.fields.line_buttons import let_clear
from designer.app.widgets.form import Form
from designer.app.widgets.numbers import parse_number, write_number
from designer.engine.tables.row_filters import MOST_VALUES, RowFilter, column_values
from designer.texts import formatted, tr
from modules.contract.columns import Column

_RANGES = ("integer", "number", "datetime")
_DAY = "2026-01-31"
_VALUE = int(Qt.ItemDataRole.UserRole)


class FilterDialog(QDialog):
    """Ask for a range of numbers or dates, or for values.

    Parameters
    ----------
    folder : Path
        Where the table is stored.
    current : RowFilter, optional
        What is edited.

    Attributes
    ----------
    low, high, text : QLineEdit
        The ends of a range; a text that values contain.
    values : QListWidget
        The values, checkable.
    """

    def __init__(
        self,
        column: Column,
        folder: Path,
        engine: Caller | None,
        current: RowFilter | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Filter by {name}").format(name=column.name[:60]))
        self._column = column
        self._current = current
        self._tasks = Tasks(self, engine)
        self.low, self.high, self.text = QLineEdit(), QLineEdit(), QLineEdit()
        self.values = QListWidget()
        keep_directions(self.values)
        check_selected(self.values)
        self._message = QLabel()
        self._message.setProperty("role", "muted")
        self._message.setWordWrap(True)
        self.buttons = dialog_buttons(self)
        layout = QVBoxLayout(self)
        if column.kind in _RANGES:
            self._arrange_range(layout)
        else:
            self._arrange_values(layout)
            self._tasks.run(column_values, folder, column.name, done=self._fill, failed=self._fail)
        layout.addWidget(self._message)
        layout.addWidget(self.buttons)

    def filter(self) -> RowFilter | None:
        """Return the condition; None if there is none."""
        name = self._column.name
        if self._column.kind in _RANGES:
            ends = tuple(self._end(field) for field in (self.low, self.high))
            return None if ends == (None, None) else RowFilter(name, "between", ends)
        items = [self.values.item(row) for row in range(self.values.count())]
        checked = [item for item in items if item.checkState() == Qt.CheckState.Checked]
        if checked:
            return RowFilter(name, "in", tuple(item.data(_VALUE)[0] for item in checked))
        text = self.text.text()
        return RowFilter(name, "contains", (text,)) if text else None

    def accept(self) -> None:
        """Close it if what is entered can be read."""
        for field in (self.low, self.high):
            try:
                self._end(field)
            except ValueError:
                if self._column.kind == "datetime":
                    wrong, example = tr("“{text}” isn't a date. For example: {example}."), _DAY
                else:
                    wrong = tr("“{text}” isn't a number. For example: {example}.")
                    example = formatted(12.5, ".1f")
                self._message.setText(wrong.format(text=field.text(), example=example))
                field.setFocus()
                return
        super().accept()

    def _arrange_range(self, layout: QVBoxLayout) -> None:
        form = Form()
        hint = tr("Year-month-day") if self._column.kind == "datetime" else tr("No limit")
        for title, field in ((tr("From"), self.low), (tr("Up to"), self.high)):
            field.setPlaceholderText(hint)
            field.setAccessibleName(title)
            form.addRow(title, field)
        layout.addLayout(form)
        if self._current is not None and self._current.test == "between":
            for field, end in zip((self.low, self.high), self._current.values, strict=True):
                field.setText("" if end is None else self._written(end))

    def _arrange_values(self, layout: QVBoxLayout) -> None:
        self.values.setAccessibleName(tr("Values"))
        self.text.setPlaceholderText(tr("Contains this text"))
        self.text.setAccessibleName(tr("Contains this text"))
        let_clear(self.text)
        self.text.textChanged.connect(self._narrow)
        if self._current is not None and self._current.test == "contains":
            self.text.setText(str(self._current.values[0]))
        self.values.setMinimumSize(300, 260)
        layout.addWidget(self.text)
        layout.addWidget(self.values)
        self._message.setText(tr("Reading values…"))

    def _fill(self, found: list[tuple[Any, int]]) -> None:
        chosen = self._current
        for value, count in found:
            text = tr("(missing)") if value is None else str(value)[:100]
            if isinstance(value, bool):
                text = value_text(value)
            item = QListWidgetItem(f"{text}   {formatted(count)}", self.values)
            # In a tuple, since Qt would convert it.
            item.setData(_VALUE, (value,))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = chosen is not None and chosen.test == "in" and value in chosen.values
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        many = len(found) >= MOST_VALUES
        self._message.setText(
            tr("The {most_values} most frequent values.").format(most_values=MOST_VALUES)
            if many
            else ""
        )
        self._narrow(self.text.text())

    def _fail(self, message: str, hint: str) -> None:
        self._message.setText(f"{message} {hint}")

    def _narrow(self, text: str) -> None:
        for row in range(self.values.count()):
            item = self.values.item(row)
            value = item.data(_VALUE)[0]
            item.setHidden(text.casefold() not in str(value).casefold())

    def _end(self, field: QLineEdit) -> float | None:
        text = field.text().strip()
        if not text:
            return None
        if self._column.kind == "datetime":
            moment = datetime.datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=datetime.UTC)
            # A day alone, as the end of a range, includes all of the day.
            whole_day = field is self.high and len(text) <= len("2026-01-31")
            return moment.timestamp() + (86_400 - 1e-6 if whole_day else 0)
        number = parse_number(text)
        if isinstance(number, str):
            raise ValueError(text)
        return number

    def _written(self, end: float) -> str:
        if self._column.kind != "datetime":
            return write_number(end)
        return formatting.moment(end).replace(" ", "T") if end % 86_400 else formatting.moment(end)
