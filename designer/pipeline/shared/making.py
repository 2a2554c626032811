"""Groups to shared modules, and shared modules to cards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from designer.pipeline.grouping import links_across
from designer.pipeline.identifiers import (
    EditError,
    check_nesting,
    free_id,
    group_ids,
    readable_id,
    taken_ids,
    with_members,
)
from designer.pipeline.model import Endpoint, Group, Interface, Link, Pipeline, SharedUse
from designer.pipeline.parameters import bound_parameter
from designer.pipeline.shared.folding import Find, expanded, unfolded
from designer.pipeline.shared.names import title_of


def module_of_group(pipeline: Pipeline, group: str, interface: Interface) -> Pipeline:
    """Return a group as a module; its comment is the description.

    Values bound to pipeline parameters become those parameters' default values.
    """
    body = body_of(pipeline, group)
    nodes = {}
    for name, node in body.nodes.items():
        parameters = {}
        for key, value in node.parameters.items():
            bound = bound_parameter(value)
            if bound is None:
                parameters[key] = value
            elif bound in pipeline.parameters and pipeline.parameters[bound].default is not None:
                parameters[key] = pipeline.parameters[bound].default
        nodes[name] = replace(node, parameters=parameters)
    comment = pipeline.groups[group].comment if group in pipeline.groups else ""
    return replace(body, nodes=nodes, description=comment, interface=interface)


def turn_into_module(pipeline: Pipeline, group: str, name: str, definition: Pipeline) -> Pipeline:
    """Return a pipeline in which a group is a card of the module that was made of it.

    Raises
    ------
    EditError
        If a link leads to a port that the module doesn't have.
    """
    if group not in group_ids(pipeline):
        raise EditError(f"There is no group “{group}”.")
    interface = definition.interface or Interface()
    into, out = links_across(pipeline, group)
    known_in = {end for port in interface.inputs for end in port.ends}
    known_out = {port.ends[0] for port in interface.outputs}
    for end, known in (
        *((link.target, known_in) for link in into),
        *((link.source, known_out) for link in out),
    ):
        if within_group(end, group) not in known:
            raise EditError(f"“{end}” is linked, so it must be a port of the module.")
    old = pipeline.groups.get(group, Group(group))
    use = SharedUse(name, definition=definition)
    title = "" if old.title.strip() == title_of(use) else old.title
    made = replace(old, title=title, comment="", collapsed=True, shared=use)
    return replace(pipeline, groups={**pipeline.groups, group: made})


def add_shared(
    pipeline: Pipeline,
    name: str,
    definition: Pipeline,
    *,
    position: tuple[float, float] = (0.0, 0.0),
    group: str = "",
) -> tuple[Pipeline, str]:
    """Add a card of a shared module, and return its id."""
    stem = readable_id(name)
    address = free_id(f"{group}/{stem}" if group else stem, taken_ids(pipeline))
    check_nesting(address)
    card = Group(address, position=position, shared=SharedUse(name, definition=definition))
    copy = expanded(card)
    return replace(
        pipeline,
        nodes={**pipeline.nodes, **copy.nodes},
        notes={**pipeline.notes, **copy.notes},
        groups={**pipeline.groups, **copy.groups},
        links=(*pipeline.links, *copy.links),
        link_extra={**pipeline.link_extra, **copy.link_extra},
    ), address


def use_version(pipeline: Pipeline, group: str, version: str, find: Find) -> Pipeline:
    """Keep a version of a card's module, or follow the newest with an empty one."""
    old = pipeline.groups.get(group)
    if old is None or old.shared is None:
        raise EditError(f"“{group}” isn't a shared module.")
    if old.shared.version == version:
        return pipeline
    kept = replace(old, shared=replace(old.shared, version=version))
    whole = replace(pipeline, groups={**pipeline.groups, group: kept})
    return unfolded(whole, find)


def body_of(pipeline: Pipeline, group: str) -> Pipeline:
    """Return what a group contains as a pipeline, under the ids within the group."""
    within = f"{group}/"
    inside = with_members(pipeline, [group]) - {group}

    def cut(items: Any) -> dict[str, Any]:
        return {
            name[len(within) :]: replace(item, id=name[len(within) :])
            for name, item in items.items()
            if name in inside
        }

    links = {
        link: Link(within_group(link.source, group), within_group(link.target, group))
        for link in pipeline.links
        if link.source.node in inside and link.target.node in inside
    }
    return Pipeline(
        nodes=cut(pipeline.nodes),
        notes=cut(pipeline.notes),
        groups=cut(pipeline.groups),
        links=tuple(links.values()),
        link_extra={
            new: pipeline.link_extra[old]
            for old, new in links.items()
            if old in pipeline.link_extra
        },
    )


def within_group(end: Endpoint, group: str) -> Endpoint:
    """Return the end of a link under the id that its node has within a group."""
    return Endpoint(end.node[len(group) + 1 :], end.port)
