"""Edits: functions that take a pipeline and return a new one.

An edit that changes nothing returns the very pipeline it was given. An edit
never leaves a link without its nodes. What can't be done is an
:class:`EditError` with a sentence for the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from designer.pipeline.fragments import Position, extract, insert, renamed_interface, renamed_link
from designer.pipeline.identifiers import (
    EditError,
    check_new_id,
    free_id,
    readable_id,
    taken_ids,
    with_members,
)
from designer.pipeline.model import (
    Endpoint,
    Group,
    Json,
    Link,
    Node,
    Note,
    Pipeline,
)
from designer.pipeline.own_modules import WEB_SERVICE_INPUT
from designer.pipeline.parameters import (
    UNSET,
    Unset,
    add_parameter,
    bind_parameter,
    bound_parameter,
    find_node,
    named_secret,
    remove_parameter,
    replace_node,
    set_parameter,
    set_pipeline_parameter,
)

__all__ = [
    "UNSET",
    "EditError",
    "Position",
    "Unset",
    "add_group",
    "add_node",
    "add_note",
    "add_parameter",
    "bind_parameter",
    "bound_parameter",
    "connect",
    "disconnect",
    "extract",
    "insert",
    "insert_on_link",
    "move",
    "named_secret",
    "readable_id",
    "remove",
    "remove_parameter",
    "rename_node",
    "replace_node",
    "set_comment",
    "set_description",
    "set_disabled",
    "set_note",
    "set_parameter",
    "set_pipeline_parameter",
]


def add_node(
    pipeline: Pipeline,
    module: str,
    *,
    version: int = 1,
    position: Position = (0.0, 0.0),
    parameters: Mapping[str, Json] | None = None,
    node_id: str | None = None,
    group: str = "",
) -> tuple[Pipeline, str]:
    """Add a node and return its id, made from the module's unless given.

    A generated id is in the given group, or at the top.
    """
    if node_id is None:
        stem = readable_id(module)
        node_id = free_id(f"{group}/{stem}" if group else stem, taken_ids(pipeline))
        if group:
            check_new_id(pipeline, node_id)
    else:
        check_new_id(pipeline, node_id)
    node = Node(node_id, module, version, dict(parameters or {}), position=position)
    return replace(pipeline, nodes={**pipeline.nodes, node_id: node}), node_id


def remove(pipeline: Pipeline, ids: Iterable[str]) -> Pipeline:
    """Remove nodes, notes and groups (with all inside), and the links of those nodes."""
    away = with_members(pipeline, ids)
    if not any(name in away for name in (*pipeline.nodes, *pipeline.notes, *pipeline.groups)):
        return pipeline
    nodes = _without(pipeline.nodes, away)
    return _with_links(
        replace(
            pipeline,
            nodes=nodes,
            notes=_without(pipeline.notes, away),
            groups=_without(pipeline.groups, away),
        ),
        tuple(
            link
            for link in pipeline.links
            if link.source.node not in away and link.target.node not in away
        ),
    )


def connect(pipeline: Pipeline, source: Endpoint, target: Endpoint) -> Pipeline:
    """Link an output to an input, replacing its existing link.

    A Web Service Input shares an input with an ordinary link; each replaces only
    its own kind.
    """
    for end in (source, target):
        find_node(pipeline, end.node)
    link = Link(Endpoint(*source), Endpoint(*target))
    if link in pipeline.links_into.get(target.node, ()):
        return pipeline
    if source.node in pipeline.descendants([target.node]):
        raise EditError(f"{source.node} needs the result of {target.node}: a cycle can't run.")
    web_service = pipeline.nodes[source.node].module == WEB_SERVICE_INPUT
    replaced = {
        old
        for old in pipeline.links_into.get(target.node, ())
        if old.target.port == target.port and pipeline.is_web_service(old) == web_service
    }
    kept = tuple(old for old in pipeline.links if old not in replaced)
    return _with_links(pipeline, (*kept, link))


def disconnect(pipeline: Pipeline, links: Iterable[Link]) -> Pipeline:
    """Remove links."""
    away = set(links)
    if away.isdisjoint(pipeline.links):
        return pipeline
    return _with_links(pipeline, tuple(link for link in pipeline.links if link not in away))


def insert_on_link(
    pipeline: Pipeline, link: Link, node: str, input_port: str, output_port: str
) -> Pipeline:
    """Put a node into a link: the link's ends are then connected through the node."""
    if link not in pipeline.links:
        raise EditError("The link no longer exists.")
    if node in (link.source.node, link.target.node):
        raise EditError("A node can't be put into its own link.")
    opened = disconnect(pipeline, [link])
    joined = connect(opened, link.source, Endpoint(node, input_port))
    return connect(joined, Endpoint(node, output_port), link.target)


