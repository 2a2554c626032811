"""Writing the title of a group hides no card and ends when the group collapses."""

from __future__ import annotations

import pytest
from canvas_desk import pipeline_of
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QCursor

from designer.app.canvas.gestures.title_editor import TitleField
from designer.pipeline import edits, grouping

CONTROL = Qt.KeyboardModifier.ControlModifier


def field(desk) -> TitleField | None:
    found = desk.viewport.findChildren(TitleField)
    return next((editor for editor in found if editor.isVisible()), None)


@pytest.fixture
def wide(desk):
    """Cards so far apart that the whole is seen at half its size, all grouped."""
    desk.show(
        pipeline_of(
            {"dataset": (0, 0), "split_data": (700, 500), "join_data": (1400, 1000)},
            ("dataset.dataset", "split_data.dataset"),
        )
    )
    desk.canvas.viewer.set_zoom_factor(0.46)
    desk.canvas.viewer.centerOn(800, 500)
    desk.canvas.select_all()
    return desk


def test_the_field_lies_on_no_card_when_seen_from_afar(wide):
    wide.key(Qt.Key.Key_G, CONTROL)
    corner = wide.canvas.viewer.mapToScene(field(wide).geometry()).boundingRect()
    for name in wide.canvas.graph.nodes:
        assert not corner.intersects(wide.canvas.graph.bounds([name])), name


def test_collapsing_keeps_what_was_written_and_ends_the_field(wide):
    wide.key(Qt.Key.Key_G, CONTROL)
    wide.type("All of it")
    wide.canvas.fold_selection()
    assert field(wide) is None
    group = wide.pipeline.groups["group"]
    assert (group.title, group.collapsed) == ("All of it", True)


def test_the_field_goes_with_a_group_that_is_undone(wide):
    wide.key(Qt.Key.Key_G, CONTROL)
    wide.type("All of it")
    wide.undo()
    assert field(wide) is None
    assert not wide.pipeline.groups


def test_the_field_goes_when_another_collapses_the_group(wide):
    wide.key(Qt.Key.Key_G, CONTROL)
    wide.show(grouping.set_group(wide.pipeline, "group", collapsed=True))
    assert field(wide) is None


def test_the_map_lies_on_no_title_that_is_written(desk, qtbot):
    desk.show(pipeline_of({"dataset": (0, 0), "split_data": (0, 400), "join_data": (0, 3000)}))
    QCursor.setPos(desk.viewport.mapToGlobal(desk.at(100, 100)))
    canvas = desk.canvas
    room = canvas.viewer.mapToScene(canvas.minimap.geometry()).boundingRect()
    # Its title lies below the map, its card beside it.
    place = (room.left() - 260, room.top() + 40)
    desk.show(edits.move(desk.pipeline, {"dataset": place, "split_data": (place[0] + 200, 700)}))
    canvas.select(["dataset", "split_data"])
    canvas.group_selection()
    assert field(desk) is not None

    def below() -> QRectF:
        return QRectF(canvas.minimap.geometry())

    written = QRect(field(desk).mapTo(canvas, QPoint(0, 0)), field(desk).size())
    assert not below().intersects(QRectF(written))
    desk.type("Prepare")
    title = canvas.graph.frames.items["group"].title_rect()
    canvas.finish_writing()
    canvas.minimap.move_away()
    seen = canvas.viewer.mapToScene(canvas.minimap.geometry()).boundingRect()
    assert not seen.intersects(title)
