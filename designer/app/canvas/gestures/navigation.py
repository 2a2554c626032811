"""Walking from card to card by keyboard. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping

from designer.pipeline.model import Pipeline

Positions = Mapping[str, tuple[float, float]]


def reading_order(positions: Positions) -> list[str]:
    """Return ids from top to bottom, and in a row from left to right."""
    # Cards of nearly one height count as a row.
    return sorted(positions, key=lambda name: (round(positions[name][1] / 40), positions[name][0]))


def following(positions: Positions, current: str | None, forward: bool) -> str | None:
    """Return the next id in reading order; None past the end."""
    order = reading_order(positions)
    if not order:
        return None
    if current is None or current not in positions:
        return order[0] if forward else order[-1]
    index = order.index(current) + (1 if forward else -1)
    return order[index] if 0 <= index < len(order) else None


def along_link(pipeline: Pipeline, positions: Positions, current: str, down: bool) -> str | None:
    """Return the nearest predecessor of this node, or successor (``down``)."""
    if down:
        others = [link.target.node for link in pipeline.links_from.get(current, ())]
    else:
        others = [link.source.node for link in pipeline.links_into.get(current, ())]
    here = positions[current]
    candidates = [name for name in dict.fromkeys(others) if name in positions]
    return min(candidates, key=lambda name: _distance(here, positions[name]), default=None)


def nearest_first(positions: Positions, current: str) -> list[str]:
    """Return the other ids, the nearest one first."""
    here = positions[current]
    others = [name for name in positions if name != current]
    return sorted(others, key=lambda name: _distance(here, positions[name]))


def beside(positions: Positions, current: str, right: bool) -> str | None:
    """Return the nearest node to the left or right."""
    return _nearest(positions, current, 0, 1 if right else -1)


def above_or_below(positions: Positions, current: str, down: bool) -> str | None:
    """Return the nearest node below or above, linked or not."""
    return _nearest(positions, current, 1, 1 if down else -1)


def _nearest(positions: Positions, current: str, axis: int, sign: int) -> str | None:
    """Return the nearest node in a direction: along an axis, and less far off across it."""
    here = positions[current]
    candidates = [
        name
        for name, position in positions.items()
        if name != current
        and (position[axis] - here[axis]) * sign > abs(position[1 - axis] - here[1 - axis]) / 2
    ]
    return min(candidates, key=lambda name: _distance(here, positions[name]), default=None)


def _distance(first: tuple[float, float], second: tuple[float, float]) -> float:
    return (first[0] - second[0]) ** 2 + 4 * (first[1] - second[1]) ** 2
