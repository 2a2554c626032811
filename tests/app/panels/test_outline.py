"""The outline by keys and pointer: status, several modules, ports, links."""

from __future__ import annotations

import pytest
from assistive_desk import select_row
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from window_desk import CONTROL, SHIFT, key, nodes

from designer.app.canvas import NodeState
from designer.pipeline import edits
from designer.pipeline.model import Pipeline

KEY = Qt.Key


@pytest.fixture
def outline(window):
    pipeline = Pipeline()
    for row, module in enumerate(("enter_data_manually", "split_data", "train_model")):
        pipeline, _ = edits.add_node(pipeline, module, position=(0, 140 * row))
    window.document.apply("Add", lambda _: pipeline)
    window.navigation.show_panel("outline")
    window.outline.list.setFocus()
    QApplication.processEvents()
    return window.outline


def items(outline):
    return [outline.list.topLevelItem(row) for row in range(outline.list.topLevelItemCount())]


def go_to(outline, module, port=""):
    """Move the cursor to a module, or to one of its ports, as the keys do."""
    item = next(each for each in items(outline) if each.text(0) == module)
    if port:
        outline.list.setCurrentItem(item)
        QTest.keyClick(outline.list, KEY.Key_Right)
        found = [item.child(row) for row in range(item.childCount())]
        item = next(each for each in found if each.text(0).startswith(port))
    outline.list.setCurrentItem(item)
    return item


def links(window):
    return {f"{link.source} > {link.target}" for link in window.document.pipeline.links}


def choose(text):
    """Choose an entry of the menu that is open."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    entries = [action.text() for action in menu.actions()]
    assert text in entries, entries
    for _ in range(entries.index(text) + (menu.activeAction() is None)):
        QTest.keyClick(menu, KEY.Key_Down)
    QTest.keyClick(menu, KEY.Key_Return)
    QApplication.processEvents()
    return entries


def test_several_modules_are_selected_and_deleted_by_keys(window, outline):
    go_to(outline, "Enter Data Manually")
    key(window, KEY.Key_Down, SHIFT)
    key(window, KEY.Key_Return)
    assert window.canvas.selection() == nodes(window)[:2]
    key(window, KEY.Key_Delete)
    assert nodes(window) == ["train_model"]
    window.document.undo_stack.undo()
    assert len(nodes(window)) == 3


def test_several_modules_are_selected_by_pointer(window, outline):
    first, second = (outline.list.visualItemRect(each).center() for each in items(outline)[:2])
    button = Qt.MouseButton.LeftButton
    QTest.mouseClick(outline.list.viewport(), button, pos=first)
    assert window.canvas.selection() == ["enter_data_manually"]
    QTest.mouseClick(outline.list.viewport(), button, CONTROL, second)
    assert window.canvas.selection() == ["enter_data_manually", "split_data"]


def test_ports_are_linked_moved_and_unlinked_by_keys(window, outline):
    port = go_to(outline, "Train Model", "Input: Dataset")
    assert port.text(0) == "Input: Dataset, not linked"
    key(window, KEY.Key_Return)
    entries = choose("Split Data, results dataset2")
    # The nearest first.
    assert entries[0] == "Split Data, results dataset1"
    assert entries[-1] == "Enter Data Manually"
    assert links(window) == {"split_data.results_dataset2 > train_model.dataset"}
    assert outline.list.currentItem().text(0) == "Input: Dataset from Split Data, results dataset2"
    key(window, KEY.Key_Return)
    choose("Enter Data Manually")
    assert links(window) == {"enter_data_manually.dataset > train_model.dataset"}
    assert window.document.undo_stack.undoText() == "Move link"
    key(window, KEY.Key_Delete)
    assert links(window) == set()
    assert outline.list.currentItem().text(0) == "Input: Dataset, not linked"


def test_an_output_is_linked_to_several_inputs(window, outline):
    go_to(outline, "Enter Data Manually", "Output: Dataset")
    for target in ("Split Data", "Train Model, dataset"):
        key(window, KEY.Key_K, CONTROL)
        choose(target)
    text = "Output: Dataset to Split Data and Train Model, dataset"
    assert outline.list.currentItem().text(0) == text
    key(window, KEY.Key_Return)
    menu = QApplication.activePopupWidget()
    assert [each.text() for each in menu.actions() if each.isChecked()] == [
        "Split Data",
        "Train Model, dataset",
    ]
    choose("Split Data")
    assert links(window) == {"enter_data_manually.dataset > train_model.dataset"}


def test_two_modules_are_linked_by_keys(window, outline):
    go_to(outline, "Enter Data Manually")
    key(window, KEY.Key_Down, SHIFT)
    key(window, KEY.Key_K, CONTROL)
    assert links(window) == {"enter_data_manually.dataset > split_data.dataset"}


def test_a_port_is_linked_and_unlinked_by_pointer(window, outline):
    item = go_to(outline, "Split Data", "Input: Dataset")
    viewport, where = outline.list.viewport(), outline.list.visualItemRect(item).center()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=where)
    assert window.canvas.selection() == ["split_data"]

    def choose_in_menu(text):
        reason = QContextMenuEvent.Reason.Mouse
        event = QContextMenuEvent(reason, where, viewport.mapToGlobal(where))
        QApplication.sendEvent(viewport, event)
        choose(text)

    choose_in_menu("Link to")
    choose("Enter Data Manually")
    assert links(window) == {"enter_data_manually.dataset > split_data.dataset"}
    choose_in_menu("Delete link")
    assert links(window) == set()


def test_why_nothing_fits_is_shown(window, outline):
    go_to(outline, "Train Model", "Input: Untrained model")
    key(window, KEY.Key_Return)
    assert QApplication.activePopupWidget() is None
    assert "no module outputs that" in window.statusBar().currentMessage()


def test_the_cursor_stays_at_its_port_while_modules_are_added(window, outline):
    go_to(outline, "Train Model", "Input: Dataset")
    window.document.apply("Add", lambda p: edits.add_node(p, "join_data")[0])
    assert outline.list.currentItem().text(0) == "Input: Dataset, not linked"
    assert len(items(outline)) == 4


def test_a_module_that_is_unknown_has_no_ports(window, outline):
    window.document.apply("Add", lambda p: edits.add_node(p, "far_away", node_id="far")[0])
    item = go_to(outline, "far_away  ·  far")
    QTest.keyClick(outline.list, KEY.Key_Right)
    assert item.childCount() == 0


def test_what_the_canvas_selects_is_marked(window, outline):
    window.canvas.select(["split_data", "train_model"])
    marked = [item.text(0) for item in outline.list.selectedItems()]
    assert marked == ["Split Data", "Train Model"]
    window.canvas.select([])
    assert not outline.list.selectedItems()


def test_the_state_of_a_module_is_spoken(outline):
    outline.show_states({"split_data": NodeState("failed")})
    texts = [each.data(0, Qt.ItemDataRole.AccessibleTextRole) for each in items(outline)]
    assert "Split Data, failed" in texts
    assert "Train Model" in texts


def test_a_module_that_assistive_technology_selects_is_selected_on_the_canvas(window, outline):
    select_row(outline.list, "Split Data")
    assert window.canvas.selection() == ["split_data"]
    assert outline.list.currentItem().text(0) == "Split Data"


def test_the_links_of_a_port_that_assistive_technology_selects_are_listed(window, outline):
    item = go_to(outline, "Split Data", "Input: Dataset")
    go_to(outline, "Train Model")
    QApplication.processEvents()
    select_row(outline.list, item.text(0))
    choose("Enter Data Manually")
    assert links(window) == {"enter_data_manually.dataset > split_data.dataset"}
