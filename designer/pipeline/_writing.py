"""From a pipeline to the text of a file, laid out so that git compares and merges it well.

Nodes, notes, and links are in the order of their ids, not of their creation: two
branches that each add a node then rarely touch the same lines. A node is a
separate block, and each of its small parts a line.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from designer.pipeline._reading import MAX_DEPTH
from designer.pipeline.model import (
    MAX_GROUP_DEPTH,
    MAX_GROUP_ID,
    Interface,
    Json,
    Node,
    Note,
    Pipeline,
    PipelineParameter,
    SharedUse,
)

WIDTH = 100
_STEP = "  "
_DEEPEST = 30
"""Characters of an indent from which on a value is written on one line."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class NotPlain(Exception):
    """A value in the pipeline can't be represented in JSON."""


def text_of(pipeline: Pipeline, format_name: str, version: int) -> str:
    """Return the text of a file.

    Raises
    ------
    NotPlain
        For a value that isn't plain JSON.
    """
    parts = [f'"format": {_quoted(format_name)}', f'"version": {version}']
    if pipeline.description:
        parts.append(f'"description": {_text(pipeline.description, _STEP)}')
    if pipeline.interface is not None:
        interface = _block(_interface(pipeline.interface), _STEP)
        parts.append(f'"interface": {interface}')
    if pipeline.parameters:
        parameters = {name: _parameter(p) for name, p in sorted(pipeline.parameters.items())}
        parts.append(f'"parameters": {_block(_values(parameters, _STEP * 2), _STEP)}')
    top = _Level(pipeline)
    parts.append(f'"nodes": {_block(top.nodes(_STEP * 2), _STEP)}')
    if top.groups:
        parts.append(f'"groups": {_block(top.group_blocks(_STEP * 2), _STEP)}')
    if top.has_notes:
        parts.append(f'"notes": {_block(top.notes(_STEP * 2), _STEP)}')
    parts.append(f'"links": {_block(_links(pipeline), _STEP, "[]")}')
    parts += _values(pipeline.extra, _STEP)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", _block(parts, "") + "\n")


class _Level:
    """The nodes, groups and notes that lie directly in the pipeline or in one group."""

    def __init__(
        self, pipeline: Pipeline, parent: str = "", children: dict[str, list[str]] | None = None
    ) -> None:
        self._pipeline = pipeline
        self._parent = parent
        self._children = _children(pipeline) if children is None else children
        inside = self._children.get(parent, [])
        self._nodes = sorted(name for name in inside if name in pipeline.nodes)
        self._notes = sorted(name for name in inside if name in pipeline.notes)
        self.groups = sorted({*inside}.difference(self._nodes, self._notes))

    def nodes(self, indent: str) -> list[str]:
        nodes = self._pipeline.nodes
        return [
            f"{_quoted(nodes[name].name)}: {_block(_node(nodes[name], indent + _STEP), indent)}"
            for name in self._nodes
        ]

    @property
    def has_notes(self) -> bool:
        return bool(self._notes)

    def notes(self, indent: str) -> list[str]:
        notes = self._pipeline.notes
        return [
            f"{_quoted(notes[name].name)}: {_block(_note(notes[name], indent + _STEP), indent)}"
            for name in self._notes
        ]

    def group_blocks(self, indent: str) -> list[str]:
        blocks = []
        inner = indent + _STEP
        for name in self.groups:
            parts = []
            group = self._pipeline.groups.get(name)
            if group:
                if group.title:
                    parts.append(f'"title": {_text(group.title, inner)}')
                if group.comment:
                    parts.append(f'"comment": {_text(group.comment, inner)}')
                parts.append(f'"position": {_pair(group.position)}')
                if group.collapsed and not group.shared:
                    parts.append('"collapsed": true')
                if group.shared:
                    parts += _shared(group.shared, inner)
            level = _Level(self._pipeline, name, self._children)
            if name in self._children or not (group and group.shared):
                parts.append(f'"nodes": {_block(level.nodes(inner + _STEP), inner)}')
            if level.groups:
                parts.append(f'"groups": {_block(level.group_blocks(inner + _STEP), inner)}')
            if level.has_notes:
                parts.append(f'"notes": {_block(level.notes(inner + _STEP), inner)}')
            if group:
                parts += _values(group.extra, inner)
            blocks.append(f"{_quoted(name.rpartition('/')[2])}: {_block(parts, indent)}")
        return blocks


def _shared(use: SharedUse, indent: str) -> list[str]:
    parts = [f'"module": {_quoted(use.name)}']
    if use.version:
        parts[0] += f', "version": {_quoted(use.version)}'
    if use.disabled:
        parts.append('"disabled": true')
    if use.parameters:
        parameters = {name: _with_lines(value) for name, value in sorted(use.parameters.items())}
        parts.append(f'"parameters": {_block(_values(parameters, indent + _STEP), indent)}')
    return parts


def _interface(interface: Interface) -> list[str]:
    """Return the parts of a module's interface: a line for each port and parameter."""
    sides: dict[str, list[tuple[str, dict[str, Json]]]] = {
        "inputs": [
            (each.name, {"title": each.title, "to": [str(end) for end in each.ends]})
            for each in interface.inputs
        ],
        "outputs": [
            (each.name, {"title": each.title, "from": str(each.ends[0])})
            for each in interface.outputs
        ],
        "parameters": [
            (each.name, {"title": each.title, "of": str(each.end)}) for each in interface.parameters
        ],
    }
    parts = [f'"title": {_text(interface.title, _STEP * 2)}']
    for name, members in sides.items():
        if members:
            lines = [f"{_quoted(each)}: {_compact(fields)}" for each, fields in members]
            parts.append(f'"{name}": {_block(lines, _STEP * 2)}')
    return parts


