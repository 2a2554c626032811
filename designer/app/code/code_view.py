"""Code to read: it follows the pipeline, and its lines lead to cards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from designer.app.code.code_text import CodeText
from designer.app.code.spans import Spans


class CodeView(CodeText):
    """Shows code that can be selected and copied, but not changed.

    Signals
    -------
    line_chosen : int
        A line was clicked, or Return was pressed in it; counted from 1.
    """

    line_chosen = Signal(int)

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(language, parent)
        self._lines = [""]
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        keyboard = Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.setTextInteractionFlags(self.textInteractionFlags() | keyboard)

    def set_code(self, text: str, spans: Spans) -> None:
        """Show other code, read by :func:`read_spans`; lines that are equal aren't touched.

        So position and cursor stay while a few lines change.
        """
        old, new = self._lines, text.split("\n")
        most = min(len(old), len(new))
        start = next((i for i in range(most) if old[i] != new[i]), most)
        if start == len(old) == len(new):
            return
        most -= start
        same = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
        added = new[start : len(new) - same]
        self._lines = new
        document, cursor = self.document(), QTextCursor(self.document())
        end = document.characterCount() - 1
        if same:
            # Lines with the breaks after them.
            cursor.setPosition(document.findBlockByNumber(start).position())
            after = document.findBlockByNumber(len(old) - same).position()
            cursor.setPosition(after, QTextCursor.MoveMode.KeepAnchor)
            inserted = "".join(f"{line}\n" for line in added)
        else:
            # Lines at the end, with the break before them.
            block = document.findBlockByNumber(start)
            cursor.setPosition(max(block.position() - 1, 0) if block.isValid() else end)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            inserted = "".join(f"\n{line}" for line in added)
            inserted = inserted if start else inserted.removeprefix("\n")
        self.highlighter.expect(spans)
        cursor.insertText(inserted)
        if old == [""]:
            # The text went in before the cursor.
            self.moveCursor(QTextCursor.MoveOperation.Start)

    def light(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Light up lines, and scroll to the last part of them unless some are in view."""
        self.mark_lines(ranges, "accent")
        if not ranges:
            return
        first = self.firstVisibleBlock().blockNumber() + 1
        height = self.blockBoundingRect(self.firstVisibleBlock()).height() or 1
        shown = int(self.viewport().height() / height)
        if not any(start < first + shown and end >= first for start, end in ranges):
            # Not with the cursor, which belongs to the user.
            bar = self.verticalScrollBar()
            bar.setValue(max(ranges[-1][0] - 1 - shown // 3, 0))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the clicked line, unless text was selected."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_chosen.emit(self.textCursor().blockNumber() + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the line of the cursor by Return."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.line_chosen.emit(self.textCursor().blockNumber() + 1)
        else:
            super().keyPressEvent(event)
