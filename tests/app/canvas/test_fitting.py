"""The whole pipeline in view, and whole words on its cards."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_desk import pipeline_of
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.app.canvas import NodeState
from designer.app.canvas.items.card import paint_far, paint_near
from designer.app.canvas.items.geometry import HEIGHT, RADIUS
from designer.app.canvas.items.palette import current_palette
from designer.catalog import load_catalog
from designer.pipeline import edits

CORNERS = {"dataset": (0, 0), "split_data": (900, 0), "clean_missing": (0, 600)}


def in_view(desk, name):
    """The pixels of a card."""
    viewer = desk.canvas.viewer
    card = desk.canvas.graph.bounds([name])
    return QRectF(viewer.to_view(card.topLeft()), viewer.to_view(card.bottomRight()))


def all_in_view(desk):
    room = QRectF(desk.viewport.rect())
    return all(room.contains(in_view(desk, name)) for name in desk.pipeline.nodes)


def test_the_map_is_there_only_while_something_lies_outside_the_view(desk):
    desk.show(pipeline_of(CORNERS))
    desk.canvas.fit()
    assert all_in_view(desk)
    assert not desk.canvas.minimap.isVisible()
    desk.canvas.viewer.pan(-600, 0)
    assert not all_in_view(desk)
    assert desk.canvas.minimap.isVisible()
    desk.canvas.fit()
    assert not desk.canvas.minimap.isVisible()
    desk.show(pipeline_of(CORNERS | {"join_data": (3000, 600)}))
    assert desk.canvas.minimap.isVisible()
    desk.show(pipeline_of(CORNERS))
    assert not desk.canvas.minimap.isVisible()


def test_the_map_does_not_vanish_under_the_pointer_that_moves_the_view_by_it(desk):
    desk.show(pipeline_of(CORNERS))
    desk.canvas.fit()
    desk.canvas.viewer.pan(-600, 0)
    shown = desk.canvas.minimap
    shown.repaint()
    middle = shown._to_map(desk.canvas.graph.bounds()).center().toPoint()
    QTest.mousePress(shown, Qt.MouseButton.LeftButton, pos=middle)
    assert all_in_view(desk)
    assert shown.isVisible()
    QTest.mouseRelease(shown, Qt.MouseButton.LeftButton, pos=middle)
    assert not shown.isVisible()


def test_a_map_that_is_not_wanted_stays_away(desk):
    desk.show(pipeline_of(CORNERS))
    desk.canvas.set_minimap_visible(False)
    desk.canvas.viewer.pan(-300, 0)
    assert not desk.canvas.minimap.isVisible()


def test_the_map_gives_way_on_a_small_canvas(desk):
    desk.show(pipeline_of(CORNERS))
    desk.canvas.viewer.pan(-600, 0)
    assert desk.canvas.minimap.isVisible()
    desk.canvas.resize(400, 300)
    assert not desk.canvas.minimap.isVisible()
    desk.canvas.resize(1000, 760)
    assert desk.canvas.minimap.isVisible()


def test_a_fitted_pipeline_stays_fitted_while_the_window_changes(desk):
    desk.show(pipeline_of(CORNERS))
    desk.canvas.fit()
    before = desk.canvas.viewer.zoom()
    desk.canvas.resize(500, 420)
    QApplication.processEvents()
    assert all_in_view(desk)
    desk.canvas.resize(1000, 760)
    QApplication.processEvents()
    assert desk.canvas.viewer.zoom() == pytest.approx(before)


def test_cards_stay_where_they_are_when_a_bar_below_goes(desk):
    desk.show(pipeline_of(CORNERS))
    desk.canvas.resize(1000, 700)
    QApplication.processEvents()
    desk.canvas.fit()
    before = in_view(desk, "split_data")
    desk.canvas.resize(1000, 760)
    QApplication.processEvents()
    assert in_view(desk, "split_data") == before


def test_a_fitted_pipeline_takes_the_room_of_a_maximised_window(desk):
    desk.show(pipeline_of(CORNERS))
    desk.canvas.resize(500, 420)
    QApplication.processEvents()
    desk.canvas.fit()
    before = desk.canvas.viewer.zoom()
    desk.canvas.resize(1000, 760)
    QApplication.processEvents()
    assert desk.canvas.viewer.zoom() > before
    assert all_in_view(desk)


@pytest.mark.parametrize("move", ["zoom_in", "pan", "center_on"])
def test_whoever_moves_the_view_keeps_it(desk, move):
    desk.show(pipeline_of(CORNERS))
    desk.canvas.fit()
    if move == "zoom_in":
        desk.canvas.zoom_in()
    elif move == "pan":
        desk.canvas.viewer.pan(40, 10)
    else:
        desk.canvas.center_on("split_data")
    zoom, corner = desk.canvas.viewer.zoom(), desk.canvas.viewer.to_scene(QPointF(0, 0))
    desk.canvas.resize(640, 500)
    QApplication.processEvents()
    assert desk.canvas.viewer.zoom() == zoom
    assert desk.canvas.viewer.to_scene(QPointF(0, 0)) == corner


def lines_of(item, zoom=1.0):
    picture = QPixmap(300, 100)
    painter = QPainter(picture)
    paint_near(item, painter, current_palette(), False, zoom)
    painter.end()
    return item.lines


@pytest.mark.parametrize("comment", ["", "A comment"])
@pytest.mark.parametrize("status", ["", "completed"])
def test_a_card_shows_its_whole_title(desk, comment, status):
    desk.show(pipeline_of({"select_columns": (0, 0), "split_data": (300, 0)}))
    for name in ("select_columns", "split_data"):
        desk.show(edits.set_comment(desk.pipeline, name, comment))
        desk.canvas.set_state(name, NodeState(status, seconds=0.2))
        item = desk.canvas.graph.nodes[name]
        lines = lines_of(item)
        assert " ".join(line.text for line in lines if line.is_title) == item.title
        if comment:
            assert lines[-1].text == comment


def test_a_comment_changes_on_the_card(desk):
    desk.show(pipeline_of({"split_data": (0, 0)}))
    item = desk.canvas.graph.nodes["split_data"]
    assert lines_of(item)[-1].text == "Split Data"
    desk.show(edits.set_comment(desk.pipeline, "split_data", "Half and half"))
    assert lines_of(item)[-1].text == "Half and half"


def test_from_afar_a_long_title_takes_two_lines(desk):
    desk.show(pipeline_of({"clean_missing": (0, 0), "join_data": (300, 0)}))
    item = desk.canvas.graph.nodes["clean_missing"]
    lines_of(item, 0.4)
    assert [line.text for line in item.far_lines] == ["Clean Missing", "Data"]
    item = desk.canvas.graph.nodes["join_data"]
    lines_of(item, 0.4)
    assert [line.text for line in item.far_lines] == ["Join Data"]


def test_one_endless_word_is_cut(desk):
    desk.show(pipeline_of({"dataset": (0, 0)}))
    item = desk.canvas.graph.nodes["dataset"]
    item.title = "x" * 200
    item.retint()
    for zoom, name in ((1.0, "lines"), (0.4, "far_lines")):
        lines_of(item, zoom)
        assert getattr(item, name)[0].text.endswith("…")


def test_from_afar_states_differ_in_shape_not_in_colour_alone(desk):
    desk.show(pipeline_of({"dataset": (0, 0)}))
    item = desk.canvas.graph.nodes["dataset"]

    def marks(status):
        """Where the picture differs from that of a card without a state, inside its edge."""
        pictures = []
        for state in (NodeState(), NodeState(status)):
            item.set_state(state)
            picture = QImage(240, 60, QImage.Format.Format_RGB32)
            painter = QPainter(picture)
            paint_far(item, painter, current_palette(), False)
            painter.end()
            pictures.append(picture)
        return {
            (x, y)
            for x in range(20, 236, 3)
            for y in range(6, 54, 3)
            if pictures[0].pixel(x, y) != pictures[1].pixel(x, y)
        }

    shapes = [marks(status) for status in ("completed", "failed", "running")]
    assert all(shapes)
    assert all(a != b for i, a in enumerate(shapes) for b in shapes[i + 1 :])
    assert not marks("queued")


def test_shipped_titles_are_whole_from_afar(desk):
    desk.show(pipeline_of({"dataset": (0, 0)}))
    item = desk.canvas.graph.nodes["dataset"]
    cut = []
    for spec in load_catalog().values():
        item.title, item.far_lines = spec.title, []
        lines_of(item, 0.5)
        if any("…" in line.text for line in item.far_lines):
            cut.append(spec.title)
    assert not cut


def test_from_afar_titles_are_apart_from_the_ports(desk):
    desk.show(pipeline_of({"dataset": (0, 0)}))
    item = desk.canvas.graph.nodes["dataset"]

    def painted(title: str) -> np.ndarray:
        item.title, item.far_lines = title, []
        picture = QImage(240, 60, QImage.Format.Format_RGB32)
        picture.fill(0)
        painter = QPainter(picture)
        paint_near(item, painter, current_palette(), False, 0.4)
        painter.end()
        return np.frombuffer(picture.constBits(), np.uint32).reshape(60, 240).copy()

    empty = painted("")
    for spec in load_catalog().values():
        rows = np.flatnonzero((painted(spec.title) != empty).any(axis=1))
        above, below = rows[0] - RADIUS, HEIGHT - RADIUS - rows[-1]
        assert above >= 4, spec.title
        assert below >= 1, spec.title
