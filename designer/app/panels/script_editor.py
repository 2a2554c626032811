"""The editor of a script: program text, with a larger window for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from designer.app.code.code_edit import CodeEdit
from designer.app.panels.editor import Context, Editor
from designer.app.shell import theme
from designer.texts import tr
from modules.contract import Parameter, Script


class ScriptEditor(Editor):
    """Program text, with a button that opens it in a larger window."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        assert isinstance(parameter.marker, Script)
        self.code = CodeEdit(parameter.marker.language)
        self.code.setFixedHeight(190)
        self.code.textChanged.connect(self._on_edited)
        self.code.setAccessibleName(parameter.title)
        self.code.installEventFilter(self)
        self.larger = QPushButton(tr("Edit in a larger window…"))
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

    def go_to_error(self) -> None:
        """Put the cursor into the marked line, if there is one."""
        if self.code.error_line is not None:
            self.code.go_to_line(self.code.error_line)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave undo and redo to the document where the text itself has no step."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys, text = QKeySequence.StandardKey, self.code.document()
            undo = event.matches(keys.Undo) and not text.isUndoAvailable()
            redo = event.matches(keys.Redo) and not text.isRedoAvailable()
            if undo or redo:
                event.ignore()
                return True
        return super().eventFilter(watched, event)

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
        # Not only when it is accepted, or a crash would lose what was typed there.
        dialog.code.textChanged.connect(lambda: self.code.setPlainText(dialog.text()))
        dialog.exec()
        dialog.deleteLater()
        self.finished.emit()


def error_line(error: Mapping[str, Any], parameter: str) -> int | None:
    """Return the line of a script that an error of its step names, counted from 1.

    Parameters
    ----------
    error : mapping
        As in :class:`designer.engine.results.NodeResult`.
    parameter : str
        The parameter that contains the script.
    """
    if error.get("parameter") not in (None, parameter):
        return None
    line = error.get("line")
    if isinstance(line, int):
        return line
    if error.get("code") != "script-failed":
        return None
    # An error that a module raises itself has a sentence and no number.
    found = re.search(r"\bin line (\d+)", str(error.get("message", "")))
    return int(found[1]) if found else None
