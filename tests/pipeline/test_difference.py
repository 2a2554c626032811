from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from strategies import pipelines

from designer.pipeline import edits, grouping
from designer.pipeline.difference import MISSING, changed_parameters, difference
from designer.pipeline.file import dumps, loads
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter

Build = Callable[..., Pipeline]


@given(pipelines(), pipelines())
def test_equal_is_no_difference_and_sides_mirror(first: Pipeline, second: Pipeline) -> None:
    assert not difference(first, loads(dumps(first)))
    there, back = difference(first, second), difference(second, first)
    assert bool(there) == bool(back) == (dumps(first) != dumps(second))
    assert set(there.added) == set(back.removed) == second.nodes.keys() - first.nodes.keys()
    assert set(there.changed) == set(back.changed)
    assert set(there.moved) == set(back.moved)
    assert set(there.links_added) == set(back.links_removed)
    assert set(there.parameters_changed) == set(back.parameters_changed)


def test_every_kind_of_change_is_found(build: Build) -> None:
    before = build({"a": ("m", {"x": 1}), "b": "m", "c": "m"}, "a.out>b.in")
    before, note = edits.add_note(before, "hi")
    before = edits.add_parameter(before, PipelineParameter("p", "integer", 1))
    after, new = edits.add_node(before, "new")
    after = edits.remove(after, ["b"])
    after = edits.set_parameter(after, "a", "x", 2)
    after = edits.move(after, {"c": (5, 5), note: (1, 1)})
    after = edits.connect(after, Endpoint("a", "out"), Endpoint(new, "in"))
    after = edits.set_note(after, note, text="ho")
    after = edits.set_pipeline_parameter(after, "p", PipelineParameter("p", "integer", 2))
    after = edits.add_parameter(after, PipelineParameter("q"))
    after = edits.add_group(after, "g")
    after = edits.set_description(after, "better")
    found = difference(before, after)
    assert found.added == ("new",)
    assert found.removed == ("b",)
    assert found.changed == ("a",)
    assert set(found.moved) == {"c", note}
    assert [str(link) for link in found.links_added] == ["a.out → new.in"]
    assert [str(link) for link in found.links_removed] == ["a.out → b.in"]
    assert found.notes_changed == (note,)
    assert found.parameters_added == ("q",)
    assert found.parameters_changed == ("p",)
    assert found.groups_added == ("g",)
    assert found.description_changed
    assert not found.only_moved


def test_a_collapsed_group_differs_by_its_looks_only(build: Build) -> None:
    before, _ = grouping.group(build({"a": "m", "b": "m"}), ["a"], "Prepare")
    after = grouping.set_group(before, "prepare", collapsed=True)
    found = difference(before, after)
    assert found
    assert found.only_moved
    assert (found.folded, found.groups_changed) == (("prepare",), ())
    titled = difference(before, grouping.set_group(after, "prepare", title="Clean"))
    assert (titled.folded, titled.groups_changed) == (("prepare",), ("prepare",))
    assert not titled.only_moved
    assert not difference(after, after)


def test_only_moved(build: Build) -> None:
    before = build({"a": "m"})
    found = difference(before, edits.move(before, {"a": (1, 1)}))
    assert found
    assert found.only_moved
    assert found.changed == ()
    assert not difference(before, before).only_moved


def test_the_order_of_links_and_members_means_nothing(build: Build) -> None:
    first = build({"a": "m", "b": "m"}, "a.x>b.x a.y>b.y")
    second = build({"b": "m", "a": "m"}, "a.y>b.y a.x>b.x")
    assert not difference(first, second)


def test_changed_parameters_tell_default_from_none(build: Build) -> None:
    before = build({"a": ("m", {"x": 1, "y": None, "same": [1]})}).nodes["a"]
    after = build({"a": ("m", {"x": True, "z": 2, "same": [1]})}).nodes["a"]
    assert list(changed_parameters(before, after)) == [
        ("x", 1, True),
        ("y", None, MISSING),
        ("z", MISSING, 2),
    ]
