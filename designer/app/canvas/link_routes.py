"""Keeps links out from behind the cards that they don't belong to."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF

from designer.app.canvas.arranging.boxes import Box, touch
from designer.app.canvas.arranging.lanes import spread
from designer.app.canvas.arranging.obstacles import Obstacles
from designer.app.canvas.arranging.routing import Router
from designer.app.canvas.frames import Frames
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
        self._hard: set[tuple[str, Box]] = set()
        self._soft: set[tuple[str, Box]] = set()

    def show(self, change: Difference) -> None:
        """Follow a change of the pipeline."""
        notes = (*change.notes_added, *change.notes_removed, *change.notes_changed)
        groups = (*change.groups_added, *change.groups_removed, *change.folded)
        if (
            change.added
            or change.removed
            or change.moved
            or notes
            or groups
            or (any(item.way is None for item in self._links.values()))
        ):
            self.settle()

    def settle(self) -> None:
        """Route the links that have moved, and those that something has moved near to."""
        hard, soft = self._boxes()
        changed = [box for _, box in (self._hard ^ hard) | (self._soft ^ soft)]
        self._hard, self._soft = hard, soft
        stale = [
            item
            for item in self._links.values()
            if item.isVisible()
            and (
                item.way is None
                or len(changed) > MANY
                or any(touch(item.way.area, box) for box in changed)
            )
        ]
        if not stale:
            return
        router = Router(Obstacles(sorted(hard)), Obstacles(sorted(soft)))
        for item in stale:
            item.way = router.way(item.ends)
        led = {
            link: item.way
            for link, item in self._links.items()
            if item.isVisible() and item.way is not None and item.way.route
        }
        routes = spread(led, {link: link.source for link in led})
        for item in stale:
            item.show_route(())
        for link, route in routes.items():
            self._links[link].show_route(route)

    def _boxes(self) -> tuple[set[tuple[str, Box]], set[tuple[str, Box]]]:
        """Return the cards, and the notes and open frames, that are shown."""
        hard = {
            (name, _box(item.card_rect())) for name, item in self._nodes.items() if item.isVisible()
        }
        soft = {
            (name, _box(item.card_rect())) for name, item in self._notes.items() if item.isVisible()
        }
        for name, frame in self._frames.items.items():
            if frame.isVisible():
                (hard if frame.collapsed else soft).add((name, _box(frame.card_rect())))
        return hard, soft


def _box(rect: QRectF) -> Box:
    return rect.left(), rect.top(), rect.left() + rect.width(), rect.top() + rect.height()
