"""Ways of links around the cards that they don't belong to.

A link is a plain curve if nothing is in its way. Otherwise it is led downward through the bands
between the edges of cards: in a band it may go sideways, and beside cards it goes straight
down. The shortest such way with few bends is found by dynamic programming from the top.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from designer.app.canvas.arranging.boxes import Box, grown
from designer.app.canvas.arranging.obstacles import Obstacles

ASIDE = 12.0
"""How far links are from the sides of cards."""

MARGINS = ((ASIDE, 10.0), (6.0, 2.0))
"""Room beside and above cards; less where they are close together."""

REACHES = (420.0, 2000.0)
"""How far to the sides a way is looked for."""

_LEAST = 5.0
"""How near a plain curve, or a link beside others, may come to a card."""

_LOW = 20.0
"""Height between two cards below which a link can't be led around anything."""

_BEND, _LOW_BEND = 30.0, 1200.0
"""Length that a bend counts as, and what is added to it, divided by the height of its band."""

_SOFT = 2.5
"""How often a length counts more across a note or a frame."""

_STEEP = 0.8
"""Height of a bend by its width, where there is room."""

_TURN = 40.0
"""Length of the handles where a link turns upward or downward."""

_STEPS = 16
"""Straight lines for a curve."""

Run = tuple[float, float, float]
"""A vertical piece: its x, and the y where it starts and ends."""

Route = tuple[Run, ...]
"""The pieces of a link, with a curve between each two."""

Ends = tuple[float, float, float, float]
"""x and y of the output, and of the input."""


@dataclass(frozen=True)
class Way:
    """How a link goes.

    Parameters
    ----------
    route : tuple
        The pieces; empty for a plain curve.
    area : tuple of float
        The way may be another one if something in this box changes.
    room : float
        How far the pieces beside cards can be moved sideways.
    """

    route: Route
    area: Box
    room: float = 0.0


def plain(ends: Ends) -> Route:
    """Return the pieces of a plain curve."""
    x1, y1, x2, y2 = ends
    return (x1, y1, y1), (x2, y2, y2)


def handles(route: Route) -> Iterator[tuple[float, float]]:
    """Yield how far the handles of each curve are from its start, downward, and its end, upward."""
    simple = len(route) == 2
    for (_, _, start), (_, end, after) in pairwise(route):
        gap = end - start
        if gap > 0 and not simple:
            yield min(gap / 2, 150.0), min(gap / 2, 150.0)
        elif simple:
            bend = min(max(gap / 2, 26.0), 150.0) if gap >= 0 else min(70.0 - gap / 3, 200.0)
            yield bend, bend
        else:
            # A turn below a card before going up, or above one before going down again.
            turn = _TURN if after < end else -_TURN
            yield turn, -turn


def points(route: Route) -> list[tuple[float, float]]:
    """Return a link as straight lines between points."""
    found = [(route[0][0], route[0][1])]
    for (one, other), (first, second) in zip(pairwise(route), handles(route), strict=True):
        x1, _, y1 = one
        x2, y2, _ = other
        found.append((x1, y1))
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            x = (a + b) * x1 + (c + d) * x2
            found.append((x, a * y1 + b * (y1 + first) + c * (y2 - second) + d * y2))
    return [*found, (route[-1][0], route[-1][2])]


class Router:
    """Finds ways.

    Parameters
    ----------
    hard : Obstacles
        The cards: no link crosses one.
    soft : Obstacles
        Notes and frames: a link crosses one only if the way around is long, or it ends in it.
    """

    def __init__(self, hard: Obstacles, soft: Obstacles) -> None:
        self._hard, self._soft = hard, soft

    def way(self, ends: Ends) -> Way:
        """Return the way of a link."""
        x1, y1, x2, y2 = ends
        if y2 - y1 < _LOW:
            return self._back(ends)
        area = (min(x1, x2) - 1.0, y1, max(x1, x2) + 1.0, y2)
        cards = self._hard.within(area).values()
        others = self._soft_within(area, ends)
        line = points(plain(ends)) if cards or others else []
        near = [grown(box, _LEAST, _LEAST) for box in cards]
        if not _hits(line, [*near, *others]):
            return Way((), area)
        for reach in REACHES:
            area = (min(x1, x2) - reach, y1, max(x1, x2) + reach, y2)
            for aside, over in MARGINS:
                route = _Bands(
                    ends,
                    [grown(box, aside, over) for box in self._hard.within(area).values()],
                    [grown(box, aside / 2, 0.0) for box in self._soft_within(area, ends)],
                ).route()
                if route:
                    return Way(route, area, max(aside - _LEAST, 0.0))
        return Way((), area)

    def _soft_within(self, area: Box, ends: Ends) -> list[Box]:
        x1, y1, x2, y2 = ends
        return [
            box
            for box in self._soft.within(area).values()
            if not (_inside(box, x1, y1) or _inside(box, x2, y2))
        ]

    def _back(self, ends: Ends) -> Way:
        """Return the way of a link that goes up: beside its cards, from below to above."""
        x1, y1, x2, y2 = ends
        low, high = max(y1, y2) + _TURN, min(y1, y2) - _TURN
        area = (min(x1, x2) - REACHES[1], high, max(x1, x2) + REACHES[1], low)
        cards = list(self._hard.within(area).values())
        inner = [grown(box, -1.0, -1.0) for box in cards]
        if y2 >= y1 or not _hits(points(plain(ends)), inner):
            return Way((), area)
        wide = [grown(box, ASIDE, 0.0) for box in cards]
        lanes = {x for box in wide for x in (box[0], box[2]) if area[0] < x < area[2]}
        for x in sorted(lanes, key=lambda x: (abs(x - x1) + abs(x - x2), x)):
            route = ((x1, y1, y1), (x, y1, y2), (x2, y2, y2))
            if any(box[0] < x < box[2] and box[1] < low and box[3] > high for box in wide):
                continue
            if not _hits(points(route), inner):
                return Way(route, area, ASIDE - _LEAST)
        return Way((), area)


