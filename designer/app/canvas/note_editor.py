"""Writing a note in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from designer.app.canvas.inks import font, inks
from designer.app.canvas.note_item import PADDING, TEXT_SIZE
from designer.pipeline import edits

if TYPE_CHECKING:
    from designer.app.canvas.canvas import Canvas


class NoteWriting:
    """Lets the person write into one note at a time."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.editor: NoteEditor | None = None

    def begin(self, name: str) -> None:
        """Open the field over a note."""
        graph, viewer = self._canvas.graph, self._canvas.viewer
        item = graph.notes[name]
        self.finish()
        viewer.show_area(item.card_rect())
        item.editing = True
        item.update()
        self.editor = NoteEditor(
            viewer.viewport(), item.note.text, lambda text: self._keep(name, text)
        )
        corner = viewer.to_view(item.card_rect().topLeft())
        other = viewer.to_view(item.card_rect().bottomRight())
        self.editor.lie_over(QRectF(corner, other), viewer.zoom(), item.note.color)

    def finish(self) -> None:
        """Close the field and keep the text."""
        if self.editor is not None:
            self.editor.finish()

    def _keep(self, name: str, text: str | None) -> None:
        self.editor = None
        item = self._canvas.graph.notes.get(name)
        if item is None:
            return
        item.editing = False
        item.update()
        if text is not None and text != item.note.text:
            self._canvas.edit(
                "Edit note", lambda pipeline: edits.set_note(pipeline, name, text=text)
            )


class NoteEditor(QPlainTextEdit):
    """A field that lies over a note until the focus leaves it.

    Parameters
    ----------
    done : callable
        Called once with the new text, or None if the person gave up with Escape.
    """

    def __init__(self, parent: QWidget, text: str, done: Callable[[str | None], None]) -> None:
        super().__init__(parent)
        self._home = parent.parentWidget() or parent
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
        if self.hasFocus():
            # Qt would give it to whatever widget comes next.
            self._home.setFocus(Qt.FocusReason.OtherFocusReason)
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
