"""Cards in layers, after Sugiyama. Without Qt.

Layers by the longest path from a source; what leads only to one card is pulled down to it.
Long links get a bend in every layer that they pass. Positions minimize the squared distance to
the neighbors under the least gap (pool adjacent violators).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from designer.app.canvas.arranging.ordering import End, Ordering, rising
from designer.app.canvas.items.geometry import GRID, HEIGHT

GAP_ACROSS = 60.0
GAP_BEND = 30.0
GAP_DOWN = 80.0
SWEEPS = 16
TALL = 5 * HEIGHT
"""Height from which something doesn't push down what is beside it."""

_BEND = 10.0

Position = tuple[float, float]


@dataclass(frozen=True)
class Arc:
    """A link with the distances of its ports from the middles of their cards."""

    source: str
    target: str
    out: float = 0.0
    into: float = 0.0


@dataclass(frozen=True)
class Block:
    """A rectangle of arranged items: positions from its top left corner.

    Parameters
    ----------
    before, top : float
        Where the user had the middle of its card, across, and its upper edge.
    line : float
        How far below its top its card is; cards of a row are at one height.
    middle : float
        How far from its left edge the middle of its card is, if it is solid.
    solid : bool
        Shown as one card, whatever it contains.
    """

    positions: dict[str, Position]
    width: float
    height: float
    before: float = 0.0
    top: float = 0.0
    line: float = 0.0
    middle: float = 0.0
    solid: bool = False


@dataclass
class Part:
    """A connected part of the pipeline."""

    blocks: Mapping[str, Block]
    arcs: list[Arc]
    layer: dict[str, int] = field(default_factory=dict)
    loose: set[str] = field(default_factory=set)
    above: dict[str, list[End]] = field(default_factory=dict)
    below: dict[str, list[End]] = field(default_factory=dict)
    widths: dict[str, float] = field(default_factory=dict)

    def positions(self) -> dict[str, Position]:
        """Return the top left corner of every block, on the grid."""
        nodes = list(self.blocks)
        arcs = _without_cycles(nodes, self.arcs)
        heights = {name: block.top for name, block in self.blocks.items()}
        self.layer, self.loose = _layers(nodes, arcs, heights)
        self.widths = {name: block.width for name, block in self.blocks.items()}
        for arc in arcs:
            self._thread(arc)
        rows: list[list[str]] = [[] for _ in range(max(self.layer.values()) + 1)]
        for name in self.layer:
            rows[self.layer[name]].append(name)
        middles = {name: block.before for name, block in self.blocks.items()}
        rows = Ordering(self.above, self.below, middles).ordered(rows)
        x = self._spread(rows)
        lefts = {
            name: math.floor(round(x[name] - self.widths[name] / 2, 3) / GRID + 0.5) * float(GRID)
            for name in nodes
        }
        tops = self._tops(rows)
        if any(block.height - block.line > TALL for block in self.blocks.values()):
            tops = self._closed_up(rows, lefts, arcs)
        return {name: (lefts[name], tops[name]) for name in nodes}

    def _thread(self, arc: Arc) -> None:
        """Lead a long link through a position in every layer between its ends."""
        previous, out = arc.source, arc.out
        for level in range(self.layer[arc.source] + 1, self.layer[arc.target]):
            # A name that no node can have.
            bend = f"{arc.source} {arc.target} {arc.out} {arc.into} {level}"
            self.layer[bend] = level
            self.widths[bend] = _BEND
            self._join(previous, bend, out, 0.0)
            previous, out = bend, 0.0
        self._join(previous, arc.target, out, arc.into)

    def _join(self, upper: str, lower: str, out: float, into: float) -> None:
        self.below.setdefault(upper, []).append(End(lower, out, into, self.widths[lower]))
        self.above.setdefault(lower, []).append(End(upper, into, out, self.widths[upper]))

    def _spread(self, rows: list[list[str]]) -> dict[str, float]:
        x: dict[str, float] = {}
        for row in rows:
            left = 0.0
            for name in row:
                x[name] = left + self.widths[name] / 2
                left += self.widths[name] + GAP_ACROSS
        offsets = [self._offsets(row) for row in rows]
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            last = sweep >= SWEEPS - 2
            for level in range(len(rows)) if down else range(len(rows) - 1, -1, -1):
                row = rows[level]
                wishes = []
                for name, offset in zip(row, offsets[level], strict=True):
                    near = (self.above if down else self.below).get(name, [])
                    if last:
                        near = [*self.above.get(name, []), *self.below.get(name, [])]
                    goal = x[name]
                    if near:
                        goal = sum(x[end.name] + end.far - end.near for end in near) / len(near)
                    wishes.append(goal - offset)
                for name, base, offset in zip(row, rising(wishes), offsets[level], strict=True):
                    x[name] = base + offset
        return x

    def _offsets(self, row: list[str]) -> list[float]:
        """Return how far each is from the first of its row where all are as close as allowed."""
        offsets = [0.0]
        for first, second in pairwise(row):
            cards = first in self.blocks and second in self.blocks
            gap = GAP_ACROSS if cards else GAP_BEND
            offsets.append(offsets[-1] + (self.widths[first] + self.widths[second]) / 2 + gap)
        return offsets

    def _tops(self, rows: list[list[str]]) -> dict[str, float]:
        tops: dict[str, float] = {}
        y = 0.0
        for row in rows:
            blocks = {name: self.blocks[name] for name in row if name in self.blocks}
            line = max((block.line for block in blocks.values()), default=0.0)
            for name, block in blocks.items():
                tops[name] = y + line - block.line
            y += max((line - block.line + block.height for block in blocks.values()), default=0.0)
            y += GAP_DOWN
        return tops

    def _closed_up(
        self,
        rows: list[list[str]],
        lefts: Mapping[str, float],
        arcs: list[Arc],
    ) -> dict[str, float]:
        """Return tops where nothing is below a tall block that is only beside it."""
        above: dict[str, list[str]] = {}
        below: dict[str, list[str]] = {}
        for arc in arcs:
            above.setdefault(arc.target, []).append(arc.source)
            below.setdefault(arc.source, []).append(arc.target)
        moved: dict[str, float] = {}

        def bottom(name: str) -> float:
            return moved[name] + self.blocks[name].height

        def over(name: str) -> list[str]:
            left, right = lefts[name] - GAP_ACROSS, lefts[name] + self.widths[name] + GAP_ACROSS
            return [
                other
                for other in moved
                if other != name
                and lefts[other] < right
                and left < lefts[other] + self.widths[other]
            ]

        names = [name for row in rows for name in row if name in self.blocks]
        for name in names:
            near = [one for one in (*above.get(name, ()), *over(name)) if one in moved]
            moved[name] = max((bottom(one) + GAP_DOWN for one in near), default=0.0)
        # What leads to one card only is as near to that as it can be.
        for name in reversed(names):
            if name in self.loose and name in below:
                ahead = [other for other in over(name) if moved[other] > moved[name]]
                goal = min(moved[other] for other in (*below[name], *ahead))
                moved[name] = max(moved[name], goal - GAP_DOWN - self.blocks[name].height)
        return moved