class _Bands:
    """The area between the ends of a link, in bands without an edge of a card inside."""

    def __init__(self, ends: Ends, hard: Sequence[Box], soft: Sequence[Box]) -> None:
        x1, self._top, x2, self._bottom = ends
        boxes = [*hard, *soft]
        self._xs = sorted({x1, x2, *(x for box in boxes for x in (box[0], box[2]))})
        inner = {y for box in boxes for y in (box[1], box[3]) if self._top < y < self._bottom}
        self._ys = sorted({self._top, self._bottom, *inner})
        self._start, self._end = self._xs.index(x1), self._xs.index(x2)
        self._hard, self._soft = hard, soft
        # For each band, whether the way from each x to the next one is open.
        self._open: list[list[bool]] = []

    def route(self) -> Route:
        """Return the shortest way; empty if there is none."""
        xs = self._xs
        costs = [math.inf] * len(xs)
        costs[self._start] = 0.0
        before: list[list[int]] = []
        for top, bottom in pairwise(self._ys):
            hard = [box for box in self._hard if box[1] < bottom and box[3] > top]
            soft = [box for box in self._soft if box[1] < bottom and box[3] > top]
            blocked = [any(box[0] < x < box[2] for box in hard) for x in xs]
            gaps = list(pairwise(xs))
            self._open.append([not any(box[0] < b and box[2] > a for box in hard) for a, b in gaps])
            lengths = [b - a for a, b in gaps]
            for index, (a, b) in enumerate(gaps):
                if any(box[0] < b and box[2] > a for box in soft):
                    lengths[index] *= 1.0 + _SOFT
            bend = _BEND + _LOW_BEND / (bottom - top)
            entering = [
                math.inf if shut else cost for cost, shut in zip(costs, blocked, strict=True)
            ]
            costs, sources = self._sideways(entering, lengths, bend, blocked)
            before.append(sources)
            for index, x in enumerate(xs):
                if any(box[0] < x < box[2] for box in soft):
                    costs[index] += _SOFT * (bottom - top)
        if costs[self._end] == math.inf:
            return ()
        columns = [self._end]
        for sources in reversed(before):
            columns.append(sources[columns[-1]])
        return self._drawn(columns[::-1])

    def _sideways(
        self, entering: list[float], lengths: list[float], bend: float, blocked: list[bool]
    ) -> tuple[list[float], list[int]]:
        """Return the least costs at the end of a band, and where each comes from."""
        costs, sources = list(entering), list(range(len(entering)))
        passable = self._open[-1]
        for order in (range(len(costs)), range(len(costs) - 1, -1, -1)):
            run, source, last = math.inf, -1, -1
            for index in order:
                if last >= 0:
                    gap = min(index, last)
                    run = run + lengths[gap] if passable[gap] else math.inf
                if run + bend < costs[index] and not blocked[index]:
                    costs[index], sources[index] = run + bend, source
                if entering[index] < run:
                    run, source = entering[index], index
                last = index
        return costs, sources

    def _drawn(self, columns: list[int]) -> Route:
        """Return the pieces of a way: each bend as high as looks well and has room."""
        moves = [
            (band, one, other)
            for band, (one, other) in enumerate(pairwise(columns))
            if one != other
        ]
        xs, ys = self._xs, self._ys
        runs: list[Run] = []
        x, y = xs[columns[0]], self._top
        for index, (band, one, other) in enumerate(moves):
            previous = moves[index - 1][0] if index else -1
            following = moves[index + 1][0] if index + 1 < len(moves) else len(ys) - 1
            first, last = band, band
            while first - 1 > previous and self._passes(first - 1, one, other):
                first -= 1
            while last + 1 < following and self._passes(last + 1, one, other):
                last += 1
            upper, lower = max(ys[first], y), ys[last + 1]
            height = min(max(_STEEP * abs(xs[other] - xs[one]), 60.0), lower - upper, 300.0)
            middle = (ys[band] + ys[band + 1]) / 2
            start = min(max(middle - height / 2, upper), lower - height)
            if upper == self._top:
                start = upper
            elif lower == self._bottom:
                start = lower - height
            runs.append((x, y, start))
            x, y = xs[other], start + height
        return (*runs, (x, y, self._bottom))

    def _passes(self, band: int, one: int, other: int) -> bool:
        return all(self._open[band][min(one, other) : max(one, other)])


def _inside(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _hits(line: Sequence[tuple[float, float]], boxes: Iterable[Box]) -> bool:
    """Return whether straight lines between points cross a box."""
    return any(crosses(one, other, box) for box in boxes for one, other in pairwise(line))


def crosses(one: tuple[float, float], other: tuple[float, float], box: Box) -> bool:
    """Return whether a straight line crosses a box (Liang and Barsky 1984)."""
    enter, leave = 0.0, 1.0
    for axis in (0, 1):
        start, step = one[axis], other[axis] - one[axis]
        low, high = box[axis] - start, box[axis + 2] - start
        if step == 0.0:
            if low >= 0.0 or high <= 0.0:
                return False
            continue
        first, last = sorted((low / step, high / step))
        enter, leave = max(enter, first), min(leave, last)
        if enter >= leave:
            return False
    return True
