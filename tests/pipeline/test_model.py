from __future__ import annotations

import graphlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.pipeline.model import Endpoint, Group, Link, Node, Pipeline

Build = Callable[..., Pipeline]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Pipeline, dict[str, set[str]]]:
    """Return a pipeline, cycles and links to nowhere included, and what each node needs."""
    names = [f"n{number}" for number in range(draw(st.integers(1, 8)))]
    ends = st.sampled_from([*names, "gone"])
    pairs = draw(st.lists(st.tuples(ends, ends, st.sampled_from("ab")), max_size=12))
    links = dict.fromkeys(Link(Endpoint(s, "out"), Endpoint(t, port)) for s, t, port in pairs)
    needs: dict[str, set[str]] = {name: set() for name in names}
    for source, target, _ in pairs:
        if "gone" not in (source, target):
            needs[target].add(source)
    nodes = {name: Node(name, "m") for name in names}
    return Pipeline(nodes=nodes, links=tuple(links)), needs


@given(graphs())
def test_order_agrees_with_graphlib(graph: tuple[Pipeline, dict[str, set[str]]]) -> None:
    pipeline, needs = graph
    try:
        list(graphlib.TopologicalSorter(needs).static_order())
    except graphlib.CycleError:
        with pytest.raises(ValueError, match="cycle"):
            pipeline.order()
        return
    order = pipeline.order()
    assert sorted(order) == sorted(needs)
    place = {name: number for number, name in enumerate(order)}
    assert all(place[need] < place[name] for name in needs for need in needs[name])


@given(graphs(), st.data())
def test_ancestors_and_descendants_mirror(
    graph: tuple[Pipeline, dict[str, set[str]]], data: st.DataObject
) -> None:
    pipeline, needs = graph
    start = data.draw(st.sampled_from(sorted(needs)))
    found = {start}
    while more := {need for name in found for need in needs[name]} - found:
        found |= more
    assert pipeline.ancestors([start]) - {"gone"} >= found
    if "gone" not in pipeline.links_from:
        assert pipeline.ancestors([start]) == found
    for other in found:
        assert start in pipeline.descendants([other])


def test_addresses(build: Build) -> None:
    node = Node("prepare/inner/sql", "m")
    assert (node.group, node.name) == ("prepare/inner", "sql")
    assert Node("sql", "m").group == ""
    assert str(Endpoint("prepare/sql", "t1")) == "prepare/sql.t1"
    assert str(build({}, "a.x>b.y").links[0]) == "a.x → b.y"


def test_values_cannot_be_changed(build: Build) -> None:
    pipeline = build({"a": "m"})
    for value, field in ((pipeline, "links"), (pipeline.nodes["a"], "id"), (Group("g"), "id")):
        with pytest.raises(AttributeError):
            setattr(value, field, "x")