def parts(nodes: list[str], arcs: list[Arc]) -> list[list[str]]:
    """Return the connected parts in the order of the nodes."""
    rank = {name: index for index, name in enumerate(nodes)}
    near: dict[str, list[str]] = {name: [] for name in nodes}
    for arc in arcs:
        near[arc.source].append(arc.target)
        near[arc.target].append(arc.source)
    parts, seen = [], set()
    for start in nodes:
        if start in seen:
            continue
        seen.add(start)
        part = [start]
        for name in part:
            for other in near[name]:
                if other not in seen:
                    seen.add(other)
                    part.append(other)
        parts.append(sorted(part, key=rank.__getitem__))
    return parts


def _without_cycles(nodes: list[str], arcs: list[Arc]) -> list[Arc]:
    """Return the arcs without those that close a cycle."""
    leaving: dict[str, list[Arc]] = {name: [] for name in nodes}
    for arc in arcs:
        leaving[arc.source].append(arc)
    state: dict[str, int] = {}
    kept = []
    for start in nodes:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(leaving[start]))]
        while stack:
            name, following = stack[-1]
            onward = next(following, None)
            if onward is None:
                state[name] = 2
                stack.pop()
            elif state.get(onward.target) != 1:
                kept.append(onward)
                if onward.target not in state:
                    state[onward.target] = 1
                    stack.append((onward.target, iter(leaving[onward.target])))
    return kept


def _layers(
    nodes: list[str], arcs: list[Arc], tops: Mapping[str, float]
) -> tuple[dict[str, int], set[str]]:
    """Return a layer for each node, below its predecessors, and which nodes are loose.

    Nothing but a loose node and what needs it needs what leads to it, so all of that is just
    above what needs it. Where there is a choice, cards that the user had in one row stay in it.
    """
    leaving: dict[str, list[str]] = {name: [] for name in nodes}
    entering: dict[str, list[str]] = {name: [] for name in nodes}
    for arc in arcs:
        leaving[arc.source].append(arc.target)
        entering[arc.target].append(arc.source)
    waiting = {name: len(sources) for name, sources in entering.items()}
    layer = dict.fromkeys(nodes, 0)
    order = [name for name in nodes if not waiting[name]]
    for name in order:
        for other in leaving[name]:
            layer[other] = max(layer[other], layer[name] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    loose: set[str] = set()
    for name in order:
        if all(one in loose and len(set(leaving[one])) == 1 for one in entering[name]):
            loose.add(name)
    for name in reversed(order):
        if name in loose and leaving[name]:
            layer[name] = min(layer[other] for other in leaving[name]) - 1
    beside: dict[int, list[float]] = {}
    for name in sorted(order, key=layer.__getitem__, reverse=True):
        last = min((layer[other] for other in leaving[name]), default=layer[name] + 1) - 1
        for level in range(layer[name] + 1, last + 1):
            if any(abs(top - tops[name]) <= GRID / 2 for top in beside.get(level, ())):
                layer[name] = level
        beside.setdefault(layer[name], []).append(tops[name])
    lowest = min(layer.values())
    return {name: level - lowest for name, level in layer.items()}, loose
