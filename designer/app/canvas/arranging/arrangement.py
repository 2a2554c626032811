"""Positions for all of a pipeline, from top to bottom.

A group is arranged first and then counts as one wide, high card among those beside it. A note
is part of the card that it explains. Parts without links between them are packed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from designer.app.canvas.arranging.boxes import Box, around, boxes_of, shifted
from designer.app.canvas.arranging.companions import owners, with_notes
from designer.app.canvas.arranging.layers import Arc, Block, Part, Position, parts
from designer.app.canvas.arranging.packing import packed, reading_order
from designer.app.canvas.items.geometry import (
    EMPTY_FRAME,
    FRAME_PADDING,
    FRAME_TITLE,
    GRID,
    HEIGHT,
    WIDTH,
    card_in,
    in_steps,
    port_offsets,
)
from designer.pipeline.identifiers import group_ids
from designer.pipeline.model import Pipeline
from modules.contract import ModuleSpec

_FRAME_TOP = in_steps(FRAME_TITLE + FRAME_PADDING / 2)
"""Height of a frame above what it contains, on the grid."""


def arrangement(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> dict[str, Position]:
    """Return a position for every node, note, and empty group: no overlaps, links downward.

    What is arranged stays as it is.
    """
    level = _Levels(pipeline, specs)
    found = level.arranged("")[0].positions
    cards = pipeline.nodes or found
    if not cards:
        return {}
    before = level.before
    # The corner of the cards stays, not that of a frame around them.
    left = _snapped(min(before[name][0] for name in cards)) - min(found[name][0] for name in cards)
    top = _snapped(min(before[name][1] for name in cards)) - min(found[name][1] for name in cards)
    return {name: (round(left + x, 3), round(top + y, 3)) for name, (x, y) in found.items()}


class _Levels:
    """Arranges the groups of a pipeline, from the inside."""

    def __init__(self, pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> None:
        self._pipeline = pipeline
        self._arcs = _arcs(pipeline, specs)
        groups = group_ids(pipeline)
        self.before = boxes_of(pipeline)
        filled = {name.rpartition("/")[0] for name in (*self.before, *groups)}
        for name in groups:
            if name not in filled and name in pipeline.groups:
                x, y = pipeline.groups[name].position
                self.before[name] = (x, y, x + EMPTY_FRAME[0], y + EMPTY_FRAME[1])
        self._children: dict[str, dict[str, list[str]]] = {}
        for name in self.before:
            child = name
            while child:
                parent = child.rpartition("/")[0]
                self._children.setdefault(parent, {}).setdefault(child, []).append(name)
                child = parent

    def arranged(self, group: str) -> tuple[Block, Box]:
        """Arrange what is directly in a group (or at the top), groups within it as blocks.

        Returns it, and where it was.
        """
        blocks: dict[str, Block] = {}
        boxes: dict[str, Box] = {}
        owner: dict[str, str] = {}
        for child, inside in self._children.get(group, {}).items():
            owner.update(dict.fromkeys(inside, child))
            if inside == [child]:
                box = boxes[child] = self.before[child]
                size = (box[2] - box[0], box[3] - box[1])
                blocks[child] = Block({}, *size, (box[0] + box[2]) / 2, box[1])
            else:
                blocks[child], boxes[child] = self._group(child, inside)
        here = [
            arc
            for arc in self._arcs
            if owner.get(arc.source, arc.source) != owner.get(arc.target, arc.target)
            and arc.source in owner
            and arc.target in owner
        ]
        self._attach_notes(blocks, boxes, here, owner)
        joined = [
            Arc(
                owner[arc.source],
                owner[arc.target],
                _from_block(blocks[owner[arc.source]], arc.source, arc.out),
                _from_block(blocks[owner[arc.target]], arc.target, arc.into),
            )
            for arc in here
        ]
        before = around(boxes.values()) if boxes else (0.0, 0.0, 0.0, 0.0)
        return self._packed(blocks, boxes, joined), before

    def _packed(
        self, blocks: Mapping[str, Block], boxes: Mapping[str, Box], arcs: list[Arc]
    ) -> Block:
        """Arrange each connected part, and pack the parts."""
        found = parts(list(blocks), arcs)
        extents = [around(boxes[name] for name in part) for part in found]
        order = reading_order(extents)
        of_part = {name: index for index, part in enumerate(found) for name in part}
        within: list[list[Arc]] = [[] for _ in found]
        for arc in arcs:
            within[of_part[arc.source]].append(arc)
        corners: list[dict[str, Position]] = []
        sizes: list[tuple[float, float]] = []
        for index in order:
            own = {name: blocks[name] for name in found[index]}
            placed = Part(own, within[index]).positions()
            whole = around(
                (x, y, x + own[name].width, y + own[name].height) for name, (x, y) in placed.items()
            )
            corners.append({name: (x - whole[0], y - whole[1]) for name, (x, y) in placed.items()})
            sizes.append((in_steps(whole[2] - whole[0]), in_steps(whole[3] - whole[1])))
        positions: dict[str, Position] = {}
        right = bottom = 0.0
        for placed, size, (left, top) in zip(corners, sizes, packed(sizes), strict=True):
            right, bottom = max(right, left + size[0]), max(bottom, top + size[1])
            for name, (x, y) in placed.items():
                inside = blocks[name].positions or {name: (0.0, 0.0)}
                for inner, (across, down) in inside.items():
                    positions[inner] = (left + x + across, top + y + down)
        return Block(positions, right, bottom)

    def _attach_notes(
        self,
        blocks: dict[str, Block],
        boxes: dict[str, Box],
        arcs: list[Arc],
        owner: Mapping[str, str],
    ) -> None:
        """Make notes part of the blocks that they explain."""
        notes = {name: boxes[name] for name in blocks if name in self._pipeline.notes}
        cards = {name: boxes[name] for name in blocks if name not in notes}
        if not notes or not cards:
            return
        linked: dict[str, set[str]] = {name: set() for name in cards}
        for arc in arcs:
            linked[owner[arc.source]].add("below")
            linked[owner[arc.target]].add("above")
        held: dict[str, dict[str, Box]] = {}
        for note, card in owners(notes, cards).items():
            held.setdefault(card, {})[note] = notes[note]
            del blocks[note]
        for card, own in held.items():
            blocks[card] = with_notes(blocks[card], card, cards[card], own, linked[card])
            boxes[card] = around([cards[card], *own.values()])

    def _group(self, group: str, members: list[str]) -> tuple[Block, Box]:
        """Return a group's block, and where it was: a card if it is collapsed."""
        inside, before = self.arranged(group)
        if group not in self._pipeline.groups or not self._pipeline.groups[group].collapsed:
            frame = (
                before[0] - FRAME_PADDING,
                before[1] - _FRAME_TOP,
                before[2] + FRAME_PADDING,
                before[3] + FRAME_PADDING,
            )
            positions = {
                name: (x + FRAME_PADDING, y + _FRAME_TOP)
                for name, (x, y) in inside.positions.items()
            }
            width = inside.width + 2 * FRAME_PADDING
            height = inside.height + _FRAME_TOP + FRAME_PADDING
            return Block(positions, width, height, (frame[0] + frame[2]) / 2, frame[1]), frame
        # The card will be in the middle of its members; that of a shared module at their corner.
        shared = self._pipeline.groups[group].shared is not None
        ends = [(x, y, *self._size(name)) for name, (x, y) in inside.positions.items()]
        left, top = min(x for x, _, _, _ in ends), min(y for _, y, _, _ in ends)
        right, bottom = max(x + w for x, _, w, _ in ends), max(y + h for _, y, _, h in ends)
        across, down = card_in(right - left, bottom - top, shared=shared)
        moved = {
            name: (x - left - across, y - top - down) for name, (x, y) in inside.positions.items()
        }
        before = around(self.before[name] for name in members)
        x, y = card_in(before[2] - before[0], before[3] - before[1], shared=shared)
        card = shifted((x, y, x + WIDTH, y + HEIGHT), before[0], before[1])
        middle = (card[0] + card[2]) / 2
        block = Block(moved, WIDTH, HEIGHT, middle, card[1], middle=WIDTH / 2, solid=True)
        return block, card

    def _size(self, name: str) -> tuple[float, float]:
        left, top, right, bottom = self.before[name]
        return right - left, bottom - top


def _from_block(block: Block, node: str, distance: float) -> float:
    """Return how far a port is from the middle of the block that contains its node."""
    if block.solid:
        return block.middle - block.width / 2
    if node not in block.positions:
        return distance
    return block.positions[node][0] + WIDTH / 2 + distance - block.width / 2


def _arcs(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> list[Arc]:
    arcs = []
    for source, target in pipeline.links:
        if source.node not in pipeline.nodes or target.node not in pipeline.nodes:
            continue
        giving = specs.get(pipeline.nodes[source.node].module)
        taking = specs.get(pipeline.nodes[target.node].module)
        outputs = [port.name for port in giving.outputs] if giving else []
        inputs = [port.name for port in taking.inputs] if taking else []
        arcs.append(
            Arc(
                source.node,
                target.node,
                _from_middle(outputs, source.port),
                _from_middle(inputs, target.port),
            )
        )
    return arcs


def _from_middle(names: list[str], name: str) -> float:
    if name not in names:
        return 0.0
    return port_offsets(len(names))[names.index(name)] - WIDTH / 2


def _snapped(length: float) -> float:
    return math.floor(length / GRID + 0.5) * float(GRID)
