"""Making room for a card between others, by moving down what is in the way and no more."""

from __future__ import annotations

from collections.abc import Mapping

from designer.app.canvas.arranging.boxes import Box, around, box_of, distance, shifted
from designer.app.canvas.arranging.companions import owners
from designer.app.canvas.items.geometry import (
    EMPTY_FRAME,
    FRAME_PADDING,
    FRAME_TITLE,
    GRID,
    HEIGHT,
    WIDTH,
    card_in,
    in_steps,
)
from designer.pipeline import edits
from designer.pipeline.model import Group, Node, Note, Pipeline

GAP = 2.0 * GRID
"""Height between a card and what follows it."""

_NEAR = 3.0 * GRID
"""How far from its card a note is that moves with it."""


def with_room(pipeline: Pipeline, node: str) -> Pipeline:
    """Return a pipeline with room around a node that was put into a link.

    The node comes below what leads to it. Then what follows it, and whatever that meets in
    turn, is moved down as far as needed; frames of groups grow, and what is below them follows.
    """
    x, y = pipeline.nodes[node].position
    before = _Level(pipeline, node.rpartition("/")[0])
    tops = [before.boxes[unit][3] + GAP for unit in before.leading.get(node, ())]
    late = [top for top in tops if y < top < y + 2 * HEIGHT + GAP]
    if late:
        pipeline = edits.move(pipeline, {node: (x, max(late))})
    unit, group = node, node.rpartition("/")[0]
    level = _Level(pipeline, group)
    pipeline = level.moved(pipeline, level.after_new(unit))
    while group:
        unit, group = group, group.rpartition("/")[0]
        level = _Level(pipeline, group)
        old = _Level(edits.remove(before.pipeline, [node]), group).boxes.get(unit)
        if old is None:
            break
        pipeline = level.moved(pipeline, level.after_growth(unit, old))
    return pipeline


class _Level:
    """What is directly in a group, or at the top: cards, notes, and groups as a whole."""

    def __init__(self, pipeline: Pipeline, group: str) -> None:
        self.pipeline = pipeline
        start = len(group) + 1 if group else 0
        self._members: dict[str, list[str]] = {}
        for name in (*pipeline.nodes, *pipeline.notes, *pipeline.groups):
            if not group or name.startswith(f"{group}/"):
                unit = name[:start] + name[start:].partition("/")[0]
                self._members.setdefault(unit, []).append(name)
        self.boxes = {unit: _box(pipeline, unit, names) for unit, names in self._members.items()}
        self.leading: dict[str, set[str]] = {}
        unit_of = {name: unit for unit, names in self._members.items() for name in names}
        for link in pipeline.links:
            source, target = unit_of.get(link.source.node), unit_of.get(link.target.node)
            if source and target and source != target:
                self.leading.setdefault(target, set()).add(source)
        notes = {unit: box for unit, box in self.boxes.items() if unit in pipeline.notes}
        cards = {unit: box for unit, box in self.boxes.items() if unit not in notes}
        self._notes: dict[str, list[str]] = {}
        for note, card in owners(notes, cards).items():
            if distance(notes[note], cards[card]) <= _NEAR:
                self._notes.setdefault(card, []).append(note)

    def after_new(self, first: str) -> dict[str, float]:
        """Return how far down each has to go so that a new card has room."""
        box = self.boxes[first]
        downs: dict[str, float] = {}
        for unit, other in self.boxes.items():
            if unit == first or unit in self.leading.get(first, ()) or other[3] <= box[1]:
                continue
            follows = first in self.leading.get(unit, ())
            gap = GAP if follows else GRID
            if other[1] < box[3] + gap and (follows or _over(box, other)):
                downs[unit] = box[3] + gap - other[1]
        return self._pushed(downs, first)

    def after_growth(self, first: str, old: Box) -> dict[str, float]:
        """Return how far down each has to go so that the frame of a group can grow."""
        downs: dict[str, float] = {}
        for unit in self.boxes:
            if unit != first:
                self._push(downs, unit, old, self.boxes[first], first in self.leading.get(unit, ()))
        return self._pushed(downs, first)

    def moved(self, pipeline: Pipeline, downs: Mapping[str, float]) -> Pipeline:
        """Return the pipeline with units moved down."""
        every: dict[str, Node | Note | Group] = {
            **pipeline.nodes,
            **pipeline.notes,
            **pipeline.groups,
        }
        return edits.move(
            pipeline,
            {
                name: (every[name].position[0], every[name].position[1] + down)
                for unit, down in downs.items()
                for name in self._members[unit]
            },
        )

    def _pushed(self, downs: dict[str, float], first: str) -> dict[str, float]:
        """Return the same with all that is pushed in turn, in steps of the grid."""
        downs = {unit: in_steps(down) for unit, down in downs.items()}
        waiting = list(downs)
        for pusher in waiting:
            before = self.boxes[pusher]
            now = shifted(before, 0.0, downs[pusher])
            changed = [note for note in self._notes.get(pusher, ()) if note != first]
            changed = [note for note in changed if downs.get(note, 0.0) < downs[pusher]]
            downs.update(dict.fromkeys(changed, downs[pusher]))
            waiting += changed
            for unit in self.boxes:
                if unit not in (pusher, first):
                    follows = pusher in self.leading.get(unit, ())
                    if self._push(downs, unit, before, now, follows):
                        waiting.append(unit)
        return downs

    def _push(
        self, downs: dict[str, float], unit: str, before: Box, now: Box, follows: bool
    ) -> bool:
        """Move a unit further down if something above it has come too close."""
        box = self.boxes[unit]
        distance_before = box[1] - before[3]
        if distance_before < 0 or not (follows or _over(now, box)):
            return False
        # What was closer may stay as close.
        down = in_steps(now[3] + min(GAP if follows else GRID, distance_before) - box[1])
        if down <= downs.get(unit, 0.0):
            return False
        downs[unit] = down
        return True


def _over(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2]


def _box(pipeline: Pipeline, unit: str, names: list[str]) -> Box:
    """Return the card, note, or frame that a unit is shown as."""
    if unit in pipeline.nodes or unit in pipeline.notes:
        return box_of(pipeline.nodes.get(unit) or pipeline.notes[unit])
    inside = [
        box_of(pipeline.nodes.get(name) or pipeline.notes[name])
        for name in names
        if name in pipeline.nodes or name in pipeline.notes
    ]
    group = pipeline.groups.get(unit)
    if not inside:
        x, y = group.position if group else (0.0, 0.0)
        return x, y, x + EMPTY_FRAME[0], y + EMPTY_FRAME[1]
    whole = around(inside)
    if group and group.collapsed:
        shared = group.shared is not None
        x, y = card_in(whole[2] - whole[0], whole[3] - whole[1], shared=shared)
        return shifted((x, y, x + WIDTH, y + HEIGHT), whole[0], whole[1])
    depth = max(name[len(unit) :].count("/") for name in names if name != unit)
    over = (FRAME_TITLE + FRAME_PADDING / 2) * depth
    aside = FRAME_PADDING * depth
    return whole[0] - aside, whole[1] - over, whole[2] + aside, whole[3] + aside
