"""Fields for the values of settings, one for each kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from designer.app.preferences.folder_list import FolderList
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.fields.number_box import DecimalBox, WholeBox
from designer.settings import Setting
from designer.texts import tr

GIGABYTE = 1_000_000_000

TEXT_SIZE_STEP = 10
"""Percent that the arrows of a field for percentages change."""


class Editor(QObject):
    """A field for the value of one setting.

    Signals
    -------
    edited : object
        The value that the user has entered.
    """

    edited = Signal(object)

    def __init__(self, field: QWidget, show: Callable[[Any], object]) -> None:
        super().__init__(field)
        self.field = field
        self._show = show

    def show_value(self, value: Any) -> None:
        """Show a value, without a signal."""
        with QSignalBlocker(self):
            self._show(value)


def editor_of(setting: Setting) -> Editor:
    """Return a field for a setting."""
    made = _MAKERS[setting.kind](setting)
    title = tr(setting.about.title)
    for each in (made.field, *made.field.findChildren(QWidget)):
        if isinstance(each, (QComboBox, QCheckBox, QAbstractSpinBox)) or (
            isinstance(each, QLineEdit) and not isinstance(each.parent(), QAbstractSpinBox)
        ):
            if isinstance(each, ChoiceBox):
                each.set_spoken_label(title)
            else:
                each.setAccessibleName(title)
            each.setAccessibleDescription(tr(setting.about.help))
    return made


class _NoWheel(QObject):
    """Leaves the wheel to the page as long as a field doesn't have the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Wheel
            and isinstance(watched, QWidget)
            and not watched.hasFocus()
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _scrolls(field: QWidget) -> None:
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.installEventFilter(_NoWheel(field))


def _choice(setting: Setting) -> Editor:
    box = ChoiceBox()
    for value, title in (setting.about.choices or {}).items():
        box.addItem(tr(title), value)
    _scrolls(box)
    made = Editor(box, lambda value: box.setCurrentIndex(box.findData(value)))
    box.currentIndexChanged.connect(lambda _: made.edited.emit(box.currentData()))
    return made


def _switch(setting: Setting) -> Editor:
    box = QCheckBox(tr("On"))
    made = Editor(box, box.setChecked)
    box.toggled.connect(lambda on: made.edited.emit(on))
    return made


def _number(setting: Setting) -> Editor:
    box = WholeBox()
    least, most = setting.limits
    if setting.about.unset:
        # One below the least means that nothing is chosen.
        least -= 1
        box.setSpecialValueText(f"{tr(setting.about.unset)} ({os.cpu_count()})")
    box.setRange(least, most)
    box.setSuffix(f" {setting.about.unit}" if setting.about.unit else "")
    box.setSingleStep(TEXT_SIZE_STEP if setting.about.unit == "%" else 1)
    # Not for each digit while the user is typing.
    box.setKeyboardTracking(False)
    _scrolls(box)
    made = Editor(box, lambda value: box.setValue(least if value is None else value))
    special = bool(setting.about.unset)
    box.valueChanged.connect(
        lambda value: made.edited.emit(None if special and value == least else value)
    )
    return made


def _size(setting: Setting) -> Editor:
    box = DecimalBox()
    box.setRange(0, 1_000_000)
    box.setDecimals(1)
    box.setSuffix(" GB")
    box.setSpecialValueText(tr(setting.about.unset))
    box.setKeyboardTracking(False)
    _scrolls(box)
    made = Editor(box, lambda value: box.setValue((value or 0) / GIGABYTE))
    box.valueChanged.connect(lambda value: made.edited.emit(round(value * GIGABYTE) or None))
    return made


def _text(setting: Setting) -> Editor:
    line = QLineEdit()
    line.setPlaceholderText(tr(setting.about.unset))
    made = Editor(line, lambda value: line.setText(value or ""))
    line.editingFinished.connect(lambda: made.edited.emit(line.text().strip() or setting.default))
    return made


def _folder(setting: Setting) -> Editor:
    field = QWidget()
    line = QLineEdit()
    line.setPlaceholderText(tr(setting.about.unset))
    browse = QPushButton(tr("Browse…"))
    browse.setAccessibleName(tr("Choose a folder for “{setting}”").format(setting=_title(setting)))
    layout = QHBoxLayout(field)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(line)
    layout.addWidget(browse)
    made = Editor(field, lambda value: line.setText(value or ""))

    def ask() -> None:
        chosen = QFileDialog.getExistingDirectory(field, _title(setting), line.text())
        if chosen:
            line.setText(chosen)
            made.edited.emit(chosen)

    browse.clicked.connect(ask)
    line.editingFinished.connect(lambda: made.edited.emit(line.text().strip()))
    return made


def _folders(setting: Setting) -> Editor:
    field = FolderList(_title(setting))
    made = Editor(field, field.set_folders)
    field.edited.connect(made.edited)
    return made


def _title(setting: Setting) -> str:
    return tr(setting.about.title)


_MAKERS: dict[str, Callable[[Setting], Editor]] = {
    "choice": _choice,
    "switch": _switch,
    "number": _number,
    "size": _size,
    "text": _text,
    "folder": _folder,
    "folders": _folders,
}
