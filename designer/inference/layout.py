"""Places for the nodes of an inference pipeline: from top to bottom, in the old order across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from designer.pipeline.model import Link, Node

_ACROSS, _DOWN = 300.0, 140.0
_GRID = 20.0


def tidy_positions(
    nodes: Mapping[str, Node], links: Sequence[Link]
) -> dict[str, tuple[float, float]]:
    """Return a place for every node.

    A node stands a row below all that feed it, what needs nothing stands just above what
    needs it. Nodes stay where they were across as far as there is room.
    """
    above: dict[str, list[str]] = {name: [] for name in nodes}
    below: dict[str, list[str]] = {name: [] for name in nodes}
    for link in links:
        above[link.target.node].append(link.source.node)
        below[link.source.node].append(link.target.node)
    level: dict[str, int] = {}
    waiting = list(nodes)
    while waiting:
        ready = [name for name in waiting if all(source in level for source in above[name])]
        for name in ready:
            level[name] = max((level[source] + 1 for source in above[name]), default=0)
        if not ready:
            break
        waiting = [name for name in waiting if name not in level]
    for name in nodes:
        if not above[name] and below[name]:
            level[name] = min(level[target] for target in below[name]) - 1
    rows: dict[int, list[str]] = {}
    for name in nodes:
        rows.setdefault(level.get(name, 0), []).append(name)
    places: dict[str, tuple[float, float]] = {}
    for row, names in sorted(rows.items()):
        names.sort(key=lambda name: (nodes[name].module in _BESIDE, nodes[name].position[0], name))
        taken: list[float] = []
        for name in names:
            wish = nodes[name].position[0]
            if nodes[name].module in _BESIDE and below[name]:
                wish = nodes[below[name][0]].position[0] + _BESIDE[nodes[name].module]
            taken.append(_nearest(wish, taken))
            places[name] = (taken[-1], row * _DOWN)
    left = min((x for x, _ in places.values()), default=0.0)
    top = min((y for _, y in places.values()), default=0.0)
    return {name: (x - left, y - top) for name, (x, y) in places.items()}


def _nearest(wish: float, taken: Sequence[float]) -> float:
    """Return the place on the grid nearest to a wish with room for a card."""
    wish = round(wish / _GRID) * _GRID
    for step in range(1000):
        for x in (wish + step * _GRID, wish - step * _GRID):
            if all(abs(x - other) >= _ACROSS for other in taken):
                return x
    return max(taken) + _ACROSS


_BESIDE = {"saved_model": -160.0, "saved_transformation": -160.0, "web_service_input": 160.0}
"""Modules that stand beside the rows' way, and how far from the node that they feed."""
