"""The outline by keys: status, several modules, deleting."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from window_desk import SHIFT, add, key, nodes

from designer.app.canvas import NodeState

KEY = Qt.Key


@pytest.fixture
def outline(window):
    add(window, "enter_data_manually", "split_data", "train_model")
    window.canvas.select([])
    window.navigation.show_panel("outline")
    window.outline.list.setFocus()
    QApplication.processEvents()
    return window.outline


def test_several_modules_are_selected_and_deleted_by_keys(window, outline):
    outline.list.setCurrentRow(0)
    key(window, KEY.Key_Down, SHIFT)
    key(window, KEY.Key_Return)
    assert window.canvas.selection() == nodes(window)[:2]
    key(window, KEY.Key_Delete)
    assert nodes(window) == ["train_model"]
    window.document.undo_stack.undo()
    assert len(nodes(window)) == 3


def test_what_the_canvas_selects_is_marked(window, outline):
    window.canvas.select(["split_data", "train_model"])
    marked = [item.text() for item in outline.list.selectedItems()]
    assert marked == ["Split Data", "Train Model"]
    window.canvas.select([])
    assert not outline.list.selectedItems()


def test_the_state_of_a_module_is_spoken(outline):
    outline.show_states({"split_data": NodeState("failed")})
    texts = [
        outline.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole)
        for row in range(outline.list.count())
    ]
    assert "Split Data, failed" in texts
    assert "Train Model" in texts
