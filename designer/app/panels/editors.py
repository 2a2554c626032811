"""Editors of one parameter's value, one class for each kind of parameter.

Each shows a plain JSON value (``set_value``) and says when the person changes it
(``edited``). What the person types is passed on even if it is not allowed: the
panel shows what is wrong, and nothing typed gets lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app import theme
from designer.app.panels.code_edit import CodeEdit
from designer.app.panels.number_box import NumberBox
from designer.app.path_parameters import stored_path
from designer.pipeline.parameters import named_secret
from modules.contract import Columns, ColumnSelector, Parameter, PathOf, Script, Text
from modules.contract.columns import Column

NOT_SET = "Not set"


class Context:
    """What editors may ask about the surroundings of a parameter.

    Parameters
    ----------
    base : Path
        The folder of the pipeline.
    columns : callable
        From the name of an input port to its columns; None while they are unknown.
    """

    def __init__(
        self,
        base: Path,
        columns: Callable[[str], Sequence[Column] | None] = lambda port: None,
    ) -> None:
        self.base = base
        self.columns = columns


class Editor(QWidget):
    """Base of all editors."""

    edited = Signal(object)

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__()
        self.parameter = parameter
        self.context = context

    def set_value(self, value: Any) -> None:
        """Show a value without saying that it was edited."""
        raise NotImplementedError

    def mark(self, invalid: bool) -> None:
        """Show whether the value is not allowed."""
        target = self.focusProxy() or self
        if bool(target.property("invalid")) != invalid:
            target.setProperty("invalid", invalid)
            target.style().unpolish(target)
            target.style().polish(target)

    def _contain(self, widget: QWidget, *others: QWidget) -> None:
        """Lay widgets out in a row; the first gets the focus."""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(widget, 1)
        for other in others:
            layout.addWidget(other)
        self.setFocusProxy(widget)
        widget.setAccessibleName(self.parameter.title)
        if isinstance(widget, (QLineEdit, QComboBox, NumberBox)):
            self._undo_filter = _DocumentUndo(self)
            line = widget if isinstance(widget, QLineEdit) else widget.lineEdit()
            if line is not None:
                line.installEventFilter(self._undo_filter)


class BooleanEditor(Editor):
    """A check box; for an optional switch three choices."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.box = QCheckBox()
        self.box.clicked.connect(self._on_clicked)
        # A check box's own text does not wrap.
        self.words = _ClickableLabel(parameter.title)
        self.words.clicked.connect(self.box.click)
        self._contain(self.box, self.words)
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
        self.box = _QuietCombo()
        choices = parameter.choices if parameter.kind == "choice" else (True, False)
        self._values: list[Any] = [None] if parameter.optional else []
        self._values += [choice for choice in choices if choice is not None]
        for value in self._values:
            self.box.addItem(_choice_text(value))
        self.box.activated.connect(self._on_activated)
        self._contain(self.box)

    def set_value(self, value: Any) -> None:
        """See base. A value that is no choice is shown as well."""
        if value not in self._values:
            self._values.append(value)
            self.box.addItem(_choice_text(value))
        self.box.setCurrentIndex(self._values.index(value))

    def _on_activated(self, index: int) -> None:
        self.edited.emit(self._values[index])


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
        self.line.textEdited.connect(self._on_edited)
        self._contain(self.line)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = "" if value is None else str(value)
        if self.line.text() != text:
            self.line.setText(text)

    def _on_edited(self, text: str) -> None:
        self.edited.emit(None if not text and self.parameter.optional else text)


