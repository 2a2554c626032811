"""What is shown equals the pipeline, whatever came before."""

from __future__ import annotations

import pytest
from canvas_desk import CATALOG, Desk, link, pipeline_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.app.canvas import Canvas, NodeState
from designer.app.canvas.state import duration
from designer.app.shell import theme
from designer.catalog import load_catalog
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link, Pipeline
from designer.pipeline.problem import Problem

COORDINATE = st.integers(-500, 500).map(float)
STEP = st.one_of(
    st.tuples(st.just("add"), st.sampled_from([*CATALOG, "vanished"]), COORDINATE, COORDINATE),
    st.tuples(st.just("note"), COORDINATE, COORDINATE),
    st.tuples(st.just("remove"), st.integers(0, 9)),
    st.tuples(st.just("move"), st.integers(0, 9), COORDINATE, COORDINATE),
    st.tuples(st.just("link"), st.integers(0, 9), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("unlink"), st.integers(0, 9)),
    st.tuples(st.just("disable"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("undo"), st.integers(1, 3)),
)


def take(step: tuple, pipeline: Pipeline, history: list[Pipeline]) -> Pipeline:
    kind, *values = step
    ids = [*pipeline.nodes, *pipeline.notes]
    if kind == "add":
        return edits.add_node(pipeline, values[0], position=tuple(values[1:]))[0]
    if kind == "note":
        return edits.add_note(pipeline, "text", position=tuple(values))[0]
    if kind == "undo":
        return history[-values[0]] if len(history) >= values[0] else pipeline
    if kind == "unlink" and pipeline.links:
        return edits.disconnect(pipeline, [pipeline.links[values[0] % len(pipeline.links)]])
    if not ids:
        return pipeline
    name = ids[values[0] % len(ids)]
    if kind == "remove":
        return edits.remove(pipeline, [name])
    if kind == "move":
        return edits.move(pipeline, {name: tuple(values[1:])})
    nodes = list(pipeline.nodes)
    if not nodes:
        return pipeline
    name = nodes[values[0] % len(nodes)]
    if kind == "disable":
        return edits.set_disabled(pipeline, name, values[1])
    if kind == "link":
        other = nodes[values[1] % len(nodes)]
        port = "dataset" if values[2] else "strange"
        try:
            return edits.connect(pipeline, Endpoint(name, "out"), Endpoint(other, port))
        except edits.EditError:
            return pipeline
    return pipeline


def check_equal(canvas: Canvas, pipeline: Pipeline) -> None:
    graph = canvas.graph
    scene = graph.viewer().scene()
    assert set(graph.nodes) == set(pipeline.nodes)
    assert set(graph.model.nodes) == set(pipeline.nodes)
    assert set(graph.notes) == set(pipeline.notes)
    assert set(graph.links) == set(pipeline.links)
    for name, item in graph.nodes.items():
        node = pipeline.nodes[name]
        assert item.scene() is scene
        assert item.node == node
        assert (item.x(), item.y()) == node.position
        hanging = (*pipeline.links_into.get(name, ()), *pipeline.links_from.get(name, ()))
        assert {shown.link for shown in item.links} == set(hanging)
        for end in pipeline.links_into.get(name, ()):
            assert item.port(end.target.port, False)
        spec = CATALOG.get(node.module)
        named = {end.target.port for end in pipeline.links_into.get(name, ())}
        assert {port.name for port in item.inputs} == named | set(
            spec.input_by_name if spec else ()
        )
    for shown, item in graph.links.items():
        start, end = item.path().elementAt(0), item.path().currentPosition()
        source, target = graph.nodes[shown.source.node], graph.nodes[shown.target.node]
        out, into = source.port(shown.source.port, True), target.port(shown.target.port, False)
        assert (start.x, start.y) == (source.x() + out.x, source.y() + out.center.y())
        assert (end.x(), end.y()) == (target.x() + into.x, target.y())
    for name, note in graph.notes.items():
        assert note.note == pipeline.notes[name]
        assert (note.x(), note.y()) == pipeline.notes[name].position
    assert set(canvas.selection()) <= {*pipeline.nodes, *pipeline.notes}


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=st.lists(STEP, max_size=25))
def test_after_any_edits_and_undos_the_scene_equals_the_pipeline(desk: Desk, steps):
    pipeline, history = Pipeline(), []
    desk.show(pipeline)
    for step in steps:
        history.append(pipeline)
        pipeline = take(step, pipeline, history)
        desk.show(pipeline)
        if desk.canvas.graph.nodes:
            desk.canvas.select([next(iter(desk.canvas.graph.nodes))])
    check_equal(desk.canvas, pipeline)
    desk.show(Pipeline())
    check_equal(desk.canvas, Pipeline())


