"""What the ports and parameters of a shared module can be chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from designer.pipeline.grouping import links_across
from designer.pipeline.identifiers import free_id, readable_id
from designer.pipeline.model import (
    Endpoint,
    Interface,
    ModuleParameter,
    ModulePort,
    Node,
    Pipeline,
    SharedUse,
)
from designer.pipeline.parameters import bound_parameter
from designer.pipeline.shared.groups import around, interface_of, shared_groups
from designer.pipeline.shared.making import body_of, within_group
from modules.contract.module_spec import ModuleSpec

Specs = Mapping[str, ModuleSpec]


@dataclass(frozen=True)
class Choice:
    """A port or parameter that a module can have.

    Parameters
    ----------
    item : ModulePort or ModuleParameter
        As it would be.
    location : str
        The title of the node inside, perhaps with its id.
    chosen : bool
        Whether it is in the interface, or is suggested.
    needed : bool
        It can't be left out: something outside is linked or bound to it.
    known : bool
        The module has it already, under this name.
    """

    item: ModulePort | ModuleParameter
    location: str
    chosen: bool
    needed: bool = False
    known: bool = False


@dataclass(frozen=True)
class Choices:
    """What the ports and parameters of a module can be chosen from."""

    inputs: tuple[Choice, ...]
    outputs: tuple[Choice, ...]
    parameters: tuple[Choice, ...]


def choices_of_group(pipeline: Pipeline, group: str, specs: Specs) -> Choices:
    """Return what the ports and parameters of a group's module can be.

    One source outside that feeds several inputs inside is one input of the module.
    """
    body = body_of(pipeline, group)
    into, out = links_across(pipeline, group)
    by_source: dict[Endpoint, list[Endpoint]] = {}
    for link in into:
        by_source.setdefault(link.source, []).append(within_group(link.target, group))
    found = _Lister(body, specs)
    for ends in by_source.values():
        found.port("inputs", tuple(ends), chosen=True, needed=True)
    for end in dict.fromkeys(within_group(link.source, group) for link in out):
        found.port("outputs", (end,), chosen=True, needed=True)
    return found.choices(suggest=True)


def choices_of_module(definition: Pipeline, specs: Specs) -> Choices:
    """Return what the ports and parameters of a module can be, as it is now."""
    found = _Lister(definition, specs)
    interface = definition.interface or Interface()
    for side in ("inputs", "outputs", "parameters"):
        for item in getattr(interface, side):
            found.add(side, item, chosen=True, known=True)
    return found.choices(suggest=False)


class _Lister:
    """Lists what is chosen, and then what else is possible."""

    def __init__(self, body: Pipeline, specs: Specs) -> None:
        self._body = body
        self._specs = specs
        self._shown: dict[str, list[Choice]] = {"inputs": [], "outputs": [], "parameters": []}
        self._covered: dict[str, set[Endpoint]] = {side: set() for side in self._shown}
        self._cards = shared_groups(body)
        self._open = _open_ends(self._cards)

    def add(
        self,
        side: str,
        item: ModulePort | ModuleParameter,
        *,
        chosen: bool,
        needed: bool = False,
        known: bool = False,
    ) -> None:
        """List a port or parameter."""
        ends = item.ends if isinstance(item, ModulePort) else (item.end,)
        self._covered[side].update(ends)
        location = _location(self._body.nodes.get(ends[0].node), self._specs)
        self._shown[side].append(Choice(item, location, chosen, needed, known))

    def port(
        self, side: str, ends: tuple[Endpoint, ...], *, chosen: bool, needed: bool = False
    ) -> None:
        """List a port that has no name yet."""
        node = self._body.nodes.get(ends[0].node)
        spec = self._specs.get(node.module) if node else None
        ports = (spec.input_by_name if side == "inputs" else spec.output_by_name) if spec else {}
        known = ports.get(ends[0].port)
        title = known.title if known else ends[0].port
        name = self._free(side, readable_id(title))
        self.add(side, ModulePort(name, title, ends), chosen=chosen, needed=needed)

    def choices(self, *, suggest: bool) -> Choices:
        """Return everything; with a suggestion if nothing is linked yet."""
        suggest_outputs = suggest and not self._shown["outputs"]
        for node in self._body.nodes.values():
            spec = self._specs.get(node.module)
            if spec is None:
                continue
            linked = {link.target.port for link in self._body.links_into.get(node.id, ())}
            read = {link.source.port for link in self._body.links_from.get(node.id, ())}
            for port in spec.inputs:
                if self._may("inputs", node, port.name) and port.name not in linked:
                    end = Endpoint(node.id, port.name)
                    self.port("inputs", (end,), chosen=suggest and not port.optional)
            for port in spec.outputs:
                if self._may("outputs", node, port.name):
                    end = Endpoint(node.id, port.name)
                    chosen = suggest_outputs and port.name not in read
                    self.port("outputs", (end,), chosen=chosen)
            for each in spec.parameters:
                if self._may("parameters", node, each.name):
                    bound = bound_parameter(node.parameters.get(each.name)) is not None
                    name = self._free("parameters", each.name)
                    item = ModuleParameter(name, each.title, Endpoint(node.id, each.name))
                    self.add("parameters", item, chosen=bound, needed=bound)
        return Choices(**{side: tuple(found) for side, found in self._shown.items()})

    def _may(self, side: str, node: Node, name: str) -> bool:
        """Return whether something isn't listed yet, and isn't hidden in a card."""
        end = Endpoint(node.id, name)
        hidden = around(node.id, self._cards) is not None and end not in self._open[side]
        return not hidden and end not in self._covered[side]

    def _free(self, side: str, name: str) -> str:
        return free_id(name, {each.item.name for each in self._shown[side]})


def _open_ends(cards: Mapping[str, SharedUse]) -> dict[str, set[Endpoint]]:
    """Return the ports and parameters inside of cards that are those of their modules."""
    found: dict[str, set[Endpoint]] = {"inputs": set(), "outputs": set(), "parameters": set()}
    for group, use in cards.items():
        if use.definition is None:
            continue
        interface = interface_of(use)
        for side in ("inputs", "outputs"):
            ends = (end for port in getattr(interface, side) for end in port.ends)
            found[side].update(Endpoint(f"{group}/{end.node}", end.port) for end in ends)
        ends = (each.end for each in interface.parameters)
        found["parameters"].update(Endpoint(f"{group}/{end.node}", end.port) for end in ends)
    return found


def _location(node: Node | None, specs: Specs) -> str:
    if node is None:
        return "not in the module anymore"
    spec = specs.get(node.module)
    title = spec.title if spec else node.module
    return title if node.name == readable_id(title) else f"{title} “{node.id}”"
