"""Links that pass the same cards, side by side instead of on each other."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from statistics import median
from typing import NamedTuple, TypeVar

from designer.app.canvas.arranging.routing import Route, Way

APART = 8.0
"""Distance of links that run side by side."""

Key = TypeVar("Key", bound=Hashable)


class _Piece(NamedTuple):
    x: float
    top: float
    bottom: float
    toward: float
    order: int
    run: int


def spread(ways: Mapping[Key, Way], sources: Mapping[Key, Hashable]) -> dict[Key, Route]:
    """Return the routes with pieces from different outputs beside each other.

    Links of one output may share a piece: they carry the same.
    """
    keys = list(ways)
    pieces = sorted(
        _Piece(
            route[index][0],
            min(route[index - 1][2], route[index + 1][1]),
            max(route[index - 1][2], route[index + 1][1]),
            route[index - 1][0] + route[index + 1][0],
            order,
            index,
        )
        for order, key in enumerate(keys)
        for route in (ways[key].route,)
        for index in range(1, len(route) - 1)
    )
    shifts: dict[tuple[int, int], float] = {}
    for bundle in _bundles(pieces):
        outputs: dict[Hashable, list[_Piece]] = {}
        for piece in bundle:
            outputs.setdefault(sources[keys[piece.order]], []).append(piece)
        if len(outputs) < 2:
            continue
        # In the order of where they come from and go to, so that they cross least.
        beside = sorted(
            outputs.values(), key=lambda own: (sum(p.toward for p in own) / len(own), own[0])
        )
        room = min(ways[keys[piece.order]].room for piece in bundle)
        apart = min(APART, 2 * room / (len(beside) - 1))
        base = median(piece.x for piece in bundle)
        for place, own in enumerate(beside):
            goal = base + (place - (len(beside) - 1) / 2) * apart
            for piece in own:
                shifts[piece.order, piece.run] = min(max(goal, piece.x - room), piece.x + room)
    moved = {order for order, _ in shifts}
    return {
        key: tuple(
            (shifts.get((order, index), x), start, end)
            for index, (x, start, end) in enumerate(ways[key].route)
        )
        if order in moved
        else ways[key].route
        for order, key in enumerate(keys)
    }


def _bundles(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Return the pieces, sorted by x, that would be drawn on each other."""
    bundle_of: list[list[_Piece]] = []
    for index, piece in enumerate(pieces):
        mine = [piece]
        bundle_of.append(mine)
        for other in range(index - 1, -1, -1):
            if piece.x - pieces[other].x >= APART:
                break
            theirs = bundle_of[other]
            if theirs is mine:
                continue
            if pieces[other].top < piece.bottom and piece.top < pieces[other].bottom:
                theirs += mine
                for one, held in enumerate(bundle_of):
                    if held is mine:
                        bundle_of[one] = theirs
                mine = theirs
    found: dict[int, list[_Piece]] = {id(bundle): bundle for bundle in bundle_of}
    return list(found.values())
