"""``designer diff``: two pipelines, compared by meaning."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from designer.cli.listing import examples, json_option
from designer.cli.output import print_json

if TYPE_CHECKING:
    from designer.pipeline.difference import Difference
    from designer.pipeline.model import Link

_COLORS = {"+": "green", "-": "red", "~": "yellow"}
_OF_PARAMETER = "parameters."
_FIELDS = {
    "nodes": ("module", "version", "comment", "disabled"),
    "notes": ("text", "size", "color"),
    "groups": ("title", "comment"),
    "parameters": ("type", "default", "description"),
}
_NAMES = {"nodes": "node", "notes": "note", "groups": "group", "parameters": "pipeline parameter"}
_PREFIXES = {"nodes": "", "notes": "notes_", "groups": "groups_", "parameters": "parameters_"}


@click.command(
    epilog=examples(
        "designer diff old.pipeline.json new.pipeline.json",
        "designer diff old.pipeline.json new.pipeline.json --json",
    )
)
@click.argument("before", metavar="A", type=click.Path(path_type=Path))
@click.argument("after", metavar="B", type=click.Path(path_type=Path))
@json_option
def diff(before: Path, after: Path, as_json: bool) -> None:
    """Show the semantic differences between pipelines A and B.

    Order within the file is ignored. The exit status is 0 whether they
    differ or not, and 2 if one of them can't be read.
    """
    from designer.pipeline.difference import difference
    from designer.pipeline.file import read

    found = difference(read(before), read(after))
    if as_json:
        print_json(_to_json(found))
        return
    for line in _lines(found):
        sign = line.strip()[:1]
        click.echo(click.style(line, fg=_COLORS.get(sign)) if sign in _COLORS else line)


def _to_json(found: Difference) -> dict[str, Any]:
    document: dict[str, Any] = {"equal": not found}
    for kind, prefix in _PREFIXES.items():
        document[kind] = {
            "added": list(getattr(found, f"{prefix}added")),
            "removed": list(getattr(found, f"{prefix}removed")),
            "changed": {
                name: _changes_json(found, kind, name)
                for name in getattr(found, f"{prefix}changed")
            },
        }
    document["links"] = {
        "added": [_link(link) for link in found.links_added],
        "removed": [_link(link) for link in found.links_removed],
    }
    document["moved"] = list(found.moved)
    document["folded"] = list(found.folded)
    if found.description_changed:
        document["description"] = _sides(found.before.description, found.after.description)
    document["fields"] = {
        field: _sides(old, new)
        for field, old, new in _extra_changes(found.before.extra, found.after.extra)
    }
    return document


def _changes_json(found: Difference, kind: str, name: str) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for field, old, new in _changes(found, kind, name):
        if field.startswith(_OF_PARAMETER):
            parameters = changes.setdefault("parameters", {})
            parameters[field.removeprefix(_OF_PARAMETER)] = _sides(old, new)
        else:
            changes[field] = _sides(old, new)
    return changes


def _sides(old: Any, new: Any) -> dict[str, Any]:
    """Return both values; a side that has the default lacks its value."""
    from designer.pipeline.difference import MISSING

    sides = {"before": old, "after": new}
    return {side: value for side, value in sides.items() if value is not MISSING}


def _link(link: Link) -> dict[str, str]:
    return {"from": str(link.source), "to": str(link.target)}


def _lines(found: Difference) -> Iterator[str]:
    if not found:
        yield "The pipelines are equal."
        return
    if found.description_changed:
        yield "~ description"
        yield from _change_lines("", found.before.description, found.after.description)
    for kind, prefix in _PREFIXES.items():
        what = _NAMES[kind]
        for name in getattr(found, f"{prefix}removed"):
            yield f"- {what} {name}{_module(found.before, kind, name)}"
        for name in getattr(found, f"{prefix}added"):
            yield f"+ {what} {name}{_module(found.after, kind, name)}"
            if kind == "nodes":
                for key, value in sorted(found.after.nodes[name].parameters.items()):
                    yield f"      {key}: {_shown(value)}"
        for name in getattr(found, f"{prefix}changed"):
            yield f"~ {what} {name}"
            for field, old, new in _changes(found, kind, name):
                yield from _change_lines(field, old, new)
    for link in found.links_removed:
        yield f"- link {link}"
    for link in found.links_added:
        yield f"+ link {link}"
    for field, old, new in _extra_changes(found.before.extra, found.after.extra):
        yield f"~ field {field}"
        yield from _change_lines("", old, new)
    for link, changes in _changed_links(found):
        yield f"~ link {link}"
        for field, old, new in changes:
            yield from _change_lines(field, old, new)
    if found.moved:
        shown = ", ".join(found.moved[:8]) + (" …" if len(found.moved) > 8 else "")
        yield f"  moved: {shown}"
    if found.folded:
        yield f"  collapsed or expanded: {', '.join(found.folded)}"


def _module(pipeline: Any, kind: str, name: str) -> str:
    return f" ({pipeline.nodes[name].module})" if kind == "nodes" else ""


def _changes(found: Difference, kind: str, name: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield field, old and new value of every difference but the position."""
    from designer.pipeline.difference import changed_parameters
    from designer.pipeline.parameters import same_json

    old, new = getattr(found.before, kind)[name], getattr(found.after, kind)[name]
    for field in _FIELDS[kind]:
        before, after = getattr(old, field), getattr(new, field)
        if not same_json(before, after):
            yield field, before, after
    if kind == "nodes":
        for parameter, before, after in changed_parameters(old, new):
            yield _OF_PARAMETER + parameter, before, after
    yield from _extra_changes(old.extra, new.extra)


def _changed_links(found: Difference) -> Iterator[tuple[Link, list[tuple[str, Any, Any]]]]:
    """Yield the links of both pipelines whose own fields differ."""
    before, after = found.before.link_extra, found.after.link_extra
    gone = {*found.links_added, *found.links_removed}
    for link in sorted({*before, *after} - gone, key=str):
        changes = list(_extra_changes(before.get(link, {}), after.get(link, {})))
        if changes:
            yield link, changes


def _extra_changes(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    from designer.pipeline.difference import MISSING
    from designer.pipeline.parameters import same_json

    for key in sorted({*old, *new}):
        before, after = old.get(key, MISSING), new.get(key, MISSING)
        if not same_json(before, after):
            yield key, before, after


def _change_lines(field: str, old: Any, new: Any) -> Iterable[str]:
    """Return one line for a short change; changed lines for a text of several."""
    from designer.pipeline.difference import MISSING

    name = f"{field.removeprefix(_OF_PARAMETER)}: " if field else ""
    texts = [value if isinstance(value, str) else "" for value in (old, new)]
    if not any("\n" in text for text in texts):
        absent = "default" if field.startswith(_OF_PARAMETER) else "nothing"
        sides = [absent if value is MISSING else _shown(value) for value in (old, new)]
        return [f"      {name}{sides[0]} → {sides[1]}"]
    before, after = (text.splitlines() for text in texts)
    compared = difflib.unified_diff(before, after, lineterm="", n=1)
    body = [f"        {line}" for line in list(compared)[2:]]
    return [f"      {name}", *body] if name else body


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"
