"""The fields in which the options of deployment targets are entered."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from designer.app.deployment.fields import FileField, mark_invalid
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.fields.number_box import DecimalBox, WholeBox
from designer.composed_texts import in_language
from designer.deployment.options import Option
from designer.texts import tr


class OptionField(QWidget):
    """A field for the value of an option.

    Attributes
    ----------
    editor : QWidget
        Where the value is entered.

    Signals
    -------
    changed
        The value has changed.
    """

    changed = Signal()

    def __init__(self, option: Option) -> None:
        super().__init__()
        self.option = option
        kind = "suggestions" if option.suggestions else option.kind
        self.editor, self._get, self._set = _EDITORS[kind](option, lambda *_: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.editor, 1)
        self.setFocusProxy(self.editor)
        for each in (self, self.editor):
            each.setAccessibleName(in_language(option.title))
            each.setToolTip(in_language(option.help))
        if isinstance(self.editor, ChoiceBox):
            # The label of the form belongs to this field, not to the box in it.
            self.editor.set_spoken_label(in_language(option.title))
        self.set_value(option.default)

    def value(self) -> Any:
        """Return the value; None for that of the target."""
        return self._get()

    def set_value(self, value: Any) -> None:
        """Show a value; one of another type is ignored."""
        if value not in (None, ""):
            with contextlib.suppress(TypeError):
                self._set(value)

    def mark(self, invalid: bool) -> None:
        """Show whether the value is wrong."""
        mark_invalid(getattr(self.editor, "line", self.editor), invalid)


Editor = tuple[QWidget, Callable[[], Any], Callable[[Any], object]]
"""A widget, what returns its value and what shows another one."""

Changed = Callable[..., object]


def choice_box(titles: Mapping[str, str]) -> ChoiceBox:
    """Return a box of choices: titles by value."""
    combo = ChoiceBox()
    for key, text in titles.items():
        combo.addItem(text, key)
    return combo


def _integer(option: Option, changed: Changed) -> Editor:
    box = WholeBox()
    # The lowest value means none where there is no default.
    box.setRange(int(option.minimum) - (option.default is None), int(option.maximum))
    box.setSpecialValueText(
        (in_language(option.placeholder) or tr("Default")) if option.default is None else ""
    )
    box.setSuffix(f" {tr(option.unit)}" if option.unit else "")
    box.valueChanged.connect(changed)
    return box, lambda: box.value() if box.value() >= option.minimum else None, box.setValue


def _number(option: Option, changed: Changed) -> Editor:
    box = DecimalBox()
    box.setDecimals(1)
    if option.is_share:
        box.setRange(100 * option.minimum, 100 * option.maximum)
        box.setSingleStep(5)
        box.setSuffix(" %")
        box.valueChanged.connect(changed)
        # A tenth of a percent is a thousandth.
        return box, lambda: round(box.value() / 100, 3), lambda share: box.setValue(100 * share)
    box.setRange(option.minimum, option.maximum)
    box.setSingleStep(0.5)
    box.setSuffix(f" {tr(option.unit)}" if option.unit else "")
    box.valueChanged.connect(changed)
    return box, box.value, box.setValue


def _string(option: Option, changed: Changed) -> Editor:
    line = QLineEdit()
    line.setPlaceholderText(in_language(option.placeholder))
    line.textChanged.connect(changed)
    return line, lambda: line.text().strip() or None, line.setText


def _suggestions(option: Option, changed: Changed) -> Editor:
    combo = ChoiceBox()
    combo.setEditable(True)
    combo.addItems(list(option.suggestions))
    combo.currentTextChanged.connect(changed)
    return combo, lambda: combo.currentText().strip() or None, combo.setCurrentText


def _choice(option: Option, changed: Changed) -> Editor:
    combo = choice_box(option.choices)
    combo.currentIndexChanged.connect(changed)

    def show(value: Any) -> None:
        if value in list(option.choices):
            combo.setCurrentIndex(combo.findData(value))

    return combo, combo.currentData, show


def _file(option: Option, changed: Changed) -> Editor:
    suffix = option.file_name.rpartition(".")[2]
    kinds = (
        tr("*.{suffix} (*.{suffix});;All files (*)").format(suffix=suffix)
        if suffix
        else tr("All files (*)")
    )
    field = FileField(in_language(option.title), kinds)
    field.line.setPlaceholderText(in_language(option.placeholder))
    field.changed.connect(changed)
    return field, lambda: str(field.path) if field.text else None, field.line.setText


_EDITORS: Mapping[str, Callable[[Option, Changed], Editor]] = {
    "integer": _integer,
    "number": _number,
    "string": _string,
    "suggestions": _suggestions,
    "choice": _choice,
    "file": _file,
}