def test_a_change_of_one_node_touches_no_other_item(training):
    graph = training.canvas.graph
    before = dict(graph.nodes)
    training.show(edits.set_comment(training.pipeline, "dataset", "Cars"))
    assert all(graph.nodes[name] is item for name, item in before.items())
    assert graph.nodes["dataset"].subtitle == "Cars"


def test_a_card_shows_its_id_only_where_the_title_does_not_say_it(desk):
    desk.show(pipeline_of({"split_data": (0, 0), "split_data_2": (0, 120), "dataset": (300, 0)}))
    cards = desk.canvas.graph.nodes
    assert [cards[name].subtitle for name in desk.pipeline.nodes] == ["", "split_data_2", ""]
    desk.canvas.grab()
    assert [line.text for line in cards["split_data"].lines] == ["Split Data"]
    assert [line.text for line in cards["split_data_2"].lines] == ["Split Data", "split_data_2"]
    (alone,) = cards["dataset"].lines
    assert alone.top + 9 == cards["dataset"].card_rect().height() / 2


def test_an_unknown_module_is_drawn_with_the_ports_its_links_name(desk):
    pipeline, name = edits.add_node(pipeline_of({"dataset": (0, 0)}), "vanished")
    pipeline = edits.connect(pipeline, Endpoint("dataset", "dataset"), Endpoint(name, "table"))
    desk.show(pipeline)
    item = desk.canvas.graph.nodes[name]
    assert item.spec is None
    assert [port.name for port in item.inputs] == ["table"]
    assert item.title == "vanished"
    assert "isn't installed" in item.tooltip()
    desk.show(edits.disconnect(pipeline, pipeline.links))
    assert item.inputs == ()


def test_links_to_nodes_that_do_not_exist_are_left_out(desk):
    whole = pipeline_of({"dataset": (0, 0)})
    stray = Link(Endpoint("dataset", "dataset"), Endpoint("nowhere", "dataset"))
    desk.show(Pipeline(nodes=whole.nodes, links=(stray,)))
    assert not desk.canvas.graph.links


def test_states_come_and_go(training, qtbot):
    canvas = training.canvas
    canvas.set_states(
        {
            "dataset": NodeState("completed", 2.4),
            "split_data": NodeState("running", progress=0.5),
            "gone": NodeState("running"),
        }
    )
    assert canvas.graph.nodes["dataset"].state.seconds == 2.4
    assert "Completed in 2.4 s" in canvas.graph.nodes["dataset"].tooltip()
    assert canvas.progress_animation.is_running
    canvas.set_state("split_data", NodeState("completed", 1.0))
    canvas.set_states({"split_data": NodeState("failed", 1.0, text="No rows <left>")})
    assert canvas.graph.nodes["dataset"].state == NodeState()
    assert "No rows &lt;left&gt;" in canvas.graph.nodes["split_data"].tooltip()
    assert not canvas.progress_animation.is_running


def test_a_state_outlives_the_deletion_and_its_undo(training):
    training.canvas.set_states({"dataset": NodeState("completed", 1.0)})
    training.apply("Delete", lambda pipeline: edits.remove(pipeline, ["dataset"]), None)
    training.undo()
    assert training.canvas.graph.nodes["dataset"].state.status == "completed"


def test_problems_are_counted_and_told(training):
    problem = Problem("warning", "No <label> column", "Pick one.", code="label-missing")
    worse = Problem("error", "No data", code="input-missing")
    canvas = training.canvas
    canvas.set_problems({"train_model": [problem], "split_data": [problem, worse]})
    item = canvas.graph.nodes["train_model"]
    assert item.severity == "warning"
    assert "No &lt;label&gt; column Pick one." in item.tooltip()
    assert canvas.graph.nodes["split_data"].severity == "error"
    canvas.set_problems({})
    assert item.severity == ""


