"""Editing the title of a group on the canvas."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QLineEdit, QWidget

from designer.app.canvas.gestures.inline_editor import Done, InlineEditor, InlineField
from designer.app.canvas.items.frame_item import FrameItem
from designer.app.canvas.items.palette import font
from designer.app.shell import theme
from designer.pipeline import grouping
from designer.texts import tr

_LEAST = (160.0, 26.0)


class TitleEditor(InlineEditor):
    """Lets the user write the title of one group at a time."""

    def item(self, name: str) -> FrameItem | None:
        """Return the frame of a group."""
        return self.graph.frames.items.get(name)

    def is_seen(self, name: str) -> bool:
        """Return whether the frame is there and open."""
        item = self.item(name)
        return super().is_seen(name) and item is not None and not item.collapsed

    def area(self, item: FrameItem) -> QRectF:
        """Return the strip of its title."""
        return item.title_rect()

    def field(self, parent: QWidget, item: FrameItem, done: Done) -> TitleField:
        """Return a field that contains the title."""
        return TitleField(parent, item.subject.title, done)

    def keep(self, name: str, item: FrameItem, text: str) -> None:
        """Ask for another title."""
        if text != item.subject.title:
            self.edit(
                tr("Change title"), lambda pipeline: grouping.set_group(pipeline, name, title=text)
            )


class TitleField(InlineField, QLineEdit):
    """A field for the title of a group."""

    def __init__(self, parent: QWidget, text: str, done: Done) -> None:
        super().__init__(text, parent)
        self.set_up(parent, done, tr("Title of the group"))
        self.setPlaceholderText(tr("Title of the group"))
        self.selectAll()

    def written(self) -> str:
        """Return the title."""
        return self.text().strip()

    def ends(self, event: Any) -> bool:
        """Finish with Enter: a title has one line."""
        return True

    def cover(self, area: QRectF, zoom: float) -> None:
        """Cover the title, but large enough to be written in.

        The extra height is above the frame, where there is no card.
        """
        colors = theme.current()
        self.setFont(font(min(max(14.0 * zoom, 12.0), 28.0)))
        self.setStyleSheet(
            f"QLineEdit {{ background: {colors.raised}; color: {colors.text}; padding: 0 6px;"
            f" border: 2px solid {colors.selection}; border-radius: 6px; }}"
        )
        width, height = max(area.width() - 8, _LEAST[0]), max(area.height() - 4, _LEAST[1])
        top = max(min(area.top() + 2, area.bottom() - 2 - height), 0)
        self.show_at(QRectF(area.left() + 4, top, width, height))
