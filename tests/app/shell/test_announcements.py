"""What is read out although the focus stays: refusals, ends of runs, messages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from run_desk import run, show, splitting
from window_desk import CONTROL, add, key

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture
def heard(window):
    texts: list[str] = []
    window.announcer.said.connect(texts.append)
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
