from __future__ import annotations

import pytest
from canvas_desk import link, pipeline_of
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from designer.app.canvas import CanvasTarget, GroupTarget, NodeTarget
from designer.app.canvas.gestures.hit_testing import target_at
from designer.app.canvas.gestures.title_editor import TitleField
from designer.pipeline import edits, grouping
from designer.pipeline.model import Pipeline

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
OUTSIDE = {"dataset", "linear_regression", "split_data_2", "train_model"}


def frame(desk, name="prepare"):
    return desk.canvas.graph.frames.items[name]


def title(desk, name="prepare") -> QPoint:
    """A pixel of a group's title, beside the link that crosses it."""
    strip = frame(desk, name).title_rect()
    return desk.at(strip.left() + 40, strip.center().y())


def colors_at(desk, places):
    picture = desk.canvas.grab().toImage()
    ratio = picture.devicePixelRatio()
    return [picture.pixelColor(round(p.x() * ratio), round(p.y() * ratio)).name() for p in places]


def test_a_frame_lies_around_what_its_group_holds(grouped):
    shown = frame(grouped)
    inside = grouped.canvas.graph.bounds(["prepare/clean_missing", "prepare/split_data"])
    assert shown.card_rect().contains(inside.adjusted(-10, -30, 10, 10))
    assert not shown.card_rect().intersects(grouped.canvas.graph.bounds(["dataset"]))
    assert (shown.title, shown.modules) == ("Prepare", 2)


def test_nodes_in_a_group_are_cards_like_all_others(grouped):
    assert set(grouped.canvas.graph.links) == set(grouped.pipeline.links)
    grouped.click(grouped.card("prepare/split_data"))
    assert grouped.canvas.selection() == ["prepare/split_data"]
    assert link("dataset.dataset", "prepare/clean_missing.dataset") in grouped.canvas.graph.links


def test_the_frame_is_painted_behind_the_cards(grouped):
    rect = frame(grouped).card_rect()
    beside_card = grouped.at(rect.left() + 6, rect.center().y())
    outside = grouped.at(rect.left() - 30, rect.center().y() + 7)
    on_card = grouped.at(330, 350)
    ground, canvas, card = colors_at(grouped, [beside_card, outside, on_card])
    assert len({ground, canvas, card}) == 3


def test_dragging_the_title_moves_everything_in_one_step(grouped):
    before = grouped.pipeline
    start = title(grouped)
    grouped.drag(start, start + QPoint(60, 40))
    (step,) = grouped.steps
    assert step[0] == "Move group “Prepare”"
    moved = {
        name: (node.position[0] - old.position[0], node.position[1] - old.position[1])
        for name, node in grouped.pipeline.nodes.items()
        if (old := before.nodes[name]) is not None
    }
    assert moved == {
        "dataset": (0, 0),
        "prepare/clean_missing": (60, 40),
        "prepare/split_data": (60, 40),
        "linear_regression": (0, 0),
        "split_data_2": (0, 0),
        "train_model": (0, 0),
    }
    grouped.undo()
    assert frame(grouped).card_rect().top() == pytest.approx(160 - 42)


def test_the_frame_follows_while_a_card_is_dragged_out_of_it(grouped):
    right = frame(grouped).card_rect().right()
    start = grouped.card("prepare/split_data")
    grouped.press(start)
    grouped.move(start + QPoint(50, 20), start + QPoint(100, 40))
    assert frame(grouped).card_rect().right() == right + 100
    grouped.key(Qt.Key.Key_Escape)
    assert frame(grouped).card_rect().right() == right
    grouped.release(start)
    assert not grouped.steps


def test_a_card_in_a_group_does_not_repeat_the_groups_name(grouped):
    grouped.show(edits.rename_node(grouped.pipeline, "prepare/split_data", "prepare/halves"))
    assert grouped.canvas.graph.nodes["prepare/halves"].subtitle == "halves"


def test_a_note_on_the_frame_goes_with_it_and_one_beside_it_stays(grouped):
    pipeline, on = edits.add_note(grouped.pipeline, "on", position=(205, 225), size=(80, 40))
    pipeline, beside = edits.add_note(pipeline, "beside", position=(620, 400))
    grouped.show(pipeline)
    start = title(grouped)
    grouped.drag(start, start + QPoint(40, 0))
    assert grouped.pipeline.notes[on].position == (245, 225)
    assert grouped.pipeline.notes[beside].position == (620, 400)


