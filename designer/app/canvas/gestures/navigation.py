"""Walking from card to card by keyboard. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping

from designer.pipeline.model import Pipeline

Places = Mapping[str, tuple[float, float]]


def reading_order(places: Places) -> list[str]:
    """Return ids from top to bottom, and in a row from left to right."""
    # Cards of nearly one height count as a row.
    return sorted(places, key=lambda name: (round(places[name][1] / 40), places[name][0]))


def following(places: Places, current: str | None, forward: bool) -> str | None:
    """Return the next id in reading order; None past the end."""
    order = reading_order(places)
    if not order:
        return None
    if current is None or current not in places:
        return order[0] if forward else order[-1]
    index = order.index(current) + (1 if forward else -1)
    return order[index] if 0 <= index < len(order) else None


def along_link(pipeline: Pipeline, places: Places, current: str, down: bool) -> str | None:
    """Return the nearest node that feeds this one, or that this one feeds (``down``)."""
    if down:
        others = [link.target.node for link in pipeline.links_from.get(current, ())]
    else:
        others = [link.source.node for link in pipeline.links_into.get(current, ())]
    here = places[current]
    candidates = [name for name in dict.fromkeys(others) if name in places]
    return min(candidates, key=lambda name: _distance(here, places[name]), default=None)


def beside(places: Places, current: str, right: bool) -> str | None:
    """Return the nearest node to the left or right."""
    here = places[current]
    sign = 1 if right else -1
    candidates = [
        name
        for name, place in places.items()
        if name != current and (place[0] - here[0]) * sign > abs(place[1] - here[1]) / 2
    ]
    return min(candidates, key=lambda name: _distance(here, places[name]), default=None)


def _distance(first: tuple[float, float], second: tuple[float, float]) -> float:
    return (first[0] - second[0]) ** 2 + 4 * (first[1] - second[1]) ** 2
