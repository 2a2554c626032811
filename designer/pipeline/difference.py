"""Semantic differences between two pipelines, for the canvas and for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from designer.pipeline.model import Group, Json, Link, Node, Pipeline
from designer.pipeline.parameters import same_json

MISSING: Any = object()
"""Represents a parameter that has its default on that side."""


@dataclass(frozen=True)
class Difference:
    """The difference between two pipelines; false if there is none.

    Parameters
    ----------
    before, after : Pipeline
        The two.
    added, removed, changed : tuple of str
        Ids of nodes. ``changed`` are those that differ in more than their position.
    moved : tuple of str
        Ids of nodes, notes and groups with a different position.
    folded : tuple of str
        Ids of groups that are collapsed on one side only.
    links_added, links_removed : tuple of Link
        Links.
    notes_added, notes_removed, notes_changed : tuple of str
        Ids of notes; ``notes_changed`` as ``changed``.
    groups_added, groups_removed, groups_changed : tuple of str
        Ids of groups; ``groups_changed`` as ``changed``.
    parameters_added, parameters_removed, parameters_changed : tuple of str
        Names of pipeline parameters.
    description_changed, extra_changed : bool
        The description, or fields unknown to this version.
    """

    before: Pipeline
    after: Pipeline
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    links_added: tuple[Link, ...] = ()
    links_removed: tuple[Link, ...] = ()
    notes_added: tuple[str, ...] = ()
    notes_removed: tuple[str, ...] = ()
    notes_changed: tuple[str, ...] = ()
    groups_added: tuple[str, ...] = ()
    groups_removed: tuple[str, ...] = ()
    groups_changed: tuple[str, ...] = ()
    parameters_added: tuple[str, ...] = ()
    parameters_removed: tuple[str, ...] = ()
    parameters_changed: tuple[str, ...] = ()
    description_changed: bool = False
    extra_changed: bool = False

    def __bool__(self) -> bool:
        return any(value for name, value in vars(self).items() if name not in ("before", "after"))

    @property
    def only_moved(self) -> bool:
        """Whether only the layout differs: positions, and what is collapsed."""
        return bool(self) and not replace(self, moved=(), folded=())


def difference(before: Pipeline, after: Pipeline) -> Difference:
    """Return what differs; fast where most is shared, as it is after an edit."""
    if before is after:
        return Difference(before, after)
    added, removed, changed, moved = _compare(before.nodes, after.nodes)
    notes = _compare(before.notes, after.notes)
    groups = _compare(before.groups, after.groups)
    parameters = _compare(before.parameters, after.parameters)
    links_added, links_removed = _compare_links(before, after)
    return Difference(
        before,
        after,
        added=added,
        removed=removed,
        changed=changed,
        moved=moved + notes[3] + groups[3],
        folded=_folded(before.groups, after.groups),
        links_added=links_added,
        links_removed=links_removed,
        notes_added=notes[0],
        notes_removed=notes[1],
        notes_changed=notes[2],
        groups_added=groups[0],
        groups_removed=groups[1],
        groups_changed=groups[2],
        parameters_added=parameters[0],
        parameters_removed=parameters[1],
        parameters_changed=parameters[2],
        description_changed=before.description != after.description,
        extra_changed=not same_json(before.extra, after.extra)
        or not same_json(before.link_extra, after.link_extra),
    )


def changed_parameters(before: Node, after: Node) -> Iterator[tuple[str, Json, Json]]:
    """Yield name, old and new value of the parameters that differ, by name.

    :data:`MISSING` represents the default.
    """
    for name in sorted({*before.parameters, *after.parameters}):
        old = before.parameters.get(name, MISSING)
        new = after.parameters.get(name, MISSING)
        if not same_json(old, new):
            yield name, old, new


def _compare(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the ids of what is added, removed, changed and moved."""
    if before is after:
        return (), (), (), ()
    added, changed, moved = [], [], []
    for name, new in after.items():
        old = before.get(name)
        if old is new:
            continue
        if old is None:
            added.append(name)
            continue
        position = getattr(old, "position", None)
        if position != getattr(new, "position", None):
            moved.append(name)
            old = replace(old, position=new.position)
        if isinstance(old, Group):
            old = replace(old, collapsed=new.collapsed)
        if not _equal(old, new):
            changed.append(name)
    removed = [name for name in before if name not in after]
    return tuple(added), tuple(removed), tuple(changed), tuple(moved)


def _folded(before: Mapping[str, Group], after: Mapping[str, Group]) -> tuple[str, ...]:
    if before is after:
        return ()
    both = (name for name in after if name in before)
    return tuple(name for name in both if before[name].collapsed != after[name].collapsed)


def _compare_links(before: Pipeline, after: Pipeline) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    if before.links is after.links:
        return (), ()
    old, new = set(before.links), set(after.links)
    if old == new:
        return (), ()
    return (
        tuple(link for link in after.links if link not in old),
        tuple(link for link in before.links if link not in new),
    )


def _equal(first: Any, second: Any) -> bool:
    """Compare field by field, distinguishing 1, 1.0, and true."""
    return all(
        value is other or same_json(value, other)
        for value, other in zip(vars(first).values(), vars(second).values(), strict=True)
    )
