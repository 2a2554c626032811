"""Another module instead of one: links, parameters, and the rest are kept if they fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from designer.app.canvas.editing.preference import Preference
from designer.pipeline import edits
from designer.pipeline.identifiers import free_id, readable_id, taken_ids
from designer.pipeline.model import Endpoint, Json, Link, Node, Pipeline
from designer.pipeline.parameters import bound_parameter
from designer.texts import tr
from modules.contract import ModuleSpec
from modules.contract.module_spec import Port

Specs = Mapping[str, ModuleSpec]


@dataclass(frozen=True)
class Replacement:
    """A pipeline in which another module has replaced that of a node.

    Parameters
    ----------
    node : str
        The node's id afterwards: one made from the module's follows the module.
    lost_links : tuple of Link
        Links that no port of the new module fits.
    lost_parameters : tuple of str
        Names of parameters that the new module doesn't have, or not with these values.
    """

    pipeline: Pipeline
    node: str
    lost_links: tuple[Link, ...] = ()
    lost_parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class BestFit(Preference):
    """Modules that keep more links first, then those of the same category.

    Parameters
    ----------
    lost : mapping of str to int
        Links that each module would lose, by its id.
    """

    category: str = ""
    lost: Mapping[str, int] = field(default_factory=dict)

    def rank(self, spec: ModuleSpec) -> int:
        """See base."""
        other = spec.category_title != self.category
        return 100 * self.lost[spec.id] + 10 * other + super().rank(spec)


def replaced(pipeline: Pipeline, catalog: Specs, name: str, spec: ModuleSpec) -> Replacement:
    """Replace the module of a node."""
    node = pipeline.nodes[name]
    links = _moved_links(pipeline, catalog, name, spec)
    kept = _kept_parameters(node, spec)
    other = replace(node, module=spec.id, version=spec.version, parameters=kept)
    opened = edits.disconnect(pipeline, links)
    whole = edits.replace_node(opened, other)
    goal = name
    if re.fullmatch(rf"{re.escape(readable_id(node.module))}(_\d+)?", node.name):
        stem = name.removesuffix(node.name) + readable_id(spec.id)
        goal = free_id(stem, taken_ids(edits.remove(whole, [name])))
        whole = edits.rename_node(whole, name, goal)
    for link in links.values():
        if link is not None:
            source, target = (
                end._replace(node=goal) if end.node == name else end
                for end in (link.source, link.target)
            )
            whole = edits.connect(whole, source, target)
    lost = tuple(old for old, new in links.items() if new is None)
    return Replacement(whole, goal, lost, tuple(set(node.parameters) - set(kept)))


def lost_text(found: Replacement, title: str) -> str:
    """Return what a replacement has removed; empty for nothing."""
    parts = []
    if found.lost_links:
        count = len(found.lost_links)
        parts.append(tr("a link") if count == 1 else tr("{count} links").format(count=count))
    if found.lost_parameters:
        names = ", ".join(f"“{name}”" for name in sorted(found.lost_parameters))
        parts.append(tr("the value of {names}").format(names=names))
    return (
        tr("“{title}” can't keep {listed}.").format(title=title, listed=tr(" and ").join(parts))
        if parts
        else ""
    )


def best_fit(pipeline: Pipeline, catalog: Specs, name: str, label: Preference) -> BestFit:
    """Return the order in which modules are offered to replace that of a node."""
    lost = {
        id: sum(link is None for link in _moved_links(pipeline, catalog, name, spec).values())
        for id, spec in catalog.items()
    }
    own = catalog.get(pipeline.nodes[name].module)
    reason = tr("First: modules that keep every link.")
    return BestFit(label.tasks, reason, own.category_title if own else "", lost)


def _moved_links(
    pipeline: Pipeline, catalog: Specs, name: str, spec: ModuleSpec
) -> dict[Link, Link | None]:
    """Return each link of a node with what replaces it; None where no port fits."""
    found: dict[Link, Link | None] = {}
    for side, links in (
        (spec.inputs, pipeline.links_into.get(name, ())),
        (spec.outputs, pipeline.links_from.get(name, ())),
    ):
        is_output = side is spec.outputs
        ports: dict[str, str] = {}
        own = [(link.source if is_output else link.target).port for link in links]
        far = {
            port: [
                _port(pipeline, catalog, link.target if is_output else link.source, not is_output)
                for link, mine in zip(links, own, strict=True)
                if mine == port
            ]
            for port in own
        }
        # Ports of the same name first, so that no other is linked instead.
        for same in (True, False):
            for port in far:
                if port in ports:
                    continue
                for candidate in side:
                    taken = candidate.name in ports.values()
                    if taken or (same and candidate.name != port):
                        continue
                    if all(_fits(candidate, other, is_output) for other in far[port]):
                        ports[port] = candidate.name
                        break
        for link, port in zip(links, own, strict=True):
            goal = ports.get(port)
            if goal is None:
                found[link] = None
            elif is_output:
                found[link] = Link(Endpoint(name, goal), link.target)
            else:
                found[link] = Link(link.source, Endpoint(name, goal))
    return found


def _fits(candidate: Port, other: Port | None, is_output: bool) -> bool:
    if other is None:
        return True
    return other.accepts(candidate) if is_output else candidate.accepts(other)


def _port(pipeline: Pipeline, catalog: Specs, end: Endpoint, is_output: bool) -> Port | None:
    spec = catalog.get(pipeline.nodes[end.node].module)
    if spec is None:
        return None
    return (spec.output_by_name if is_output else spec.input_by_name).get(end.port)


def _kept_parameters(node: Node, spec: ModuleSpec) -> dict[str, Json]:
    """Return the values that the parameters of the same names can have."""
    kept: dict[str, Json] = {}
    for name, value in node.parameters.items():
        parameter = spec.parameter_by_name.get(name)
        if parameter is None:
            continue
        try:
            if bound_parameter(value) is None:
                spec.read(parameter, value)
        except ValueError:
            continue
        kept[name] = value
    return kept
