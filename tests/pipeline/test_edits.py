from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from strategies import names, pipelines, positions, texts

from designer.pipeline import edits
from designer.pipeline.difference import difference
from designer.pipeline.edits import UNSET, EditError
from designer.pipeline.file import dumps, loads
from designer.pipeline.model import Endpoint, Link, Pipeline, PipelineParameter

Build = Callable[..., Pipeline]


def test_ids_are_readable_and_free() -> None:
    pipeline = Pipeline()
    ids = []
    for module in ("split_data", "split_data", "user_modules.Größe 2", "9 lives", "split_data"):
        pipeline, name = edits.add_node(pipeline, module)
        ids.append(name)
    assert ids == ["split_data", "split_data_2", "gr_e_2", "node_9_lives", "split_data_3"]


@pytest.mark.parametrize("name", ["", "A", "1a", "a b", "a.b", "a/", "/a", "a//b", "a/B", "ä"])
def test_an_id_that_no_file_can_hold_is_refused(name: str) -> None:
    with pytest.raises(EditError, match="can't be an id"):
        edits.add_node(Pipeline(), "m", node_id=name)


def test_ids_are_unique_across_nodes_notes_and_groups() -> None:
    pipeline, _ = edits.add_node(Pipeline(), "m", node_id="a")
    pipeline = edits.add_group(pipeline, "g")
    pipeline, note = edits.add_note(pipeline, "hi")
    for taken in ("a", "g", note):
        with pytest.raises(EditError, match="taken"):
            edits.add_node(pipeline, "m", node_id=taken)
        with pytest.raises(EditError, match="taken"):
            edits.add_group(pipeline, taken)
    with pytest.raises(EditError, match="no group “h”"):
        edits.add_node(pipeline, "m", node_id="h/a")
    pipeline, inside = edits.add_node(pipeline, "m", node_id="g/a")
    assert pipeline.nodes[inside].group == "g"
    assert pipeline.nodes[inside].name == "a"


def test_connect_replaces_what_the_input_had(build: Build) -> None:
    pipeline = build({"a": "m", "b": "m", "c": "m"}, "a.out>c.in a.out>c.other")
    pipeline = edits.connect(pipeline, Endpoint("b", "out"), Endpoint("c", "in"))
    assert set(map(str, pipeline.links)) == {"a.out → c.other", "b.out → c.in"}
    assert edits.connect(pipeline, Endpoint("b", "out"), Endpoint("c", "in")) is pipeline


def test_a_web_service_input_shares_an_input(build: Build) -> None:
    pipeline = build({"a": "m", "w": "web_service_input", "v": "web_service_input", "c": "m"})
    target = Endpoint("c", "in")
    for source in ("w", "a"):
        pipeline = edits.connect(pipeline, Endpoint(source, "out"), target)
    assert len(pipeline.links) == 2
    assert pipeline.inputs_of("c") == {"in": Endpoint("a", "out")}
    pipeline = edits.connect(pipeline, Endpoint("v", "out"), target)
    assert {link.source.node for link in pipeline.links} == {"a", "v"}
    pipeline = edits.connect(pipeline, Endpoint("a", "second"), target)
    assert {str(link.source) for link in pipeline.links} == {"a.second", "v.out"}


def test_a_cycle_cannot_be_made(build: Build) -> None:
    pipeline = build({"a": "m", "b": "m", "c": "m"}, "a.out>b.in b.out>c.in")
    for source, target in (("c", "a"), ("a", "a")):
        with pytest.raises(EditError, match="cycle"):
            edits.connect(pipeline, Endpoint(source, "out"), Endpoint(target, "in2"))


def test_inserting_a_node_on_a_link(build: Build) -> None:
    pipeline = build({"a": "m", "b": "m", "c": "m"}, "a.out>b.in a.out>c.in")
    link = Link(Endpoint("a", "out"), Endpoint("b", "in"))
    pipeline, new = edits.add_node(pipeline, "between")
    pipeline = edits.insert_on_link(pipeline, link, new, "x", "y")
    assert set(map(str, pipeline.links)) == {
        "a.out → c.in",
        "a.out → between.x",
        "between.y → b.in",
    }
    with pytest.raises(EditError, match="no longer"):
        edits.insert_on_link(pipeline, link, new, "x", "y")


