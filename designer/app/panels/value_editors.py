"""Editors of switches, choices, numbers, texts, secrets, and plain data."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSizePolicy,
)

from designer.app.library.translation import choice_in_language
from designer.app.panels.editor import NOT_SET, Context, Editor, QuietCombo
from designer.app.panels.property_pages import TEXT_MARGIN
from designer.app.shell import theme
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import check_selected
from designer.app.widgets.fields.line_buttons import add_icon
from designer.app.widgets.fields.number_box import NumberBox
from designer.app.widgets.fields.typed_text import on_typed, show_text
from designer.pipeline.parameters import named_secret
from designer.texts import tr
from modules.contract import Parameter

AUTOMATIC = "auto"
"""A default that is shown as an empty field with this placeholder."""


_MOST_ROWS = 12
"""Choices that are shown without scrolling."""


class BooleanEditor(Editor):
    """A check box; for an optional switch three choices."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.box = QCheckBox()
        self.box.clicked[bool].connect(self._on_clicked)
        # A check box's own text doesn't wrap.
        self.caption = ClickableLabel(parameter.title)
        self.caption.clicked.connect(self.box.click)
        self._contain(self.box, self.caption)
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        row.setSpacing(0)
        row.setStretch(0, 0)
        row.setStretch(1, 1)

    def set_value(self, value: Any) -> None:
        """See base."""
        self.box.setChecked(value is True)

    def _on_clicked(self, on: bool) -> None:
        self.edited.emit(on)


class ChoiceEditor(Editor):
    """A list to choose from."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.box = QuietCombo()
        self._values: list[Any] = [None] if parameter.optional else []
        self._values += choices_of(parameter)
        for value in self._values:
            self.box.addItem(_choice_text(value, self._values))
        self.box.activated.connect(self._on_activated)
        self._contain(self.box)

    def set_value(self, value: Any) -> None:
        """See base. A value that isn't among the choices is shown as well."""
        if value not in self._values:
            self._values.append(value)
            self.box.addItem(_choice_text(value, self._values))
        self.box.setCurrentIndex(self._values.index(value))

    def _on_activated(self, index: int) -> None:
        self.edited.emit(self._values[index])


class ChoicesEditor(Editor):
    """A list to check any number of choices in."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.list = QListWidget()
        keep_directions(self.list)
        self.list.setProperty("role", "checks")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for choice in choices_of(parameter):
            self._add(choice)
        self.list.itemChanged.connect(self._on_changed)
        check_selected(self.list)
        self._contain(self.list)

    def set_value(self, value: Any) -> None:
        """See base. What isn't among the choices is shown as well."""
        given = self.parameter.read_choices(value)
        found = given if isinstance(given, list) else [given]
        with QSignalBlocker(self.list):
            for choice in found:
                if not any(_same(choice, self._choice(item)) for item in self._items()):
                    self._add(choice)
            for item in self._items():
                checked = any(_same(choice, self._choice(item)) for choice in found)
                item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)

    def value(self) -> list[Any]:
        """Return the checked choices in the order of the list."""
        checked = Qt.CheckState.Checked
        return [self._choice(item) for item in self._items() if item.checkState() == checked]

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _choice(self, item: QListWidgetItem) -> Any:
        return item.data(Qt.ItemDataRole.UserRole)

    def _add(self, choice: Any) -> None:
        item = QListWidgetItem(_choice_text(choice, self.parameter.choices))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked)
        item.setData(Qt.ItemDataRole.UserRole, choice)
        self.list.addItem(item)
        rows = min(self.list.count(), _MOST_ROWS)
        self.list.setFixedHeight(rows * self.list.sizeHintForRow(0) + 2 * self.list.frameWidth())

    def _on_changed(self) -> None:
        self.edited.emit(self.value())


