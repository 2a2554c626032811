"""Editing a note on the canvas."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from designer.app.canvas.gestures.inline_editor import Done, InlineEditor, InlineField
from designer.app.canvas.items.note_item import PADDING, TEXT_SIZE, NoteItem
from designer.app.canvas.items.palette import current_palette, font
from designer.pipeline import edits
from designer.texts import tr


class NoteEditor(InlineEditor):
    """Lets the user write into one note at a time."""

    def item(self, name: str) -> NoteItem | None:
        """Return the card of a note."""
        return self.graph.notes.get(name)

    def area(self, item: NoteItem) -> QRectF:
        """Return the whole card."""
        return item.card_rect()

    def field(self, parent: QWidget, item: NoteItem, done: Done) -> NoteField:
        """Return a field that contains the note."""
        return NoteField(parent, item.note.text, item.note.color, done)

    def keep(self, name: str, item: NoteItem, text: str) -> None:
        """Ask for another text."""
        if text != item.note.text:
            self.edit(tr("Edit note"), lambda pipeline: edits.set_note(pipeline, name, text=text))


class NoteField(InlineField, QPlainTextEdit):
    """A field for the text of a note, on a background of its color."""

    def __init__(self, parent: QWidget, text: str, color: str, done: Done) -> None:
        super().__init__(parent)
        self._color = color
        self.set_up(parent, done, tr("Text of the note"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setPlainText(text)
        self.selectAll()

    def written(self) -> str:
        """Return the text."""
        return self.toPlainText()

    def ends(self, event: Any) -> bool:
        """Finish with Ctrl+Enter: Enter alone starts a line."""
        return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)

    def cover(self, area: QRectF, zoom: float) -> None:
        """Cover the note."""
        self.setFont(font(max(TEXT_SIZE * zoom, 9.0)))
        ground, _ = current_palette().note(self._color)
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {ground.name()}; border: none; border-radius: 4px;"
            f" padding: {round(PADDING * zoom * 0.5)}px; color: {current_palette().text.name()}; }}"
        )
        margin = max(3.0 * zoom, 2.0)
        self.show_at(area.adjusted(margin, margin, -margin, -margin))
