"""Cards dragged into the frames of groups and out of them, by mouse."""

from __future__ import annotations

from canvas_desk import Dragged, link, module, pipeline_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtWidgets import QApplication

from designer.pipeline import edits, grouping
from designer.pipeline.model import Node, Pipeline

SHIFT = Qt.KeyboardModifier.ShiftModifier


def frames(desk):
    return desk.canvas.graph.frames.items


def title(desk, name) -> QPoint:
    strip = frames(desk)[name].title_rect()
    return desk.at(strip.left() + 40, strip.center().y())


def carry(desk, start: QPoint, end: QPoint) -> None:
    """Drag without letting go."""
    desk.press(start)
    desk.move((start + end) / 2, end)


def test_a_card_dropped_into_a_frame_is_a_member_in_one_step(grouped):
    before = grouped.pipeline
    grouped.drag(grouped.card("linear_regression"), grouped.at(320, 270))
    assert [text for text, _ in grouped.steps] == ["Move “Linear Regression” into “Prepare”"]
    moved = grouped.pipeline.nodes["prepare/linear_regression"]
    assert moved.position == (200, 240)
    assert frames(grouped)["prepare"].modules == 3
    assert grouped.canvas.selection() == ["prepare/linear_regression"]
    grouped.undo()
    assert grouped.pipeline is before
    assert grouped.canvas.graph.nodes["linear_regression"].x() == 600


def test_the_frame_is_marked_and_grows_while_a_card_is_over_it(grouped):
    frame = frames(grouped)["prepare"]
    right = frame.card_rect().right()
    carry(grouped, grouped.card("linear_regression"), grouped.at(400, 230))
    assert frame.goal
    assert grouped.canvas.bubble.isVisible()
    assert grouped.canvas.bubble.text() == "Into “Prepare”"
    assert frame.card_rect().right() == 280 + 240 + 20 > right
    grouped.move(grouped.at(700, 60))
    assert not frame.goal
    assert not grouped.canvas.bubble.isVisible()
    assert frame.card_rect().right() == right
    grouped.release(grouped.at(700, 60))
    assert "linear_regression" in grouped.pipeline.nodes


def test_just_beside_a_frame_is_meant_too(grouped):
    bottom = frames(grouped)["prepare"].card_rect().bottom()
    grouped.drag(grouped.card("linear_regression"), grouped.at(320, bottom + 15))
    assert "prepare/linear_regression" in grouped.pipeline.nodes
    grouped.undo()
    grouped.drag(grouped.card("linear_regression"), grouped.at(320, bottom + 40))
    assert "linear_regression" in grouped.pipeline.nodes


def test_escape_leaves_nothing_of_it(grouped):
    frame = frames(grouped)["prepare"]
    before = frame.card_rect()
    carry(grouped, grouped.card("linear_regression"), grouped.at(320, 270))
    grouped.key(Qt.Key.Key_Escape)
    grouped.release(grouped.at(320, 270))
    assert not grouped.steps
    assert not frame.goal
    assert frame.card_rect() == before
    assert not grouped.canvas.bubble.isVisible()


def test_links_stay_with_a_card_that_goes_in_and_its_name_stays_unique(grouped):
    grouped.drag(grouped.card("split_data_2"), grouped.at(320, 375))
    assert "prepare/split_data_2" in grouped.pipeline.nodes
    wanted = link("dataset.dataset", "prepare/split_data_2.dataset")
    assert wanted in grouped.pipeline.links
    assert set(grouped.canvas.graph.links) == set(grouped.pipeline.links)

    grouped.show(edits.rename_node(grouped.history[0], "split_data_2", "other"))
    pipeline = edits.rename_node(grouped.pipeline, "prepare/split_data", "prepare/other")
    grouped.show(pipeline)
    grouped.drag(grouped.card("other"), grouped.at(320, 340))
    assert "prepare/other_2" in grouped.pipeline.nodes
    assert "prepare/other" in grouped.pipeline.nodes


def test_a_card_dragged_well_out_leaves_the_group(grouped):
    frame = frames(grouped)["prepare"]
    carry(grouped, grouped.card("prepare/split_data"), grouped.at(620, 480))
    assert grouped.canvas.bubble.text() == "Out of “Prepare”"
    assert frame.card_rect().bottom() == 160 + 60 + 20
    grouped.release(grouped.at(620, 480))
    assert [text for text, _ in grouped.steps] == ["Move “Split Data” out of the group"]
    assert grouped.pipeline.nodes["split_data"].position == (500, 440)
    assert frames(grouped)["prepare"].modules == 1
    assert link("prepare/clean_missing.cleaned", "split_data.dataset") in grouped.pipeline.links


def test_a_card_dragged_a_little_beyond_the_frame_stays_in_the_group(grouped):
    start = grouped.card("prepare/split_data")
    grouped.drag(start, start + QPoint(120, 40))
    assert grouped.pipeline.nodes["prepare/split_data"].position == (320, 340)
    # Taken at its edge, the pointer is out long before the card is.
    edge = grouped.at(320 + 230, 370)
    grouped.drag(edge, edge + QPoint(60, 0))
    assert "prepare/split_data" in grouped.pipeline.nodes
    assert [text for text, _ in grouped.steps] == ["Move “Split Data”"] * 2


