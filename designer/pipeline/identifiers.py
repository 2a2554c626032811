"""Ids of nodes, notes and groups: readable, unique, and after the ids of their groups."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from designer.pipeline.model import MAX_GROUP_DEPTH, MAX_GROUP_ID, NODE_ID, Node, Pipeline


class EditError(ValueError):
    """An edit can't be done; the message is one sentence for the user."""


def readable_id(text: str) -> str:
    """Make an id from a module's id or any other text."""
    last = re.sub(r"[^a-z0-9_]+", "_", text.rpartition(".")[2].lower()).strip("_")[:_LONGEST]
    return last if NODE_ID.fullmatch(last) else f"node_{last}".rstrip("_")


def other_name(node: Node, title: str) -> str:
    """Return a node's name; empty if it only repeats the title of its module."""
    return "" if node.name == readable_id(title) else node.name


def free_id(start: str, taken: Collection[str], counts: dict[str, int] | None = None) -> str:
    """Return an id that isn't taken: the given one, or with a number appended.

    ``counts`` remembers the next number of each stem from call to call.
    """
    if start not in taken:
        return start
    # A copy of “split_data_2” is “split_data_3”, not “split_data_2_2”.
    parent, slash, name = start.rpartition("/")
    stem = parent + slash + re.sub(r"_\d+$", "", name)[:_LONGEST]
    number = (counts or {}).get(stem, 2)
    while f"{stem}_{number}" in taken:
        number += 1
    if counts is not None:
        counts[stem] = number + 1
    return f"{stem}_{number}"


def check_new_id(pipeline: Pipeline, name: str) -> None:
    """Raise :class:`EditError` unless the id is well formed, free, and its group is there."""
    if not all(NODE_ID.fullmatch(part) for part in name.split("/")):
        raise EditError(
            f"“{name}” can't be an id: use at most 100 lowercase letters, digits, "
            "and _, a letter first."
        )
    check_nesting(name)
    if name in pipeline.nodes or name in pipeline.notes or name in group_ids(pipeline):
        raise EditError(f"The id “{name}” is taken.")
    parent = name.rpartition("/")[0]
    if parent and parent not in group_ids(pipeline):
        raise EditError(f"There is no group “{parent}”.")


def check_nesting(name: str) -> None:
    """Raise :class:`EditError` if the groups of an address are too many, or their ids too long."""
    if name.count("/") >= MAX_GROUP_DEPTH:
        raise EditError(f"Groups can nest {MAX_GROUP_DEPTH} levels deep at most.")
    # Numbers may be appended to the ids of copies.
    if len(name.rpartition("/")[0]) > MAX_GROUP_ID - 50:
        raise EditError(
            f"The ids of nested groups can have {MAX_GROUP_ID - 50} characters together at most."
        )


def taken_ids(pipeline: Pipeline) -> set[str]:
    """Return every id in use."""
    return {*pipeline.nodes, *pipeline.notes, *group_ids(pipeline)}


def group_ids(pipeline: Pipeline) -> dict[str, None]:
    """Return the groups, including those known only from the ids of their members."""
    found = dict.fromkeys(pipeline.groups)
    for name in (*pipeline.nodes, *pipeline.groups, *pipeline.notes):
        while name := name.rpartition("/")[0]:
            found[name] = None
    return found


def with_members(pipeline: Pipeline, ids: Iterable[str]) -> set[str]:
    """Return the ids and everything in the groups among them."""
    found = set(ids)
    if all(name in pipeline.nodes or name in pipeline.notes for name in found):
        return found
    for name in (*pipeline.nodes, *pipeline.groups, *pipeline.notes):
        parent = name
        while parent := parent.rpartition("/")[0]:
            if parent in found:
                found.add(name)
                break
    return found


def without_members(ids: Iterable[str]) -> list[str]:
    """Return the ids without the members of groups among them."""
    listed = list(ids)
    known = set(listed)

    def is_inside(name: str) -> bool:
        while name := name.rpartition("/")[0]:
            if name in known:
                return True
        return False

    return [name for name in listed if not is_inside(name)]


_LONGEST = 80
"""Characters of an id that is made from a text; a number may be appended."""
