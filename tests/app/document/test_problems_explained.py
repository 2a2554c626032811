"""From a problem to the page that explains it: by F1, the mouse, the menu, and a result."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from run_desk import run
from window_desk import add

from designer.app.dialogs.guide import Guide
from designer.app.dialogs.information import ModuleHelp
from designer.app.panels.problems import CODE, ICON_WIDTH
from designer.pipeline import edits

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

LONG = 60_000


@pytest.fixture
def lacking(window, qtbot):
    """A window with a module that lacks its input, and the list of problems in front."""
    add(window, "split_data")
    window.navigation.show_panel("problems")
    qtbot.waitUntil(lambda: window.problems.list.topLevelItemCount() == 1, timeout=LONG)
    return window


def guides(window) -> list[Guide]:
    return [guide for guide in window.findChildren(Guide) if guide.isVisible()]


def page(window) -> str:
    (guide,) = guides(window)
    return guide.page.source().fileName()


def test_f1_on_a_problem_explains_it_and_elsewhere_the_module(lacking, qtbot):
    rows = lacking.problems.list
    rows.setFocus()
    rows.setCurrentItem(rows.topLevelItem(0))
    QTest.keyClick(rows, Qt.Key.Key_F1)
    assert page(lacking) == "input-not-connected.md"
    assert not lacking.findChildren(ModuleHelp)
    (guide,) = guides(lacking)
    assert "isn't connected" in guide.page.toPlainText()
    guide.page.anchorClicked.emit("README.md")
    assert guide.page.source().fileName() == "README.md"
    QTest.mouseClick(guide.back, Qt.MouseButton.LeftButton)
    assert guide.page.source().fileName() == "input-not-connected.md"
    guide.close()
    with qtbot.waitActive(lacking):
        lacking.activateWindow()
    lacking.canvas.select(["split_data"])
    lacking.canvas.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    assert len(lacking.findChildren(ModuleHelp)) == 1
    assert guides(lacking) == []


def test_a_click_on_the_code_explains_and_one_beside_it_goes_there(lacking):
    rows = lacking.problems.list
    index = rows.indexFromItem(rows.topLevelItem(0))
    at = rows.visualRect(index.siblingAtColumn(0)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert guides(lacking) == []
    at = rows.visualRect(index.siblingAtColumn(CODE)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert page(lacking) == "input-not-connected.md"


def test_the_menu_of_a_problem_explains_and_copies(lacking, qtbot):
    rows = lacking.problems.list
    at = rows.visualItemRect(rows.topLevelItem(0)).center()
    rows.customContextMenuRequested.emit(at)
    (menu,) = (m for m in lacking.problems.findChildren(QMenu) if m.isVisible())
    meaning, copy = menu.actions()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(copy).center())
    assert "isn't connected" in QApplication.clipboard().text()
    rows.customContextMenuRequested.emit(at)
    menu = next(m for m in lacking.problems.findChildren(QMenu) if m.isVisible())
    meaning = menu.actions()[0]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(meaning).center())
    assert page(lacking) == "input-not-connected.md"


def test_the_code_has_room_only_in_a_wide_window(lacking, qtbot):
    rows = lacking.problems.list
    lacking.problems.resize(600, 120)
    assert rows.columnWidth(CODE) == ICON_WIDTH
    lacking.problems.resize(1200, 120)
    assert rows.columnWidth(CODE) > ICON_WIDTH
    assert rows.topLevelItem(0).text(CODE) == "input-not-connected"
    tooltip = lacking.canvas.graph.nodes["split_data"].tooltip()
    assert "input-not-connected" in tooltip


def test_a_step_that_failed_is_explained_from_its_result(window, qtbot):
    script = {"script": "def azureml_main(a=None, b=None):\n    raise ValueError('odd')\n"}
    window.edits.apply(
        "Add", lambda p: edits.add_node(p, "execute_python_script", parameters=script)[0]
    )
    assert run(window, qtbot) == "failed"
    window.canvas.select(["execute_python_script"])
    card = window.properties.page.card
    qtbot.waitUntil(card.meaning.isVisible)
    assert "script-failed" in card.meaning.toolTip()
    QTest.mouseClick(card.meaning, Qt.MouseButton.LeftButton)
    assert page(window) == "script-failed.md"


def test_a_code_of_a_package_leads_to_the_list(window):
    window.views.show_problem("code-of-a-plug-in")
    assert page(window) == "README.md"
    guides(window)[0].close()
    window.views.show_problem("../../pyproject")
    assert page(window) == "README.md"