def test_removing_a_group_removes_what_is_in_it() -> None:
    pipeline = edits.add_group(edits.add_group(Pipeline(), "g"), "g/h")
    pipeline, inner = edits.add_node(pipeline, "m", node_id="g/h/a")
    pipeline, outer = edits.add_node(pipeline, "m")
    pipeline = edits.connect(pipeline, Endpoint(inner, "out"), Endpoint(outer, "in"))
    pipeline = edits.remove(pipeline, ["g"])
    assert (list(pipeline.nodes), pipeline.groups, pipeline.links) == (["m"], {}, ())


def test_renaming_takes_the_links_along(build: Build) -> None:
    pipeline = build({"a": "m", "b": "m"}, "a.out>b.in")
    link = pipeline.links[0]
    pipeline = loads(dumps(pipeline).replace('"b.in"', '"b.in", "style": "dashed"'))
    renamed = edits.rename_node(edits.rename_node(pipeline, "a", "first"), "b", "last")
    assert list(renamed.nodes) == ["first", "last"]
    assert list(map(str, renamed.links)) == ["first.out → last.in"]
    assert list(renamed.link_extra.values()) == [{"style": "dashed"}]
    with pytest.raises(EditError, match="taken"):
        edits.rename_node(renamed, "first", "last")
    assert link in pipeline.links


def test_setting_a_parameter_tells_numbers_and_booleans_apart(build: Build) -> None:
    pipeline = build({"a": ("m", {"x": 1})})
    assert edits.set_parameter(pipeline, "a", "x", 1) is pipeline
    for value in (True, 1.0):
        changed = edits.set_parameter(pipeline, "a", "x", value)
        assert type(changed.nodes["a"].parameters["x"]) is type(value)
        assert difference(pipeline, changed).changed == ("a",)
    assert edits.set_parameter(pipeline, "a", "x", UNSET).nodes["a"].parameters == {}
    assert edits.set_parameter(pipeline, "a", "y", UNSET) is pipeline


def test_pipeline_parameters_bind_rename_and_leave_their_value(build: Build) -> None:
    pipeline = build({"a": ("m", {"x": 1}), "b": "m"})
    pipeline = edits.add_parameter(pipeline, PipelineParameter("rows", "integer", 10))
    for node in ("a", "b"):
        pipeline = edits.bind_parameter(pipeline, node, "x", "rows")
    pipeline = edits.set_pipeline_parameter(
        pipeline, "rows", PipelineParameter("count", "integer", 20)
    )
    assert list(pipeline.parameters) == ["count"]
    assert pipeline.nodes["a"].parameters == {"x": {"$parameter": "count"}}
    with pytest.raises(EditError, match="no pipeline parameter “rows”"):
        edits.bind_parameter(pipeline, "a", "x", "rows")
    with pytest.raises(EditError, match="already"):
        edits.add_parameter(pipeline, PipelineParameter("count"))
    with pytest.raises(EditError, match="can't be a name"):
        edits.add_parameter(pipeline, PipelineParameter("Count"))
    pipeline = edits.remove_parameter(pipeline, "count")
    assert [pipeline.nodes[node].parameters for node in "ab"] == [{"x": 20}, {"x": 20}]


def test_a_copy_of_a_part_stands_beside_the_original(build: Build) -> None:
    pipeline = build(
        {"a": "m", "b": ("m", {"x": {"$parameter": "rows"}}), "c": "m"},
        "a.out>b.in b.out>c.in",
        parameters={"rows": PipelineParameter("rows", "integer", 1)},
    )
    fragment = edits.extract(pipeline, ["a", "b"])
    assert list(fragment.parameters) == ["rows"]
    assert list(map(str, fragment.links)) == ["a.out → b.in"]
    whole, new = edits.insert(pipeline, fragment, (30, 40))
    assert new == {"a": "a_2", "b": "b_2"}
    assert set(map(str, whole.links)) == {"a.out → b.in", "b.out → c.in", "a_2.out → b_2.in"}
    assert whole.nodes["a_2"].position == (30, 40)
    assert whole.parameters == pipeline.parameters
    again, newer = edits.insert(whole, edits.extract(whole, ["a_2"]))
    assert newer == {"a_2": "a_3"}
    assert again.nodes["a_3"].module == "m"