class SecretEditor(Editor):
    """The name of a secret; the secret itself is never here."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.line = QLineEdit()
        self.line.setPlaceholderText("Name of the secret")
        self.line.setToolTip(
            "The name under which the secret lies in the system's keyring or, behind "
            "MODELDESK_SECRET_, in the environment. The secret itself is not stored."
        )
        self.line.addAction(
            theme.icon("lock", "text_muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.line.textEdited.connect(self._on_edited)
        self._contain(self.line)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = named_secret(value) or (value if isinstance(value, str) else "")
        if self.line.text() != text:
            self.line.setText(text)

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
    """Plain JSON: lists, mappings, numbers and texts."""

    def set_value(self, value: Any) -> None:
        """See base. Text that is being written and means the value already stays."""
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


class ScriptEditor(Editor):
    """Program text, with a button that opens it in a larger window."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        assert isinstance(parameter.marker, Script)
        self.code = CodeEdit(parameter.marker.language)
        self.code.setFixedHeight(190)
        self.code.textChanged.connect(self._on_edited)
        self.code.setAccessibleName(parameter.title)
        self.larger = QPushButton("Edit in a larger window…")
        self.larger.setIcon(theme.icon("edit"))
        self.larger.clicked.connect(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.code)
        layout.addWidget(self.larger, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.code)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = value if isinstance(value, str) else ""
        if self.code.toPlainText() != text:
            with QSignalBlocker(self.code):
                self.code.setPlainText(text)

    def _on_edited(self) -> None:
        self.edited.emit(self.code.toPlainText())

    def _open(self) -> None:
        from designer.app.dialogs.code_dialog import CodeDialog

        dialog = CodeDialog(
            self.parameter.title,
            self.code.language,
            self.code.toPlainText(),
            error_line=self.code.error_line,
            parent=self.window(),
        )
        if dialog.exec():
            self.set_value(dialog.text())
            self._on_edited()


class PathEditor(Editor):
    """A file or folder, with a dialog to find it."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.line = QLineEdit()
        self.line.setPlaceholderText(NOT_SET if parameter.optional else "No file chosen")
        self.line.textEdited.connect(self._on_edited)
        self.browse = QToolButton()
        self.browse.setText("Browse…")
        self.browse.setIcon(theme.icon("folder"))
        self.browse.setToolTip("Browse…")
        self.browse.setAccessibleName(f"Browse for {parameter.title}")
        self.browse.clicked.connect(self._browse)
        self._contain(self.line, self.browse)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = "" if value is None else str(value)
        if self.line.text() != text:
            self.line.setText(text)

    def _on_edited(self, text: str) -> None:
        self.edited.emit(None if not text and self.parameter.optional else text)

    def _browse(self) -> None:
        marker = self.parameter.marker
        assert isinstance(marker, PathOf)
        current = self.context.base / self.line.text()
        start = str(current if current.exists() else self.context.base)
        suffixes = " ".join(f"*{suffix}" for suffix in marker.suffixes)
        kinds = (f"Suitable files ({suffixes});;" if suffixes else "") + "All files (*)"
        if marker.folder:
            chosen = QFileDialog.getExistingDirectory(self, self.parameter.title, start)
        elif marker.mode == "write":
            chosen, _ = QFileDialog.getSaveFileName(self, self.parameter.title, start, kinds)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, self.parameter.title, start, kinds)
        if chosen:
            text = stored_path(Path(chosen), self.context.base)
            self.line.setText(text)
            self.edited.emit(text)


class ColumnsEditor(Editor):
    """A choice of columns in words, with a button that opens the column picker."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self._value: Any = None
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.edit = QPushButton("Edit…")
        self.edit.setAccessibleName(f"Edit {parameter.title}")
        self.edit.clicked.connect(self._open)
        self._contain(self.summary, self.edit)
        self.setFocusProxy(self.edit)

    def set_value(self, value: Any) -> None:
        """See base."""
        self._value = value
        try:
            selector = ColumnSelector.from_json(value)
        except ValueError:
            self.summary.setText(str(value))
            return
        text = selector.describe()
        self.summary.setText(NOT_SET if value is None else text)
        self.summary.setProperty("role", "muted" if selector.is_empty else "")
        self.summary.style().polish(self.summary)
        self.summary.setToolTip(text)

    def _open(self) -> None:
        from designer.app.dialogs.column_picker import ColumnPicker

        marker = self.parameter.marker
        try:
            selector = ColumnSelector.from_json(self._value)
        except ValueError:
            selector = ColumnSelector()
        picker = ColumnPicker(
            self.parameter.title,
            selector,
            self.context.columns(marker.of) if isinstance(marker, Columns) else None,
            kinds=marker.kinds if isinstance(marker, Columns) else (),
            parent=self.window(),
        )
        if picker.exec():
            chosen = picker.selector()
            empty = chosen.is_empty and self.parameter.optional
            self.edited.emit(None if empty else chosen.to_json())


