"""Free positions for copies and new cards."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF

from designer.app.canvas.items.frame_item import FrameItem
from designer.app.canvas.items.geometry import GRID, HEIGHT, WIDTH, snapped
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.items.note_item import NoteItem
from designer.app.canvas.surface import Surface
from designer.pipeline.edits import Position

GAP = 2.0 * GRID
"""Least distance from everything else."""

_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1))
"""Right, left, below, above: the first of equally near positions is used."""


def way_beside(canvas: Surface, ids: Iterable[str]) -> Position:
    """Return how far to move a copy of these nodes, notes, and groups to where there is room.

    It moves straight to the nearest side, along the grid.
    """
    graph = canvas.graph
    return _shortest(graph.bounds(ids), [*_cards(canvas), *graph.frames.items.values()])


def way_to_room(canvas: Surface, block: QRectF, group: str = "") -> Position:
    """Return how far to move a block to the nearest position where it is on nothing.

    Parameters
    ----------
    group : str
        The group that it will be in: there may be room on the frame.
    """
    frames = canvas.graph.frames
    around = {group, *frames.holders(group)}
    others = [frame for name, frame in frames.items.items() if name not in around]
    return min(_ways(block, [*_cards(canvas), *others]), key=lambda way: math.hypot(*way))


def position_near(canvas: Surface, x: float, y: float) -> Position:
    """Return the position of a new card: its middle at a point, or as near as possible.

    On the open frame of a group there is room.
    """
    left, top = snapped(x - WIDTH / 2, y - HEIGHT / 2)
    closed = [frame for frame in canvas.graph.frames.items.values() if frame.collapsed]
    across, down = _shortest(QRectF(left, top, WIDTH, HEIGHT), [*_cards(canvas), *closed])
    return left + across, top + down


def _cards(canvas: Surface) -> list[NodeItem | NoteItem]:
    return [*canvas.graph.nodes.values(), *canvas.graph.notes.values()]


def _shortest(block: QRectF, items: Iterable[NodeItem | NoteItem | FrameItem]) -> Position:
    """Return the shortest straight way of a block to where it touches nothing."""
    return min(_ways(block, items), key=lambda way: _distance(block, way))


def _ways(block: QRectF, items: Iterable[NodeItem | NoteItem | FrameItem]) -> list[Position]:
    """Return the straight ways of a block to where it touches nothing."""
    taken = [item.card_rect() for item in items if item.isVisible()]
    return [_way(block, taken, *direction) for direction in _DIRECTIONS]


def _distance(block: QRectF, way: Position) -> float:
    """Return how much room is between a block and its copy."""
    return max(abs(way[0]) - block.width(), abs(way[1]) - block.height())


def _way(block: QRectF, taken: Sequence[QRectF], across: int, down: int) -> Position:
    """Return how far a block has to go in one direction to touch nothing."""
    x, y = 0.0, 0.0
    while True:
        room = block.translated(x, y).adjusted(1 - GAP, 1 - GAP, GAP - 1, GAP - 1)
        ahead = [rect for rect in taken if rect.intersects(room)]
        if not ahead:
            return x, y
        # Past all that is in the way.
        if across:
            far = max(
                rect.right() - block.left() if across > 0 else block.right() - rect.left()
                for rect in ahead
            )
            x = across * math.ceil((far + GAP) / GRID) * float(GRID)
        else:
            far = max(
                rect.bottom() - block.top() if down > 0 else block.bottom() - rect.top()
                for rect in ahead
            )
            y = down * math.ceil((far + GAP) / GRID) * float(GRID)
