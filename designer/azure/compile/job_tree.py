"""The jobs of a pipeline with SDK v2: its steps and cards, and the jobs of each card."""

from __future__ import annotations

from collections.abc import Iterator

from designer.azure.compile.cards import Card
from designer.azure.compile.steps import Description, job_ids


class JobTree:
    """Names the jobs; a *scope* is a card, by its address, or the pipeline itself, ``""``."""

    def __init__(self, description: Description) -> None:
        self._cards = {card.group: card for card in description.cards}
        self._scopes = {step.id: self._around(step.nodes[0]) for step in description.steps}
        self._parents = {group: self._around(group) for group in self._cards}
        self._names: dict[str, str] = {}
        self._card_names: dict[str, str] = {}
        for scope in ("", *self._cards):
            steps = {
                step.nodes[0]: step.id
                for step in description.steps
                if self._scopes[step.id] == scope
            }
            groups = [group for group, parent in self._parents.items() if parent == scope]
            start = len(scope) + 1 if scope else 0
            local = job_ids(name[start:] for name in (*steps, *groups))
            self._names |= {each: local[node[start:]] for node, each in steps.items()}
            self._card_names |= {group: local[group[start:]] for group in groups}

    def scope(self, step: str) -> str:
        """Return the innermost card that a step is in."""
        return self._scopes[step]

    def name(self, step: str) -> str:
        """Return the name of a step's job in its scope."""
        return self._names[step]

    def card_name(self, card: Card) -> str:
        """Return the name of a card's job in its scope."""
        return self._card_names[card.group]

    def path(self, step: str) -> str:
        """Return the names of the jobs from the pipeline to a step, with ``/``."""
        above = [self.card_name(card) for card in self._within("", step)]
        return "/".join((*above, self.name(step)))

    def card_towards(self, scope: str, step: str) -> Card | None:
        """Return the card in a scope that a step is in; None if it is a job of the scope."""
        return next(self._within(scope, step), None)

    def _within(self, scope: str, step: str) -> Iterator[Card]:
        """Yield the cards around a step that are in a scope, from the outside in."""
        found = []
        group = self._scopes[step]
        while group != scope:
            found.append(self._cards[group])
            group = self._parents[group]
        yield from reversed(found)

    def _around(self, address: str) -> str:
        return max(
            (group for group, card in self._cards.items() if card.contains(address)),
            key=len,
            default="",
        )