def _children(pipeline: Pipeline) -> dict[str, list[str]]:
    """Return the members of each group; some groups are known only from their members."""
    found: dict[str, dict[str, None]] = {}
    for address in (*pipeline.nodes, *pipeline.groups, *pipeline.notes):
        if address.count("/") > MAX_GROUP_DEPTH:
            raise NotPlain(f"groups nest more than {MAX_GROUP_DEPTH} levels deep")
        if len(address.rpartition("/")[0]) > MAX_GROUP_ID:
            raise NotPlain(f"the ids of nested groups exceed {MAX_GROUP_ID} characters")
        name = address
        while name:
            parent = name.rpartition("/")[0]
            members = found.setdefault(parent, {})
            if name in members:
                break
            members[name] = None
            name = parent
    return {parent: list(members) for parent, members in found.items()}


def _node(node: Node, indent: str) -> list[str]:
    parts = [f'"module": {_quoted(node.module)}, "version": {node.version}']
    parts.append(f'"position": {_pair(node.position)}')
    if node.disabled:
        parts.append('"disabled": true')
    if node.comment:
        parts.append(f'"comment": {_text(node.comment, indent)}')
    if node.parameters:
        try:
            parameters = {k: _with_lines(v) for k, v in sorted(node.parameters.items())}
            values = _values(parameters, indent + _STEP)
        except (NotPlain, TypeError) as error:
            raise NotPlain(f"{node.id}: {error}") from None
        parts.append(f'"parameters": {_block(values, indent)}')
    return parts + _values(node.extra, indent)


def _note(note: Note, indent: str) -> list[str]:
    parts = [f'"position": {_pair(note.position)}', f'"size": {_pair(note.size)}']
    if note.color != "yellow":
        parts.append(f'"color": {_quoted(note.color)}')
    parts.append(f'"text": {_text(note.text, indent)}')
    return parts + _values(note.extra, indent)


def _parameter(parameter: PipelineParameter) -> dict[str, Json]:
    fields: dict[str, Json] = {"type": parameter.type}
    if parameter.default is not None:
        fields["default"] = _with_lines(parameter.default)
    if parameter.description:
        fields["description"] = parameter.description
    return {**fields, **parameter.extra}


def _links(pipeline: Pipeline) -> list[str]:
    lines = []
    for link in sorted(pipeline.links, key=lambda link: (link.target, link.source)):
        fields = {"from": str(link.source), "to": str(link.target)}
        lines.append(_compact({**fields, **pipeline.link_extra.get(link, {})}))
    return lines


def _values(values: Mapping[str, Json], indent: str) -> list[str]:
    """Return one part for every member."""
    parts = []
    for name, value in values.items():
        _check_plain(name, value, MAX_DEPTH - len(indent) // len(_STEP))
        head = f"{_quoted(name)}: "
        parts.append(head + _value(value, indent, len(head)))
    return parts


def _value(value: Json, indent: str, taken: int = 0) -> str:
    """Return a value on one line if that is short enough, otherwise on several."""
    if _is_lines(value):
        lines = _block([_quoted(line) for line in value["$lines"]], indent, "[]")
        return f'{{"$lines": {lines}}}'
    compact = _compact(value)
    short = len(indent) + taken + len(compact) < WIDTH
    # Deeper, the indents would be many times the values.
    if short or len(indent) > _DEEPEST or not isinstance(value, (dict, list, tuple)):
        return compact
    if isinstance(value, dict):
        parts = []
        for key, member in value.items():
            head = f"{_quoted(key)}: "
            parts.append(head + _value(member, indent + _STEP, len(head)))
        return _block(parts, indent)
    return _block([_value(member, indent + _STEP) for member in value], indent, "[]")


def _block(parts: Iterable[str], indent: str, brackets: str = "{}") -> str:
    inner = indent + _STEP
    body = f",\n{inner}".join(parts)
    return f"{brackets[0]}\n{inner}{body}\n{indent}{brackets[1]}" if body else brackets


def _text(text: str, indent: str) -> str:
    if "\n" not in text:
        return _quoted(text)
    return _block([_quoted(line) for line in text.split("\n")], indent, "[]")


def _with_lines(value: Json) -> Json:
    return {"$lines": value.split("\n")} if isinstance(value, str) and "\n" in value else value


def _is_lines(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"$lines"}
        and isinstance(value["$lines"], list)
        and all(isinstance(line, str) for line in value["$lines"])
    )


def _pair(values: tuple[float, float]) -> str:
    return f"[{_number(values[0])}, {_number(values[1])}]"


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise NotPlain(f"{value} isn't a position")
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _check_plain(name: str, value: Json, depth: int) -> None:
    """Raise :class:`NotPlain` for what JSON can't represent or the reader would reject."""
    level: list[Any] = [value]
    for _ in range(depth):
        below: list[Any] = []
        for item in level:
            if isinstance(item, Mapping):
                if not all(isinstance(key, str) for key in item):
                    raise NotPlain(f"“{name}” has a key that isn't text")
                below.extend(item.values())
            elif isinstance(item, (list, tuple)):
                below.extend(item)
            elif isinstance(item, float) and not math.isfinite(item):
                raise NotPlain(f"“{name}” is {item}, which a file can't contain")
            elif item is not None and not isinstance(item, (str, int, float, bool)):
                raise NotPlain(f"“{name}” contains a {type(item).__name__}, which isn't plain data")
        if not below:
            return
        level = below
    raise NotPlain(f"“{name}” is nested too deeply")


def _quoted(text: str) -> str:
    return _ENCODE(text)


def _compact(value: Json) -> str:
    return _ENCODE(value)


_ENCODE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
