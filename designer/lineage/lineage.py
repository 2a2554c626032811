"""Lineage as a value: what something comes from, or what uses it, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["endpoint", "model", "result", "run", "data", "code"]

TITLES: dict[Kind, str] = {
    "endpoint": "Endpoint",
    "model": "Model",
    "result": "Result",
    "run": "Run",
    "data": "Data",
    "code": "Code",
}


@dataclass(frozen=True)
class Item:
    """An endpoint, a model, a result, a run, data, or code.

    Parameters
    ----------
    id : str
        Unique in its lineage.
    facts : tuple of (str, str)
        Label and text of everything that identifies it.
    """

    id: str
    kind: Kind
    title: str
    facts: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"id": self.id, "kind": self.kind, "title": self.title, "facts": dict(self.facts)}


@dataclass(frozen=True)
class Lineage:
    """Items, and which comes from which.

    Parameters
    ----------
    items : tuple of Item
        The first is the one that was asked for; what something comes from, or what uses it, is
        behind it.
    links : tuple of (str, str)
        The id of an item, and of one that it comes from.
    missing : tuple of str
        What isn't known any more, each as a sentence.
    forth : bool
        Whether it leads to what uses the first item, and not to what that comes from.
    """

    items: tuple[Item, ...]
    links: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    forth: bool = False

    @property
    def subject(self) -> Item:
        """The item that was asked for."""
        return self.items[0]

    def next_of(self, item: str) -> list[Item]:
        """Return what an item comes from, or what uses it."""
        if self.forth:
            wanted = [above for above, below in self.links if below == item]
        else:
            wanted = [below for above, below in self.links if above == item]
        return [each for each in self.items if each.id in wanted]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "subject": self.subject.id,
            "items": [item.to_json() for item in self.items],
            "links": [{"from": below, "to": above} for above, below in self.links],
            "missing": list(self.missing),
            "forth": self.forth,
        }

    def text(self) -> str:
        """Return it as an indented outline: below each item what it comes from, or what uses it."""
        lines: list[str] = []

        def write(item: Item, depth: int) -> None:
            lines.append(f"{'    ' * depth}{TITLES[item.kind]} {item.title}")
            lines.extend(f"{'    ' * depth}  {label}: {text}" for label, text in item.facts)
            for each in self.next_of(item.id):
                write(each, depth + 1)

        write(self.subject, 0)
        return "\n".join([*lines, *self.missing])
