"""Positions of the cards of a pipeline that a program made."""

from __future__ import annotations

from dataclasses import replace

from designer.pipeline.model import Pipeline

_ACROSS, _DOWN = 300.0, 140.0


def placed(pipeline: Pipeline) -> Pipeline:
    """Return a pipeline with each card a row below all that feed it.

    One that nothing feeds is just above what needs it first. In a row, cards are below those that
    feed them where there is room.
    """
    level: dict[str, int] = {}
    order = pipeline.order()
    for name in order:
        sources = [link.source.node for link in pipeline.links_into.get(name, ())]
        level[name] = max((level[source] + 1 for source in sources), default=0)
    for name in order:
        below = [link.target.node for link in pipeline.links_from.get(name, ())]
        if not pipeline.links_into.get(name) and below:
            level[name] = min(level[target] for target in below) - 1
    column: dict[str, float] = {}
    taken: dict[int, list[float]] = {}
    for name in sorted(order, key=level.__getitem__):
        above = [
            column[link.source.node]
            for link in pipeline.links_into.get(name, ())
            if link.source.node in column
        ]
        wish = float(round(sum(above) / len(above))) if above else 0.0
        row = taken.setdefault(level[name], [])
        while wish in row:
            wish += 1.0
        row.append(wish)
        column[name] = wish
    nodes = {
        name: replace(node, position=(column[name] * _ACROSS, level[name] * _DOWN), positioned=True)
        for name, node in pipeline.nodes.items()
    }
    return replace(pipeline, nodes=nodes)
