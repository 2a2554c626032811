"""The map gives way to cards and notes."""

from __future__ import annotations

import pytest
from canvas_desk import Dragged, module, pipeline_of
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QCursor, QDragLeaveEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.pipeline import edits

FAR = {"join_data": (3000, 3000)}


def below_map(desk) -> QRectF:
    """What of the scene lies below the map."""
    return desk.canvas.viewer.mapToScene(desk.canvas.minimap.geometry()).boundingRect()


def covers(desk, name) -> bool:
    return below_map(desk).intersects(desk.canvas.graph.bounds([name]))


@pytest.fixture
def mapped(desk):
    """A map in its usual corner, since a card lies far away."""
    desk.show(pipeline_of({"dataset": (300, 300), **FAR}))
    assert desk.canvas.minimap.isVisible()
    # Where another test has left the pointer, the map may be.
    QCursor.setPos(desk.viewport.mapToGlobal(desk.at(100, 100)))
    room = desk.canvas.rect()
    assert desk.canvas.minimap.geometry().right() > room.width() - 20
    assert desk.canvas.minimap.geometry().bottom() > room.height() - 20
    return desk


def test_the_map_leaves_a_card_that_is_dragged_below_it(mapped, qtbot):
    start = mapped.card("dataset")
    end = mapped.canvas.minimap.geometry().center()
    mapped.drag(start, end)
    assert mapped.pipeline.nodes["dataset"].position != (300, 300)
    qtbot.waitUntil(lambda: not covers(mapped, "dataset"))
    assert mapped.canvas.minimap.isVisible()
    # The card can be taken again where it was put.
    assert mapped.canvas.childAt(end) is mapped.viewport


def test_the_map_leaves_a_note_that_comes_below_it(mapped, qtbot):
    place = below_map(mapped).topLeft().toTuple()
    pipeline, note = edits.add_note(mapped.pipeline, "Read me", position=place)
    mapped.show(pipeline)
    qtbot.waitUntil(lambda: not covers(mapped, note))
    mapped.double_click(mapped.card(note))
    mapped.type("Read this")
    mapped.click(mapped.at(320, 600))
    assert mapped.pipeline.notes[note].text == "Read this"


def test_the_map_leaves_what_is_scrolled_below_it(mapped, qtbot):
    viewer = mapped.canvas.viewer
    away = mapped.canvas.minimap.geometry().center() - mapped.card("dataset")
    viewer.pan(away.x(), away.y())
    assert covers(mapped, "dataset")
    qtbot.waitUntil(lambda: not covers(mapped, "dataset"))


def test_the_map_comes_into_a_free_corner_at_once(desk):
    low = desk.canvas.viewer.visible_area().bottomRight()
    desk.show(pipeline_of({"dataset": (low.x() - 260, low.y() - 80)}))
    assert not desk.canvas.minimap.isVisible()
    desk.show(edits.add_node(desk.pipeline, "join_data", position=(3000, 3000))[0])
    assert desk.canvas.minimap.isVisible()
    assert not covers(desk, "dataset")


def test_where_no_corner_is_free_the_map_stays(mapped):
    area = mapped.canvas.viewer.visible_area()
    before = mapped.canvas.minimap.pos()
    note = (area.width(), area.height())
    pipeline, _ = edits.add_note(mapped.pipeline, position=area.topLeft().toTuple(), size=note)
    mapped.show(pipeline)
    mapped.canvas.minimap.hide()
    mapped.canvas.show_map()
    assert mapped.canvas.minimap.pos() == before


def test_the_map_never_covers_the_selected_card(desk):
    area = desk.canvas.viewer.visible_area()
    corners = {
        "one": (area.left() + 20, area.top() + 20),
        "two": (area.right() - 240, area.top() + 20),
        "three": (area.left() + 20, area.bottom() - 90),
        "four": (area.right() - 240, area.bottom() - 90),
    }
    pipeline = pipeline_of(FAR)
    for name, position in corners.items():
        pipeline, _ = edits.add_node(pipeline, "dataset", position=position, node_id=name)
    desk.show(pipeline)
    assert desk.canvas.minimap.isVisible()
    # Each corner has a card, and even the pointer is on the map.
    for name in (*corners, *reversed(corners)):
        QCursor.setPos(desk.canvas.mapToGlobal(desk.canvas.minimap.geometry().center()))
        desk.canvas.select([name])
        assert not covers(desk, name)
    assert any(covers(desk, name) for name in corners)


def test_what_is_dragged_goes_through_the_map(mapped):
    at = mapped.canvas.minimap.geometry().center()
    assert mapped.canvas.childAt(at) is mapped.canvas.minimap
    before = mapped.canvas.grab().toImage().pixelColor(mapped.canvas.minimap.pos() + QPoint(40, 1))
    place = mapped.canvas.viewer.to_scene(at.toPointF())
    held = Dragged(mapped, module("split_data"))
    held.over(place.x(), place.y())
    assert mapped.canvas.childAt(at) is mapped.viewport
    faint = mapped.canvas.grab().toImage().pixelColor(mapped.canvas.minimap.pos() + QPoint(40, 1))
    assert faint != before
    QApplication.sendEvent(mapped.viewport, QDragLeaveEvent())
    assert mapped.canvas.childAt(at) is mapped.canvas.minimap
    mapped.press(mapped.card("dataset"))
    mapped.move(mapped.card("dataset") + QPoint(60, 60))
    assert mapped.canvas.childAt(at) is mapped.viewport
    mapped.release(mapped.card("dataset"))
    assert mapped.canvas.childAt(at) is mapped.canvas.minimap


def test_the_map_still_moves_the_view_in_another_corner(mapped, qtbot):
    mapped.drag(mapped.card("dataset"), mapped.canvas.minimap.geometry().center())
    qtbot.waitUntil(lambda: not covers(mapped, "dataset"))
    shown = mapped.canvas.minimap
    shown.repaint()
    far = shown._to_map(mapped.canvas.graph.bounds(["join_data"])).center().toPoint()
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=far)
    assert mapped.canvas.viewer.visible_area().contains(mapped.canvas.graph.bounds(["join_data"]))
