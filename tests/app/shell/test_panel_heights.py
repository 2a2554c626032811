"""How much of a small window the panels below the canvas take."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, add, key, nodes

LEFT = Qt.MouseButton.LeftButton


def resize(window, width: int, height: int) -> int:
    """Resize the window, and return the height of the panels below."""
    window.window().resize(width, height)
    QApplication.processEvents()
    return window.workbench.sides["below"].height()


def test_an_empty_list_of_problems_leaves_a_small_window_to_the_canvas(window):
    below = resize(window, 1280, 720)
    assert window.problems.empty.isVisible()
    assert below < window.workbench.height() / 4


def test_many_problems_make_room_and_their_correction_does_not_take_it(window, qtbot):
    resize(window, 1280, 720)
    below = window.workbench.sides["below"]
    add(window, "train_model", "train_model")
    top = window.canvas.viewer.mapToScene(0, 0)
    qtbot.waitUntil(lambda: len(window.problems.problems()) > 2, timeout=10_000)
    assert below.height() == 180
    assert window.canvas.viewer.mapToScene(0, 0) == top
    window.canvas.setFocus()
    key(window, Qt.Key.Key_A, CONTROL)
    key(window, Qt.Key.Key_Delete)
    assert nodes(window) == []
    qtbot.waitUntil(lambda: len(window.problems.problems()) < 2, timeout=10_000)
    assert below.height() == 180


def test_another_tab_has_room_and_the_empty_list_gives_it_back(window):
    resize(window, 1280, 720)
    below = window.workbench.sides["below"]
    bar = below.tabBar()
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(2).center())
    QApplication.processEvents()
    assert window.run_list.isVisible()
    assert below.height() == 180
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(0).center())
    QApplication.processEvents()
    assert below.height() == 132


def test_only_a_height_that_was_chosen_is_remembered(window):
    resize(window, 1280, 720)
    assert window.workbench.state()["down"].isEmpty()


def test_a_height_that_was_chosen_stays(window):
    resize(window, 1280, 720)
    handle = window.workbench.middle.handle(1)
    start = handle.rect().center()
    end = start - QPoint(0, 100)
    QTest.mousePress(handle, LEFT, pos=start)
    QTest.mouseMove(handle, end)
    QTest.mouseRelease(handle, LEFT, pos=handle.mapFromGlobal(handle.mapToGlobal(end)))
    QApplication.processEvents()
    chosen = window.workbench.sides["below"].height()
    assert chosen > 180
    assert resize(window, 1280, 800) == chosen
    assert not window.workbench.state()["down"].isEmpty()
