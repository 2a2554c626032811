"""Groups that are shared modules, and whether they still are copies of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from designer.pipeline.model import Endpoint, Interface, Link, Node, Pipeline, SharedUse
from designer.pipeline.parameters import same_json
from designer.pipeline.shared.names import title_of


def shared_groups(pipeline: Pipeline) -> dict[str, SharedUse]:
    """Return the groups that are shared modules, without those inside of such a group."""
    found: dict[str, SharedUse] = {}
    if not any(group.shared for group in pipeline.groups.values()):
        return found
    for name in sorted(pipeline.groups, key=lambda each: each.count("/")):
        use = pipeline.groups[name].shared
        if use is not None and around(name, found) is None:
            found[name] = use
    return found


def around(name: str, groups: Mapping[str, Any]) -> str | None:
    """Return the outermost of some groups that contains something; None if none does."""
    parts = name.split("/")
    names = ("/".join(parts[:count]) for count in range(1, len(parts)))
    return next((each for each in names if each in groups), None)


def inner_parameter(pipeline: Pipeline, end: Endpoint) -> Endpoint:
    """Return the parameter of a node that one of a card is; any other as it is."""
    group = pipeline.groups.get(end.node)
    if group is None or group.shared is None or group.shared.definition is None:
        return end
    for each in interface_of(group.shared).parameters:
        if each.name == end.port:
            return Endpoint(f"{end.node}/{each.end.node}", each.end.port)
    return end


def interface_of(use: SharedUse) -> Interface:
    """Return the ports and parameters of a module whose definition is known."""
    assert use.definition is not None
    return use.definition.interface or Interface()


def without_shared(pipeline: Pipeline, groups: Iterable[str] | None = None) -> Pipeline:
    """Make shared modules, by default all, ordinary groups with a copy of their content."""
    wanted = shared_groups(pipeline) if groups is None else groups
    made = dict(pipeline.groups)
    for name in wanted:
        old = made[name]
        assert old.shared is not None
        made[name] = replace(old, title=old.title or title_of(old.shared), shared=None)
    return replace(pipeline, groups=made) if made != pipeline.groups else pipeline


def is_copy(pipeline: Pipeline, group: str, use: SharedUse) -> bool:
    """Return whether a group differs from its module only in what a card may change.

    Those are its parameters, whether all of it is disabled, and the links of its ports. A
    reference without nodes is a copy, too.
    """
    within = f"{group}/"
    inside = {
        name[len(within) :]: node
        for name, node in pipeline.nodes.items()
        if name.startswith(within)
    }
    if not inside:
        return not any(name.startswith(within) for name in pipeline.notes)
    return _same_nodes(inside, use) and _same_links(pipeline, group, use)


def _same_nodes(inside: Mapping[str, Node], use: SharedUse) -> bool:
    assert use.definition is not None
    original = use.definition.nodes
    if inside.keys() != original.keys():
        return False
    own = {each.end for each in interface_of(use).parameters}
    for name, node in inside.items():
        old = original[name]
        if (node.module, node.comment) != (old.module, old.comment):
            return False
        for key in {*node.parameters, *old.parameters}:
            same = same_json(node.parameters.get(key), old.parameters.get(key))
            if not same and Endpoint(name, key) not in own:
                return False
    switched = any(node.disabled != original[name].disabled for name, node in inside.items())
    return not switched or all(node.disabled for node in inside.values())


def _same_links(pipeline: Pipeline, group: str, use: SharedUse) -> bool:
    assert use.definition is not None
    inputs = {end for port in interface_of(use).inputs for end in port.ends}
    outputs = {end for port in interface_of(use).outputs for end in port.ends}
    inside = set()
    within = f"{group}/"
    for link in pipeline.links:
        starts, ends = (end.node.startswith(within) for end in link)
        source, target = (_inside(end, group) for end in link)
        if starts and ends:
            inside.add(Link(source, target))
        elif (ends and target not in inputs) or (starts and source not in outputs):
            return False
    return inside == set(use.definition.links)


def _inside(end: Endpoint, group: str) -> Endpoint:
    return Endpoint(end.node[len(group) + 1 :], end.port)