class NumberEditor(Editor):
    """A number with arrows."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.box = NumberBox(
            whole=parameter.kind == "integer",
            minimum=parameter.minimum,
            maximum=parameter.maximum,
        )
        if parameter.optional:
            self.box.lineEdit().setPlaceholderText(NOT_SET)
        self.box.edited.connect(self._on_edited)
        self._contain(self.box)

    def set_value(self, value: Any) -> None:
        """See base."""
        if not _same(self.box.value(), value):
            self.box.set_value(value)

    def _on_edited(self, value: Any) -> None:
        self.edited.emit("" if value is None and not self.parameter.optional else value)


class TextEditor(Editor):
    """One line of text."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.line = QLineEdit()
        if parameter.optional:
            self.line.setPlaceholderText(NOT_SET)
        # The label of “detect automatically”, as in the choices beside it.
        self._automatic = parameter.default == AUTOMATIC
        if self._automatic:
            self.line.setPlaceholderText(_choice_text(AUTOMATIC))
        on_typed(self.line, self._on_edited)
        self._contain(self.line)

    def set_value(self, value: Any) -> None:
        """See base."""
        empty = value is None or (self._automatic and value == AUTOMATIC)
        text = "" if empty else str(value)
        if self.line.text() != text:
            show_text(self.line, text)
            # A long text is read from its beginning.
            self.line.setCursorPosition(0)

    def _on_edited(self, text: str) -> None:
        if not text and self._automatic:
            self.edited.emit(AUTOMATIC)
        else:
            self.edited.emit(None if not text and self.parameter.optional else text)


class SecretEditor(Editor):
    """The name of a secret; the secret itself is never here."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Name of the secret"))
        self.line.setToolTip(
            tr(
                "Name of the secret in the system keyring or, with the prefix "
                "MODELDESK_SECRET_, of the environment variable. The secret itself isn't "
                "stored."
            )
        )
        add_icon(self.line, theme.icon("lock", "text_muted"))
        on_typed(self.line, self._on_edited)
        self._contain(self.line)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = named_secret(value) or (value if isinstance(value, str) else "")
        if self.line.text() != text:
            show_text(self.line, text)

    def _on_edited(self, text: str) -> None:
        empty = None if self.parameter.optional else ""
        self.edited.emit({"$secret": text.strip()} if text.strip() else empty)


class LinesEditor(Editor):
    """Text of several lines."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(96)
        self.text.document().setDocumentMargin(TEXT_MARGIN)
        if parameter.optional:
            self.text.setPlaceholderText(NOT_SET)
        self.text.textChanged.connect(self._on_edited)
        self._contain(self.text)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = "" if value is None else str(value)
        if self.text.toPlainText() != text:
            with QSignalBlocker(self.text):
                self.text.setPlainText(text)

    def _on_edited(self) -> None:
        text = self.text.toPlainText()
        self.edited.emit(None if not text and self.parameter.optional else text)


class DataEditor(LinesEditor):
    """Plain JSON: lists, mappings, numbers, and texts."""

    def set_value(self, value: Any) -> None:
        """See base. Text that is being edited and already means the value stays."""
        try:
            shown = json.loads(self.text.toPlainText())
        except ValueError:
            shown = self.text.toPlainText()
        if not _same(shown, value) or not self.text.toPlainText():
            text = value if isinstance(value, str) else _short_json(value)
            with QSignalBlocker(self.text):
                self.text.setPlainText(text)

    def _on_edited(self) -> None:
        text = self.text.toPlainText()
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        self.edited.emit(None if not text.strip() and self.parameter.optional else value)


class ClickableLabel(QLabel):
    """A wrapping text that can be clicked, beside a check box."""

    clicked = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()


def choices_of(parameter: Parameter) -> list[Any]:
    """Return what can be chosen, those of a switch too."""
    choices = (True, False) if parameter.kind == "boolean" else parameter.choices
    return [choice for choice in choices if choice is not None]


def _choice_text(value: Any, choices: Iterable[Any] = ()) -> str:
    if value is None:
        return NOT_SET
    if isinstance(value, bool):
        return tr("Yes") if value else tr("No")
    text = choice_in_language(value, choices)
    return text[:1].upper() + text[1:]


def _short_json(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, indent=None if len(str(value)) < 60 else 2)


def _same(first: Any, second: Any) -> bool:
    """Compare; 1 and 1.0 are the same number, 1 and true aren't."""
    return isinstance(first, bool) == isinstance(second, bool) and first == second
