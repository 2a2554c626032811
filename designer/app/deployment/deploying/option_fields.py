"""One field for each kind of option of a deployment target."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from designer.app.deployment.fields import FileField, mark_invalid
from designer.app.widgets.decimal_box import DecimalBox
from designer.deployment.options import Option

Spin = TypeVar("Spin", bound=QAbstractSpinBox)


class OptionField(QWidget):
    """A field for the value of an option.

    Attributes
    ----------
    editor : QWidget
        Where the value is entered.

    Signals
    -------
    changed
        The value is another one.
    """

    changed = Signal()
    editor: QWidget

    def __init__(self, option: Option) -> None:
        super().__init__()
        self.option = option

    @abstractmethod
    def value(self) -> Any:
        """Return the value; None for the default of the target."""

    @abstractmethod
    def set_value(self, value: Any) -> None:
        """Show a value; one that doesn't fit is ignored."""

    def mark(self, invalid: bool) -> None:
        """Show whether the value is wrong."""
        mark_invalid(self.editor, invalid)

    def _place(self, editor: QWidget) -> None:
        self.editor = editor
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(editor, 1)
        self.setFocusProxy(editor)
        for each in (self, editor):
            each.setAccessibleName(self.option.title)
            each.setToolTip(self.option.help)
        self.set_value(self.option.default)

    def _emit(self, *_: object) -> None:
        self.changed.emit()


class IntegerField(OptionField):
    """A whole number; its lowest value stands for none where there is no default."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self.editor: QSpinBox = _inset(QSpinBox())
        least = int(option.minimum) - (option.default is None)
        self.editor.setRange(least, int(option.maximum))
        self.editor.setSuffix(f" {option.unit}" if option.unit else "")
        if option.default is None:
            self.editor.setSpecialValueText(option.placeholder or "Default")
        self.editor.valueChanged.connect(self._emit)
        self._place(self.editor)

    def value(self) -> int | None:
        """Return the number."""
        number = self.editor.value()
        return None if number < self.option.minimum else number

    def set_value(self, value: Any) -> None:
        """Show a number."""
        if isinstance(value, int):
            self.editor.setValue(value)


class NumberField(OptionField):
    """A number with one decimal."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self.editor: DecimalBox = DecimalBox()
        self.editor.setRange(option.minimum, option.maximum)
        self.editor.setDecimals(1)
        self.editor.setSingleStep(0.5)
        self.editor.setSuffix(f" {option.unit}" if option.unit else "")
        self.editor.valueChanged.connect(self._emit)
        self._place(self.editor)

    def value(self) -> float:
        """Return the number."""
        return self.editor.value()

    def set_value(self, value: Any) -> None:
        """Show a number."""
        if isinstance(value, (int, float)):
            self.editor.setValue(float(value))


class TextField(OptionField):
    """A line of text."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self.editor: QLineEdit = QLineEdit()
        self.editor.setPlaceholderText(option.placeholder)
        self.editor.textChanged.connect(self._emit)
        self._place(self.editor)

    def value(self) -> str | None:
        """Return the text."""
        return self.editor.text().strip() or None

    def set_value(self, value: Any) -> None:
        """Show a text."""
        if isinstance(value, str) and value:
            self.editor.setText(value)


class SuggestionField(OptionField):
    """A text that is chosen or entered."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self.editor: QComboBox = QComboBox()
        self.editor.setEditable(True)
        self.editor.addItems(list(option.suggestions))
        self.editor.currentTextChanged.connect(self._emit)
        self._place(self.editor)

    def value(self) -> str | None:
        """Return the text."""
        return self.editor.currentText().strip() or None

    def set_value(self, value: Any) -> None:
        """Show a text."""
        if isinstance(value, str):
            self.editor.setCurrentText(value)


class ChoiceField(OptionField):
    """One of several values."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        self.editor: QComboBox = choice_box(option.choices)
        self.editor.currentIndexChanged.connect(self._emit)
        self._place(self.editor)

    def value(self) -> str:
        """Return the chosen value."""
        return str(self.editor.currentData())

    def set_value(self, value: Any) -> None:
        """Choose a value."""
        if isinstance(value, str) and value in self.option.choices:
            self.editor.setCurrentIndex(self.editor.findData(value))


class PathField(OptionField):
    """A file."""

    def __init__(self, option: Option) -> None:
        super().__init__(option)
        suffix = option.file_name.rpartition(".")[2]
        kinds = f"*.{suffix} (*.{suffix});;All files (*)" if suffix else "All files (*)"
        self.editor: FileField = FileField(option.title, kinds)
        self.editor.line.setPlaceholderText(option.placeholder)
        self.editor.changed.connect(self._emit)
        self._place(self.editor)

    def value(self) -> str | None:
        """Return the path."""
        return str(self.editor.path) if self.editor.text else None

    def set_value(self, value: Any) -> None:
        """Show a path."""
        if isinstance(value, str) and value:
            self.editor.line.setText(value)

    def mark(self, invalid: bool) -> None:
        """Show whether the path is wrong."""
        mark_invalid(self.editor.line, invalid)


def field_of(option: Option) -> OptionField:
    """Return a new field for an option."""
    if option.kind == "string":
        return SuggestionField(option) if option.suggestions else TextField(option)
    return _FIELDS[option.kind](option)


def choice_box(titles: Mapping[str, str]) -> QComboBox:
    """Return a box of choices: titles by value."""
    combo = QComboBox()
    for key, text in titles.items():
        combo.addItem(text, key)
    return combo


def _inset(field: Spin) -> Spin:
    """Let a number begin where texts do."""
    field.lineEdit().setTextMargins(6, 0, 0, 0)
    return field


_FIELDS: dict[str, type[OptionField]] = {
    "integer": IntegerField,
    "number": NumberField,
    "choice": ChoiceField,
    "file": PathField,
}
