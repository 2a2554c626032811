"""Rectangles in scene units, as plain tuples."""

from __future__ import annotations

from collections.abc import Iterable

from designer.app.canvas.items.geometry import HEIGHT, WIDTH
from designer.pipeline.model import Node, Note, Pipeline

Box = tuple[float, float, float, float]
"""Left, top, right, and bottom."""


def box_of(item: Node | Note) -> Box:
    """Return the card of a node, or the paper of a note."""
    left, top = item.position
    width, height = item.size if isinstance(item, Note) else (WIDTH, HEIGHT)
    return left, top, left + width, top + height


def boxes_of(pipeline: Pipeline) -> dict[str, Box]:
    """Return the boxes of all nodes and notes, by id."""
    items: list[Node | Note] = [*pipeline.nodes.values(), *pipeline.notes.values()]
    return {item.id: box_of(item) for item in items}


def around(boxes: Iterable[Box]) -> Box:
    """Return what encloses some boxes; there must be one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def grown(box: Box, across: float, down: float) -> Box:
    """Return a box that reaches further on all sides."""
    return box[0] - across, box[1] - down, box[2] + across, box[3] + down


def shifted(box: Box, across: float, down: float) -> Box:
    """Return a moved box."""
    return box[0] + across, box[1] + down, box[2] + across, box[3] + down


def touch(one: Box, other: Box) -> bool:
    """Return whether two boxes overlap; a shared edge is no overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def distance(one: Box, other: Box, down: float = 1.0) -> float:
    """Return how far apart two boxes are, 0 if they overlap; ``down`` weighs what is below."""
    across = max(other[0] - one[2], one[0] - other[2], 0.0)
    below = max(other[1] - one[3], one[1] - other[3], 0.0) * down
    return float((across * across + below * below) ** 0.5)


def between_middles(one: Box, other: Box) -> float:
    """Return the distance of the middles of two boxes."""
    across = (one[0] + one[2] - other[0] - other[2]) / 2
    down = (one[1] + one[3] - other[1] - other[3]) / 2
    return float((across * across + down * down) ** 0.5)
