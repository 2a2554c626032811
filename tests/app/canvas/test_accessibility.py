"""What a screen reader finds on the canvas, and what is read out."""

from __future__ import annotations

import pytest
from canvas_desk import link, pipeline_of
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface

from designer.app.canvas import NodeState
from designer.pipeline import edits, grouping
from designer.pipeline.problem import Problem

NAME, DESCRIPTION = QAccessible.Text.Name, QAccessible.Text.Description
OPEN = QAccessibleActionInterface.pressAction()
SELECT = QAccessibleActionInterface.setFocusAction()


@pytest.fixture
def said(flow):
    heard: list[str] = []
    flow.canvas.announced.connect(heard.append)
    return heard


@pytest.fixture
def flow(desk):
    desk.show(
        pipeline_of(
            {
                "dataset": (200, 0),
                "split_data": (200, 160),
                "train_model": (40, 320),
            },
            ("dataset.dataset", "split_data.dataset"),
            ("split_data.first", "train_model.dataset"),
        )
    )
    return desk


def root(desk):
    return QAccessible.queryAccessibleInterface(desk.canvas.viewer)


def children(found) -> list:
    return [found.child(index) for index in range(found.childCount())]


def names(desk) -> list[str]:
    return [each.text(NAME) for each in children(root(desk))]


def named(desk, name: str):
    return next(each for each in children(root(desk)) if each.text(NAME) == name)


def test_cards_and_links_are_listed_in_reading_order(flow):
    assert root(flow).text(NAME) == "Pipeline canvas"
    assert root(flow).role() == QAccessible.Role.List
    assert names(flow) == [
        "Dataset",
        "Split Data",
        "Train Model",
        "Link from Dataset to Split Data",
        "Link from Split Data, first to Train Model, dataset",
    ]
    for index, each in enumerate(children(root(flow))):
        assert root(flow).indexOfChild(each) == index
        assert each.role() == QAccessible.Role.ListItem
        assert each.parent().object() is flow.canvas.viewer


def test_a_card_has_its_state_problems_and_links(flow):
    flow.show(edits.set_comment(flow.pipeline, "train_model", "Fits the price"))
    flow.canvas.set_states({"train_model": NodeState("completed", 2.4)})
    problem = Problem("error", "No column is chosen.", "Choose the column.", "train_model")
    flow.canvas.set_problems({"train_model": [problem]})
    assert named(flow, "Train Model").text(DESCRIPTION) == (
        "Fits the price. Completed in 2.4 s. 1 error: No column is chosen. Choose the column. "
        "Untrained model: not linked; Dataset from Split Data, first"
    )


def test_a_problem_is_read_without_the_title_of_its_card(flow):
    problem = Problem("error", "Train Model: no column is chosen.", "", "train_model")
    flow.canvas.set_problems({"train_model": [problem]})
    assert "1 error: No column is chosen. " in named(flow, "Train Model").text(DESCRIPTION)


def test_ports_have_type_columns_and_what_they_are_linked_to(flow):
    flow.canvas.set_port_info(
        {link("dataset.dataset", "split_data.dataset").source: "2 columns: age, income"}
    )
    ports = children(named(flow, "Split Data"))
    assert [port.text(NAME) for port in ports] == [
        "Input: Dataset",
        "Output: First",
        "Output: Second",
    ]
    assert [port.text(DESCRIPTION) for port in ports] == [
        "a dataset. 2 columns: age, income. from Dataset",
        "a dataset. to Train Model, dataset",
        "a dataset. not linked",
    ]
    assert all(port.parent().text(NAME) == "Split Data" for port in ports)


def test_selecting_and_opening_work_through_the_tree(flow, qtbot):
    card = named(flow, "Split Data")
    assert not card.state().selected
    card.actionInterface().doAction(SELECT)
    assert flow.canvas.selection() == ["split_data"]
    assert card.state().selected
    assert root(flow).focusChild().text(NAME) == "Split Data"
    with qtbot.waitSignal(flow.canvas.node_activated) as opened:
        named(flow, "Train Model").actionInterface().doAction(OPEN)
    assert opened.args == ["train_model"]
    one = named(flow, "Link from Dataset to Split Data")
    one.actionInterface().doAction(SELECT)
    assert flow.canvas.selected_links() == [link("dataset.dataset", "split_data.dataset")]
    flow.key(Qt.Key.Key_Delete)
    assert "Link from Dataset to Split Data" not in names(flow)


def test_several_items_are_selected_through_the_tree(flow, said):
    canvas, chosen = root(flow), root(flow).selectionInterface()
    assert canvas.state().multiSelectable
    assert canvas.actionInterface().actionNames()
    card, other = named(flow, "Dataset"), named(flow, "Train Model")
    assert chosen.select(card)
    assert chosen.select(other)
    assert said[-1] == "2 items selected"
    assert flow.canvas.selection() == ["dataset", "train_model"]
    assert chosen.isSelected(card)
    assert [each.text(NAME) for each in chosen.selectedItems()] == ["Dataset", "Train Model"]
    assert chosen.selectedItem(1).text(NAME) == "Train Model"
    assert chosen.unselect(card)
    assert not chosen.unselect(card)
    assert chosen.selectedItemCount() == 1
    assert chosen.select(named(flow, "Link from Dataset to Split Data"))
    assert chosen.selectedItemCount() == 2
    # A port can't be selected.
    assert not chosen.select(children(card)[0])
    assert chosen.selectAll()
    assert len(flow.canvas.selection()) == 3
    assert chosen.clear()
    assert said[-1] == "Nothing selected"


def test_what_is_gone_is_gone_from_the_tree(flow):
    before = children(root(flow))
    before += [port for card in before for port in children(card)]
    assert len(before) > 5
    flow.canvas.select(["split_data"])
    flow.key(Qt.Key.Key_Delete)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert names(flow) == ["Dataset", "Train Model"]
    flow.undo()
    assert len(names(flow)) == 5


def test_notes_and_groups_are_in_the_tree(flow):
    pipeline, _ = edits.add_note(flow.pipeline, "Why so", position=(600, 0))
    pipeline, _ = grouping.group(pipeline, ["split_data", "train_model"], "Prepare")
    flow.show(pipeline)
    assert "Note: Why so" in names(flow)
    assert any(name.startswith("Group Prepare") and "2 modules" in name for name in names(flow))


def test_cards_are_where_they_are_seen(flow):
    viewer = flow.canvas.viewer
    for name, title in (("dataset", "Dataset"), ("split_data", "Split Data")):
        middle = named(flow, title).rect().center()
        scene = viewer.to_scene(viewer.viewport().mapFromGlobal(middle).toPointF())
        assert flow.canvas.graph.node_at(scene) is flow.canvas.graph.nodes[name]


def test_a_selection_is_announced_with_state_and_links(flow, said):
    flow.canvas.set_states({"train_model": NodeState("failed")})
    flow.canvas.select(["dataset"])
    flow.key(Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    flow.canvas.select(["train_model"])
    flow.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    flow.key(Qt.Key.Key_Escape)
    assert said == [
        "Dataset. Dataset to Split Data",
        "Split Data. Dataset from Dataset; First to Train Model, dataset",
        "Train Model. Failed. Untrained model: not linked; Dataset from Split Data, first",
        "3 items selected",
        "Nothing selected",
    ]
