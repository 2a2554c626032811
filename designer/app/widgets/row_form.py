"""A form for one row of each of some inputs, made from their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.fields.typed_text import on_typed, show_text
from designer.app.widgets.form import Form
from designer.app.widgets.numbers import parse_number
from designer.app.widgets.scrolling import TallArea
from designer.texts import tr

FIELDS = 200
"""Columns that get a field."""

LETTERS = 24
"""Width of a column's name, in average letters."""

NOT_SENT = object()
"""The value of a field whose column is left out."""


class RowForm(TallArea):
    """Fields for the columns; input is converted to the right types.

    Signals
    -------
    edited
        The user has changed a field.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.fields: dict[tuple[str, str], Field] = {}
        self._filling = False

    def show_columns(self, inputs: Mapping[str, Sequence[Mapping[str, Any]]], none: str) -> None:
        """Make the fields.

        Parameters
        ----------
        inputs : mapping of str to sequence of mapping
            For each input its columns, as in :meth:`modules.requests.values.RequestColumn.to_json`.
        none : str
            What is shown if there are no columns.
        """
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(2, 8, 12, 12)
        column.setSpacing(8)
        self.fields = {}
        several = len(inputs) > 1
        for name, columns in inputs.items():
            if several:
                column.addWidget(_heading(name))
            form = _form()
            later = [c for c in columns if c.get("optional")]
            needed = [c for c in columns if not c.get("optional")]
            self._add(form, name, needed)
            column.addLayout(form)
            if later:
                column.addSpacing(6)
                label = QLabel(tr("Optional: the prediction doesn't depend on these."))
                label.setProperty("role", "muted")
                label.setWordWrap(True)
                column.addWidget(label)
                extra = _form()
                self._add(extra, name, later)
                column.addLayout(extra)
            if len(columns) > FIELDS:
                more = QLabel(
                    tr("{number} more columns have no field.").format(number=len(columns) - FIELDS)
                )
                more.setProperty("role", "muted")
                column.addWidget(more)
        if not self.fields:
            free = QLabel(none)
            free.setProperty("role", "muted")
            free.setWordWrap(True)
            column.addWidget(free)
        column.addStretch()
        self.setWidget(page)
        self.updateGeometry()

    def fill(self, inputs: Mapping[str, Any]) -> None:
        """Show the first row of each input."""
        self._filling = True
        try:
            for (name, column), field in self.fields.items():
                rows = inputs.get(name)
                row = rows[0] if isinstance(rows, list) and rows else {}
                row = row if isinstance(row, dict) else {}
                field.set_value(row.get(column, NOT_SENT))
        finally:
            self._filling = False

    def changed_row(self, name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row with the contents of the fields of an input."""
        result = dict(row)
        for (owner, column), field in self.fields.items():
            if owner != name:
                continue
            value = field.value()
            if value is NOT_SENT:
                result.pop(column, None)
            else:
                result[column] = value
        return result

    def _add(self, form: Form, name: str, columns: Sequence[Mapping[str, Any]]) -> None:
        for column in columns:
            if len(self.fields) >= FIELDS:
                return
            field = Field(column)
            field.edited.connect(self._on_edited)
            self.fields[(name, str(column["name"]))] = field
            label = _name(str(column["name"]))
            label.setBuddy(field.editor)
            form.addRow(label, field.editor)

    def _on_edited(self) -> None:
        if not self._filling:
            self.edited.emit()


class Field(QObject):
    """The field of one column.

    Attributes
    ----------
    editor : QComboBox or QLineEdit
        What the user types into.
    """

    edited = Signal()

    def __init__(self, column: Mapping[str, Any]) -> None:
        super().__init__()

        self._kind = str(column.get("kind", "string"))
        self._optional = bool(column.get("optional"))
        self._missing = bool(column.get("missing"))
        values = column.get("values")
        self._values: list[Any] = list(values) if values else []
        if self._kind == "boolean" and not self._values:
            self._values = [True, False]
        self.editor: QComboBox | QLineEdit
        if self._values:
            box = ChoiceBox()
            box.setMinimumContentsLength(8)
            if self._optional or self._missing:
                box.addItem(self._nothing())
            for value in self._values:
                box.addItem(_text(value))
            box.currentIndexChanged.connect(self.edited)
            self.editor = box
        else:
            line = QLineEdit()
            line.setPlaceholderText(
                self._nothing() if self._optional or self._missing else self._kind
            )
            on_typed(line, lambda _: self.edited.emit())
            self.editor = line
        self.editor.setToolTip(self._kind)
        self.editor.setAccessibleName(str(column.get("name", "")))

    def value(self) -> Any:
        """Return the value as JSON has it, or :data:`NOT_SENT`.

        Text instead of a number stays text: the endpoint reports what is wrong with it.
        """
        if isinstance(self.editor, QComboBox):
            index = self.editor.currentIndex() - (self.editor.count() - len(self._values))
            return self._values[index] if index >= 0 else self._empty()
        text = self.editor.text()
        if not text.strip() and (self._kind != "string" or self._missing or self._optional):
            return self._empty()
        return _parsed(text, self._kind)

    def set_value(self, value: Any) -> None:
        """Show a value."""
        nothing = value is NOT_SENT or value is None
        if isinstance(self.editor, QLineEdit):
            text = "" if nothing else _text(value)
            if self.editor.text() != text:
                show_text(self.editor, text)
            return
        extra = self.editor.count() - len(self._values)
        if nothing:
            self.editor.setCurrentIndex(0 if extra else -1)
            return
        for index, known in enumerate(self._values):
            if known == value and isinstance(known, bool) == isinstance(value, bool):
                self.editor.setCurrentIndex(index + extra)
                return
        self.editor.setCurrentIndex(-1)
        # A value that isn't in the list, which the endpoint may reject.
        self._values.append(value)
        self.editor.addItem(_text(value))
        self.editor.setCurrentIndex(self.editor.count() - 1)

    def _empty(self) -> Any:
        return NOT_SENT if self._optional else None

    def _nothing(self) -> str:
        return tr("(not sent)") if self._optional else tr("(no value)")


def _parsed(text: str, kind: str) -> Any:
    if kind not in ("integer", "number"):
        return text
    return parse_number(text, whole=kind == "integer")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _form() -> Form:
    form = Form()
    form.setHorizontalSpacing(14)
    form.setVerticalSpacing(6)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _name(text: str) -> QLabel:
    """Return a label that leaves room for the field, however long the name is."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    metrics = label.fontMetrics()
    width = LETTERS * metrics.averageCharWidth()
    label.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width))
    if label.text() != text:
        label.setToolTip(text)
    return label


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
