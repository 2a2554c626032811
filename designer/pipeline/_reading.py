"""From the plain JSON document of a file to a pipeline, checking every shape."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from designer.pipeline.model import (
    MAX_GROUP_DEPTH,
    MAX_GROUP_ID,
    NODE_ID,
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
    PipelineParameter,
    SharedUse,
)

Path = tuple[str | int, ...]

_MEMBERS = ("nodes", "groups", "notes")
_FIELDS = frozenset(
    ("format", "version", "description", "interface", "parameters", "links", *_MEMBERS)
)
_GROUP_FIELDS = frozenset(("title", "comment", "position", "collapsed", *_MEMBERS))
_SHARED_FIELDS = frozenset(("module", "version", "parameters", "disabled"))
_NODE_FIELDS = frozenset(("module", "version", "parameters", "comment", "position", "disabled"))
_NOTE_FIELDS = frozenset(("text", "position", "size", "color"))
_PARAMETER_FIELDS = frozenset(("type", "default", "description"))
_LINK_FIELDS = frozenset(("from", "to"))
PARAMETER_TYPES = ("integer", "number", "text", "boolean")
MAX_DEPTH = 100
"""How deeply a file may nest; far more than anyone needs, far less than the stack allows."""


class WrongShape(Exception):
    """A part of the document has the wrong form."""

    def __init__(self, path: Path, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.path = path
        self.sentence = sentence
        self.hint = hint


def pipeline_from(document: Mapping[str, Json]) -> Pipeline:
    """Return the pipeline that a document of the current version describes.

    Raises
    ------
    WrongShape
        At the first part with the wrong form.
    """
    nodes: dict[str, Node] = {}
    groups: dict[str, Group] = {}
    notes: dict[str, Note] = {}
    _read_members(document, (), "", nodes, groups, notes)
    links, link_extra = _links(document)
    return Pipeline(
        description=_text(document, "description", ()),
        nodes=nodes,
        links=links,
        notes=notes,
        groups=groups,
        parameters={
            name: _parameter(name, _object(value, path), path)
            for name, value, path in _members(document, "parameters", ())
        },
        link_extra=link_extra,
        extra=_rest(document, _FIELDS),
        interface=_interface(document),
    )


def check_depth(document: Mapping[str, Json]) -> None:
    """Raise :class:`WrongShape` if a document nests too deeply to be worked with."""
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise WrongShape((), f"it nests more than {MAX_DEPTH} levels deep")


def _read_members(
    holder: Mapping[str, Json],
    path: Path,
    prefix: str,
    nodes: dict[str, Node],
    groups: dict[str, Group],
    notes: dict[str, Note],
) -> None:
    """Read the nodes, groups and notes of the pipeline or of one group."""
    for name, value, inner in _members(holder, "nodes", path):
        nodes[prefix + name] = _node(prefix + name, _object(value, inner), inner)
    for name, value, inner in _members(holder, "groups", path):
        address = prefix + name
        if address.count("/") >= MAX_GROUP_DEPTH:
            raise WrongShape(inner, f"groups nest more than {MAX_GROUP_DEPTH} levels deep")
        if len(address) > MAX_GROUP_ID:
            raise WrongShape(inner, f"the ids of nested groups exceed {MAX_GROUP_ID} characters")
        if address in nodes:
            raise WrongShape(inner, f"the id “{address}” is taken by a node")
        group = _object(value, inner)
        shared = _shared(group, inner)
        groups[address] = Group(
            id=address,
            title=_text(group, "title", inner),
            comment=_text(group, "comment", inner),
            position=_pair(group, "position", inner, (0.0, 0.0)),
            collapsed=_flag(group, "collapsed", inner) or shared is not None,
            extra=_rest(group, _GROUP_FIELDS | (_SHARED_FIELDS if shared else frozenset())),
            shared=shared,
        )
        _read_members(group, inner, f"{address}/", nodes, groups, notes)
    for name, value, inner in _members(holder, "notes", path):
        address = prefix + name
        if address in nodes or address in groups:
            raise WrongShape(inner, f"the id “{address}” is taken by something else")
        notes[address] = _note(address, _object(value, inner), inner)


def _shared(group: Mapping[str, Json], path: Path) -> SharedUse | None:
    """Return which shared module a group is; a group without one may have a field of that name."""
    if "module" not in group:
        return None
    name, version = group["module"], group.get("version", "")
    if not isinstance(name, str) or not NODE_ID.fullmatch(name):
        raise WrongShape((*path, "module"), f"the name of a module is expected, not {_shown(name)}")
    if not isinstance(version, str):
        raise WrongShape((*path, "version"), f"text is expected, not {_shown(version)}")
    return SharedUse(
        name,
        version,
        parameters=_parameters(group, path),
        disabled=_flag(group, "disabled", path),
    )


def _node(address: str, fields: Mapping[str, Json], path: Path) -> Node:
    module = fields.get("module")
    if not isinstance(module, str) or not module:
        raise WrongShape(path, "the node has no module")
    return Node(
        id=address,
        module=module,
        version=_version(fields, path),
        parameters=_parameters(fields, path),
        comment=_text(fields, "comment", path),
        position=_pair(fields, "position", path, (0.0, 0.0)),
        disabled=_flag(fields, "disabled", path),
        extra=_rest(fields, _NODE_FIELDS),
        positioned="position" in fields,
    )


def _parameters(fields: Mapping[str, Json], path: Path) -> dict[str, Json]:
    if "parameters" not in fields:
        return {}
    inner = (*path, "parameters")
    return {
        name: _lines_joined(value, (*inner, name))
        for name, value in _object(fields["parameters"], inner).items()
    }


def _note(name: str, fields: Mapping[str, Json], path: Path) -> Note:
    usual = Note(name)
    color = fields.get("color", usual.color)
    if not isinstance(color, str):
        raise WrongShape((*path, "color"), f"a name is expected, not {_shown(color)}")
    return Note(
        id=name,
        text=_text(fields, "text", path),
        position=_pair(fields, "position", path, usual.position),
        size=_pair(fields, "size", path, usual.size),
        color=color,
        extra=_rest(fields, _NOTE_FIELDS),
        positioned="position" in fields,
    )


def _parameter(name: str, fields: Mapping[str, Json], path: Path) -> PipelineParameter:
    kind = fields.get("type", "text")
    if kind not in PARAMETER_TYPES:
        listed = ", ".join(PARAMETER_TYPES)
        raise WrongShape((*path, "type"), f"one of {listed} is expected, not {_shown(kind)}")
    return PipelineParameter(
        name=name,
        type=kind,
        default=_lines_joined(fields.get("default"), (*path, "default")),
        description=_text(fields, "description", path),
        extra=_rest(fields, _PARAMETER_FIELDS),
    )


def _links(
    document: Mapping[str, Json],
) -> tuple[tuple[Link, ...], dict[Link, dict[str, Json]]]:
    values = document.get("links", [])
    if not isinstance(values, list):
        raise WrongShape(("links",), f"a list is expected, not {_shown(values)}")
    links: dict[Link, None] = {}
    extra: dict[Link, dict[str, Json]] = {}
    for index, value in enumerate(values):
        path: Path = ("links", index)
        fields = _object(value, path)
        link = Link(_endpoint(fields, "from", path), _endpoint(fields, "to", path))
        links[link] = None
        rest = _rest(fields, _LINK_FIELDS)
        if rest:
            extra.setdefault(link, {}).update(rest)
    return tuple(links), extra


def _interface(document: Mapping[str, Json]) -> Interface | None:
    if "interface" not in document:
        return None
    path: Path = ("interface",)
    fields = _object(document["interface"], path)
    return Interface(
        title=_text(fields, "title", path),
        inputs=tuple(
            ModulePort(name, _text(port, "title", inner), _ends(port, "to", inner))
            for name, port, inner in _parts(fields, "inputs", path)
        ),
        outputs=tuple(
            ModulePort(name, _text(port, "title", inner), (_endpoint(port, "from", inner),))
            for name, port, inner in _parts(fields, "outputs", path)
        ),
        parameters=tuple(
            ModuleParameter(name, _text(each, "title", inner), _endpoint(each, "of", inner))
            for name, each, inner in _parts(fields, "parameters", path)
        ),
    )


def _parts(
    holder: Mapping[str, Json], key: str, path: Path
) -> Iterator[tuple[str, dict[str, Json], Path]]:
    for name, value, inner in _members(holder, key, path):
        yield name, _object(value, inner), inner


def _ends(fields: Mapping[str, Json], key: str, path: Path) -> tuple[Endpoint, ...]:
    """Return one endpoint or a list of them."""
    found = fields.get(key)
    if not isinstance(found, list):
        return (_endpoint(fields, key, path),)
    if not found:
        raise WrongShape((*path, key), "at least one NODE.PORT is expected")
    return tuple(_endpoint({key: each}, key, path) for each in found)


def _endpoint(fields: Mapping[str, Json], key: str, path: Path) -> Endpoint:
    text = fields.get(key)
    node, dot, port = text.partition(".") if isinstance(text, str) else ("", "", "")
    if not dot or not port or not all(NODE_ID.fullmatch(part) for part in node.split("/")):
        inner = (*path, key) if key in fields else path
        raise WrongShape(inner, f"“{key}” must be NODE.PORT, not {_shown(text)}")
    return Endpoint(node, port)


def _members(holder: Mapping[str, Json], key: str, path: Path) -> Iterator[tuple[str, Json, Path]]:
    """Yield the members of an object that is keyed by ids."""
    if key not in holder:
        return
    start = (*path, key)
    for name, value in _object(holder[key], start).items():
        inner = (*start, name)
        if not NODE_ID.fullmatch(name):
            raise WrongShape(
                inner,
                f"“{short(name)}” can't be an id",
                "Use lowercase letters, digits, and _, at most 100 in all.",
            )
        yield name, value, inner


def _object(value: Json, path: Path) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise WrongShape(path, f"an object is expected, not {_shown(value)}")
    return value


def _text(fields: Mapping[str, Json], key: str, path: Path) -> str:
    """Return a text from one string or from a list of lines."""
    if key not in fields:
        return ""
    value = fields[key]
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if not isinstance(value, str):
        raise WrongShape((*path, key), f"text is expected, not {_shown(value)}")
    return value


def _lines_joined(value: Json, path: Path) -> Json:
    if isinstance(value, dict) and "$lines" in value and len(value) == 1:
        return _text(value, "$lines", path)
    return value


def _pair(
    fields: Mapping[str, Json], key: str, path: Path, default: tuple[float, float]
) -> tuple[float, float]:
    if key not in fields:
        return default
    value: Any = fields[key]
    if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
        return (float(value[0]), float(value[1]))
    raise WrongShape((*path, key), f"two numbers are expected, not {_shown(value)}")


def _is_number(value: Json) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _flag(fields: Mapping[str, Json], key: str, path: Path) -> bool:
    value = fields.get(key, False)
    if not isinstance(value, bool):
        raise WrongShape((*path, key), f"true or false is expected, not {_shown(value)}")
    return value


def _version(fields: Mapping[str, Json], path: Path) -> int:
    if "version" not in fields:
        return 1
    value = fields["version"]
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise WrongShape((*path, "version"), f"an integer from 1 is expected, not {_shown(value)}")
    return int(value)


def _rest(fields: Mapping[str, Json], known: frozenset[str]) -> dict[str, Json]:
    if fields.keys() <= known:
        return {}
    return {key: value for key, value in fields.items() if key not in known}


def short(text: str) -> str:
    """Return the beginning of a text, for a message."""
    return text if len(text) <= 40 else f"{text[:40]}…"


def _shown(value: Json) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"“{short(value)}”"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value) if abs(value) < 1e300 else "a huge number"
