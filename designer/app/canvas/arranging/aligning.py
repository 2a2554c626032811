"""Aligning selected cards and distributing them evenly, as edits of the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF

from designer.pipeline import edits
from designer.pipeline.edits import Position
from designer.pipeline.identifiers import with_members
from designer.pipeline.model import Pipeline

Side = Literal["left", "center", "right", "top", "middle", "bottom"]
Axis = Literal["across", "down"]

_PLACE: Mapping[Side, Callable[[QRectF], float]] = {
    "left": QRectF.left,
    "center": lambda area: area.center().x(),
    "right": QRectF.right,
    "top": QRectF.top,
    "middle": lambda area: area.center().y(),
    "bottom": QRectF.bottom,
}


@dataclass(frozen=True)
class Selected:
    """Items that are moved as wholes.

    Parameters
    ----------
    areas : mapping of str to QRectF
        Where each is in the scene, by the id of a node, note, or group.
    """

    areas: Mapping[str, QRectF]

    def aligned(self, pipeline: Pipeline, side: Side) -> Pipeline:
        """Put one side of all, or their middle, on the line of the outermost one."""
        places = [_PLACE[side](area) for area in self.areas.values()]
        if side in ("left", "top"):
            goal = min(places)
        elif side in ("right", "bottom"):
            goal = max(places)
        else:
            goal = (min(places) + max(places)) / 2
        down = side in ("top", "middle", "bottom")
        ways = {name: goal - _PLACE[side](area) for name, area in self.areas.items()}
        return _shifted(pipeline, ways, down=down)

    def distributed(self, pipeline: Pipeline, axis: Axis) -> Pipeline:
        """Make the gaps between all of them equal; the outermost ones stay."""
        down = axis == "down"
        begins = QRectF.top if down else QRectF.left
        length = QRectF.height if down else QRectF.width
        row = sorted(self.areas.items(), key=lambda item: begins(item[1]))
        first, last = row[0][1], row[-1][1]
        room = begins(last) + length(last) - begins(first)
        gap = (room - sum(length(area) for _, area in row)) / (len(row) - 1)
        ways, at = {}, begins(first)
        for name, area in row:
            ways[name] = at - begins(area)
            at += length(area) + gap
        return _shifted(pipeline, ways, down=down)


def _shifted(pipeline: Pipeline, ways: Mapping[str, float], *, down: bool) -> Pipeline:
    """Move items, a group with all that it contains."""
    positions: dict[str, Position] = {}
    for name, way in ways.items():
        for member, (x, y) in _positions(pipeline, with_members(pipeline, [name])):
            positions[member] = (x, y + way) if down else (x + way, y)
    return edits.move(pipeline, positions)


def _positions(pipeline: Pipeline, names: Iterable[str]) -> Iterable[tuple[str, Position]]:
    for name in names:
        for holder in (pipeline.nodes, pipeline.notes, pipeline.groups):
            if name in holder:
                yield name, holder[name].position
