"""Arranging a pipeline from top to bottom, after Sugiyama. Without Qt.

Layers by the longest way from a source, sources pulled down to what they feed; long
links go through a place of their own in every layer; the order within a layer follows
the median of the neighbours; places minimise the squared distance to the neighbours
under the least gap (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from designer.app.canvas.geometry import GRID, HEIGHT, WIDTH, port_offsets
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from modules.contract import ModuleSpec

GAP_ACROSS = 60.0
GAP_DOWN = 80.0
GAP_PARTS = 120.0
SWEEPS = 8

Position = tuple[float, float]


def layout(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> Callable[[Pipeline], Pipeline]:
    """Return an edit that arranges all nodes, keeping their top left corner."""
    places = arrangement(pipeline, specs)
    return lambda current: edits.move(
        current, {name: place for name, place in places.items() if name in current.nodes}
    )


def arrangement(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> dict[str, Position]:
    """Return a place for every node: none overlap and links lead down."""
    if not pipeline.nodes:
        return {}
    arcs = _arcs(pipeline, specs)
    left = min(node.position[0] for node in pipeline.nodes.values())
    top = min(node.position[1] for node in pipeline.nodes.values())
    places: dict[str, Position] = {}
    offset = 0.0
    for part in _parts(list(pipeline.nodes), arcs):
        found = _Part(part, [arc for arc in arcs if arc.source in part]).places()
        smallest = min(x for x, _ in found.values())
        largest = max(x for x, _ in found.values())
        for name, (x, y) in found.items():
            places[name] = (
                round((left + offset + x - smallest) / GRID) * float(GRID),
                round((top + y) / GRID) * float(GRID),
            )
        offset += largest - smallest + WIDTH + GAP_PARTS
    return places


@dataclass(frozen=True)
class _Arc:
    """A link with the distances of its ports from the middles of their cards."""

    source: str
    target: str
    out: float = 0.0
    into: float = 0.0


@dataclass(frozen=True)
class _End:
    """A neighbour, and how far the ports of a link lie from the middles of their cards.

    Parameters
    ----------
    near, far : float
        At the node that has this neighbour, and at the neighbour.
    """

    name: str
    near: float
    far: float

    def rank(self, ranks: Mapping[str, int]) -> float:
        """Return the neighbour's place in its row, its ports told apart."""
        return ranks[self.name] + self.far / (2 * WIDTH)


@dataclass
class _Part:
    """A connected part of the pipeline."""

    nodes: list[str]
    arcs: list[_Arc]
    layer: dict[str, int] = field(default_factory=dict)
    above: dict[str, list[_End]] = field(default_factory=dict)
    below: dict[str, list[_End]] = field(default_factory=dict)
    widths: dict[str, float] = field(default_factory=dict)

    def places(self) -> dict[str, Position]:
        arcs = _without_cycles(self.nodes, self.arcs)
        self.layer = _layers(self.nodes, arcs)
        self.widths = dict.fromkeys(self.nodes, WIDTH)
        for arc in arcs:
            self._thread(arc)
        rows: list[list[str]] = [[] for _ in range(max(self.layer.values()) + 1)]
        for name in self.layer:
            rows[self.layer[name]].append(name)
        rows = self._ordered(rows)
        x = self._spread(rows)
        step = HEIGHT + GAP_DOWN
        return {name: (x[name] - WIDTH / 2, self.layer[name] * step) for name in self.nodes}

    def _thread(self, arc: _Arc) -> None:
        """Lead a long link through a place in every layer between its ends."""
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
        self.below.setdefault(upper, []).append(_End(lower, out, into))
        self.above.setdefault(lower, []).append(_End(upper, into, out))

    def _ordered(self, rows: list[list[str]]) -> list[list[str]]:
        best, fewest = rows, self._crossings(rows)
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            neighbours = self.above if down else self.below
            order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
            rows = [list(row) for row in rows]
            for level in order:
                rank = _ranks(rows[level - 1 if down else level + 1])
                middle = {
                    name: _middle([end.rank(rank) for end in neighbours.get(name, ())], index)
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
            place = 0.0
            for name in row:
                x[name] = place + self.widths[name] / 2
                place += self.widths[name] + GAP_ACROSS
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
                for name, place in zip(row, self._apart(row, wishes), strict=True):
                    x[name] = place
        return x

    def _apart(self, row: list[str], wishes: list[float]) -> list[float]:
        """Return the places nearest to the wishes that keep order and gaps."""
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


def _arcs(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> list[_Arc]:
    arcs = []
    for source, target in pipeline.links:
        if source.node not in pipeline.nodes or target.node not in pipeline.nodes:
            continue
        giving = specs.get(pipeline.nodes[source.node].module)
        taking = specs.get(pipeline.nodes[target.node].module)
        outputs = [port.name for port in giving.outputs] if giving else []
        inputs = [port.name for port in taking.inputs] if taking else []
        arcs.append(
            _Arc(
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


def _parts(nodes: list[str], arcs: list[_Arc]) -> list[list[str]]:
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


def _without_cycles(nodes: list[str], arcs: list[_Arc]) -> list[_Arc]:
    """Return the arcs without those that lead back to where they came from."""
    leaving: dict[str, list[_Arc]] = {name: [] for name in nodes}
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


def _layers(nodes: list[str], arcs: list[_Arc]) -> dict[str, int]:
    """Return a layer for each node: below what feeds it, sources just above what they feed."""
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
