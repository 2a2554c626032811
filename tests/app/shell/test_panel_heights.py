"""How much of a small window the panels below the canvas take."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

LEFT = Qt.MouseButton.LeftButton


def resize(window, width: int, height: int) -> int:
    """Resize the window, and return the height of the panels below."""
    window.resize(width, height)
    QApplication.processEvents()
    return window.workbench.sides["below"].height()


def test_an_empty_list_of_problems_leaves_a_small_window_to_the_canvas(window):
    below = resize(window, 1280, 720)
    assert window.problems.empty.isVisible()
    assert below <= window.workbench.height() / 5
    assert window.canvas.height() > 0.8 * window.workbench.height() - 5


def test_a_large_window_has_room_for_several_problems(window):
    assert resize(window, 1900, 1200) == 180


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
