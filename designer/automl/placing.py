"""Positions of the cards of a pipeline that a program made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from designer.pipeline.model import Pipeline

_ACROSS, _DOWN = 300.0, 140.0

_WIDTH = 5
"""Cards in a row at most, as far as they can be further up: more are too small to read."""


def placed(pipeline: Pipeline) -> Pipeline:
    """Return a pipeline with each card a row below all that feed it.

    One that nothing feeds is just above what needs it first, or further up if that row is full. In
    a row, cards are below those that feed them where there is room.
    """
    level = _levels(pipeline)
    column: dict[str, float] = {}
    taken: dict[int, list[float]] = {}
    for name in sorted(pipeline.order(), key=level.__getitem__):
        above = [
            column[link.source.node]
            for link in pipeline.links_into.get(name, ())
            if link.source.node in column
        ]
        below = [level[link.target.node] for link in pipeline.links_from.get(name, ())]
        # From a row further up, links lead down between the cards of the next one.
        start = 0.5 if not above and below and (min(below) - level[name]) % 2 == 0 else 0.0
        wish = float(round(sum(above) / len(above))) if above else start
        row = taken.setdefault(level[name], [])
        while any(abs(wish - other) < 1.0 for other in row):
            wish += 1.0
        row.append(wish)
        column[name] = wish
    nodes = {
        name: replace(node, position=(column[name] * _ACROSS, level[name] * _DOWN), positioned=True)
        for name, node in pipeline.nodes.items()
    }
    return replace(pipeline, nodes=nodes)


def _levels(pipeline: Pipeline) -> Mapping[str, int]:
    """Return the row of each card, from the top."""
    order = pipeline.order()
    level: dict[str, int] = {}
    for name in order:
        sources = [link.source.node for link in pipeline.links_into.get(name, ())]
        level[name] = max((level[source] + 1 for source in sources), default=0)
    movable = [
        name
        for name in order
        if not pipeline.links_into.get(name) and pipeline.links_from.get(name)
    ]
    counts = Counter(level[name] for name in order if name not in movable)
    for name in movable:
        found = min(level[link.target.node] for link in pipeline.links_from[name]) - 1
        while counts[found] >= _WIDTH:
            found -= 1
        counts[found] += 1
        level[name] = found
    return level
