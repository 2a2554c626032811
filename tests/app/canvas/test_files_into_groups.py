"""Data files dropped onto the window's canvas, and notes made there, come into the group there."""

from __future__ import annotations

import pytest
from canvas_desk import Dragged
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtTest import QTest

from designer.app.canvas import CanvasTarget
from designer.pipeline import edits, grouping

CONTROL = Qt.KeyboardModifier.ControlModifier


class Seat:
    """What a thing held over the canvas needs to know of a window."""

    def __init__(self, window) -> None:
        self.window = window
        self.viewport = window.canvas.viewer.viewport()

    def at(self, x: float, y: float) -> QPoint:
        return self.window.canvas.viewer.to_view(QPointF(x, y)).toPoint()


@pytest.fixture
def prepared(window):
    """A window on a group with a step in it."""

    def change(pipeline):
        pipeline, name = edits.add_node(pipeline, "split_data", position=(0, 0))
        return grouping.group(pipeline, [name], "Prepare")[0]

    window.document.apply("Begin", change)
    window.canvas.fit()
    window.canvas.viewer.setFocus()
    return window


def test_data_files_dropped_on_a_frame_are_in_the_group_in_one_step(prepared, tmp_path):
    before = prepared.document.pipeline
    files = [tmp_path / "cars.csv", tmp_path / "prices.csv"]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    for file in files:
        file.write_text("a\n1\n")
    Dragged(Seat(prepared), data).drop(120, 70)
    made = [f"prepare/{name}" for name in ("dataset", "dataset_2")]
    assert prepared.canvas.selection() == made
    cards = [prepared.canvas.graph.bounds([name]) for name in made]
    assert not cards[0].intersects(cards[1])
    seen = prepared.canvas.viewer.visible_area()
    assert seen.contains(cards[0])
    assert seen.contains(cards[1])
    frame = prepared.canvas.graph.frames.items["prepare"]
    assert frame.modules == 3
    assert not frame.goal
    QTest.keyClick(prepared.canvas.viewer, Qt.Key.Key_Z, CONTROL)
    assert prepared.document.pipeline == before


def test_a_note_added_on_a_frame_is_in_the_group(prepared):
    menu = prepared.menus.menu(CanvasTarget(10, 70))
    next(action for action in menu.actions() if action.text().startswith("Add note")).trigger()
    prepared.canvas.finish_writing()
    assert list(prepared.document.pipeline.notes) == ["prepare/note"]
    menu.deleteLater()
