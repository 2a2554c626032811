"""A view beside all cards offers the way back to them."""

from __future__ import annotations

import pytest
from canvas_desk import pipeline_of
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.pipeline import edits, grouping

CARDS = {"dataset": (0, 0), "split_data": (0, 200)}
NONE = Qt.KeyboardModifier.NoModifier


def turn(widget, x: int, y: int, modifiers=NONE) -> None:
    """Turn the wheel over the middle of a widget, as Qt delivers it."""
    middle = QPointF(widget.rect().center())
    at, there = QPoint(0, 0), QPointF(widget.mapToGlobal(middle))
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        middle, there, at, QPoint(x, y), Qt.MouseButton.NoButton, modifiers, phase, False
    )
    QApplication.sendEvent(widget, event)
    QApplication.processEvents()


def seen(desk) -> list[str]:
    area = desk.canvas.viewer.visible_area()
    graph = desk.canvas.graph
    return [name for name in graph.seen() if area.intersects(graph.bounds([name]))]


@pytest.fixture
def lost(desk):
    """The wheel has left all cards behind."""
    desk.show(pipeline_of(CARDS))
    desk.canvas.fit()
    assert not desk.canvas.way_back.isVisible()
    for _ in range(30):
        turn(desk.viewport, 0, -120)
    assert seen(desk) == []
    return desk


def test_a_click_comes_back_from_where_the_wheel_has_gone(lost):
    button = lost.canvas.way_back
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert seen(lost) == list(CARDS)
    assert not button.isVisible()
    assert QApplication.focusWidget() is lost.canvas.viewer


def test_the_wheel_turns_the_view_over_the_button_too(lost):
    for _ in range(30):
        turn(lost.canvas.way_back, 0, 120)
    assert seen(lost)
    assert not lost.canvas.way_back.isVisible()


def test_actual_size_comes_back_to_the_nearest_card(lost):
    lost.canvas.zoom_reset()
    assert seen(lost) == ["split_data"]
    assert lost.canvas.viewer.zoom() == 1.0


def test_actual_size_of_a_fitted_pipeline_shows_some_of_it(desk):
    # Nothing is in the middle of these.
    desk.show(pipeline_of({"dataset": (0, 0), "split_data": (6000, 0), "join_data": (0, 5000)}))
    desk.canvas.fit()
    desk.canvas.zoom_reset()
    assert seen(desk)


def test_it_is_there_for_notes_and_groups_as_for_cards(desk):
    pipeline, note = edits.add_note(pipeline_of(CARDS), "Why", position=(3000, 0))
    pipeline, _ = grouping.group(pipeline, list(CARDS), "Mine")
    desk.show(pipeline)
    desk.canvas.center_on(note)
    assert not desk.canvas.way_back.isVisible()
    # Between the two cards, on the ground of their frame.
    desk.canvas.viewer.set_zoom_factor(3.0)
    desk.canvas.viewer.centerOn(-15, 130)
    assert not desk.canvas.way_back.isVisible()
    desk.canvas.viewer.centerOn(1500, 3000)
    assert desk.canvas.way_back.isVisible()


def test_an_empty_canvas_and_one_that_is_emptied_have_none(lost):
    lost.show(edits.remove(lost.pipeline, CARDS))
    assert not lost.canvas.way_back.isVisible()
    assert lost.canvas.hint.isVisible()
