"""Shared modules as a file has them, and as ordinary nodes in a group.

*Folded*, a group has the name of its module and the values of the module's parameters, and links
end at the module's ports: ``prepare.dataset``. *Unfolded*, the group contains the module's nodes,
and links end at theirs: ``prepare/clean_missing_data.dataset``. Only unfolded pipelines run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from designer.pipeline._file_error import PipelineFileError
from designer.pipeline.identifiers import EditError, check_nesting
from designer.pipeline.model import (
    Endpoint,
    Group,
    Interface,
    Json,
    Link,
    ModuleParameter,
    ModulePort,
    Node,
    Note,
    Pipeline,
    SharedUse,
)
from designer.pipeline.parameters import same_json
from designer.pipeline.shared.groups import (
    around,
    interface_of,
    is_copy,
    shared_groups,
    without_shared,
)

Find = Callable[[str, str], Pipeline]
"""Returns a module by its name and version; raises :class:`PipelineFileError`."""

MODULE_DEFAULT = {"$default": True}
"""The value of a parameter that is reset although the shared module sets it."""

Position = tuple[float, float]


def folded(pipeline: Pipeline) -> Pipeline:
    """Return a pipeline with references instead of the nodes of its shared modules.

    A module whose definition isn't known stays as it is. A group that isn't a copy of its module
    anymore, as after the conversion to an inference pipeline, becomes an ordinary group.
    """
    uses = shared_groups(pipeline)
    known = {name: use for name, use in uses.items() if use.definition is not None}
    changed = [name for name, use in known.items() if not is_copy(pipeline, name, use)]
    if changed:
        return folded(without_shared(pipeline, changed))
    return _folded(pipeline, known) if known else pipeline


def unfolded(pipeline: Pipeline, find: Find) -> Pipeline:
    """Return a pipeline with the nodes of its shared modules, as they are now.

    Where a module can't be found or read, its group has the ``problem``, and what the pipeline
    has of it is kept.

    Raises
    ------
    PipelineFileError
        If the groups would nest too deeply.
    """
    if not shared_groups(pipeline):
        return pipeline
    pipeline = folded(pipeline)
    uses = shared_groups(pipeline)
    found = {name: _found(use, find) for name, use in uses.items()}
    groups = {
        name: replace(group, shared=found[name]) if name in found else group
        for name, group in pipeline.groups.items()
    }
    pipeline = replace(pipeline, groups=groups)
    # Those that come with their nodes, from another process or a recovery file.
    known = {name: use for name, use in found.items() if use.definition is not None}
    present = {
        name for name in known if any(each.startswith(f"{name}/") for each in pipeline.nodes)
    }
    if present:
        pipeline = _folded(pipeline, {name: known[name] for name in present}, known)
    links, link_extra = list(pipeline.links), dict(pipeline.link_extra)
    nodes, notes = dict(pipeline.nodes), dict(pipeline.notes)
    made: dict[str, Group] = {}
    for name, group in pipeline.groups.items():
        if name not in known:
            made[name] = group
            continue
        copy = expanded(group)
        made.update(copy.groups)
        nodes.update(copy.nodes)
        notes.update(copy.notes)
        links = [each for link in links for each in _to_ends(link, copy, name)] + list(copy.links)
        link_extra = {
            each: extra for link, extra in link_extra.items() for each in _to_ends(link, copy, name)
        } | dict(copy.link_extra)
    return replace(
        pipeline,
        nodes=nodes,
        notes=notes,
        groups=made,
        links=tuple(dict.fromkeys(links)),
        link_extra=link_extra,
        interface=_unfolded_interface(pipeline.interface, known),
    )


def expanded(group: Group) -> Pipeline:
    """Return a group of a shared module with its nodes, as a separate pipeline.

    Raises
    ------
    PipelineFileError
        If the groups would nest too deeply.
    """
    use = group.shared
    assert use is not None
    assert use.definition is not None
    body, name = use.definition, group.id
    interface = interface_of(use)
    left, top = corner(body)
    offset = (group.position[0] - left, group.position[1] - top)
    given = {each.name: each.end for each in interface.parameters}
    nodes: dict[str, Node] = {}
    for old, node in body.nodes.items():
        parameters = dict(node.parameters)
        for key, end in given.items():
            if end.node != old or key not in use.parameters:
                continue
            value = use.parameters[key]
            if same_json(value, MODULE_DEFAULT):
                parameters.pop(end.port, None)
            else:
                parameters[end.port] = value
        nodes[f"{name}/{old}"] = replace(
            node,
            id=f"{name}/{old}",
            parameters=parameters,
            position=_shifted(node.position, offset),
            disabled=node.disabled or use.disabled,
        )
    for each in (*nodes, *(f"{name}/{old}" for old in body.groups)):
        try:
            check_nesting(each)
        except EditError as error:
            raise PipelineFileError(f"“{name}” can't be opened: {error}") from None
    unknown = {
        key: value
        for key, value in use.parameters.items()
        if key not in given or given[key].node not in body.nodes
    }
    own = replace(group, collapsed=True, shared=replace(use, parameters=unknown, disabled=False))
    return Pipeline(
        nodes=nodes,
        notes=_under(body.notes, name, offset),
        groups={name: own, **_under(body.groups, name, offset)},
        links=tuple(_inside(link, name) for link in body.links),
        link_extra={_inside(link, name): extra for link, extra in body.link_extra.items()},
    )


def corner(pipeline: Pipeline, within: str = "") -> Position:
    """Return the left and top of what a pipeline, or one group of it, contains."""
    things: Iterable[Node | Note] = (*pipeline.nodes.values(), *pipeline.notes.values())
    held = [each.position for each in things if each.id.startswith(within)]
    return (min((x for x, _ in held), default=0.0), min((y for _, y in held), default=0.0))


def linked_port(interface: Interface, end: Endpoint, *, is_output: bool) -> str | None:
    """Return the name of the port of a module that a port inside is; None if it is none."""
    side = interface.outputs if is_output else interface.inputs
    return next((port.name for port in side if end in port.ends), None)


def _found(use: SharedUse, find: Find) -> SharedUse:
    try:
        definition = find(use.name, use.version)
    except PipelineFileError as error:
        return replace(use, definition=None, problem=error.message, hint=error.hint)
    return replace(use, definition=definition, problem="", hint="")


def _folded(
    pipeline: Pipeline, uses: Mapping[str, SharedUse], every: Mapping[str, SharedUse] | None = None
) -> Pipeline:
    """Fold some groups whose definitions are known; links may lead to ``every`` such group."""
    every = every or uses
    groups = {}
    for name, group in pipeline.groups.items():
        if name in uses:
            groups[name] = _reference(pipeline, group, uses[name])
        elif around(name, uses) is None:
            groups[name] = group
    links: dict[Link, None] = {}
    link_extra: dict[Link, Mapping[str, Json]] = {}
    for link in pipeline.links:
        source, target = (around(end.node, every) for end in link)
        if source is not None and source == target:
            if source not in uses:
                links[link] = None
            continue
        new = Link(
            _port_end(link.source, source, every, is_output=True),
            _port_end(link.target, target, every, is_output=False),
        )
        links[new] = None
        if link in pipeline.link_extra:
            link_extra[new] = pipeline.link_extra[link]
    return replace(
        pipeline,
        nodes={name: each for name, each in pipeline.nodes.items() if not around(name, uses)},
        notes={name: each for name, each in pipeline.notes.items() if not around(name, uses)},
        groups=groups,
        links=tuple(links),
        link_extra=link_extra,
        interface=_folded_interface(pipeline.interface, every),
    )


def _reference(pipeline: Pipeline, group: Group, use: SharedUse) -> Group:
    """Return a group without its nodes, with the values that they have of its parameters."""
    assert use.definition is not None
    body, within = use.definition, f"{group.id}/"
    disabled = [node.disabled for name, node in pipeline.nodes.items() if name.startswith(within)]
    if not disabled:
        # It is a reference already.
        return replace(group, shared=use)
    parameters = dict(use.parameters)
    for each in interface_of(use).parameters:
        node = pipeline.nodes.get(f"{group.id}/{each.end.node}")
        original = body.nodes.get(each.end.node)
        if node is None or original is None:
            continue
        value = node.parameters.get(each.end.port, MODULE_DEFAULT)
        usual = original.parameters.get(each.end.port, MODULE_DEFAULT)
        if not same_json(value, usual):
            parameters[each.name] = value
    usually = all(node.disabled for node in body.nodes.values())
    return replace(
        group,
        position=corner(pipeline, within),
        shared=replace(
            use,
            parameters=parameters,
            disabled=all(disabled) and not usually,
        ),
    )


def _port_end(
    end: Endpoint, group: str | None, uses: Mapping[str, SharedUse], *, is_output: bool
) -> Endpoint:
    if group is None:
        return end
    inner = Endpoint(end.node[len(group) + 1 :], end.port)
    port = linked_port(interface_of(uses[group]), inner, is_output=is_output)
    return end if port is None else Endpoint(group, port)


def _folded_interface(
    interface: Interface | None, uses: Mapping[str, SharedUse]
) -> Interface | None:
    """Return an interface with the ports of shared modules instead of those inside of them."""
    if interface is None:
        return None

    def port(each: ModulePort, *, is_output: bool) -> ModulePort:
        ends = (
            _port_end(end, around(end.node, uses), uses, is_output=is_output) for end in each.ends
        )
        return replace(each, ends=tuple(dict.fromkeys(ends)))

    def parameter(each: ModuleParameter) -> ModuleParameter:
        group = around(each.end.node, uses)
        if group is None:
            return each
        inner = Endpoint(each.end.node[len(group) + 1 :], each.end.port)
        names = {other.end: other.name for other in interface_of(uses[group]).parameters}
        return replace(each, end=Endpoint(group, names[inner])) if inner in names else each

    return replace(
        interface,
        inputs=tuple(port(each, is_output=False) for each in interface.inputs),
        outputs=tuple(port(each, is_output=True) for each in interface.outputs),
        parameters=tuple(map(parameter, interface.parameters)),
    )


def _unfolded_interface(
    interface: Interface | None, uses: Mapping[str, SharedUse]
) -> Interface | None:
    if interface is None:
        return None

    def port(each: ModulePort, *, is_output: bool) -> ModulePort:
        ends: list[Endpoint] = []
        for end in each.ends:
            if end.node in uses:
                inner = interface_of(uses[end.node])
                ends += _ends(inner.outputs if is_output else inner.inputs, end, end.node)
            else:
                ends.append(end)
        return replace(each, ends=tuple(ends))

    def parameter(each: ModuleParameter) -> ModuleParameter:
        group, name = each.end
        if group not in uses:
            return each
        for other in interface_of(uses[group]).parameters:
            if other.name == name:
                end = Endpoint(f"{group}/{other.end.node}", other.end.port)
                return replace(each, end=end)
        return each

    return replace(
        interface,
        inputs=tuple(port(each, is_output=False) for each in interface.inputs),
        outputs=tuple(port(each, is_output=True) for each in interface.outputs),
        parameters=tuple(map(parameter, interface.parameters)),
    )


def _to_ends(link: Link, copy: Pipeline, group: str) -> Iterator[Link]:
    """Yield a link with the ports inside instead of a port of the module."""
    source, target = link
    use = copy.groups[group].shared
    assert use is not None
    interface = interface_of(use)
    sources = [source]
    if source.node == group:
        sources = _ends(interface.outputs, source, group)
    targets = [target]
    if target.node == group:
        targets = _ends(interface.inputs, target, group)
    for one in sources:
        for other in targets:
            yield Link(one, other)


def _ends(ports: Iterable[Any], end: Endpoint, group: str) -> list[Endpoint]:
    """Return the ports inside that a port is; a port that is gone stays, for the message."""
    for port in ports:
        if port.name == end.port:
            return [Endpoint(f"{group}/{inner.node}", inner.port) for inner in port.ends]
    return [end]


def _inside(link: Link, group: str) -> Link:
    source, target = link
    return Link(
        Endpoint(f"{group}/{source.node}", source.port),
        Endpoint(f"{group}/{target.node}", target.port),
    )


def _under(items: Mapping[str, Any], group: str, offset: Position) -> dict[str, Any]:
    return {
        f"{group}/{name}": replace(
            item, id=f"{group}/{name}", position=_shifted(item.position, offset)
        )
        for name, item in items.items()
    }


def _shifted(position: Position, offset: Position) -> Position:
    return (position[0] + offset[0], position[1] + offset[1])
