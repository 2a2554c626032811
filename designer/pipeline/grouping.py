"""Edits of groups: grouping nodes and notes under one title, and ungrouping.

A group is part of the addresses of its members, so grouping renames: ``split_data`` in the
group ``prepare`` is ``prepare/split_data``. Links follow; nothing else of a node changes,
and so neither does its result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from designer.pipeline.fragments import renamed_interface, renamed_link
from designer.pipeline.identifiers import (
    EditError,
    check_nesting,
    free_id,
    group_ids,
    readable_id,
    taken_ids,
    with_members,
    without_members,
)
from designer.pipeline.model import Group, Link, Node, Note, Pipeline


def group(pipeline: Pipeline, ids: Iterable[str], title: str = "") -> tuple[Pipeline, str]:
    """Put nodes, notes and groups into a new group and return its id, made from the title.

    All must be in the same group, or all at the top. A group of which everything is named
    comes in as a whole. A group of notes alone is none.

    Raises
    ------
    EditError
        If there is nothing to group, or it is in different groups or too deep.
    """
    members = _side_by_side(pipeline, ids)
    parent = _parent(members[0])
    taken = taken_ids(pipeline)
    stem = readable_id(title) if title else "group"
    name = free_id(f"{parent}/{stem}" if parent else stem, taken)
    names: dict[str, str] = {}
    for old in with_members(pipeline, members):
        inside = old[len(parent) + 1 :] if parent else old
        names[old] = f"{name}/{inside}"
        check_nesting(names[old])
    things: dict[str, Node | Note] = {**pipeline.nodes, **pipeline.notes}
    held = [things[old].position for old in names if old in things]
    corner = (min((x for x, _ in held), default=0.0), min((y for _, y in held), default=0.0))
    renamed = _renamed(pipeline, names)
    made = Group(name, title, position=corner)
    return replace(renamed, groups={**renamed.groups, name: made}), name


def ungroup(pipeline: Pipeline, group_id: str) -> tuple[Pipeline, dict[str, str]]:
    """Remove a group and keep its members in its parent.

    Returns
    -------
    Pipeline
        Without the group.
    dict of str to str
        The new id of everything that was in it, by its old one. Where the id is taken
        outside, a number is appended.
    """
    if group_id not in group_ids(pipeline):
        raise EditError(f"There is no group “{group_id}”.")
    outside = _parent(group_id)
    inside = with_members(pipeline, [group_id, *_inner_groups(pipeline, group_id)]) - {group_id}
    taken = taken_ids(pipeline) - inside - {group_id}
    names: dict[str, str] = {}
    for old in sorted(inside, key=lambda name: (name.count("/"), name)):
        parent, _, last = old.rpartition("/")
        above = names.get(parent, outside)
        names[old] = free_id(f"{above}/{last}" if above else last, taken)
        taken.add(names[old])
    groups = {name: item for name, item in pipeline.groups.items() if name != group_id}
    return _renamed(replace(pipeline, groups=groups), names), names


def move_into(
    pipeline: Pipeline, ids: Iterable[str], group_id: str
) -> tuple[Pipeline, dict[str, str]]:
    """Put nodes, notes and groups into a group that is there, or at the top by an empty id.

    What is already there stays, and so does a group that has lost all its members.

    Returns
    -------
    Pipeline
        With all of them there.
    dict of str to str
        The new id of everything that has another one, by its old id. Where the id is taken,
        a number is appended.

    Raises
    ------
    EditError
        If the group is gone, is inside one of them, or gets too deep.
    """
    groups = group_ids(pipeline)
    if group_id and group_id not in groups:
        raise EditError(f"There is no group “{group_id}”.")
    every = {**groups, **pipeline.nodes, **pipeline.notes}
    chosen = without_members(name for name in ids if name in every)
    roots = {name for name in chosen if _parent(name) != group_id}
    if not roots:
        return pipeline, {}
    if any(name in (group_id, *_above(group_id)) for name in roots):
        raise EditError("A group can't be put into itself.")
    inside = [name for name in every if name in roots or roots.intersection(_above(name))]
    taken = taken_ids(pipeline).difference(inside)
    names: dict[str, str] = {}
    for old in sorted(inside, key=lambda name: name.count("/")):
        parent, _, last = old.rpartition("/")
        above = group_id if old in roots else names[parent]
        names[old] = free_id(f"{above}/{last}" if above else last, taken)
        taken.add(names[old])
        check_nesting(names[old])
    moved = _renamed(pipeline, names)
    # A group that existed only in the ids of its members must be gone.
    left = {_parent(name) for name in roots} - {""} - set(group_ids(moved))
    return replace(
        moved, groups={**moved.groups, **{name: Group(name) for name in sorted(left)}}
    ), names


def set_group(pipeline: Pipeline, group_id: str, **changes: Any) -> Pipeline:
    """Change ``title``, ``comment``, ``position``, ``collapsed`` or ``color`` of a group."""
    if group_id not in group_ids(pipeline):
        raise EditError(f"There is no group “{group_id}”.")
    old = pipeline.groups.get(group_id, Group(group_id))
    if "color" in changes:
        changes["extra"] = {**old.extra, "color": changes.pop("color")}
    new = replace(old, **changes)
    if new == pipeline.groups.get(group_id):
        return pipeline
    return replace(pipeline, groups={**pipeline.groups, group_id: new})


def members_of(pipeline: Pipeline, group_id: str) -> list[str]:
    """Return the ids of all nodes, notes and groups within a group, however deep."""
    within = f"{group_id}/"
    every = (*group_ids(pipeline), *pipeline.nodes, *pipeline.notes)
    return [name for name in every if name.startswith(within)]


def links_across(pipeline: Pipeline, group_id: str) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
    """Return the links that come into a group from outside, and those that leave it."""
    within = f"{group_id}/"
    into, out = [], []
    for link in pipeline.links:
        begins, ends = link.source.node.startswith(within), link.target.node.startswith(within)
        if ends and not begins:
            into.append(link)
        elif begins and not ends:
            out.append(link)
    return tuple(into), tuple(out)


def _side_by_side(pipeline: Pipeline, ids: Iterable[str]) -> list[str]:
    """Return what is to be grouped: whole groups instead of all their members."""
    groups = group_ids(pipeline)
    known = {*pipeline.nodes, *pipeline.notes, *groups}
    chosen = {name for name in ids if name in known}
    # Their own members go with them.
    chosen = {name for name in chosen if not any(part in chosen for part in _above(name))}
    children: dict[str, set[str]] = {}
    for name in known:
        children.setdefault(_parent(name), set()).add(name)
    for name in sorted(groups, key=lambda one: one.count("/"), reverse=True):
        inside = children.get(name, set())
        direct = inside.difference(pipeline.notes)
        # A note may be left out without making it a part of the group only.
        if direct and direct <= chosen and not chosen <= inside:
            chosen = (chosen - inside) | {name}
    if chosen <= pipeline.notes.keys():
        raise EditError("Select the nodes to group first.")
    if len({_parent(name) for name in chosen}) > 1:
        raise EditError("These nodes are in different groups. Select nodes of one group.")
    return sorted(chosen)


def _renamed(pipeline: Pipeline, names: Mapping[str, str]) -> Pipeline:
    """Return the pipeline with nodes, notes and groups under new ids, in the old order."""

    def under(items: Mapping[str, Any]) -> dict[str, Any]:
        return {
            names.get(name, name): replace(item, id=names[name]) if name in names else item
            for name, item in items.items()
        }

    return replace(
        pipeline,
        nodes=under(pipeline.nodes),
        groups=under(pipeline.groups),
        notes=under(pipeline.notes),
        links=tuple(renamed_link(link, names) for link in pipeline.links),
        link_extra={
            renamed_link(link, names): extra for link, extra in pipeline.link_extra.items()
        },
        interface=renamed_interface(pipeline.interface, names),
    )


def _inner_groups(pipeline: Pipeline, group_id: str) -> list[str]:
    return [name for name in group_ids(pipeline) if name.startswith(f"{group_id}/")]


def _above(name: str) -> list[str]:
    """Return the addresses of the groups that contain an address."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _parent(name: str) -> str:
    return name.rpartition("/")[0]