def move(pipeline: Pipeline, positions: Mapping[str, Position]) -> Pipeline:
    """Set the positions of nodes, notes, and groups, in scene units."""
    return _change(
        pipeline,
        positions,
        lambda item, name: replace(item, position=_position(positions[name])),
    )


def set_comment(pipeline: Pipeline, name: str, comment: str) -> Pipeline:
    """Set the comment of a node or group."""
    return _change(
        pipeline,
        [name],
        lambda item, _: item if isinstance(item, Note) else replace(item, comment=comment),
    )


def set_disabled(pipeline: Pipeline, nodes: str | Iterable[str], disabled: bool) -> Pipeline:
    """Disable or enable nodes."""
    names = [nodes] if isinstance(nodes, str) else list(nodes)
    return _change(
        pipeline,
        names,
        lambda item, _: replace(item, disabled=disabled) if isinstance(item, Node) else item,
    )


def set_description(pipeline: Pipeline, description: str) -> Pipeline:
    """Set the description of the whole pipeline."""
    if description == pipeline.description:
        return pipeline
    return replace(pipeline, description=description)


def rename_node(pipeline: Pipeline, old: str, new: str) -> Pipeline:
    """Change the id of a node; its links follow."""
    find_node(pipeline, old)
    if old == new:
        return pipeline
    check_new_id(pipeline, new)
    names = {old: new}
    renamed = _with_links(
        replace(
            pipeline,
            nodes={
                names.get(name, name): node if name != old else replace(node, id=new)
                for name, node in pipeline.nodes.items()
            },
            link_extra={
                renamed_link(link, names): extra for link, extra in pipeline.link_extra.items()
            },
            interface=renamed_interface(pipeline.interface, names),
        ),
        tuple(renamed_link(link, names) for link in pipeline.links),
    )
    return renamed


def add_note(
    pipeline: Pipeline,
    text: str = "",
    *,
    position: Position = (0.0, 0.0),
    size: Position = (220.0, 120.0),
    color: str = "yellow",
    group: str = "",
) -> tuple[Pipeline, str]:
    """Add a note, in the group named or at the top, and return its id."""
    name = free_id(f"{group}/note" if group else "note", taken_ids(pipeline))
    if group:
        check_new_id(pipeline, name)
    note = Note(name, text, position, size, color)
    return replace(pipeline, notes={**pipeline.notes, name: note}), name


def set_note(pipeline: Pipeline, note: str, **changes: Any) -> Pipeline:
    """Change fields of a note: ``text``, ``position``, ``size`` or ``color``."""
    if note not in pipeline.notes:
        raise EditError(f"There is no note “{note}”.")
    return _change(pipeline, [note], lambda item, _: replace(item, **changes))


def add_group(
    pipeline: Pipeline, group_id: str, *, title: str = "", position: Position = (0.0, 0.0)
) -> Pipeline:
    """Add an empty group; nodes get into it by their ids."""
    check_new_id(pipeline, group_id)
    group = Group(group_id, title, position=position)
    return replace(pipeline, groups={**pipeline.groups, group_id: group})


def _with_links(pipeline: Pipeline, links: tuple[Link, ...]) -> Pipeline:
    extra = pipeline.link_extra
    if extra:
        present = set(links)
        extra = {link: fields for link, fields in extra.items() if link in present}
    return replace(pipeline, links=links, link_extra=extra)


def _change(
    pipeline: Pipeline, names: Iterable[str], change: Callable[[Any, str], Any]
) -> Pipeline:
    """Apply a function to the nodes, notes and groups of these ids."""
    changed: dict[str, dict[str, Any]] = {}
    for name in names:
        for kind in ("nodes", "notes", "groups"):
            items = getattr(pipeline, kind)
            if name in items:
                new = change(items[name], name)
                if new != items[name]:
                    changed.setdefault(kind, {})[name] = new
                break
        else:
            raise EditError(f"There is no “{name}” in the pipeline.")
    if not changed:
        return pipeline
    return replace(
        pipeline,
        nodes={**pipeline.nodes, **changed.get("nodes", {})},
        notes={**pipeline.notes, **changed.get("notes", {})},
        groups={**pipeline.groups, **changed.get("groups", {})},
    )


def _without(items: Mapping[str, Any], away: set[str]) -> dict[str, Any]:
    return {name: item for name, item in items.items() if name not in away}


def _position(position: Position) -> Position:
    return (float(position[0]), float(position[1]))
