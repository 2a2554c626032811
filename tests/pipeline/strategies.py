"""Random pipelines: groups, notes, unknown fields, unicode, text of several lines."""

from __future__ import annotations

from hypothesis import strategies as st

from designer.pipeline.model import (
    Endpoint,
    Group,
    Link,
    Node,
    Note,
    Pipeline,
    PipelineParameter,
)

names = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
# Every character that a string may hold, lone surrogates too: scripts come from anywhere.
texts = st.text(st.characters(), max_size=20) | st.lists(
    st.sampled_from(["", "select", "été", "\t", "\r", "“a”", "🛠"]), max_size=4
).map("\n".join)
numbers = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
references = st.builds(
    lambda key, name: {key: name}, st.sampled_from(["$parameter", "$secret"]), names
)
values = (plain | references).filter(
    # The reader takes this form for text of several lines.
    lambda value: not (isinstance(value, dict) and value.keys() == {"$lines"})
)
positions = st.tuples(numbers, numbers)


_MEMBERS = ("nodes", "groups", "notes")


def _unknown(known: set[str]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(texts.filter(lambda key: key not in known), plain, max_size=2)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    """Return a pipeline whose links are in the order of a file."""
    groups: dict[str, Group] = {}
    used: set[str] = set()

    def free(parents: list[str]) -> str | None:
        parent = draw(st.sampled_from(["", *parents]))
        name = f"{parent}/{draw(names)}" if parent else draw(names)
        if name in used:
            return None
        used.add(name)
        return name

    for _ in range(draw(st.integers(0, 3))):
        if name := free(list(groups)):
            groups[name] = Group(
                name,
                draw(texts),
                draw(texts),
                draw(positions),
                draw(st.booleans()),
                draw(_unknown({"title", "comment", "position", "collapsed", "module", *_MEMBERS})),
            )
    nodes: dict[str, Node] = {}
    for _ in range(draw(st.integers(0, 5))):
        if name := free(list(groups)):
            nodes[name] = Node(
                name,
                draw(names | st.just("user.Module 1")),
                draw(st.integers(1, 5)),
                draw(st.dictionaries(names, values, max_size=3)),
                draw(texts),
                draw(positions),
                draw(st.booleans()),
                draw(
                    _unknown({"module", "version", "parameters", "comment", "position", "disabled"})
                ),
            )
    notes: dict[str, Note] = {}
    for _ in range(draw(st.integers(0, 2))):
        if name := free(list(groups)):
            notes[name] = Note(
                name,
                draw(texts),
                draw(positions),
                draw(positions),
                draw(st.sampled_from(["yellow", "blue"])),
                draw(_unknown({"text", "position", "size", "color"})),
            )
    ends = st.builds(Endpoint, st.sampled_from([*nodes, "gone"]), names)
    links = draw(st.lists(st.builds(Link, ends, ends), max_size=6, unique=True))
    parameters = {
        name: PipelineParameter(
            name,
            draw(st.sampled_from(["integer", "number", "text", "boolean"])),
            draw(values),
            draw(texts),
            draw(_unknown({"type", "default", "description"})),
        )
        for name in draw(st.lists(names, max_size=2, unique=True))
    }
    known = {
        "format",
        "version",
        "description",
        "interface",
        "parameters",
        "nodes",
        "groups",
        "notes",
        "links",
    }
    link_extra = {link: extra for link in links if (extra := draw(_unknown({"from", "to"})))}
    return Pipeline(
        description=draw(texts),
        nodes=nodes,
        links=tuple(sorted(links, key=lambda link: (link.target, link.source))),
        notes=notes,
        groups=groups,
        parameters=parameters,
        link_extra=link_extra,
        extra=draw(_unknown(known)),
    )
