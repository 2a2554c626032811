"""Undo and redo show what they change."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, SHIFT, key, linked

from designer.pipeline import edits


@pytest.fixture
def opened(window):
    window.window().resize(1280, 800)
    QApplication.processEvents()
    window.document.apply("Insert", lambda _: linked())
    window.canvas.viewer.centerOn(120, 100)
    QTest.mouseMove(window.properties, QPoint(20, 20))
    QApplication.processEvents()
    window.canvas.setFocus()
    return window


def seen(window, *names: str) -> bool:
    area = window.canvas.viewer.visible_area()
    return all(area.contains(window.canvas.graph.bounds([name])) for name in names)


def test_pasting_and_undoing_a_few_times_leaves_cards_in_view(opened):
    key(opened, Qt.Key.Key_A, CONTROL)
    key(opened, Qt.Key.Key_C, CONTROL)
    for _ in range(4):
        for _ in range(3):
            key(opened, Qt.Key.Key_V, CONTROL)
        for _ in range(3):
            key(opened, Qt.Key.Key_Z, CONTROL)
        assert set(opened.document.pipeline.nodes) == {"enter_data_manually", "split_data"}
        assert seen(opened, "enter_data_manually") or seen(opened, "split_data")


def test_undo_and_redo_scroll_to_what_changes(opened):
    window = opened
    window.edits.apply("Comment", lambda p: edits.set_comment(p, "split_data", "Why"))
    window.canvas.viewer.centerOn(4000, 4000)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert seen(window, "split_data")
    window.canvas.viewer.centerOn(4000, 4000)
    key(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert seen(window, "split_data")


def test_undo_of_a_deletion_shows_what_comes_back(opened):
    window = opened
    window.edits.apply("Add", lambda p: edits.add_node(p, "join_data", position=(3000, 0))[0])
    window.canvas.center_on("join_data")
    key(window, Qt.Key.Key_Delete)
    window.canvas.viewer.centerOn(120, 100)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert seen(window, "join_data")


def test_a_link_that_comes_back_is_shown_by_its_ends(opened):
    window = opened
    window.edits.apply("Delete link", lambda p: edits.disconnect(p, p.links))
    window.canvas.viewer.centerOn(4000, 4000)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert seen(window, "enter_data_manually", "split_data")


def test_the_view_stays_where_what_changes_is_seen(opened):
    window = opened
    window.edits.apply("Move", lambda p: edits.move(p, {"split_data": (20.0, 170.0)}))
    before = window.canvas.viewer.visible_area()
    key(window, Qt.Key.Key_Z, CONTROL)
    assert window.canvas.viewer.visible_area() == before
