"""An example of a module is added from the palette, from its help, and by a command."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from window_desk import add, nodes

from designer import paths
from designer.app.dialogs.information import ModuleHelp
from designer.app.shell.main import make_window

COUNT_LINES = """
from typing import Annotated

from modules.contract import DataTable, PathOf, module


@module("Count Lines", outputs=("lines",))
def count_lines(*, path: Annotated[str, PathOf("read")]) -> DataTable:
    \"\"\"Count the lines of a file.\"\"\"
"""

MADE = {"group_by", "enter_data_manually"}


def modules(window) -> set[str]:
    return {node.module for node in window.document.pipeline.nodes.values()}


def choose(window, title: str) -> None:
    """Search for a module in the palette, which selects it."""
    window.palette_panel.search.setFocus()
    window.palette_panel.search.clear()
    QTest.keyClicks(window.palette_panel.search, title)
    QApplication.processEvents()


def menu_of(window) -> QMenu:
    tree = window.palette_panel.tree
    point = tree.visualRect(tree.currentIndex()).center()
    window.palette_panel._open_menu(QPoint(point))
    return window.palette_panel.findChildren(QMenu)[-1]


def link_position(browser) -> QPoint:
    """Return where the link of a text is."""
    cursor = browser.document().find("Add an example")
    start = QTextCursor(browser.document())
    start.setPosition(cursor.selectionStart() + 4)
    return browser.cursorRect(start).center()


def test_the_palettes_menu_adds_an_example_as_one_step(window) -> None:
    choose(window, "Group By")
    menu = menu_of(window)
    (action,) = [each for each in menu.actions() if each.text() == "Add an example"]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert modules(window) == MADE
    (group,) = window.document.pipeline.groups.values()
    assert group.title == "Example: Group By"
    assert set(window.canvas.selection()) >= set(nodes(window)) or window.canvas.selected_groups()
    window.document.undo_stack.undo()
    assert nodes(window) == []
    assert not window.document.pipeline.groups


def test_a_second_example_gets_room_of_its_own(window) -> None:
    window.edits.add_example("group_by")
    window.edits.add_example("group_by")
    places = [node.position for node in window.document.pipeline.nodes.values()]
    assert len(set(places)) == 4
    assert len(window.document.pipeline.groups) == 2


def test_the_help_below_the_palette_adds_one(window) -> None:
    choose(window, "Normalize Data")
    browser = window.palette_panel.help
    QTest.mouseClick(browser.viewport(), Qt.MouseButton.LeftButton, pos=link_position(browser))
    assert modules(window) == {"normalize_data", "enter_data_manually"}


def test_the_help_window_and_the_command_add_one(window) -> None:
    add(window, "split_data")
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    window.actions_by_id["add_example_of_selected"].trigger()
    assert modules(window) == {"split_data", "enter_data_manually"}
    window.document.undo_stack.undo()
    window.views.show_help("split_data")
    (shown,) = window.findChildren(ModuleHelp)
    QApplication.processEvents()
    QTest.mouseClick(
        shown.text.viewport(), Qt.MouseButton.LeftButton, pos=link_position(shown.text)
    )
    assert modules(window) == {"split_data", "enter_data_manually"}
    shown.close()


@pytest.mark.parametrize("title", ["Import Data", "Saved Model", "Web Service Input"])
def test_what_an_example_reads_comes_with_it(qtbot, window, tmp_path, title: str) -> None:
    choose(window, title)
    menu = menu_of(window)
    (action,) = [each for each in menu.actions() if each.text() == "Add an example"]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert title in {window.catalog[module].title for module in modules(window)}
    window.navigation.show_panel("problems")
    empty = window.problems.empty
    qtbot.waitUntil(lambda: empty.isVisible() and empty.text() == "No problems found.")
    # What is saved names no folder of this computer, so it works on any other.
    saved = tmp_path / "elsewhere" / "shown.pipeline.json"
    saved.parent.mkdir()
    window.document.save(saved)
    assert str(paths.packages()) not in saved.read_text("utf-8")
    qtbot.waitUntil(lambda: empty.isVisible() and empty.text() == "No problems found.")


def test_a_module_without_example_offers_none(qtbot, settings, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "workspace" / "modules"
    folder.mkdir(parents=True)
    (folder / "count_lines.py").write_text(COUNT_LINES, "utf-8")
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(folder.parent))
    window = make_window(settings)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    choose(window, "Count Lines")
    offered = [each.text() for each in menu_of(window).actions()]
    assert "Add to the pipeline" in offered
    assert "Add an example" not in offered
    assert "Add an example" not in window.palette_panel.help.toPlainText()
