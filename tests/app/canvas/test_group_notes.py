"""Notes in groups: they come in, move, collapse and leave as cards do."""

from __future__ import annotations

import pytest
from canvas_desk import pipeline_of
from PySide6.QtCore import QPoint, QRectF, Qt

from designer.app.canvas.arranging.arrangement import arrangement
from designer.pipeline import edits, file, grouping

CONTROL = Qt.KeyboardModifier.ControlModifier
HELD = "prepare/note"


@pytest.fixture
def beside(grouped):
    """A note beside the frame."""
    pipeline, _ = edits.add_note(grouped.pipeline, "Why", position=(620, 400), size=(80, 40))
    grouped.show(pipeline)
    return grouped


@pytest.fixture
def held(grouped):
    """A note in the group, below its cards."""
    pipeline, _ = edits.add_note(
        grouped.pipeline, "Why", position=(200, 380), size=(160, 60), group="prepare"
    )
    grouped.show(pipeline)
    return grouped


def frame(desk, name="prepare"):
    return desk.canvas.graph.frames.items[name]


def title(desk, name="prepare") -> QPoint:
    strip = frame(desk, name).title_rect()
    return desk.at(strip.left() + 60, strip.center().y())


def arrow(desk) -> QPoint:
    center = frame(desk).fold_rect().center()
    return desk.at(center.x(), center.y())


def note(desk, name=HELD):
    return desk.canvas.graph.notes[name]


def test_a_note_dropped_on_a_frame_is_in_the_group_in_one_step(beside):
    before = beside.pipeline
    beside.press(beside.card("note"))
    beside.move(beside.at(500, 350), beside.at(220, 270))
    assert frame(beside).goal
    assert beside.canvas.bubble.text() == "Into “Prepare”"
    beside.release(beside.at(220, 270))
    assert [text for text, _ in beside.steps] == ["Move note into “Prepare”"]
    assert list(beside.pipeline.notes) == [HELD]
    assert beside.canvas.selection() == [HELD]
    assert frame(beside).modules == 2
    beside.undo()
    assert beside.pipeline is before
    assert note(beside, "note").x() == 620


def test_the_frame_lies_around_its_notes_and_moves_them(held):
    assert frame(held).card_rect().contains(note(held).card_rect())
    start = title(held)
    held.drag(start, start + QPoint(60, 40))
    assert held.pipeline.notes[HELD].position == (260, 420)
    assert held.pipeline.nodes["prepare/split_data"].position == (260, 340)
    assert [text for text, _ in held.steps] == ["Move group “Prepare”"]
    held.key(Qt.Key.Key_Right)
    assert held.pipeline.notes[HELD].position == (280, 420)


def test_a_note_collapses_with_its_frame_and_comes_back(held):
    held.click(arrow(held))
    assert frame(held).collapsed
    assert not note(held).isVisible()
    held.canvas.select_all()
    assert HELD not in held.canvas.selection()
    start = held.card("prepare")
    held.drag(start, start + QPoint(100, 40))
    held.click(arrow(held))
    assert note(held).isVisible()
    assert held.pipeline.notes[HELD].position == (300, 420)
    assert len(held.steps) == 3


def test_a_note_that_only_lies_on_the_frame_comes_in_when_it_is_collapsed(grouped):
    pipeline, on = edits.add_note(grouped.pipeline, "on", position=(205, 225), size=(80, 40))
    pipeline, other = edits.add_note(pipeline, "other", position=(620, 400))
    grouped.show(pipeline)
    grouped.click(arrow(grouped))
    assert set(grouped.pipeline.notes) == {HELD, other}
    assert not note(grouped).isVisible()
    assert note(grouped, other).isVisible()
    assert [text for text, _ in grouped.steps] == ["Collapse “Prepare”"]
    grouped.undo()
    assert note(grouped, on).isVisible()
    assert set(grouped.pipeline.notes) == {on, other}


def test_a_note_of_another_group_stays_in_that(held):
    pipeline, _ = grouping.group(held.pipeline, ["linear_regression"], "Prep")
    pipeline, _ = edits.add_note(pipeline, "Mine", position=(210, 230), size=(80, 40), group="prep")
    held.show(pipeline)
    assert frame(held).card_rect().contains(note(held, "prep/note").card_rect())
    held.click(arrow(held))
    assert set(held.pipeline.notes) == {HELD, "prep/note"}
    assert note(held, "prep/note").isVisible()


