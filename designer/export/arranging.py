"""The order of the statements: each after its inputs, near the drawn order, groups kept together.

What feeds a card comes right before it, the longest chain first, so that a chain stays together
and an untrained model is made where it is trained.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from designer.export.cards import Card


@dataclass(frozen=True)
class Block:
    """The statements of a function.

    Parameters
    ----------
    id : str
        The address of the group; empty for the whole pipeline.
    units : tuple of Card or Block
        In the order of their statements; a block is a call.
    """

    id: str
    units: tuple[Card | Block, ...]

    def cards(self) -> Iterator[Card]:
        """Yield all cards in the order of their execution."""
        for unit in self.units:
            if isinstance(unit, Block):
                yield from unit.cards()
            else:
                yield unit

    def blocks(self) -> Iterator[Block]:
        """Yield all blocks inside, each after those in it."""
        for unit in self.units:
            if isinstance(unit, Block):
                yield from unit.blocks()
                yield unit


def arrange(cards: Mapping[str, Card]) -> tuple[Block, list[str]]:
    """Return the statements of a pipeline, and the groups that can't be a function.

    Data leaves such a group and comes back into it; its cards are in the function around it.
    """
    dissolved: set[str] = set()
    while True:
        tree = _Tree(cards, dissolved)
        entangled = tree.entangled()
        if not entangled:
            return tree.block(""), sorted(dissolved)
        dissolved |= entangled


class _Tree:
    """Groups as a tree of units: in every group the cards and groups directly inside."""

    def __init__(self, cards: Mapping[str, Card], dissolved: set[str]) -> None:
        self._cards = cards
        self._positions: dict[str, tuple[float, float]] = {}
        # By container: what each unit in it needs directly.
        self._needs: dict[str, dict[str, set[str]]] = {}
        chains = {name: _chain(name, dissolved) for name in cards}
        for name, chain in chains.items():
            x, y = cards[name].node.position
            for container, unit in itertools.pairwise(chain):
                self._needs.setdefault(container, {}).setdefault(unit, set())
                self._positions[unit] = min(self._positions.get(unit, (y, x)), (y, x))
        for name, card in cards.items():
            for source in card.inputs.values():
                above, below = chains[source.node], chains[name]
                level = next(
                    i for i, (a, b) in enumerate(zip(above, below, strict=False)) if a != b
                )
                self._needs[below[level - 1]][below[level]].add(above[level])

    def entangled(self) -> set[str]:
        """Return the groups that need, in a circle, something that needs them."""
        found: set[str] = set()
        for needs in self._needs.values():
            ordered = set(_sorted(needs))
            readers: dict[str, set[str]] = {unit: set() for unit in needs if unit not in ordered}
            for unit in readers:
                for need in needs[unit]:
                    if need in readers:
                        readers[need].add(unit)
            # What is left needs a circle; what nothing in a circle needs is removed.
            found |= set(readers) - set(_sorted(readers))
        return found - self._cards.keys()

    def block(self, container: str) -> Block:
        """Return the statements of a group."""
        needs = self._needs[container]
        depth: dict[str, int] = {}
        for unit in _sorted(needs):
            depth[unit] = max((depth[need] + 1 for need in needs[unit]), default=0)
        needed = {need for each in needs.values() for need in each}
        ends = sorted(needs.keys() - needed, key=lambda unit: (*self._positions[unit], unit))
        done: dict[str, None] = {}
        waiting = ends[::-1]
        while waiting:
            unit = waiting[-1]
            missing = [need for need in needs[unit] if need not in done]
            if missing and unit not in done:
                missing.sort(key=lambda need: (-depth[need], *self._positions[need], need))
                waiting += missing[::-1]
                continue
            waiting.pop()
            done[unit] = None
        return Block(
            container,
            tuple(self._cards[unit] if unit in self._cards else self.block(unit) for unit in done),
        )


def _chain(name: str, dissolved: set[str]) -> list[str]:
    """Return the address of a card after those of its groups, the whole pipeline first."""
    parts = name.split("/")
    groups = ["/".join(parts[:count]) for count in range(1, len(parts))]
    return ["", *(group for group in groups if group not in dissolved), name]


def _sorted(needs: Mapping[str, set[str]]) -> list[str]:
    """Return the units that aren't in a circle and need none, each after its needs."""
    open_needs = {unit: len(each) for unit, each in needs.items()}
    readers: dict[str, list[str]] = {}
    for unit, each in needs.items():
        for need in each:
            readers.setdefault(need, []).append(unit)
    ready = [unit for unit, count in open_needs.items() if not count]
    for unit in ready:
        for reader in readers.get(unit, ()):
            open_needs[reader] -= 1
            if not open_needs[reader]:
                ready.append(reader)
    return ready
