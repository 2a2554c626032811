"""The lineage of results and datasets, from where the window shows them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from run_desk import LONG, run, show, splitting

from designer.app.canvas import NodeTarget

pytestmark = pytest.mark.allow_leaks
LEFT = Qt.MouseButton.LeftButton


def _lineage(window, qtbot):
    """Return the boxes of the lineage that opens, by kind."""
    qtbot.waitUntil(lambda: window.lineage.dialog is not None, timeout=LONG)
    dialog = window.lineage.dialog
    qtbot.waitUntil(lambda: dialog.scene is not None, timeout=LONG)
    boxes = {box.about["kind"]: box for box in dialog.scene.boxes.values()}
    dialog.close()
    return boxes


def test_the_menu_of_a_card_and_the_window_of_a_result_show_the_lineage(window, qtbot):
    show(window, splitting())
    window.canvas.select(["split_data"])
    command = window.actions_by_id["show_lineage"]
    assert not command.isEnabled()
    run(window, qtbot)
    assert command.isEnabled()
    menu = window.menus.menu(NodeTarget("split_data"))
    next(action for action in menu.actions() if action.text() == "Lineage").trigger()
    boxes = _lineage(window, qtbot)
    assert boxes["result"].about["title"] == "split_data"
    assert boxes["run"].about["id"] == f"run:{window.controller.run_id}"
    assert "split_data" in boxes["code"].about["facts"]

    window.runs.show_output("split_data", "results_dataset2")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    (shown,) = window.runs.result_windows()
    QTest.mouseClick(shown.lineage, LEFT)
    boxes = _lineage(window, qtbot)
    assert boxes["result"].about["title"] == "split_data.results_dataset2"
    assert boxes["result"].x() > boxes["run"].x() > boxes["code"].x()


def test_a_node_that_was_renamed_keeps_the_lineage_of_its_result(window, qtbot):
    from designer.pipeline import edits

    show(window, splitting())
    run(window, qtbot)
    renamed = lambda pipeline: edits.rename_node(pipeline, "split_data", "parts")  # noqa: E731
    window.edits.apply("Rename", renamed)
    window.canvas.select(["parts"])
    command = window.actions_by_id["show_lineage"]
    qtbot.waitUntil(command.isEnabled, timeout=LONG)
    command.trigger()
    assert _lineage(window, qtbot)["result"].about["title"] == "split_data"


def test_the_versions_of_a_dataset_show_what_uses_them(window, qtbot, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("age,height\n1,2\n3,4\n")
    window.workspace.register_dataset("people of lineage", file)
    window.dataset_actions.show_versions("people of lineage")
    dialog = window.dataset_actions.versions
    qtbot.waitUntil(dialog.lineage.isEnabled, timeout=LONG)
    QTest.mouseClick(dialog.lineage, LEFT)
    assert _lineage(window, qtbot)["data"].about["title"] == "people of lineage@1"
    dialog.close()
    window.workspace.dataset_store.remove("people of lineage")