def test_a_screen_reader_hears_what_is_selected(training):
    canvas = training.canvas
    canvas.set_states({"dataset": NodeState("failed")})
    canvas.select(["dataset"])
    assert canvas.viewer.accessibleDescription() == "Dataset. Failed"
    canvas.select_all()
    assert canvas.viewer.accessibleDescription() == "4 items selected"


def test_cards_are_painted_in_every_state_and_size(qapp, training):
    canvas = training.canvas
    training.show(edits.set_disabled(training.pipeline, "dataset", True))
    pictures = set()
    for mode in ("light", "dark"):
        theme.apply(qapp, mode)
        for status in ("", "queued", "running", "completed", "reused", "failed", "skipped"):
            canvas.set_states({name: NodeState(status, 1.0) for name in training.pipeline.nodes})
            canvas.viewer.set_zoom_factor(1.0)
            canvas.viewer.centerOn(320, 260)
            image = canvas.viewer.grab().toImage()
            assert image.pixelColor(3, image.height() - 3).name() in (
                theme.current().canvas,
                theme.current().grid,
            )
            pictures.add(bytes(image.constBits()))
        for zoom in (0.2, 0.4, 3.0):
            canvas.viewer.set_zoom_factor(zoom)
            canvas.viewer.centerOn(320, 260)
            pictures.add(bytes(canvas.viewer.grab().toImage().constBits()))
    assert len(pictures) == 20
    theme.apply(qapp, "light")


def test_the_theme_switches_while_the_canvas_is_open(qapp, training):
    corner = training.at(300 + 3, 40 + 30)
    seen, expected = [], []
    for name in ("light", "dark"):
        theme.apply(qapp, name)
        seen.append(training.canvas.viewer.grab().toImage().pixelColor(corner).name())
        expected.append(theme.current().pick(CATALOG["dataset"].category.colors))
    theme.apply(qapp, "light")
    assert seen == expected
    assert seen[0] != seen[1]


def test_the_hint_is_shown_on_an_empty_canvas_only(desk):
    assert desk.canvas.hint.isVisible()
    desk.show(pipeline_of({"dataset": (0, 0)}))
    assert not desk.canvas.hint.isVisible()
    desk.show(Pipeline())
    assert desk.canvas.hint.isVisible()


def test_links_look_chosen_faded_or_plain(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    item = training.canvas.graph.links[link("dataset.dataset", "split_data.dataset")]
    training.canvas.select([])
    plain = item.pen()
    training.canvas.select(["dataset"])
    assert item.pen() != plain
    training.canvas.select([])
    assert item.pen() == plain
    training.show(edits.set_disabled(training.pipeline, "dataset", True))
    assert item.pen().style() != plain.style()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.0, "0 s"),
        (0.031, "31 ms"),
        (0.0996, "0.1 s"),
        (0.34, "0.3 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.7, "1 min"),
        (125, "2 min 5 s"),
        (3599.9, "1 h"),
        (7260, "2 h 1 min"),
    ],
)
def test_durations_are_short(seconds, text):
    assert duration(seconds) == text


def test_a_card_names_the_file_it_reads_unless_there_is_a_comment(qapp, qtbot):
    canvas = Canvas(load_catalog())
    qtbot.addWidget(canvas)

    def line(pipeline):
        canvas.show_pipeline(pipeline)
        return canvas.graph.nodes["dataset"].subtitle

    pipeline = edits.add_node(Pipeline(), "dataset")[0]
    assert line(pipeline) == ""
    for path in ("cars.csv", "data/1985/cars.csv", "C:\\data\\cars.csv"):
        assert line(edits.set_parameter(pipeline, "dataset", "path", path)) == "cars.csv"
    bound = edits.set_parameter(pipeline, "dataset", "path", {"$parameter": "cars"})
    assert line(bound) == ""
    assert line(edits.set_comment(pipeline, "dataset", "205 cars")) == "205 cars"
