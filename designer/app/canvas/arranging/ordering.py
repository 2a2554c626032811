"""The order of cards within rows: as the user had it, unless that crosses links.

Rows are improved by the barycenters of the neighbors (Sugiyama, Tagawa, and Toda 1981). Another
order is used only if it saves more crossings than it swaps cards, so that branches stay on the
side where the user put them, and arranging again finds nothing to change.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 8
"""How often the rows are ordered by their neighbors, downward and upward in turn."""

PATIENCE = 3
"""Sweeps without fewer crossings after which no more are tried."""

SWAP = 0.4
"""What swapping two cards costs, in crossings: two can be swapped to save one, not three."""

Rows = list[list[str]]


@dataclass(frozen=True)
class End:
    """A neighbor, and how far the ports of a link are from the middles of their cards.

    Parameters
    ----------
    near, far : float
        At the node that has this neighbor, and at the neighbor.
    width : float
        Of the neighbor.
    """

    name: str
    near: float
    far: float
    width: float


class Ordering:
    """Orders the rows of one connected part.

    Parameters
    ----------
    above, below : mapping of str to list of End
        The neighbors of each card and bend in the rows beside its own.
    cards : mapping of str to float
        Where the user had the middle of each card; whatever else is in a row is a bend.
    """

    def __init__(
        self,
        above: Mapping[str, Sequence[End]],
        below: Mapping[str, Sequence[End]],
        cards: Mapping[str, float],
    ) -> None:
        self._above, self._below, self._cards = above, below, cards
        self._right_of = {
            name: [(end.name, end.far / (2 * end.width)) for end in ends]
            for name, ends in below.items()
        }
        self._left_of = {
            name: [(end.name, end.far / (2 * end.width)) for end in ends]
            for name, ends in above.items()
        }
        self._leaving: dict[str, list[tuple[float, str, float]]] = defaultdict(list)
        for name, ends in below.items():
            self._leaving[name] = [(end.near, end.name, end.far / (2 * end.width)) for end in ends]

    def ordered(self, rows: Rows) -> Rows:
        """Return the rows with cards and bends in order."""
        bends = [[name for name in row if name not in self._cards] for row in rows]
        cards = [[name for name in row if name in self._cards] for row in rows]
        for row in cards:
            row.sort(key=self._cards.__getitem__)
        # Cards that were one above the other are in no order yet.
        if any(self._cards[one] == self._cards[two] for row in cards for one, two in pairwise(row)):
            cards = self._improved(cards, bends, self._cards)
        return self._with_bends(self._improved(cards, bends, None), bends)

    def _improved(self, cards: Rows, bends: Rows, goal: Mapping[str, float] | None) -> Rows:
        """Return a better order of the cards, until there is none."""
        rows = self._with_bends(cards, bends)
        fewest = self._crossings(rows)
        while fewest:
            wanted = goal or {name: float(rank) for row in cards for rank, name in enumerate(row)}
            before = SWAP * _swaps(cards, wanted)
            other = self._switched(self._swept(rows, fewest), wanted)
            proposed = [[name for name in row if name in self._cards] for row in other]
            completed = self._with_bends(proposed, bends)
            crossings = self._crossings(completed)
            if crossings + SWAP * _swaps(proposed, wanted) >= fewest + before:
                break
            cards, rows, fewest = proposed, completed, crossings
        return cards

    def _swept(self, rows: Rows, fewest: int) -> Rows:
        """Return the rows with fewest crossings of those that follow their neighbors."""
        best, waited = rows, 0
        for sweep in range(SWEEPS):
            rows = [list(row) for row in rows]
            for level, near, ends in self._levels(rows, sweep % 2 == 0):
                rank = {name: index for index, name in enumerate(near)}
                values = _barycenters(rows[level], ends, rank)
                rows[level].sort(key=values.__getitem__)
            crossings = self._crossings(rows)
            waited += 1
            if crossings < fewest:
                best, fewest, waited = rows, crossings, 0
            if not fewest or waited > PATIENCE:
                break
        return best

    def _with_bends(self, cards: Rows, bends: Rows) -> Rows:
        """Return the rows with the bends between the cards, which keep their order."""
        rows = [row + bent for row, bent in zip(cards, bends, strict=True)]
        if not any(bends):
            return rows
        best: Rows = []
        fewest = -1
        for sweep in range(4):
            rows = [list(row) for row in rows]
            for level, near, ends in self._levels(rows, sweep % 2 == 0):
                if not bends[level]:
                    continue
                rank = {name: index for index, name in enumerate(near)}
                values = _barycenters(rows[level], ends, rank)
                steady = rising([values[name] for name in cards[level]])
                values.update(zip(cards[level], steady, strict=True))
                rows[level].sort(key=values.__getitem__)
            crossings = self._crossings(rows)
            if fewest < 0 or crossings < fewest:
                best, fewest = rows, crossings
        return best

    def _switched(self, rows: Rows, wanted: Mapping[str, float]) -> Rows:
        """Return the rows with neighbors swapped where that saves crossings.

        Cards are swapped back where that adds none.
        """
        rows = [list(row) for row in rows]
        ranks = [{name: index for index, name in enumerate(row)} for row in rows]
        for level, row in enumerate(rows):
            swapped = True
            while swapped:
                swapped = False
                for index in range(len(row) - 1):
                    one, two = row[index], row[index + 1]
                    cost = self._cost_of_swap(one, two, level, ranks)
                    cards = one in self._cards and two in self._cards
                    if cost < 0 or (cost == 0 and cards and wanted[one] > wanted[two]):
                        row[index], row[index + 1] = two, one
                        ranks[level][two], ranks[level][one] = index, index + 1
                        swapped = True
        return rows

    def _cost_of_swap(self, one: str, two: str, level: int, ranks: list[dict[str, int]]) -> int:
        cost = 0
        for ends, near in ((self._left_of, level - 1), (self._right_of, level + 1)):
            first = [ranks[near][name] + share for name, share in ends.get(one, ())]
            second = [ranks[near][name] + share for name, share in ends.get(two, ())]
            cost += sum((a < b) - (a > b) for a in first for b in second)
        return cost

    def _levels(
        self, rows: Rows, down: bool
    ) -> list[tuple[int, list[str], Mapping[str, list[tuple[str, float]]]]]:
        """Return the rows to order in turn, each with its neighbor and the links to that."""
        if down:
            return [(level, rows[level - 1], self._left_of) for level in range(1, len(rows))]
        order = range(len(rows) - 2, -1, -1)
        return [(level, rows[level + 1], self._right_of) for level in order]

    def _crossings(self, rows: Rows) -> int:
        total = 0
        for upper, lower in pairwise(rows):
            rank = {name: index for index, name in enumerate(lower)}
            seen: list[float] = []
            for name in upper:
                places = [(near, rank[end] + share) for near, end, share in self._leaving[name]]
                if len(places) > 1:
                    # Links of one port don't cross: they are sorted by where they end.
                    places.sort()
                for _, place in places:
                    total += len(seen) - bisect_right(seen, place)
                    insort(seen, place)
        return total


def rising(values: Sequence[float]) -> list[float]:
    """Return the nearest values that never fall (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        total, count = value, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            more, members = pools.pop()
            total, count = total + more, count + members
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]


def _barycenters(
    row: Sequence[str],
    ends: Mapping[str, list[tuple[str, float]]],
    rank: Mapping[str, int],
) -> dict[str, float]:
    """Return the mean position of the neighbors; without any, the one of the card before."""
    values: dict[str, float] = {}
    last = 0.0
    for name in row:
        near = ends.get(name)
        if near:
            last = sum(rank[other] + share for other, share in near) / len(near)
        values[name] = last
    return values


def _swaps(rows: Rows, wanted: Mapping[str, float]) -> int:
    """Count the pairs of cards in a row that are the other way around than wanted."""
    total = 0
    for row in rows:
        seen: list[float] = []
        for name in row:
            total += len(seen) - bisect_right(seen, wanted[name])
            insort(seen, wanted[name])
    return total
