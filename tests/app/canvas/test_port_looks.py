"""What the guide says of ports and cards: shapes, hollow inputs, and titles from afar."""

from __future__ import annotations

import itertools

import pytest
from canvas_desk import pipeline_of
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter

from designer.app.canvas.items.card import paint_near
from designer.app.canvas.items.geometry import HEIGHT, WIDTH
from designer.app.canvas.items.palette import current_palette
from designer.app.canvas.items.port_shapes import draw_shape, shape_of
from designer.pipeline import edits

SHAPES = {
    "DataTable": "circle",
    "UntrainedModel": "diamond",
    "TrainedModel": "square",
    "Transformation": "triangle",
    "Evaluation": "star",
}
"""As in the guide."""

AROUND = 20


def picture_of(item, zoom: float = 1.0) -> QImage:
    """Return a card as it is painted, with room for its ports."""
    image = QImage(int(WIDTH) + 2 * AROUND, int(HEIGHT) + 2 * AROUND, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.translate(AROUND, AROUND)
    paint_near(item, painter, current_palette(), False, zoom)
    painter.end()
    return image


def test_each_type_has_the_shape_that_the_guide_names():
    assert {name: shape_of(name) for name in SHAPES} == SHAPES


def test_shapes_are_told_apart_without_colors(qapp):
    drawn = {}
    for shape in SHAPES.values():
        image = QImage(60, 60, QImage.Format.Format_Mono)
        image.fill(1)
        painter = QPainter(image)
        painter.setBrush(Qt.GlobalColor.black)
        draw_shape(painter, shape, QPointF(30, 30), 20)
        painter.end()
        drawn[shape] = {(x, y) for x in range(60) for y in range(60) if image.pixelIndex(x, y) == 0}
    for one, other in itertools.combinations(drawn, 2):
        different = drawn[one] ^ drawn[other]
        assert len(different) > len(drawn[one]) / 8, (one, other)


def test_an_optional_input_is_hollow(desk):
    desk.show(pipeline_of({"join_data": (0, 0)}))
    item = desk.canvas.graph.nodes["join_data"]
    image = picture_of(item)
    middles = {
        port.name: image.pixelColor((port.center + QPointF(AROUND, AROUND)).toPoint())
        for port in item.inputs
    }
    assert middles["right"] == QBrush(current_palette().node).color()
    assert middles["left"] != middles["right"]


@pytest.mark.parametrize(("zoom", "shown"), [(1.0, True), (0.5, False)])
def test_a_card_too_small_for_its_comment_shows_its_title_alone(desk, zoom, shown):
    desk.show(pipeline_of({"dataset": (0, 0)}))
    item = desk.canvas.graph.nodes["dataset"]
    before = picture_of(item, zoom)
    desk.show(edits.set_comment(desk.pipeline, "dataset", "205 cars from 1985"))
    assert (picture_of(item, zoom) != before) == shown
    item.title = "Cars"
    item.retint()
    assert picture_of(item, zoom) != before
