"""Cards of shared modules among the steps: what SDK v2 gets as one component each."""

from __future__ import annotations

from dataclasses import dataclass

from designer.pipeline.model import Endpoint, Json


@dataclass(frozen=True)
class CardPort:
    """A port of a card; the ``ends`` are those of nodes in it that run, by their addresses."""

    name: str
    title: str
    ends: tuple[Endpoint, ...]


@dataclass(frozen=True)
class CardParameter:
    """A parameter of a card: that of a node in it.

    Parameters
    ----------
    end : Endpoint
        The node in the pipeline, and its parameter.
    usual : tuple of object
        The value that the module has, alone; empty if that of the node's module.
    """

    name: str
    title: str
    end: Endpoint
    usual: tuple[Json, ...] = ()


@dataclass(frozen=True)
class Card:
    """A card of a shared module.

    Parameters
    ----------
    group : str
        Its address in the pipeline.
    name : str
        The name of its component.
    help : str
        What the module does.
    comment : str
        The comment on this card.
    """

    group: str
    name: str
    title: str
    help: str = ""
    comment: str = ""
    inputs: tuple[CardPort, ...] = ()
    outputs: tuple[CardPort, ...] = ()
    parameters: tuple[CardParameter, ...] = ()

    def contains(self, node: str) -> bool:
        """Return whether something with this address is in the card."""
        return node.startswith(f"{self.group}/")
