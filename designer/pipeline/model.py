"""The pipeline as a value: nodes, links, notes, groups and pipeline parameters.

Everything here is immutable; :mod:`designer.pipeline.edits` makes new values
from old ones. Mappings are ordinary dictionaries that must not be changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from designer.pipeline.own_modules import WEB_SERVICE_INPUT

NODE_ID = re.compile(r"[a-z][a-z0-9_]{0,99}")
"""The pattern of one part of a node's address."""

MAX_GROUP_DEPTH = 20
"""Maximum nesting depth of groups."""

MAX_GROUP_ID = 255
"""Characters of a group's address, which all addresses inside of it repeat."""

Json = Any
"""Plain data: None, bool, int, float, str, list and dict of these."""


class Endpoint(NamedTuple):
    """One end of a link: a port of a node, written ``node.port``."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"


class Link(NamedTuple):
    """A connection from an output port to an input port."""

    source: Endpoint
    target: Endpoint

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


@dataclass(frozen=True)
class Node:
    """A module on the canvas.

    Parameters
    ----------
    id : str
        The address: a readable id, after the ids of its groups: ``group/node``.
    module : str
        The id of the module, ``split_data`` for example.
    version : int
        The module version that the parameters are meant for.
    parameters : mapping
        Plain JSON by name; only what differs from the default. A value bound to
        a pipeline parameter is ``{"$parameter": NAME}``.
    comment : str
        The user's comment, shown on the card.
    position : tuple of float
        Left and top in scene units.
    disabled : bool
        Left out of a run, with everything that needs it.
    extra : mapping
        Unknown fields of the file, kept and written back.
    positioned : bool
        False where a file has no position, which is optional.
    """

    id: str
    module: str
    version: int = 1
    parameters: Mapping[str, Json] = field(default_factory=dict)
    comment: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    disabled: bool = False
    extra: Mapping[str, Json] = field(default_factory=dict)
    positioned: bool = field(default=True, compare=False)

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.id.rpartition("/")[2]

    @property
    def group(self) -> str:
        """The address of the group that contains this node; empty at the top."""
        return self.id.rpartition("/")[0]


@dataclass(frozen=True)
class ModulePort:
    """An input or output of a shared module.

    Parameters
    ----------
    ends : tuple of Endpoint
        The ports inside that it is: one for an output, one or more for an input.
    """

    name: str
    title: str
    ends: tuple[Endpoint, ...]


@dataclass(frozen=True)
class ModuleParameter:
    """A parameter of a shared module: that of a node inside, ``end`` names both."""

    name: str
    title: str
    end: Endpoint


@dataclass(frozen=True)
class Interface:
    """What makes a pipeline a shared module: its title, ports and parameters."""

    title: str = ""
    inputs: tuple[ModulePort, ...] = ()
    outputs: tuple[ModulePort, ...] = ()
    parameters: tuple[ModuleParameter, ...] = ()


@dataclass(frozen=True)
class SharedUse:
    """That a group is a shared module.

    Parameters
    ----------
    name : str
        The module's file is ``name.module.json``.
    version : str
        The version to keep; empty for the newest.
    parameters : mapping
        Values by the module's parameters, of a file; in memory the nodes inside have them,
        and only those of unknown parameters are here.
    disabled : bool
        Of a file: all nodes inside are left out of runs.
    definition : Pipeline or None
        The module; None while its file wasn't looked for, or can't be read.
    problem, hint : str
        Why the definition is missing, and what to do.
    """

    name: str
    version: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)
    disabled: bool = False
    definition: Pipeline | None = None
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Group:
    """A frame around nodes and notes whose addresses begin with ``id/``.

    With ``shared`` it is a card of a shared module, and these nodes are a copy of the module's.
    """

    id: str
    title: str = ""
    comment: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    collapsed: bool = False
    extra: Mapping[str, Json] = field(default_factory=dict)
    shared: SharedUse | None = None


@dataclass(frozen=True)
class Note:
    """Free text on the canvas; like a node, it is in the group that its id names.

    ``positioned`` is False where a file has no position, which is optional.
    """

    id: str
    text: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    size: tuple[float, float] = (220.0, 120.0)
    color: str = "yellow"
    extra: Mapping[str, Json] = field(default_factory=dict)
    positioned: bool = field(default=True, compare=False)

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.id.rpartition("/")[2]


@dataclass(frozen=True)
class PipelineParameter:
    """A named value that nodes bind to and that a run can set.

    Parameters
    ----------
    type : str
        ``integer``, ``number``, ``text`` or ``boolean``.
    default : object
        Plain JSON of that type; None if every run has to set it.
    """

    name: str
    type: str = "text"
    default: Json = None
    description: str = ""
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Pipeline:
    """A whole pipeline.

    Parameters
    ----------
    nodes, groups, notes, parameters : mapping
        By id or name, in the order of the file.
    links : tuple of Link
        Each once.
    link_extra : mapping
        Unknown fields of links.
    extra : mapping
        Unknown top-level fields, kept and written back.
    interface : Interface or None
        What others see of it, if it is a shared module.
    """

    description: str = ""
    nodes: Mapping[str, Node] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    notes: Mapping[str, Note] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    parameters: Mapping[str, PipelineParameter] = field(default_factory=dict)
    link_extra: Mapping[Link, Mapping[str, Json]] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)
    interface: Interface | None = None

    @cached_property
    def links_into(self) -> Mapping[str, tuple[Link, ...]]:
        """Links by the id of the node they end at."""
        return _grouped(self.links, lambda link: link.target.node)

    @cached_property
    def links_from(self) -> Mapping[str, tuple[Link, ...]]:
        """Links by the id of the node they start from."""
        return _grouped(self.links, lambda link: link.source.node)

    @cached_property
    def parameter_defaults(self) -> Mapping[str, Json]:
        """Default values of the pipeline parameters, by name."""
        return {name: parameter.default for name, parameter in self.parameters.items()}

    def inputs_of(self, node: str) -> dict[str, Endpoint]:
        """Return what feeds each input port of a node.

        Where a Web Service Input shares the port, it is the other one.
        """
        found: dict[str, Endpoint] = {}
        for link in self.links_into.get(node, ()):
            if link.target.port not in found or not self.is_web_service(link):
                found[link.target.port] = link.source
        return found

    def is_web_service(self, link: Link) -> bool:
        """Return whether a link comes from a Web Service Input."""
        source = self.nodes.get(link.source.node)
        return source is not None and source.module == WEB_SERVICE_INPUT

    def ancestors(self, nodes: Iterable[str]) -> set[str]:
        """Return the given nodes and all that they need."""
        return set(_reach(nodes, self.links_into, lambda link: link.source.node))

    def descendants(self, nodes: Iterable[str]) -> set[str]:
        """Return the given nodes and all that need them."""
        return set(_reach(nodes, self.links_from, lambda link: link.target.node))

    def preceding(self, node: str) -> list[str]:
        """Return a node and all that it needs, the nearest first."""
        return _reach([node], self.links_into, lambda link: link.source.node)

    def following(self, node: str) -> list[str]:
        """Return a node and all that need it, the nearest first."""
        return _reach([node], self.links_from, lambda link: link.target.node)

    def order(self) -> list[str]:
        """Return the ids of all nodes so that each comes after what feeds it.

        Raises
        ------
        ValueError
            If the links form a cycle.
        """
        waiting = dict.fromkeys(self.nodes, 0)
        for link in self.links:
            if link.target.node in waiting and link.source.node in waiting:
                waiting[link.target.node] += 1
        ready = [node for node, count in waiting.items() if not count]
        for node in ready:
            for link in self.links_from.get(node, ()):
                if link.target.node in waiting:
                    waiting[link.target.node] -= 1
                    if not waiting[link.target.node]:
                        ready.append(link.target.node)
        if len(ready) < len(waiting):
            raise ValueError("The links form a cycle.")
        return ready


def _grouped(links: tuple[Link, ...], key: Callable[[Link], str]) -> dict[str, tuple[Link, ...]]:
    groups: dict[str, list[Link]] = {}
    for link in links:
        groups.setdefault(key(link), []).append(link)
    return {name: tuple(members) for name, members in groups.items()}


def _reach(
    start: Iterable[str],
    links: Mapping[str, tuple[Link, ...]],
    other: Callable[[Link], str],
) -> list[str]:
    reached = list(dict.fromkeys(start))
    seen = set(reached)
    for name in reached:
        for link in links.get(name, ()):
            node = other(link)
            if node not in seen:
                seen.add(node)
                reached.append(node)
    return reached
