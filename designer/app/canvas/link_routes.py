"""Keeps links out from behind the cards that they don't belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from designer.app.canvas.arranging.boxes import Box, touch
from designer.app.canvas.arranging.lanes import spread
from designer.app.canvas.arranging.obstacles import Obstacles
from designer.app.canvas.arranging.routing import Router
from designer.app.canvas.frames import Frames
from designer.app.canvas.items.frame_item import FrameItem
from designer.app.canvas.items.link_item import LinkItem
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.items.note_item import NoteItem
from designer.pipeline.difference import Difference
from designer.pipeline.model import Link

MANY = 60
"""Changed items from which all links are looked at again."""


class LinkRoutes:
    """Routes links when nothing moves any more; while it moves, a link is a plain curve.

    Parameters
    ----------
    nodes, notes, links : mapping
        The items of the canvas; their owner keeps them up to date.
    """

    def __init__(
        self,
        nodes: Mapping[str, NodeItem],
        notes: Mapping[str, NoteItem],
        frames: Frames,
        links: Mapping[Link, LinkItem],
    ) -> None:
        self._nodes, self._notes, self._frames, self._links = nodes, notes, frames, links
        self._hard, self._soft = Obstacles(), Obstacles()

    def show(self, change: Difference) -> None:
        """Follow a change of the pipeline."""
        cards = (*change.added, *change.removed, *change.moved)
        notes = (*change.notes_added, *change.notes_removed, *change.notes_changed)
        if self._frames.items or change.groups_removed:
            # Frames follow what is in them.
            self._settle(self._all())
        else:
            self._settle(self._changed((*cards, *notes)))

    def settle(self) -> None:
        """Route the links that have moved, and those that something has moved near to."""
        self._settle(self._all())

    def _settle(self, changed: Sequence[Box]) -> None:
        many = len(changed) > MANY
        stale = [
            item
            for item in self._links.values()
            if (item.way is None or many or any(touch(item.way.area, box) for box in changed))
            and item.isVisible()
        ]
        if not stale:
            return
        router = Router(self._hard, self._soft)
        for item in stale:
            item.way = router.way(item.ends)
            item.show_route(())
        led = {
            link: item.way
            for link, item in self._links.items()
            if item.way is not None and item.way.route and item.isVisible()
        }
        for link, route in spread(led, {link: link.source for link in led}).items():
            self._links[link].show_route(route)

    def _changed(self, names: Iterable[str]) -> list[Box]:
        """Return where some cards and notes were, and where they are now."""
        changed: list[Box] = []
        for name in names:
            card, note = self._nodes.get(name), self._notes.get(name)
            changed += self._hard.put(name, _box(card) if card else None)
            changed += self._soft.put(name, _box(note) if note else None)
        return changed

    def _all(self) -> list[Box]:
        """Return where anything was, or is now, that isn't where it was."""
        hard = {name: _box(item) for name, item in self._nodes.items() if item.isVisible()}
        soft = {name: _box(item) for name, item in self._notes.items() if item.isVisible()}
        for name, frame in self._frames.items.items():
            if frame.isVisible():
                (hard if frame.collapsed else soft)[name] = _box(frame)
        return self._hard.replace(hard) + self._soft.replace(soft)


def _box(item: NodeItem | NoteItem | FrameItem) -> Box:
    rect = item.card_rect()
    return rect.left(), rect.top(), rect.left() + rect.width(), rect.top() + rect.height()
