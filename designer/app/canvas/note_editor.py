"""Writing a note in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from designer.app.canvas.inks import font, inks
from designer.app.canvas.note_item import PADDING, TEXT_SIZE


class NoteEditor(QPlainTextEdit):
    """A field that lies over a note until the focus leaves it.

    Parameters
    ----------
    done : callable
        Called once with the new text, or None if the person gave up with Escape.
    """

    def __init__(self, parent: QWidget, text: str, done: Callable[[str | None], None]) -> None:
        super().__init__(parent)
        self._done: Callable[[str | None], None] | None = done
        self.setAccessibleName("Text of the note")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setPlainText(text)
        self.selectAll()

    def lie_over(self, area: QRectF, zoom: float, color: str) -> None:
        """Take the place of a note, given in pixels of the parent."""
        self.setFont(font(max(TEXT_SIZE * zoom, 9.0)))
        ground, _ = inks().note(color)
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {ground.name()}; border: none; border-radius: 4px;"
            f" padding: {round(PADDING * zoom * 0.5)}px; color: {inks().text.name()}; }}"
        )
        margin = max(3.0 * zoom, 2.0)
        self.setGeometry(area.adjusted(margin, margin, -margin, -margin).toRect())
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish(self, keep: bool = True) -> None:
        """Close, with or without what was written."""
        done, self._done = self._done, None
        if done is None:
            return
        text = self.toPlainText() if keep else None
        self.hide()
        self.deleteLater()
        done(text)

    def keyPressEvent(self, event: Any) -> None:
        """Finish with Ctrl+Enter, give up with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.finish(keep=False)
        elif (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.finish()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        """Keep what was written when the person goes elsewhere."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish()
