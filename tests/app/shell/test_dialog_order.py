"""The way of Tab through each dialog."""

from __future__ import annotations

import itertools

import pytest
from dialog_desk import DIALOGS
from focus_desk import name_of, stops
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from run_desk import show, splitting

pytestmark = [pytest.mark.allow_leaks, pytest.mark.long]
"""Workers that a test ends start again by themselves, during the next one."""


INDENTED = ("code",)
"""In a script, Tab indents; Ctrl+Enter and Esc leave it."""

MOST = 600
"""More than any dialog has, and any page of the guide links: Tab never leaves something."""


def way(dialog: QWidget) -> list[QWidget]:
    """Press Tab until the focus has been there before, and return where it has been."""
    found: list[QWidget] = []
    focus = QApplication.focusWidget()
    for _ in range(MOST):
        if focus is None:
            break
        if focus not in found:
            found.append(focus)
        before = focus
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        QApplication.processEvents()
        focus = QApplication.focusWidget()
        if focus is not before and focus in found:
            break
    return found


def place(dialog: QWidget, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(dialog, QPoint(0, 0)), widget.size())


def backward(dialog: QWidget, around: list[QWidget]) -> list[str]:
    """Return the steps that lead up in the same column, or left in the same row."""
    # The way begins anywhere.
    first = min(range(len(around)), key=lambda i: _key(place(dialog, around[i])))
    around = around[first:] + around[:first]
    found = []
    for one, other in itertools.pairwise(around):
        before, after = place(dialog, one), place(dialog, other)
        same_column = before.left() <= after.right() and after.left() <= before.right()
        same_row = before.top() <= after.bottom() and after.top() <= before.bottom()
        up = same_column and after.bottom() <= before.top()
        left = same_row and after.right() <= before.left()
        if up or left:
            found.append(f"from “{name_of(one)}” to “{name_of(other)}”")
    return found


def _key(area: QRect) -> tuple[int, int]:
    return area.top(), area.left()


def test_tab_goes_through_every_dialog_as_it_is_read(window, qtbot):
    show(window, splitting())
    found = {}
    for name, make in DIALOGS.items():
        if name in INDENTED:
            continue
        dialog = make(window)
        with qtbot.waitExposed(dialog):
            dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow, timeout=20_000)
        QApplication.processEvents()
        around = way(dialog)
        assert around, f"nothing has the focus in {name}"
        missed = [name_of(each) for each in stops(dialog) if each not in around]
        found[name] = [*backward(dialog, around), *(f"“{each}” missed" for each in missed)]
        dialog.close()
        dialog.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert {name: each for name, each in found.items() if each} == {}
