"""Names beside ports never lie on each other."""

from __future__ import annotations

from itertools import combinations

import pytest
from canvas_desk import Desk, pipeline_of
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from designer.app.canvas import Canvas
from designer.app.canvas.items.port_labels import PortLabel, PortLabels
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link, Pipeline


def boxes(desk: Desk) -> list[QRectF]:
    assert desk.canvas.labels.isVisible()
    return desk.canvas.labels.boxes()


def overlapping(areas) -> bool:
    return any(one.intersects(other) for one, other in combinations(areas, 2))


def crowded(desk: Desk) -> None:
    """Two cards right below each other, with more and longer names than there is room for."""
    pipeline = pipeline_of({"train_model": (300, 200), "score_model": (320, 300)})
    names = [f"a_rather_long_name_{index}" for index in range(4)]
    links = [Link(Endpoint("train_model", name), Endpoint("score_model", name)) for name in names]
    desk.show(Pipeline(nodes=pipeline.nodes, links=tuple(links)))


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
def test_names_of_a_card_under_the_pointer_do_not_overlap(desk, zoom):
    crowded(desk)
    desk.canvas.viewer.set_zoom_factor(zoom)
    QTest.mouseMove(desk.viewport, desk.card("score_model"))
    shown = boxes(desk)
    item = desk.canvas.graph.nodes["score_model"]
    assert len(shown) == len(item.inputs) + len(item.outputs) == 7
    assert not overlapping(shown)


@pytest.mark.parametrize("zoom", [0.5, 1.0])
def test_names_do_not_overlap_while_a_link_is_drawn_to_a_card_just_below(desk, zoom):
    desk.show(pipeline_of({"train_model": (300, 200), "score_model": (320, 300)}))
    desk.canvas.viewer.set_zoom_factor(zoom)
    start, end = desk.port("train_model.trained_model"), desk.port("score_model:trained_model")
    desk.press(start)
    desk.move((start + end) / 2, end)
    shown = boxes(desk)
    assert len(shown) == 3
    assert not overlapping(shown)
    graph = desk.canvas.graph
    for node, port, is_output in (
        ("train_model", "trained_model", True),
        ("score_model", "trained_model", False),
        ("score_model", "dataset", False),
    ):
        place = QPointF(*graph.nodes[node].end_of(port, is_output))
        assert not any(box.contains(place) for box in shown)
    desk.key(Qt.Key.Key_Escape)
    desk.release(end)


def test_the_reason_against_a_link_lies_on_no_name(desk):
    desk.show(pipeline_of({"dataset": (300, 100), "linear_regression": (300, 300)}))
    start = desk.port("linear_regression.untrained_model")
    desk.press(start)
    desk.move(start + QPoint(20, 20), desk.card("dataset"))
    bubble = desk.canvas.bubble
    assert bubble.text() == "It has no inputs."
    desk.key(Qt.Key.Key_Escape)
    desk.release(start)
    desk.show(pipeline_of({"split_data": (300, 100), "train_model": (300, 300)}))
    start = desk.port("train_model:untrained_model")
    desk.press(start)
    desk.move(start - QPoint(0, 40), desk.port("split_data.first"))
    assert bubble.isVisible()
    viewer = desk.canvas.viewer
    named = [viewer.mapFromScene(box).boundingRect() for box in boxes(desk)]
    assert not any(bubble.geometry().intersects(box) for box in named)
    assert desk.canvas.rect().contains(bubble.geometry())
    desk.key(Qt.Key.Key_Escape)
    desk.release(start)


ports = st.builds(
    lambda text, x, y, is_output: PortLabel(text, QPointF(x, y), "DataTable", is_output),
    st.text("abc ", min_size=1, max_size=30),
    st.integers(0, 240).map(float),
    st.sampled_from([0.0, 20.0, 60.0, 100.0]),
    st.booleans(),
)


@given(st.lists(ports, max_size=7), st.sampled_from([0.25, 0.5, 1.0, 2.0]))
def test_names_never_overlap_however_near_the_ports_are(qapp, labels, zoom):
    shown = PortLabels()
    shown.show_labels(labels, zoom)
    assert len(shown.boxes()) == len(labels)
    assert not overlapping(shown.boxes())
    for box in shown.boxes():
        assert not any(box.contains(label.anchor) for label in labels)
        assert shown.boundingRect().contains(box)


def test_a_name_alone_is_right_at_its_port(desk: Desk):
    assert isinstance(desk.canvas, Canvas)
    shown = PortLabels()
    shown.show_labels([PortLabel("Dataset", QPointF(100, 50), "DataTable", True)], 1.0)
    (box,) = shown.boxes()
    assert box.center().x() == 100
    assert box.top() == 60


def test_the_names_go_when_the_card_moves_away_from_the_pointer(desk):
    desk.show(pipeline_of({"dataset": (200, 0)}))
    desk.move(desk.card("dataset"))
    assert desk.canvas.labels.isVisible()
    desk.show(edits.move(desk.pipeline, {"dataset": (500.0, 300.0)}))
    assert not desk.canvas.labels.isVisible()
    assert not desk.canvas.graph.nodes["dataset"].hovered
