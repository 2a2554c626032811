"""Parts of pipelines: taken out, and put in under free ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from designer.pipeline.identifiers import free_id, group_ids, taken_ids, with_members
from designer.pipeline.model import Endpoint, Interface, Json, Link, ModulePort, Pipeline
from designer.pipeline.parameters import bound_parameter

Position = tuple[float, float]


def extract(pipeline: Pipeline, ids: Iterable[str]) -> Pipeline:
    """Return a part as a separate pipeline: for the clipboard and for duplicates.

    It contains the nodes, notes, and groups (with all inside), the links among
    these nodes and the pipeline parameters that they are bound to. A node
    without its group comes out at the top.
    """
    inside = with_members(pipeline, ids)
    names: dict[str, str] = {}
    taken: set[str] = set()
    every = (*pipeline.groups, *pipeline.nodes, *pipeline.notes)
    for name in sorted((name for name in every if name in inside), key=_depth):
        parent, _, last = name.rpartition("/")
        start = f"{names[parent]}/{last}" if parent in names else last
        names[name] = free_id(start, taken)
        taken.add(names[name])
    part = _copied(pipeline, names, (0.0, 0.0))
    bound = {
        parameter
        for node in part.nodes.values()
        for value in node.parameters.values()
        if (parameter := bound_parameter(value)) is not None
    }
    return replace(
        part,
        parameters={name: p for name, p in pipeline.parameters.items() if name in bound},
    )


def insert(
    pipeline: Pipeline, fragment: Pipeline, offset: Position = (0.0, 0.0)
) -> tuple[Pipeline, dict[str, str]]:
    """Put a part into a pipeline, under free ids.

    A pipeline parameter that is there already under the same name, type and
    default is used; one that differs comes in under another name.

    Returns
    -------
    Pipeline
        The whole.
    dict of str to str
        The id of everything inserted, by its id in the fragment.
    """
    taken = taken_ids(pipeline)
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    every = (*group_ids(fragment), *fragment.nodes, *fragment.notes)
    for name in sorted(every, key=_depth):
        parent, _, last = name.rpartition("/")
        start = f"{names[parent]}/{last}" if parent in names else last
        names[name] = free_id(start, taken, counts)
        taken.add(names[name])
    part = _copied(fragment, names, offset)
    parameters = dict(pipeline.parameters)
    bindings: dict[str, str] = {}
    for name, parameter in fragment.parameters.items():
        known = parameters.get(name)
        if known and (known.type, known.default) == (parameter.type, parameter.default):
            continue
        free = free_id(name, parameters.keys())
        bindings[name] = free
        parameters[free] = replace(parameter, name=free)
    nodes = {
        name: replace(
            node,
            parameters={
                key: _rebound(value, lambda bound: bindings.get(bound, bound))
                for key, value in node.parameters.items()
            },
        )
        for name, node in part.nodes.items()
    }
    whole = replace(
        pipeline,
        nodes={**pipeline.nodes, **nodes},
        notes={**pipeline.notes, **part.notes},
        groups={**pipeline.groups, **part.groups},
        links=(*pipeline.links, *part.links),
        link_extra={**pipeline.link_extra, **part.link_extra},
        parameters=parameters,
    )
    return whole, names


def renamed_link(link: Link, names: Mapping[str, str]) -> Link:
    """Return a link between the same ports under new ids."""
    (source, output), (target, input_) = link
    return Link(
        Endpoint(names.get(source, source), output), Endpoint(names.get(target, target), input_)
    )


def renamed_interface(interface: Interface | None, names: Mapping[str, str]) -> Interface | None:
    """Return the interface of a module whose nodes have new ids."""
    if interface is None:
        return None

    def new(end: Endpoint) -> Endpoint:
        return Endpoint(names.get(end.node, end.node), end.port)

    def ports(side: tuple[ModulePort, ...]) -> tuple[ModulePort, ...]:
        return tuple(replace(port, ends=tuple(map(new, port.ends))) for port in side)

    return replace(
        interface,
        inputs=ports(interface.inputs),
        outputs=ports(interface.outputs),
        parameters=tuple(replace(each, end=new(each.end)) for each in interface.parameters),
    )


def _copied(pipeline: Pipeline, names: Mapping[str, str], offset: Position) -> Pipeline:
    """Return what ``names`` lists, under new ids and shifted, with the links among it."""

    def shifted(position: Position) -> Position:
        return (position[0] + offset[0], position[1] + offset[1])

    def copied(items: Mapping[str, Any]) -> dict[str, Any]:
        return {
            names[name]: replace(item, id=names[name], position=shifted(item.position))
            for name, item in items.items()
            if name in names
        }

    links = [
        link for link in pipeline.links if link.source.node in names and link.target.node in names
    ]
    return Pipeline(
        nodes=copied(pipeline.nodes),
        links=tuple(renamed_link(link, names) for link in links),
        notes=copied(pipeline.notes),
        groups=copied(pipeline.groups),
        link_extra={
            renamed_link(link, names): pipeline.link_extra[link]
            for link in links
            if link in pipeline.link_extra
        },
    )


def _rebound(value: Json, rename: Callable[[str], str]) -> Json:
    bound = bound_parameter(value)
    return value if bound is None else {"$parameter": rename(bound)}


def _depth(name: str) -> int:
    return name.count("/")