def test_a_part_brings_its_pipeline_parameter_under_a_free_name(build: Build) -> None:
    part = build(
        {"a": ("m", {"x": {"$parameter": "rows"}})},
        parameters={"rows": PipelineParameter("rows", "integer", 5)},
    )
    whole = build({}, parameters={"rows": PipelineParameter("rows", "text", "all")})
    whole, _ = edits.insert(whole, part)
    assert whole.nodes["a"].parameters == {"x": {"$parameter": "rows_2"}}
    assert whole.parameters["rows_2"].default == 5
    assert whole.parameters["rows"].default == "all"


def test_a_group_is_copied_with_all_that_is_in_it() -> None:
    pipeline = edits.add_group(Pipeline(), "g", title="G")
    pipeline, _ = edits.add_node(pipeline, "m", node_id="g/a")
    whole, new = edits.insert(pipeline, edits.extract(pipeline, ["g"]))
    assert new == {"g": "g_2", "g/a": "g_2/a"}
    assert whole.groups["g_2"].title == "G"
    alone, new = edits.insert(pipeline, edits.extract(pipeline, ["g/a"]))
    assert new == {"a": "a"}
    assert "a" in alone.nodes


@given(pipelines(), st.data())
def test_what_is_extracted_goes_in_again_whole(pipeline: Pipeline, data: st.DataObject) -> None:
    every = [*pipeline.nodes, *pipeline.notes, *pipeline.groups]
    ids = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    fragment = edits.extract(pipeline, ids)
    assert len(fragment.notes) >= len(set(ids) & set(pipeline.notes))
    assert len(fragment.nodes) >= len(set(ids) & set(pipeline.nodes))
    text = dumps(fragment)
    fragment = loads(text)
    alone, names_ = edits.insert(Pipeline(), fragment)
    assert dumps(alone) == text
    assert all(old == new for old, new in names_.items())
    whole, new = edits.insert(pipeline, fragment, (0, 0))
    assert len(whole.nodes) == len(pipeline.nodes) + len(fragment.nodes)
    assert set(new) == {*fragment.nodes, *fragment.notes, *fragment.groups}
    assert len(whole.notes) == len(pipeline.notes) + len(fragment.notes)
    assert not set(new.values()) & set(every)
    assert loads(dumps(whole)).nodes == whole.nodes


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: edits.move(p, {"gone": (0, 0)}),
        lambda p: edits.set_parameter(p, "gone", "x", 1),
        lambda p: edits.set_comment(p, "gone", "x"),
        lambda p: edits.set_disabled(p, ["gone"], True),
        lambda p: edits.rename_node(p, "gone", "x"),
        lambda p: edits.set_note(p, "gone", text="x"),
        lambda p: edits.connect(p, Endpoint("gone", "x"), Endpoint("gone", "y")),
        lambda p: edits.remove_parameter(p, "gone"),
    ],
)
def test_what_is_not_there_cannot_be_edited(edit: Callable[[Pipeline], Pipeline]) -> None:
    with pytest.raises(EditError, match="gone"):
        edit(Pipeline())


def test_an_edit_that_changes_nothing_returns_the_same_value(build: Build) -> None:
    pipeline = build({"a": "m", "b": "m"}, "a.out>b.in")
    pipeline, note = edits.add_note(pipeline, "hi", position=(1, 2))
    for same in (
        edits.remove(pipeline, ["gone"]),
        edits.disconnect(pipeline, [Link(Endpoint("x", "y"), Endpoint("b", "in"))]),
        edits.move(pipeline, {"a": (0, 0), note: (1.0, 2.0)}),
        edits.set_comment(pipeline, "a", ""),
        edits.set_disabled(pipeline, "a", False),
        edits.set_note(pipeline, note, text="hi"),
        edits.set_description(pipeline, ""),
        edits.rename_node(pipeline, "a", "a"),
    ):
        assert same is pipeline


