"""Results beside the canvas or in windows, as the person chose last."""

from __future__ import annotations

import pytest
from assistive_desk import spoken
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar, QToolButton
from run_desk import LONG, run, show, splitting
from window_desk import CONTROL, LentEngine, close

from designer.app.shell.main_window import MainWindow
from designer.app.shell.settings import Settings
from designer.app.shell.workbench import DOCKED_WIDTH

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture
def result(window, qtbot):
    """A result in a window."""
    window.window().resize(1200, 760)
    show(window, splitting())
    run(window, qtbot)
    return opened(window, qtbot, "results_dataset1")


def opened(window, qtbot, port: str):
    before = window.runs.result_windows()
    window.runs.show_output("split_data", port)
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) > len(before), timeout=LONG)
    shown = window.runs.result_windows()[-1]
    qtbot.waitUntil(lambda: not shown.focusProxy().reading, timeout=LONG)
    return shown


def move(result) -> None:
    """Click on the button that brings a result elsewhere."""
    names = ("Show beside the canvas", "Show in a window")
    (button,) = (b for b in result.findChildren(QToolButton) if b.accessibleName() in names)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def titles(window) -> list[str]:
    tabs = window.workbench.sides["beside"]
    return [tabs.tabText(index) for index in range(tabs.count()) if tabs.isTabVisible(index)]


def test_a_result_goes_beside_the_canvas_and_back_and_the_next_ones_too(window, result, qtbot):
    beside = window.workbench.sides["beside"]
    assert beside.isHidden()
    assert spoken(result).role() == QAccessible.Role.Window
    move(result)
    assert beside.isVisible()
    assert result.isVisible()
    assert not result.isWindow()
    assert titles(window)[1].startswith("Split Data")
    assert spoken(result).role() == QAccessible.Role.Grouping
    second = opened(window, qtbot, "results_dataset2")
    assert second.isVisible()
    assert not result.isVisible()
    assert Settings(window.settings.path).results_beside
    move(second)
    assert second.isWindow()
    assert second.isVisible()
    assert result.isVisible()
    assert not window.settings.results_beside
    window.actions_by_id["panels_beside"].trigger()
    assert not result.isVisible()
    window.runs.show_output("split_data", "results_dataset1")
    qtbot.waitUntil(result.isVisible)


def test_a_tab_closes_by_its_button_and_by_the_keyboard(window, result, qtbot):
    beside = window.workbench.sides["beside"]
    move(result)
    second = opened(window, qtbot, "results_dataset2")
    with qtbot.waitActive(window):
        window.activateWindow()
    second.setFocus()
    qtbot.waitUntil(lambda: second.isAncestorOf(QApplication.focusWidget()))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_W, CONTROL)
    assert window.runs.result_windows() == [result]
    assert beside.isVisible()
    button = beside.tabBar().tabButton(1, QTabBar.ButtonPosition.RightSide)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.runs.result_windows() == []
    # It was shown for them only.
    assert beside.isHidden()
    assert titles(window) == ["Code"]


def test_esc_goes_from_a_docked_result_to_the_canvas(window, result, qtbot):
    move(result)
    with qtbot.waitActive(window):
        window.activateWindow()
    result.setFocus()
    qtbot.waitUntil(lambda: result.isAncestorOf(QApplication.focusWidget()))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert window.runs.result_windows() == [result]
    assert window.canvas.isAncestorOf(QApplication.focusWidget())


def test_the_command_moves_open_results_and_is_remembered(window, result, engine, samples):
    window.actions_by_id["results_beside"].trigger()
    assert not result.isWindow()
    assert window.actions_by_id["results_beside"].isChecked()
    window.actions_by_id["results_beside"].trigger()
    assert result.isWindow()
    window.actions_by_id["results_beside"].trigger()
    window.document.undo_stack.setClean()
    window.close()
    again = MainWindow(
        Settings(window.settings.path),
        window.catalog,
        workspace=engine.workspace,
        make_engine=lambda: LentEngine(engine),
        samples=samples,
    )
    assert again.actions_by_id["results_beside"].isChecked()
    # The side that was open for a result only isn't restored without it.
    assert again.workbench.sides["beside"].isHidden()
    close(again)


def test_a_docked_table_leaves_room_for_the_canvas(window, result):
    move(result)
    assert window.width() == 1200
    assert window.canvas.width() > 200
    side = window.workbench.sides["beside"]
    assert side.mapTo(window, QPoint(side.width(), 0)).x() <= window.width()
    # What doesn't fit is scrolled and not squeezed.
    assert result.width() >= DOCKED_WIDTH > side.width()