class ColumnEditor(Editor):
    """One column: its name can be typed or chosen from the known ones."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self.box = _QuietCombo()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer, line = self.box.completer(), self.box.lineEdit()
        assert completer is not None
        assert line is not None
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        line.setPlaceholderText(NOT_SET if parameter.optional else "Choose a column")
        line.textEdited.connect(self._on_edited)
        self.box.activated.connect(lambda _: self._on_edited(self.box.currentText()))
        self.box.about_to_open.connect(self.refresh)
        self._contain(self.box)

    def set_value(self, value: Any) -> None:
        """See base."""
        self.refresh()
        self.box.setEnabled(True)
        try:
            selector = ColumnSelector.from_json(value)
        except ValueError:
            self.box.setEditText(str(value))
            return
        names = selector.named()
        plain = selector.to_json() == list(names)
        text = ", ".join(names) if plain else selector.describe()
        if self.box.currentText().strip() != text:
            self.box.setEditText(text)

    def refresh(self) -> None:
        """List the columns that are known now."""
        marker = self.parameter.marker
        assert isinstance(marker, Columns)
        known = self.context.columns(marker.of) or ()
        names = [c.name for c in known if not marker.kinds or c.kind in marker.kinds]
        if names != [self.box.itemText(index) for index in range(self.box.count())]:
            text = self.box.currentText()
            with QSignalBlocker(self.box):
                self.box.clear()
                self.box.addItems(names)
                self.box.setEditText(text)

    def _on_edited(self, text: str) -> None:
        empty: Any = None if self.parameter.optional else []
        self.edited.emit([text] if text else empty)


def make_editor(parameter: Parameter, context: Context) -> Editor:
    """Return the editor that fits a parameter."""
    marker = parameter.marker
    kind = parameter.kind
    if kind == "boolean":
        fitting: type[Editor] = ChoiceEditor if parameter.optional else BooleanEditor
    elif kind == "columns":
        single = isinstance(marker, Columns) and marker.single
        fitting = ColumnEditor if single else ColumnsEditor
    elif kind == "text" and isinstance(marker, Text):
        fitting = LinesEditor
    else:
        fitting = {
            "choice": ChoiceEditor,
            "integer": NumberEditor,
            "number": NumberEditor,
            "script": ScriptEditor,
            "path": PathEditor,
            "secret": SecretEditor,
            "text": TextEditor,
        }.get(kind, DataEditor)
    return fitting(parameter, context)


class _ClickableLabel(QLabel):
    clicked = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()


class _QuietCombo(QComboBox):
    """Ignores the wheel without the focus, and says when its list opens."""

    about_to_open = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def showPopup(self) -> None:
        self.about_to_open.emit()
        super().showPopup()

    def wheelEvent(self, event: Any) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _DocumentUndo(QObject):
    """Leaves undo and redo to the document, which knows every step of the field."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.ignore()
                return True
        return super().eventFilter(watched, event)


def _choice_text(value: Any) -> str:
    if value is None:
        return NOT_SET
    if isinstance(value, bool):
        return "Yes" if value else "No"
    text = str(value)
    return text[:1].upper() + text[1:]


def _short_json(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, indent=None if len(str(value)) < 60 else 2)


def _same(first: Any, second: Any) -> bool:
    """Compare; 1 and 1.0 are the same number, 1 and true are not."""
    return isinstance(first, bool) == isinstance(second, bool) and first == second
