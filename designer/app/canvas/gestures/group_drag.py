"""Dragging cards and notes into the frame of a group and out of it."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPointF, QRectF

from designer.app.canvas.frames import innermost
from designer.app.canvas.surface import Surface
from designer.texts import tr

MARGIN = 30.0
"""How far beyond its frame a card can be dragged and stay in the group."""


class GroupDrag:
    """Finds and shows the group that dragged items would be added to.

    Frames count as they are when the drag starts, so that a growing one doesn't keep
    a card. A card leaves its group when both the pointer and the middle of the card
    are out of the frame.

    Parameters
    ----------
    pressed : str
        What the user drags.
    moved : collection of str
        All that moves with it.
    """

    def __init__(self, canvas: Surface, pressed: str, moved: Collection[str]) -> None:
        self._canvas = canvas
        graph = canvas.graph
        frames = graph.frames
        self._areas = {name: area for name, area in frames.grounds().items() if name not in moved}
        self._roots = [
            name
            for name in graph.selection()
            if name in moved and not any(holder in moved for holder in frames.holders(name))
        ]
        held = (pressed, *frames.holders(pressed))
        self._pressed = next((name for name in held if name in self._roots), "")
        self._home = self._pressed.rpartition("/")[0]
        self._lifted = [frames.items[name] for name in moved if name in frames.items]
        self.goal = self._home

    @property
    def joins(self) -> tuple[list[str], str] | None:
        """Which items would be added to which group; None if no item changes its group."""
        return None if self.goal == self._home else (self._roots, self.goal)

    def areas_left(self) -> dict[str, QRectF]:
        """Return the areas of the frames that the dragged items leave."""
        homes = {name.rpartition("/")[0] for name in self._roots}
        return {name: self._areas[name] for name in homes if name in self._areas}

    def follow(self, point: QPointF, at: QPointF) -> None:
        """Follow the pointer in the scene, ``at`` in the view, and show the target."""
        if not self._pressed:
            return
        for item in self._lifted:
            item.set_lifted(True)
        self.goal = self._goal_at(point)
        frames = self._canvas.graph.frames
        if self.goal == self._home:
            frames.preview_members((), "")
            frames.mark("")
            self._canvas.bubble.hide()
            return
        frames.preview_members(self._roots, self.goal)
        frames.mark(self.goal)
        self._canvas.bubble.show_text(self._text(), at, good=True)

    def end(self) -> None:
        """Stop showing the target."""
        for item in self._lifted:
            item.set_lifted(False)
        self._canvas.graph.frames.preview_members((), "")
        self._canvas.graph.frames.mark("")
        self._canvas.bubble.hide()

    def _goal_at(self, point: QPointF) -> str:
        found = innermost(point, self._areas)
        around_home = not found or self._home.startswith(f"{found}/")
        return self._home if around_home and self._stays(point) else found

    def _stays(self, point: QPointF) -> bool:
        area = self._areas.get(self._home)
        if area is None:
            return False
        near = area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        middle = self._canvas.graph.bounds([self._pressed]).center()
        return near.contains(point) or area.contains(middle)

    def _text(self) -> str:
        items = self._canvas.graph.frames.items
        if self.goal in items:
            return tr("Into “{title}”").format(title=items[self.goal].title)
        return (
            tr("Out of “{title}”").format(title=items[self._home].title)
            if self._home in items
            else ""
        )
