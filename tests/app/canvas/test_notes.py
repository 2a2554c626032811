"""Notes: written, resized, moved."""

from __future__ import annotations

import pytest
from canvas_desk import pipeline_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from designer.app.canvas import NoteTarget
from designer.app.canvas.gestures.hit_testing import target_at
from designer.pipeline import edits


@pytest.fixture
def noted(desk):
    pipeline = pipeline_of({"dataset": (500, 0)})
    pipeline, _ = edits.add_note(pipeline, "Prices of 1985", position=(100.0, 100.0))
    desk.show(pipeline)
    return desk


def editor(desk):
    return desk.canvas._writing.editor


def test_a_double_click_writes_into_the_note(noted):
    noted.double_click(noted.card("note"))
    assert editor(noted).toPlainText() == "Prices of 1985"
    noted.type("Cars")
    noted.click(noted.at(-200, 500))
    assert noted.pipeline.notes["note"].text == "Cars"
    assert noted.steps == [("Edit note", None)]
    assert editor(noted) is None


def test_control_enter_keeps_and_escape_gives_up(noted):
    noted.canvas.select(["note"])
    noted.key(Qt.Key.Key_F2)
    noted.type("Two")
    noted.key(Qt.Key.Key_Return)
    noted.type("lines")
    noted.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert noted.pipeline.notes["note"].text == "Two\nlines"
    noted.key(Qt.Key.Key_F2)
    noted.type("Nothing")
    noted.key(Qt.Key.Key_Escape)
    assert noted.pipeline.notes["note"].text == "Two\nlines"
    assert len(noted.steps) == 1


def test_an_unchanged_text_is_no_step(noted):
    noted.double_click(noted.card("note"))
    noted.click(noted.at(-200, 500))
    assert not noted.steps


def test_scrolling_keeps_what_was_written(noted):
    noted.double_click(noted.card("note"))
    noted.type("Kept")
    noted.canvas.viewer.pan(30, 0)
    assert noted.pipeline.notes["note"].text == "Kept"
    assert editor(noted) is None


def test_the_note_may_vanish_while_it_is_written(noted):
    noted.double_click(noted.card("note"))
    noted.type("Lost")
    noted.show(edits.remove(noted.pipeline, ["note"]))
    noted.canvas.finish_writing()
    QApplication.processEvents()
    assert not noted.steps


def test_a_note_is_resized_by_its_corner(noted):
    corner = noted.at(100 + 220 - 6, 100 + 120 - 6)
    noted.drag(corner, corner + QPoint(100, 60))
    assert noted.pipeline.notes["note"].size == (320.0, 180.0)
    assert noted.steps == [("Resize note", None)]
    noted.undo()
    assert noted.canvas.graph.notes["note"].size == (220.0, 120.0)


def test_a_note_never_gets_too_small(noted):
    corner = noted.at(100 + 220 - 6, 100 + 120 - 6)
    noted.drag(corner, corner - QPoint(300, 300))
    assert noted.pipeline.notes["note"].size == (80.0, 40.0)


def test_escape_gives_resizing_up(noted):
    corner = noted.at(100 + 220 - 6, 100 + 120 - 6)
    noted.press(corner)
    noted.move(corner + QPoint(50, 50))
    noted.key(Qt.Key.Key_Escape)
    noted.release(corner + QPoint(50, 50))
    assert noted.canvas.graph.notes["note"].size == (220.0, 120.0)
    assert not noted.steps


def test_a_note_moves_with_the_selection_and_is_deleted(noted):
    noted.canvas.select(["dataset", "note"])
    start = noted.card("note")
    noted.drag(start, start + QPoint(40, 20))
    assert noted.pipeline.notes["note"].position == (140.0, 120.0)
    assert noted.pipeline.nodes["dataset"].position == (540.0, 20.0)
    noted.canvas.select(["note"])
    noted.key(Qt.Key.Key_Delete)
    assert not noted.pipeline.notes
    assert noted.steps[-1] == ("Delete note", None)


def test_a_note_has_a_menu_of_its_own(noted):
    place = noted.canvas.viewer.to_scene(noted.card("note").toPointF())
    assert target_at(noted.canvas, place) == NoteTarget("note")


def test_a_change_of_colour_is_shown(noted):
    before = noted.canvas.viewer.grab().toImage().pixelColor(noted.at(300, 200))
    noted.show(edits.set_note(noted.pipeline, "note", color="blue"))
    after = noted.canvas.viewer.grab().toImage().pixelColor(noted.at(300, 200))
    assert before != after
