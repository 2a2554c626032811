"""What may be changed of a card of a shared module: its links and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from designer.pipeline.identifiers import EditError
from designer.pipeline.model import Endpoint, Link, Node, Pipeline, SharedUse
from designer.pipeline.parameters import same_json
from designer.pipeline.shared.folding import Find, around, interface_of, shared_groups, unfolded
from designer.pipeline.shared.making import within_group
from designer.pipeline.shared.names import title_of


def settled(before: Pipeline, after: Pipeline, find: Find) -> Pipeline:
    """Return an edited pipeline whose cards are still copies of their modules.

    Modules that came in, from the clipboard for example, are looked for. Of an input that is
    several inside, all are linked alike.

    Raises
    ------
    EditError
        If something inside of a card was changed that isn't a parameter of it.
    """
    uses = shared_groups(after)
    if not uses:
        return after
    if any(use.definition is None and not use.problem for use in uses.values()):
        after = unfolded(after, find)
        uses = shared_groups(after)
    changed = _changed(before, after)
    for group in {around(name, uses) for name in changed} - {None}:
        assert group is not None
        _check_copy(after, group, uses[group])
    return _linked_alike(after, uses)


def _changed(before: Pipeline, after: Pipeline) -> Iterator[str]:
    """Yield the nodes that an edit has added, changed or removed, and the ends of new links."""
    for name, node in after.nodes.items():
        if before.nodes.get(name) is not node:
            yield name
    yield from (name for name in before.nodes if name not in after.nodes)
    if before.links is not after.links:
        for link in set(before.links) ^ set(after.links):
            yield link.source.node
            yield link.target.node


def _check_copy(pipeline: Pipeline, group: str, use: SharedUse) -> None:
    """Raise :class:`EditError` unless a card differs from its module in parameters only."""
    if use.definition is None:
        return
    within = f"{group}/"
    inside = {
        name[len(within) :]: node
        for name, node in pipeline.nodes.items()
        if name.startswith(within)
    }
    if not (_same_nodes(inside, use) and _same_links(pipeline, group, use)):
        raise EditError(
            f"“{title_of(use)}” is a shared module. Open the module to change it everywhere, "
            "or ungroup it to change this copy."
        )


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
        source, target = (within_group(end, group) for end in link)
        if starts and ends:
            inside.add(Link(source, target))
        elif (ends and target not in inputs) or (starts and source not in outputs):
            return False
    return inside == set(use.definition.links)


def _linked_alike(pipeline: Pipeline, uses: Mapping[str, SharedUse]) -> Pipeline:
    """Link every inner input of a card's input like the first one."""
    links = list(pipeline.links)
    for group, use in uses.items():
        if use.definition is None:
            continue
        for port in interface_of(use).inputs:
            first, *others = (Endpoint(f"{group}/{end.node}", end.port) for end in port.ends)
            if not others:
                continue
            sources = [link.source for link in links if link.target == first]
            wanted = {Link(source, other) for other in others for source in sources}
            present = {link for link in links if link.target in others}
            if present != wanted:
                links = [link for link in links if link.target not in others]
                links += sorted(wanted)
    made = tuple(links)
    if made == pipeline.links:
        return pipeline
    kept = {link: extra for link, extra in pipeline.link_extra.items() if link in set(made)}
    return replace(pipeline, links=made, link_extra=kept)