def test_the_ground_of_a_frame_is_canvas_where_a_band_begins(grouped):
    rect = frame(grouped).card_rect()
    start = grouped.at(rect.left() + 5, rect.top() + 40)
    place = grouped.canvas.viewer.to_scene(start.toPointF())
    assert isinstance(target_at(grouped.canvas, place), CanvasTarget)
    grouped.drag(start, grouped.at(230, 200))
    assert grouped.canvas.selection() == ["prepare/clean_missing"]
    assert not grouped.steps


def test_a_band_around_the_whole_frame_takes_it_too(grouped):
    grouped.drag(grouped.at(120, 100), grouped.at(520, 420))
    assert set(grouped.canvas.selection()) == {
        "prepare",
        "prepare/clean_missing",
        "prepare/split_data",
    }


def test_a_click_on_the_title_selects_and_arrows_move_the_group(grouped):
    grouped.click(title(grouped))
    assert grouped.canvas.selection() == ["prepare"]
    grouped.key(Qt.Key.Key_Right)
    grouped.key(Qt.Key.Key_Right)
    assert grouped.pipeline.nodes["prepare/clean_missing"].position == (240, 160)
    assert {merge for _, merge in grouped.steps} == {("move", "prepare")}


def test_deleting_a_group_deletes_what_it_holds(grouped):
    grouped.click(title(grouped))
    grouped.key(Qt.Key.Key_Delete)
    assert set(grouped.pipeline.nodes) == OUTSIDE
    assert grouped.steps[0][0] == "Delete group “Prepare”"
    assert not grouped.canvas.graph.frames.items


def test_ctrl_g_groups_the_selection_and_asks_for_a_title(training):
    training.canvas.select(["dataset", "split_data"])
    training.key(Qt.Key.Key_G, CONTROL)
    assert set(training.pipeline.groups) == {"group"}
    assert training.canvas.selection() == ["group"]
    assert isinstance(QApplication.focusWidget(), TitleField)
    training.type("Sources")
    training.key(Qt.Key.Key_Return)
    assert training.pipeline.groups["group"].title == "Sources"
    assert QApplication.focusWidget() is training.canvas.viewer
    assert [text for text, _ in training.steps] == ["Group", "Change title"]


def test_ctrl_g_groups_only_what_is_selected_and_tells_what_else_is_on_the_frame(grouped):
    grouped.click(title(grouped))
    grouped.key(Qt.Key.Key_G, CONTROL | SHIFT)
    grouped.click(grouped.card("dataset"))
    grouped.click(grouped.card("split_data"), SHIFT)
    grouped.key(Qt.Key.Key_G, CONTROL)
    held = {name for name in grouped.pipeline.nodes if name.startswith("group/")}
    assert held == {"group/dataset", "group/split_data"}
    (told,) = grouped.messages
    assert told == "“Clean Missing Data” is on the frame but not in the group. Drag it to add it."
    # As the message has it.
    grouped.key(Qt.Key.Key_Return)
    start = grouped.card("clean_missing")
    grouped.drag(start, start + QPoint(40, 0))
    assert "group/clean_missing" in grouped.pipeline.nodes
    assert grouped.messages == [told]


def test_ctrl_shift_g_takes_the_group_away_and_selects_what_was_in_it(grouped):
    before = grouped.pipeline
    grouped.click(grouped.card("prepare/split_data"))
    grouped.key(Qt.Key.Key_G, CONTROL | SHIFT)
    assert set(grouped.pipeline.nodes) == {*OUTSIDE, "clean_missing", "split_data"}
    assert set(grouped.canvas.selection()) == {"clean_missing", "split_data"}
    assert link("clean_missing.cleaned", "split_data.dataset") in grouped.canvas.graph.links
    grouped.undo()
    assert grouped.pipeline is before
    assert frame(grouped).modules == 2


