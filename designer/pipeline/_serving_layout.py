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

    A node stands a row below all that feed it, and what feeds nothing but one node stands
    just above it. Nodes of a row keep their order from left to right.
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
    left = min((node.position[0] for node in nodes.values()), default=0.0)
    places: dict[str, tuple[float, float]] = {}
    for row, names in sorted(rows.items()):
        names.sort(key=lambda name: (nodes[name].position[0], name))
        x = None
        for name in names:
            wish = round((nodes[name].position[0] - left) / _GRID) * _GRID
            x = wish if x is None else max(wish, x + _ACROSS)
            places[name] = (x, row * _DOWN)
    return places
