"""Arranging nodes in rows: data at the top, results at the bottom."""

from __future__ import annotations

from statistics import median

from designer.pipeline.model import Pipeline

Position = tuple[float, float]

SWEEPS = 4
"""How often the rows are sorted by their neighbours; more brought no visible gain."""


def arrange(
    pipeline: Pipeline,
    *,
    column: float = 260.0,
    row: float = 130.0,
    nodes: frozenset[str] | None = None,
) -> dict[str, Position]:
    """Return new places for nodes so that links run down and cross little.

    A layered drawing: each node's row is its longest way from a node without
    inputs, nodes without inputs are drawn down to what reads them, and rows are
    sorted by the median of their neighbours (Sugiyama, Tagawa and Toda, 1981).

    Parameters
    ----------
    column, row : float
        Distances of the left and top edges, in scene units.
    nodes : frozenset of str, optional
        Only these; all by default. The top left corner stays where it is.
    """
    chosen = [name for name in pipeline.nodes if nodes is None or name in nodes]
    if not chosen:
        return {}
    known = set(chosen)
    before = {name: [] for name in chosen}
    after = {name: [] for name in chosen}
    for link in pipeline.links:
        if link.source.node in known and link.target.node in known:
            before[link.target.node].append(link.source.node)
            after[link.source.node].append(link.target.node)
    rows = _rows(pipeline, chosen, before, after)
    places = _columns(rows, before, after, pipeline)
    left = min(pipeline.nodes[name].position[0] for name in chosen)
    top = min(pipeline.nodes[name].position[1] for name in chosen)
    start = min(places.values())
    return {
        name: (left + (places[name] - start) * column, top + level * row)
        for level, members in enumerate(rows)
        for name in members
    }


def _rows(
    pipeline: Pipeline,
    chosen: list[str],
    before: dict[str, list[str]],
    after: dict[str, list[str]],
) -> list[list[str]]:
    try:
        order = [name for name in pipeline.order() if name in before]
    except ValueError:
        order = chosen
    level: dict[str, int] = {}
    for name in order:
        level[name] = max((level.get(source, -1) + 1 for source in before[name]), default=0)
    for name in reversed(order):
        if not before[name] and after[name]:
            level[name] = max(0, min(level[target] for target in after[name]) - 1)
    rows: list[list[str]] = [[] for _ in range(max(level.values()) + 1)]
    for name in sorted(order, key=lambda name: pipeline.nodes[name].position[0]):
        rows[level[name]].append(name)
    return [members for members in rows if members]


def _columns(
    rows: list[list[str]],
    before: dict[str, list[str]],
    after: dict[str, list[str]],
    pipeline: Pipeline,
) -> dict[str, float]:
    places = {
        name: index - (len(members) - 1) / 2
        for members in rows
        for index, name in enumerate(members)
    }
    for sweep in range(SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        for members in rows if sweep % 2 == 0 else reversed(rows):
            wanted = {
                name: median([places[other] for other in neighbours[name]] or [places[name]])
                for name in members
            }
            members.sort(key=lambda name: (wanted[name], pipeline.nodes[name].position[0]))
            _spread(members, wanted, places)
    return places


def _spread(members: list[str], wanted: dict[str, float], places: dict[str, float]) -> None:
    """Put each where it wants to be, one column apart, the row centred on the wishes."""
    last = float("-inf")
    for name in members:
        last = places[name] = max(wanted[name], last + 1)
    shift = sum(wanted[name] - places[name] for name in members) / len(members)
    for name in members:
        places[name] += shift