def test_several_cards_go_in_together(grouped):
    grouped.click(grouped.card("linear_regression"))
    grouped.click(grouped.card("split_data_2"), SHIFT)
    grouped.drag(grouped.card("split_data_2"), grouped.at(380, 360))
    assert set(grouped.pipeline.nodes) == {
        "dataset",
        "train_model",
        "prepare/clean_missing",
        "prepare/split_data",
        "prepare/linear_regression",
        "prepare/split_data_2",
    }
    assert [text for text, _ in grouped.steps] == ["Move 2 items into “Prepare”"]
    assert len(grouped.canvas.selection()) == 2


def test_the_last_card_leaves_an_empty_frame_where_the_group_was(desk):
    pipeline, _ = grouping.group(pipeline_of({"dataset": (100, 100)}), ["dataset"], "One")
    desk.show(pipeline)
    corner = frames(desk)["one"].card_rect().topLeft()
    desk.drag(desk.card("one/dataset"), desk.at(600, 500))
    assert list(desk.pipeline.nodes) == ["dataset"]
    assert frames(desk)["one"].card_rect().topLeft() == corner
    desk.drag(desk.card("dataset"), desk.at(corner.x() + 100, corner.y() + 60))
    assert list(desk.pipeline.nodes) == ["one/dataset"]


def test_a_card_of_a_group_that_only_addresses_speak_of_leaves_its_frame_behind(desk):
    desk.show(Pipeline(nodes={"a/dataset": Node("a/dataset", "dataset", position=(100, 100))}))
    desk.drag(desk.card("a/dataset"), desk.at(600, 500))
    assert list(desk.pipeline.nodes) == ["dataset"]
    assert list(desk.pipeline.groups) == ["a"]


def test_a_card_goes_from_the_inner_group_to_the_outer_and_to_another(grouped):
    pipeline, _ = grouping.group(grouped.pipeline, ["prepare", "dataset"], "Outer")
    pipeline, _ = grouping.group(pipeline, ["linear_regression", "split_data_2"], "Other")
    grouped.show(pipeline)
    outer = frames(grouped)["outer"].card_rect()
    grouped.drag(grouped.card("outer/prepare/split_data"), grouped.at(210, outer.top() + 40))
    assert "outer/split_data" in grouped.pipeline.nodes
    grouped.drag(grouped.card("outer/split_data"), grouped.at(720, 260))
    assert "other/split_data" in grouped.pipeline.nodes
    assert grouped.steps[-1][0] == "Move “Split Data” into “Other”"


def test_a_group_goes_into_a_group_by_its_title_and_never_into_itself(grouped):
    pipeline, _ = grouping.group(grouped.pipeline, ["linear_regression"], "Learner")
    grouped.show(pipeline)
    start = title(grouped, "learner")
    grouped.press(start)
    grouped.move(start - QPoint(50, 0), grouped.at(240, 250))
    assert frames(grouped)["prepare"].goal
    inner, outer = (frames(grouped)[name] for name in ("learner", "prepare"))
    assert outer.card_rect().contains(inner.card_rect())
    assert inner.zValue() > outer.zValue()
    grouped.release(grouped.at(240, 250))
    assert "prepare/learner/linear_regression" in grouped.pipeline.nodes
    assert grouped.canvas.selection() == ["prepare/learner"]
    steps = len(grouped.steps)
    start = title(grouped, "prepare")
    grouped.drag(start, start + QPoint(40, 60))
    assert grouped.steps[steps:] == [("Move group “Prepare”", None)]


def test_a_module_of_the_palette_comes_into_the_frame_it_is_dropped_on(grouped):
    held = Dragged(grouped, module("split_data"))
    held.over(340, 268)
    assert frames(grouped)["prepare"].goal
    assert grouped.canvas.bubble.text() == "Into “Prepare”"
    held.drop(340, 268)
    assert "prepare/split_data_2" in grouped.pipeline.nodes
    assert not frames(grouped)["prepare"].goal
    assert not grouped.canvas.bubble.isVisible()
    assert grouped.canvas.selection() == ["prepare/split_data_2"]


def test_leaving_with_a_module_takes_the_mark_away(grouped):
    held = Dragged(grouped, module("join_data"))
    held.over(320, 268)
    assert frames(grouped)["prepare"].goal
    QApplication.sendEvent(grouped.viewport, QDragLeaveEvent())
    assert not frames(grouped)["prepare"].goal
    assert not grouped.canvas.bubble.isVisible()


def test_a_module_put_into_a_link_of_a_group_is_in_the_group(grouped):
    Dragged(grouped, module("select_columns")).drop(320, 261)
    wanted = link("prepare/select_columns.selected", "prepare/split_data.dataset")
    assert wanted in grouped.pipeline.links


def test_a_module_searched_for_on_a_frame_is_in_the_group(grouped):
    grouped.double_click(grouped.at(186, 262))
    grouped.type("join")
    grouped.key(Qt.Key.Key_Return)
    assert "prepare/join_data" in grouped.pipeline.nodes
