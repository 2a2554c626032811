"""An editor for program text: spaces for tabs, indentation, an error line."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from designer.app.code.code_text import INDENT, CodeText


class CodeEdit(CodeText):
    """A plain text editor for a script."""

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(language, parent)
        self._error_line: int | None = None

    @property
    def error_line(self) -> int | None:
        """The marked line, counted from 1."""
        return self._error_line

    def set_error_line(self, line: int | None) -> None:
        """Mark a line as wrong, counted from 1; None removes the mark."""
        self._error_line = line
        self.mark_lines([(line, line)] if line else [], "error")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Indent with spaces; a new line starts as deep as the one before."""
        if event.key() == Qt.Key.Key_Tab and not event.modifiers():
            self._indent()
        elif event.key() == Qt.Key.Key_Backtab:
            self._unindent()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            cursor = self.textCursor()
            line = cursor.block().text()[: cursor.positionInBlock()]
            deeper = INDENT if self.language == "python" and line.rstrip().endswith(":") else ""
            cursor.insertText("\n" + line[: len(line) - len(line.lstrip())] + deeper)
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: Any) -> None:
        """Paste text with spaces for tabs."""
        self.textCursor().insertText(source.text().expandtabs(4))

    def _indent(self) -> None:
        cursor = self.textCursor()
        if not cursor.hasSelection():
            cursor.insertText(" " * (len(INDENT) - cursor.positionInBlock() % len(INDENT)))
            return
        self._change_lines(lambda line: INDENT + line if line.strip() else line)

    def _unindent(self) -> None:
        self._change_lines(lambda line: line[min(len(line) - len(line.lstrip(" ")), 4) :])

    def _change_lines(self, change: Any) -> None:
        cursor = self.textCursor()
        document = self.document()
        first = document.findBlock(cursor.selectionStart()).blockNumber()
        last = document.findBlock(cursor.selectionEnd()).blockNumber()
        cursor.beginEditBlock()
        for number in range(first, last + 1):
            block = document.findBlockByNumber(number)
            edit = QTextCursor(block)
            edit.select(QTextCursor.SelectionType.LineUnderCursor)
            changed = change(block.text())
            if changed != block.text():
                edit.insertText(changed)
        cursor.endEditBlock()
