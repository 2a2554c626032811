"""Arranging as an edit: the whole pipeline, or what is selected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from designer.app.canvas.arranging.arrangement import arrangement
from designer.app.canvas.arranging.boxes import Box, boxes_of, grown, shifted
from designer.app.canvas.arranging.layers import Position
from designer.app.canvas.arranging.obstacles import Obstacles
from designer.app.canvas.items.geometry import GRID, in_steps
from designer.pipeline import edits
from designer.pipeline.identifiers import with_members
from designer.pipeline.model import Pipeline
from modules.contract import ModuleSpec

_BESIDE = 2.0 * GRID
"""Least distance of a few arranged cards from the others."""


def layout(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], chosen: Collection[str] = ()
) -> Callable[[Pipeline], Pipeline]:
    """Return an edit that arranges the chosen nodes, keeping their top left corner.

    If fewer than two nodes are chosen, all are arranged. A few are moved as a whole to where
    they are on no other card.
    """
    if arranges_all(pipeline, chosen):
        positions = arrangement(pipeline, specs)
    else:
        part = _part(pipeline, chosen)
        positions = _free(pipeline, part, arrangement(part, specs))
    return lambda current: edits.move(
        current,
        {
            name: position
            for name, position in positions.items()
            if name in current.nodes or name in current.notes or name in current.groups
        },
    )


def arranges_all(pipeline: Pipeline, chosen: Collection[str]) -> bool:
    """Return whether :func:`layout` arranges the whole pipeline."""
    names = with_members(pipeline, chosen)
    return not 2 <= sum(name in names for name in pipeline.nodes) < len(pipeline.nodes)


def _part(pipeline: Pipeline, chosen: Collection[str]) -> Pipeline:
    """Return what is chosen as a separate pipeline."""
    names = with_members(pipeline, chosen)
    nodes = {name: node for name, node in pipeline.nodes.items() if name in names}
    notes = {name: note for name, note in pipeline.notes.items() if name in names}
    groups = {
        name: group
        for name, group in pipeline.groups.items()
        if name in names or any(one.startswith(f"{name}/") for one in nodes)
    }
    return replace(pipeline, nodes=nodes, notes=notes, groups=groups)


def _free(
    pipeline: Pipeline, part: Pipeline, positions: Mapping[str, Position]
) -> dict[str, Position]:
    """Move a few arranged cards together, as little as possible, to where no other card is."""
    own = list(boxes_of(edits.move(part, positions)).values())
    taken = Obstacles(
        (name, grown(box, _BESIDE - 1, _BESIDE - 1))
        for name, box in boxes_of(pipeline).items()
        if name not in part.nodes and name not in part.notes
    )
    ways = [_way(own, taken, *direction) for direction in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    across, down = min(ways, key=lambda way: abs(way[0]) + abs(way[1]))
    return {name: (x + across, y + down) for name, (x, y) in positions.items()}


def _way(own: list[Box], taken: Obstacles, across: int, down: int) -> Position:
    """Return how far some boxes have to go in one direction to touch none of the others."""
    x, y = 0.0, 0.0
    while True:
        step = 0.0
        for box in (shifted(box, x, y) for box in own):
            for other in taken.within(box).values():
                right, left = other[2] - box[0], box[2] - other[0]
                below, above = other[3] - box[1], box[3] - other[1]
                ahead = (right, left)[across < 0] if across else (below, above)[down < 0]
                step = max(step, ahead)
        if not step:
            return x, y
        x, y = x + across * in_steps(step), y + down * in_steps(step)
