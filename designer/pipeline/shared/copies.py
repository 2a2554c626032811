"""What may be changed of a card of a shared module: its links and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from designer.pipeline.identifiers import EditError
from designer.pipeline.model import Endpoint, Link, Pipeline, SharedUse
from designer.pipeline.shared.folding import Find, unfolded
from designer.pipeline.shared.groups import around, interface_of, is_copy, shared_groups
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
    if not is_copy(pipeline, group, use):
        raise EditError(
            f"“{title_of(use)}” is a shared module. Open the module to change it everywhere, "
            "or ungroup it to change this copy."
        )


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
