"""Editors of columns: a selection, one name from a list, one value, and types."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QLabel, QPushButton, QSizePolicy

from designer.app.document.column_labels import kind_label, selection_label
from designer.app.panels.editor import NOT_SET, Context, Editor, QuietCombo
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.fields.typed_text import on_typed, showing
from designer.texts import tr
from modules.contract import Columns, ColumnSelector, Parameter, ValueOf

_SHOWN = 4
"""Types that a summary lists."""


class SummaryEditor(Editor):
    """A summary of a value, with a button that opens a dialog for it."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self._value: Any = None
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.edit = QPushButton(tr("Edit…"))
        self.edit.setAccessibleName(tr("Edit {title}").format(title=parameter.title))
        self.edit.clicked.connect(self._open)
        self._contain(self.summary, self.edit)
        self.setFocusProxy(self.edit)

    def _open(self) -> None:
        raise NotImplementedError

    def _show(self, text: str, details: str = "", *, muted: bool = False) -> None:
        self.summary.setText(text)
        self.summary.setProperty("role", "muted" if muted else "")
        self.summary.style().polish(self.summary)
        self.summary.setToolTip(plain_tooltip(details))


class ColumnsEditor(SummaryEditor):
    """A summary of a column selection, with a button that opens the column picker."""

    def set_value(self, value: Any) -> None:
        """See base."""
        self._value = value
        try:
            selector = ColumnSelector.from_json(value)
        except ValueError:
            self._show(str(value))
            return
        text = selection_label(selector)
        self._show(NOT_SET if value is None else text, text, muted=selector.is_empty)

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
    """One column: chosen from the known ones, or typed.

    What is being typed is committed with Enter, by choosing from the list, or by
    leaving the field: half a name isn't a column.
    """

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self._shown = ""
        self._entered = False
        self.box = QuietCombo()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer, line = self.box.completer(), self.box.lineEdit()
        assert completer is not None
        assert line is not None
        self.line = line
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        line.setPlaceholderText(NOT_SET if parameter.optional else tr("Choose a column"))
        line.editingFinished.connect(self.commit)
        on_typed(line, lambda _: self._on_text())
        self.box.activated.connect(lambda _: self.commit())
        self.box.about_to_open.connect(self.refresh)
        self._contain(self.box)
        for each in (self.box, line):
            each.installEventFilter(self)

    def set_value(self, value: Any) -> None:
        """See base."""
        self.refresh()
        try:
            selector = ColumnSelector.from_json(value)
        except ValueError:
            text = str(value)
        else:
            names = selector.named()
            plain = selector.to_json() == list(names)
            text = ", ".join(names) if plain else selection_label(selector)
        self._shown = text
        if self.box.currentText() != text:
            self._show(text)

    def commit(self) -> None:
        """Commit what was typed, if it is new."""
        text = self.box.currentText().strip()
        if text == self._shown or self.box.view().isVisible():
            return
        self._shown = text
        empty: Any = None if self.parameter.optional else []
        self.edited.emit([text] if text else empty)

    def refresh(self) -> None:
        """List the columns that are known now."""
        marker = self.parameter.marker
        assert isinstance(marker, Columns)
        known = self.context.columns(marker.of) or ()
        names = [c.name for c in known if not marker.kinds or c.kind in marker.kinds]
        if names != [self.box.itemText(index) for index in range(self.box.count())]:
            text = self.box.currentText()
            with QSignalBlocker(self.box), showing(self.line):
                self.box.clear()
                self.box.addItems(names)
            self._show(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let typing replace the name in the field, as in every combo box.

        The click that enters the field selects the name, and opens the list where there is none;
        Esc discards what was typed.
        """
        kind = event.type()
        if isinstance(event, QFocusEvent) and kind == QEvent.Type.FocusIn:
            self._entered = event.reason() == Qt.FocusReason.MouseFocusReason
        elif isinstance(event, QMouseEvent) and kind == QEvent.Type.MouseButtonRelease:
            if watched is self.line and event.button() == Qt.MouseButton.LeftButton:
                self._on_click()
        elif isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and not self.line.text():
                self.box.showPopup()
                return True
            if event.key() == Qt.Key.Key_Escape and self.line.text() != self._shown:
                self._show(self._shown)
                return True
        return super().eventFilter(watched, event)

    def _show(self, text: str) -> None:
        with QSignalBlocker(self.box), showing(self.line):
            # The row of another column would be taken for the one that is chosen already.
            self.box.setCurrentIndex(self.box.findText(text))
            self.box.setEditText(text)

    def _on_text(self) -> None:
        """Commit a name that assistive technology has set at once, without any key."""
        completer = self.box.completer()
        popup = completer.popup() if completer is not None else None
        completing = popup is not None and popup.isVisible()
        if not self.line.isModified() and not completing:
            self.commit()

    def _on_click(self) -> None:
        if not self.line.text():
            self.box.showPopup()
        elif self._entered and not self.line.hasSelectedText():
            self.line.selectAll()
        self._entered = False


class ValueEditor(Editor):
    """A value of a column: chosen from those that the data has, or typed."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        assert isinstance(parameter.marker, ValueOf)
        self._column = parameter.marker.column
        self._offered: tuple[str, str] | None = None
        self.box = QuietCombo()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.box.lineEdit()
        assert line is not None
        self.line = line
        line.setPlaceholderText(NOT_SET)
        on_typed(line, self._emit)
        self.box.textActivated.connect(self._on_chosen)
        self.box.about_to_open.connect(self._offer_again)
        self._contain(self.box)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = "" if value is None else str(value)
        if self.line.text() != text:
            with showing(self.line):
                self.box.setEditText(text)
            self.line.setCursorPosition(0)
        self.refresh()

    def refresh(self) -> None:
        """List the values of the column, once for each column."""
        column = self.context.column(self._column)
        if column == self._offered:
            return
        self._offered = column
        self._list(column, [])
        if column is not None:
            self.context.values(*column, lambda found: self._list(column, found))

    def _offer_again(self) -> None:
        self._offered = None
        self.refresh()

    def _list(self, column: tuple[str, str] | None, values: list[str]) -> None:
        """List values, unless another column is chosen by now."""
        shown = [self.box.itemText(index) for index in range(self.box.count())]
        if column != self._offered or values == shown:
            return
        text, position = self.line.text(), self.line.cursorPosition()
        with QSignalBlocker(self.box), showing(self.line):
            self.box.clear()
            self.box.addItems(values)
            # From an empty field the arrow key goes to the first one.
            self.box.setCurrentIndex(self.box.findText(text))
            self.box.setEditText(text)
        self.line.setCursorPosition(position)

    def _on_chosen(self, text: str) -> None:
        self._emit(text)
        self.finished.emit()

    def _emit(self, text: str) -> None:
        self.edited.emit(None if not text and self.parameter.optional else text)


class ColumnTypesEditor(SummaryEditor):
    """A summary of the chosen types, with a button that opens the table of the columns."""

    def set_value(self, value: Any) -> None:
        """See base."""
        self._value = value
        types = value if isinstance(value, dict) else {}
        parts = [f"{name}: {kind_label(str(kind))}" for name, kind in types.items()]
        text = ", ".join(parts[:_SHOWN]) + (" …" if len(parts) > _SHOWN else "")
        if value is not None and not isinstance(value, dict):
            text = str(value)
        self._show(text or tr("All inferred"), ", ".join(parts), muted=not text)

    def _open(self) -> None:
        from designer.app.dialogs.column_types import ColumnTypes

        data = self.context.data()
        if data is None:
            return
        parameters = {**data.parameters}
        if not isinstance(self._value, dict):
            parameters.pop(self.parameter.name, None)
        dialog = ColumnTypes(
            self.parameter.title,
            data.module,
            parameters,
            self.parameter.name,
            data.reader,
            at_once=data.at_once,
            parent=self.window(),
        )
        if dialog.exec():
            self.edited.emit(dialog.types() or None)
        dialog.deleteLater()


_SHOWN = 4
