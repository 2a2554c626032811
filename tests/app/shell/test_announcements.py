"""What is read out although the focus stays: refusals, ends of runs, messages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QListWidget
from run_desk import run, show, splitting
from window_desk import CONTROL, SHIFT, add, key

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture
def heard(window):
    texts: list[str] = []
    window.announcer.announced.connect(texts.append)
    return texts


def test_a_refusal_and_a_selection_are_read_out(window, heard):
    add(window, "enter_data_manually", "two_class_logistic_regression")
    window.canvas.select(["enter_data_manually", "two_class_logistic_regression"])
    window.canvas.setFocus()
    heard.clear()
    key(window, Qt.Key.Key_K, CONTROL)
    assert heard == ["These modules have no compatible ports."]
    key(window, Qt.Key.Key_Escape)
    assert heard[-1] == "Nothing selected"


def test_the_end_of_a_run_is_read_out(window, qtbot, heard):
    show(window, splitting())
    run(window, qtbot)
    assert [text for text in heard if text.startswith("Run: Completed in")]


def test_a_message_is_read_out_and_nothing_of_a_window_that_is_hidden(window, heard):
    window.messages.show("Saved.")
    window.messages.warn("This folder can't be written to.")
    assert heard[-2:] == ["Saved.", "This folder can't be written to."]
    window.hide()
    window.messages.show("Nobody sees it.")
    assert "Nobody sees it." not in heard


def test_no_spoken_name_has_a_space_that_can_not_be_seen(window):
    show(window, splitting())
    window.canvas.select(["enter_data_manually"])

    def spoken(found) -> list[str]:
        texts = [found.text(QAccessible.Text.Name), found.text(QAccessible.Text.Description)]
        for index in range(found.childCount()):
            child = found.child(index)
            if child is not None and child.isValid():
                texts += spoken(child)
        return texts

    texts = spoken(QAccessible.queryAccessibleInterface(window.properties))
    assert "enter_data_manually" in texts
    assert not [text for text in texts if "\u200b" in text]


def test_what_the_status_bar_said_can_be_read_again(window, qtbot):
    add(window, "enter_data_manually", "two_class_logistic_regression")
    window.canvas.select(["enter_data_manually", "two_class_logistic_regression"])
    window.canvas.setFocus()
    key(window, Qt.Key.Key_K, CONTROL)
    window.statusBar().clearMessage()
    assert recent(window)[0] == "These modules have no compatible ports."


def test_a_message_that_another_has_replaced_can_be_read_again(window, qtbot):
    window.bar.show_message("The file was changed by another program.", severity="warning")
    window.bar.show_message("The run failed.", severity="error")
    window.bar.show_lasting("A library is missing.")
    window.messages.show("Saved.")
    assert recent(window)[:4] == [
        "Saved.",
        "A library is missing.",
        "The run failed.",
        "The file was changed by another program.",
    ]


def recent(window) -> list[str]:
    """Return what is listed after a press of the keys, without the times."""
    read: list[str] = []

    def look(tries: int = 100) -> None:
        dialog, focus = QApplication.activeModalWidget(), QApplication.focusWidget()
        reached = dialog is not None and focus is not None and focus.window() is dialog
        if not reached and tries:
            QTimer.singleShot(20, lambda: look(tries - 1))
            return
        if isinstance(focus, QListWidget) and focus.currentRow() == 0:
            read.extend(focus.item(row).text().partition("  ")[2] for row in range(focus.count()))
        if dialog is not None:
            dialog.close()

    QTimer.singleShot(0, look)
    key(window, Qt.Key.Key_H, CONTROL | SHIFT)
    return read