class Editing(RuleBasedStateMachine):
    """Edits at random, as a person would; every value of the past stays what it was."""

    def __init__(self) -> None:
        super().__init__()
        self.pipeline = Pipeline()
        self.past: list[tuple[Pipeline, Pipeline]] = []

    def apply(self, function: Callable[[Pipeline], Pipeline]) -> None:
        before = copy.deepcopy(self.pipeline)
        self.past.append((self.pipeline, before))
        self.pipeline = function(self.pipeline)

    def some(self, data: st.DataObject, items: object) -> str:
        return data.draw(st.sampled_from(list(items)))  # type: ignore[call-overload]

    @rule(module=names, position=positions, web=st.booleans())
    def add_node(self, module: str, position: tuple[float, float], web: bool) -> None:
        module = "web_service_input" if web else module
        self.apply(lambda p: edits.add_node(p, module, position=position)[0])

    @rule(text=texts)
    def add_note(self, text: str) -> None:
        self.apply(lambda p: edits.add_note(p, text)[0])

    @precondition(lambda self: len(self.pipeline.nodes) > 1)
    @rule(data=st.data(), output=names, port=st.sampled_from(["a", "b"]))
    def connect(self, data: st.DataObject, output: str, port: str) -> None:
        source = Endpoint(self.some(data, self.pipeline.nodes), output)
        target = Endpoint(self.some(data, self.pipeline.nodes), port)

        def connect(pipeline: Pipeline) -> Pipeline:
            if source.node in pipeline.descendants([target.node]):
                with pytest.raises(EditError, match="cycle"):
                    edits.connect(pipeline, source, target)
                return pipeline
            return edits.connect(pipeline, source, target)

        self.apply(connect)

    @precondition(lambda self: self.pipeline.links)
    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        link = data.draw(st.sampled_from(self.pipeline.links))
        self.apply(lambda p: edits.disconnect(p, [link]))

    @precondition(lambda self: self.pipeline.links)
    @rule(data=st.data())
    def insert_on_link(self, data: st.DataObject) -> None:
        link = data.draw(st.sampled_from(self.pipeline.links))

        def insert(pipeline: Pipeline) -> Pipeline:
            pipeline, node = edits.add_node(pipeline, "between")
            return edits.insert_on_link(pipeline, link, node, "in", "out")

        self.apply(insert)

    @precondition(lambda self: self.pipeline.nodes)
    @rule(data=st.data(), name=names, value=st.integers() | texts | st.just(UNSET))
    def set_parameter(self, data: st.DataObject, name: str, value: object) -> None:
        node = self.some(data, self.pipeline.nodes)
        self.apply(lambda p: edits.set_parameter(p, node, name, value))

    @precondition(lambda self: self.pipeline.nodes)
    @rule(data=st.data(), name=names)
    def rename(self, data: st.DataObject, name: str) -> None:
        node = self.some(data, self.pipeline.nodes)
        if name not in self.pipeline.nodes and name not in self.pipeline.notes:
            self.apply(lambda p: edits.rename_node(p, node, name))

    @precondition(lambda self: self.pipeline.nodes or self.pipeline.notes)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = self.some(data, [*self.pipeline.nodes, *self.pipeline.notes])
        self.apply(lambda p: edits.remove(p, [name]))
        assert name not in self.pipeline.nodes

    @precondition(lambda self: 0 < len(self.pipeline.nodes) < 20)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        ids = data.draw(st.sets(st.sampled_from(list(self.pipeline.nodes))))
        self.apply(lambda p: edits.insert(p, edits.extract(p, ids), (20, 20))[0])

    @invariant()
    def links_have_their_nodes_and_inputs_one_link(self) -> None:
        taken = set()
        for link in self.pipeline.links:
            assert link.source.node in self.pipeline.nodes
            assert link.target.node in self.pipeline.nodes
            key = (link.target, self.pipeline.is_web_service(link))
            assert key not in taken
            taken.add(key)
        assert all(name == node.id for name, node in self.pipeline.nodes.items())
        place = {name: number for number, name in enumerate(self.pipeline.order())}
        assert all(
            place[link.source.node] < place[link.target.node] for link in self.pipeline.links
        )

    @invariant()
    def a_file_holds_it(self) -> None:
        assert loads(dumps(self.pipeline)).nodes == self.pipeline.nodes

    def teardown(self) -> None:
        # Undo is a swap of values: no edit may have touched an older one.
        for value, copied in self.past:
            assert value == copied


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=40, stateful_step_count=30)