def test_what_cannot_be_grouped_is_said(grouped):
    grouped.canvas.select(["dataset", "prepare/split_data"])
    grouped.key(Qt.Key.Key_G, CONTROL)
    grouped.canvas.select(["dataset"])
    grouped.key(Qt.Key.Key_G, CONTROL | SHIFT)
    assert not grouped.steps
    assert "different groups" in grouped.messages[0]
    assert "Select a group" in grouped.messages[1]


def test_a_double_click_on_the_title_changes_it_and_escape_does_not(grouped):
    grouped.double_click(title(grouped))
    grouped.type("Clean and split")
    grouped.click(grouped.at(700, 400))
    assert grouped.pipeline.groups["prepare"].title == "Clean and split"
    assert frame(grouped).title == "Clean and split"
    grouped.canvas.select(["prepare"])
    grouped.key(Qt.Key.Key_F2)
    grouped.type("Other")
    grouped.key(Qt.Key.Key_Escape)
    assert grouped.pipeline.groups["prepare"].title == "Clean and split"
    assert len(grouped.steps) == 1


def test_a_group_that_only_addresses_speak_of_has_a_frame(desk):
    pipeline = pipeline_of({"dataset": (100, 100)})
    node = pipeline.nodes["dataset"]
    nested = Pipeline(
        nodes={"a/b/dataset": type(node)("a/b/dataset", node.module, position=node.position)}
    )
    desk.show(nested)
    frames = desk.canvas.graph.frames.items
    assert set(frames) == {"a", "a/b"}
    assert frames["a"].card_rect().contains(frames["a/b"].card_rect())
    assert frames["a"].title == "Group"
    start = title(desk, "a")
    desk.drag(start, start + QPoint(40, 20))
    assert desk.pipeline.nodes["a/b/dataset"].position == (140, 120)


def test_the_innermost_title_is_taken(desk):
    pipeline = pipeline_of({"dataset": (100, 100), "split_data": (100, 260)})
    pipeline, inner = grouping.group(pipeline, ["dataset"], "Inner")
    pipeline, _ = grouping.group(pipeline, [inner, "split_data"], "Outer")
    desk.show(pipeline)
    desk.click(title(desk, "outer/inner"))
    assert desk.canvas.selection() == ["outer/inner"]
    desk.click(title(desk, "outer"))
    assert desk.canvas.selection() == ["outer"]


def test_an_empty_group_can_be_seen_moved_and_deleted(desk):
    desk.show(edits.add_group(Pipeline(), "later", title="Later", position=(100, 100)))
    assert not desk.canvas.hint.isVisible()
    start = title(desk, "later")
    desk.drag(start, start + QPoint(40, 40))
    assert desk.pipeline.groups["later"].position == (140, 140)
    desk.click(title(desk, "later"))
    desk.key(Qt.Key.Key_Delete)
    assert not desk.pipeline.groups
    assert desk.canvas.hint.isVisible()


def test_tab_stops_at_a_group_and_says_what_it_is(grouped):
    grouped.canvas.select(["dataset"])
    grouped.key(Qt.Key.Key_Tab)
    assert grouped.canvas.selection() == ["prepare"]
    spoken = grouped.canvas.viewer.accessibleDescription()
    assert spoken == "Group Prepare, prepare, 2 modules"
    grouped.key(Qt.Key.Key_Tab)
    assert grouped.canvas.selection() == ["prepare/clean_missing"]


def test_a_menu_on_the_title_is_about_the_group(grouped):
    asked = []
    grouped.canvas.menu_requested.connect(lambda target, _: asked.append(target))
    grouped.canvas.pointer.menu(title(grouped), False)
    grouped.canvas.pointer.menu(QPoint(), True)
    assert [type(target) for target in asked] == [GroupTarget, GroupTarget]
    assert {target.id for target in asked} == {"prepare"}
    grouped.canvas.pointer.menu(grouped.card("prepare/split_data"), False)
    assert asked[-1] == NodeTarget("prepare/split_data")


def test_a_changed_title_or_color_repaints_only_the_frame(grouped):
    item = frame(grouped)
    before = colors_at(grouped, [grouped.at(190, 250)])
    grouped.show(grouping.set_group(grouped.pipeline, "prepare", color="green", title="Ready"))
    assert frame(grouped) is item
    assert item.title == "Ready"
    assert colors_at(grouped, [grouped.at(190, 250)]) != before