def test_a_note_dragged_well_out_leaves_the_group(held):
    held.drag(held.card(HELD), held.at(700, 560))
    assert list(held.pipeline.notes) == ["note"]
    assert [text for text, _ in held.steps] == ["Move note out of the group"]
    assert frame(held).card_rect().bottom() == 380


def test_the_frame_grows_with_a_note_and_shrinks_on_escape(held):
    bottom = frame(held).card_rect().bottom()
    corner = held.at(200 + 160 - 6, 380 + 60 - 6)
    held.press(corner)
    held.move(corner + QPoint(0, 30), corner + QPoint(0, 60))
    assert frame(held).card_rect().bottom() == bottom + 60
    held.key(Qt.Key.Key_Escape)
    assert frame(held).card_rect().bottom() == bottom
    held.release(corner)
    held.drag(corner, corner + QPoint(0, 40))
    assert frame(held).card_rect().bottom() == bottom + 40


def test_a_note_between_the_chosen_is_not_grouped_but_moves_with_the_frame(desk):
    pipeline = pipeline_of({"dataset": (100, 0), "split_data": (100, 200)})
    pipeline, _ = edits.add_note(pipeline, "Why", position=(120, 90), size=(160, 60))
    pipeline, _ = edits.add_note(pipeline, "Else", position=(600, 90))
    desk.show(pipeline)
    desk.click(desk.card("dataset"))
    desk.click(desk.card("split_data"), Qt.KeyboardModifier.ShiftModifier)
    desk.key(Qt.Key.Key_G, CONTROL)
    desk.key(Qt.Key.Key_Return)
    assert set(desk.pipeline.notes) == {"note", "note_2"}
    assert not desk.messages
    start = title(desk, "group")
    desk.drag(start, start + QPoint(40, 0))
    assert desk.pipeline.notes["note"].position == (160, 90)


def test_a_file_keeps_the_note_in_the_collapsed_group(held):
    text = file.dumps(grouping.set_group(held.pipeline, "prepare", collapsed=True))
    held.show(file.loads(text))
    assert not note(held).isVisible()
    held.show(grouping.set_group(held.pipeline, "prepare", collapsed=False))
    assert note(held).isVisible()
    assert held.pipeline.notes[HELD].text == "Why"


def test_a_note_goes_with_its_group_when_that_is_deleted_or_copied(held):
    fragment = edits.extract(held.pipeline, ["prepare"])
    held.show(edits.insert(held.pipeline, fragment, (500.0, 0.0))[0])
    assert note(held, "prepare_2/note").x() == 700
    held.click(title(held))
    held.key(Qt.Key.Key_Delete)
    assert list(held.pipeline.notes) == ["prepare_2/note"]


@pytest.mark.parametrize("collapsed", [False, True])
def test_arranging_keeps_a_note_in_its_frame_and_off_the_cards(held, collapsed):
    pipeline = grouping.set_group(held.pipeline, "prepare", collapsed=collapsed)
    held.show(edits.move(pipeline, arrangement(pipeline, held.canvas.catalog)))
    graph = held.canvas.graph
    frames = [item.card_rect() for item in graph.frames.items.values()]
    outside = [name for name in graph.seen() if name in held.pipeline.nodes and "/" not in name]
    for name in outside:
        assert not any(area.intersects(graph.bounds([name])) for area in frames)
    if not collapsed:
        inside = [graph.bounds([name]) for name in ("prepare/clean_missing", "prepare/split_data")]
        assert frames[0].contains(note(held).card_rect())
        assert not any(area.intersects(note(held).card_rect()) for area in inside)
    again = arrangement(held.pipeline, held.canvas.catalog)
    things = {**held.pipeline.nodes, **held.pipeline.notes}
    assert again == {name: things[name].position for name in again}


def test_a_band_does_not_take_a_hidden_note(held):
    held.show(grouping.set_group(held.pipeline, "prepare", collapsed=True))
    held.drag(held.at(120, 100), held.at(520, 460))
    assert held.canvas.selection() == ["prepare"]


def test_a_note_alone_keeps_a_frame_around_it(held):
    held.show(edits.remove(held.pipeline, ["prepare/clean_missing", "prepare/split_data"]))
    assert frame(held).card_rect().contains(QRectF(200, 380, 160, 60))
    assert frame(held).spoken() == "Group Prepare, prepare, 0 modules"
