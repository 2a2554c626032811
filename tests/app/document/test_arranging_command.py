"""Arranging from the window: all, or what is selected, in one step that can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, key

from designer.pipeline import edits
from designer.pipeline import file as pipeline_file

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "automobile_price.pipeline.json"


@pytest.fixture
def scattered(window, tmp_path):
    """A sample whose cards and notes lie about."""
    pipeline = pipeline_file.read(SAMPLE)
    things = [*pipeline.nodes, *pipeline.notes]
    spots = {name: (index * 113.0 % 900, index * 271.0 % 700) for index, name in enumerate(things)}
    path = tmp_path / f"scattered{pipeline_file.SUFFIX}"
    pipeline_file.write(edits.move(pipeline, spots), path)
    assert window.files.open_path(path)
    window.canvas.setFocus()
    QApplication.processEvents()
    return window


def click(window, name, modifiers=Qt.KeyboardModifier.NoModifier):
    window.canvas.viewer.show_area(window.canvas.graph.bounds([name]))
    item = window.canvas.graph.nodes[name]
    # Where no other card lies on it.
    for across in range(10, 240, 10):
        point = item.card_rect().topLeft()
        point.setX(point.x() + across)
        point.setY(point.y() + 30)
        if window.canvas.graph.node_at(point) is item:
            at = window.canvas.viewer.to_view(point).toPoint()
            viewport = window.canvas.viewer.viewport()
            QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, modifiers, at)
            QApplication.processEvents()
            return
    raise AssertionError(f"{name} is covered")


def test_arranging_is_one_step_and_notes_come_along(scattered):
    window = scattered
    before = window.document.pipeline
    key(window, Qt.Key.Key_L, CONTROL)
    after = window.document.pipeline
    rects = {name: window.canvas.graph.bounds([name]) for name in (*after.nodes, *after.notes)}
    names = list(rects)
    for index, one in enumerate(names):
        assert not any(rects[one].intersects(rects[other]) for other in names[index + 1 :])
    seen = window.canvas.viewer.visible_area()
    assert all(seen.contains(rect) for rect in rects.values())
    key(window, Qt.Key.Key_Z, CONTROL)
    assert window.document.pipeline == before
    assert not window.document.dirty


def test_with_some_selected_only_those_are_arranged(scattered):
    window = scattered
    before = window.document.pipeline
    chosen = list(before.nodes)[:3]
    click(window, chosen[0])
    for name in chosen[1:]:
        click(window, name, CONTROL)
    assert sorted(window.canvas.selection()) == sorted(chosen)
    key(window, Qt.Key.Key_L, CONTROL)
    after = window.document.pipeline
    moved = {name for name in after.nodes if after.nodes[name] != before.nodes[name]}
    assert moved
    assert moved <= set(chosen)
    assert after.notes == before.notes
    assert sorted(window.canvas.selection()) == sorted(chosen)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert window.document.pipeline == before


def test_arranging_again_adds_no_step(scattered):
    window = scattered
    key(window, Qt.Key.Key_L, CONTROL)
    count = window.document.undo_stack.count()
    key(window, Qt.Key.Key_L, CONTROL)
    assert window.document.undo_stack.count() == count
