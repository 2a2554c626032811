"""Cards in layers, after Sugiyama. Without Qt.

Layers by the longest path from a source, sources pulled down to their successors; long
links get a position in every layer; the order within a layer follows
the median of the neighbors; positions minimize the squared distance to the neighbors
under the least gap (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

GAP_ACROSS = 60.0
GAP_DOWN = 80.0
SWEEPS = 8

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

    A solid one is shown as one card, whatever it contains.
    """

    positions: dict[str, Position]
    width: float
    height: float
    solid: bool = False


@dataclass
class Part:
    """A connected part of the pipeline."""

    blocks: Mapping[str, Block]
    arcs: list[Arc]
    layer: dict[str, int] = field(default_factory=dict)
    above: dict[str, list[_End]] = field(default_factory=dict)
    below: dict[str, list[_End]] = field(default_factory=dict)
    widths: dict[str, float] = field(default_factory=dict)

    def positions(self) -> dict[str, Position]:
        """Return the top left corner of every block."""
        nodes = list(self.blocks)
        arcs = _without_cycles(nodes, self.arcs)
        self.layer = _layers(nodes, arcs)
        self.widths = {name: block.width for name, block in self.blocks.items()}
        for arc in arcs:
            self._thread(arc)
        rows: list[list[str]] = [[] for _ in range(max(self.layer.values()) + 1)]
        for name in self.layer:
            rows[self.layer[name]].append(name)
        rows = self._ordered(rows)
        x = self._spread(rows)
        tops, y = [], 0.0
        for row in rows:
            tops.append(y)
            heights = (self.blocks[name].height for name in row if name in self.blocks)
            y += max(heights, default=0.0) + GAP_DOWN
        return {name: (x[name] - self.widths[name] / 2, tops[self.layer[name]]) for name in nodes}

    def _thread(self, arc: Arc) -> None:
        """Lead a long link through a position in every layer between its ends."""
        previous, out = arc.source, arc.out
        for level in range(self.layer[arc.source] + 1, self.layer[arc.target]):
            # A name that no node can have.
            bend = f"{arc.source} {arc.target} {arc.out} {arc.into} {level}"
            self.layer[bend] = level
            self.widths[bend] = 20.0
            self._join(previous, bend, out, 0.0)
            previous, out = bend, 0.0
        self._join(previous, arc.target, out, arc.into)

    def _join(self, upper: str, lower: str, out: float, into: float) -> None:
        self.below.setdefault(upper, []).append(_End(lower, out, into, self.widths[lower]))
        self.above.setdefault(lower, []).append(_End(upper, into, out, self.widths[upper]))

    def _ordered(self, rows: list[list[str]]) -> list[list[str]]:
        best, fewest = rows, self._crossings(rows)
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            neighbors = self.above if down else self.below
            order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
            rows = [list(row) for row in rows]
            for level in order:
                rank = _ranks(rows[level - 1 if down else level + 1])
                middle = {
                    name: _middle([end.rank(rank) for end in neighbors.get(name, ())], index)
                    for index, name in enumerate(rows[level])
                }
                rows[level].sort(key=middle.__getitem__)
            crossings = self._crossings(rows)
            if crossings < fewest:
                best, fewest = rows, crossings
        return best

    def _crossings(self, rows: list[list[str]]) -> int:
        total = 0
        for upper, lower in pairwise(rows):
            rank = _ranks(lower)
            ends: list[float] = []
            for name in upper:
                joined = sorted(self.below.get(name, ()), key=lambda end: end.near)
                ends += [end.rank(rank) for end in joined]
            total += _inversions(ends)
        return total

    def _spread(self, rows: list[list[str]]) -> dict[str, float]:
        x: dict[str, float] = {}
        for row in rows:
            left = 0.0
            for name in row:
                x[name] = left + self.widths[name] / 2
                left += self.widths[name] + GAP_ACROSS
        for sweep in range(2 * SWEEPS):
            down = sweep % 2 == 0
            last = sweep >= 2 * SWEEPS - 2
            for row in rows if down else reversed(rows):
                wishes = []
                for name in row:
                    near = list((self.above if down else self.below).get(name, []))
                    if last:
                        near = [*self.above.get(name, []), *self.below.get(name, [])]
                    goals = [x[end.name] + end.far - end.near for end in near]
                    wishes.append(sum(goals) / len(goals) if goals else x[name])
                for name, center in zip(row, self._apart(row, wishes), strict=True):
                    x[name] = center
        return x

    def _apart(self, row: list[str], wishes: list[float]) -> list[float]:
        """Return the positions nearest to the wishes that keep order and gaps."""
        offsets = [0.0]
        for first, second in pairwise(row):
            gap = (self.widths[first] + self.widths[second]) / 2 + GAP_ACROSS
            offsets.append(offsets[-1] + gap)
        pools: list[tuple[float, int]] = []
        for wish, offset in zip(wishes, offsets, strict=True):
            total, count = wish - offset, 1
            while pools and pools[-1][0] / pools[-1][1] > total / count:
                more, members = pools.pop()
                total, count = total + more, count + members
            pools.append((total, count))
        flat = [total / count for total, count in pools for _ in range(count)]
        return [base + offset for base, offset in zip(flat, offsets, strict=True)]


def parts(nodes: list[str], arcs: list[Arc]) -> list[list[str]]:
    """Return the connected parts, the largest first."""
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
        members = set(part)
        parts.append([name for name in nodes if name in members])
    return sorted(parts, key=len, reverse=True)


@dataclass(frozen=True)
class _End:
    """A neighbor, and how far the ports of a link are from the middles of their cards.

    Parameters
    ----------
    near, far : float
        At the node that has this neighbor, and at the neighbor.
    width : float
        Of the neighbor.
    """

    name: str
    near: float
    far: float
    width: float

    def rank(self, ranks: Mapping[str, int]) -> float:
        """Return the neighbor's position in its row, including its port."""
        return ranks[self.name] + self.far / (2 * self.width)


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


def _layers(nodes: list[str], arcs: list[Arc]) -> dict[str, int]:
    """Return a layer for each node: below its predecessors, sources just above their successors."""
    leaving: dict[str, list[str]] = {name: [] for name in nodes}
    waiting = dict.fromkeys(nodes, 0)
    for arc in arcs:
        leaving[arc.source].append(arc.target)
        waiting[arc.target] += 1
    fed = {name for name in nodes if waiting[name]}
    layer = dict.fromkeys(nodes, 0)
    order = [name for name in nodes if not waiting[name]]
    for name in order:
        for other in leaving[name]:
            layer[other] = max(layer[other], layer[name] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                order.append(other)
    for name in reversed(order):
        if name not in fed and leaving[name]:
            layer[name] = min(layer[other] for other in leaving[name]) - 1
    return layer


def _ranks(row: list[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(row)}


def _middle(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else float(otherwise)


def _inversions(values: list[float]) -> int:
    """Count the pairs in the wrong order, by merging."""
    if len(values) < 2:
        return 0
    half = len(values) // 2
    left, right = values[:half], values[half:]
    count = _inversions(left) + _inversions(right)
    left.sort()
    right.sort()
    index = 0
    for value in right:
        while index < len(left) and left[index] <= value:
            index += 1
        count += len(left) - index
    return count
