"""Palette, quick add, and command palette search alike, and say it where nothing matches."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, SHIFT, add, key, nodes

from designer.app.dialogs.command_palette import CommandPalette
from designer.app.dialogs.information import Shortcuts


def type_words(text: str) -> None:
    """Type what the first letter opens a field for."""
    for letter in text:
        QTest.keyClicks(QApplication.focusWidget(), letter)


@pytest.fixture
def commands(window, qtbot):
    dialog = CommandPalette(window.commands, window)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    dialog.search.setFocus()
    return dialog


def test_a_mistyped_module_is_found_and_added_from_the_palette(window):
    key(window, Qt.Key.Key_F, CONTROL)
    QTest.keyClicks(window.palette_panel.search, "claen misisng")
    QTest.keyClick(window.palette_panel.search, Qt.Key.Key_Return)
    assert nodes(window) == ["clean_missing_data"]


def test_a_mistyped_module_is_found_and_added_on_the_canvas(window):
    type_words("pzthon")
    quick_add = window.canvas.quick_add
    assert quick_add.field.text() == "pzthon"
    key(window, Qt.Key.Key_Return)
    assert nodes(window) == ["execute_python_script"]


def test_a_method_that_does_not_exist_finds_nothing_on_the_canvas(window):
    type_words("lstm")
    quick_add = window.canvas.quick_add
    assert quick_add.note.isVisible()
    assert quick_add.note.text() == "No matches for “lstm”."
    key(window, Qt.Key.Key_Return)
    assert nodes(window) == []


def test_the_command_palette_says_that_nothing_matches(commands):
    QTest.keyClicks(commands.search, "qqqq")
    assert not commands.list.isVisible()
    assert commands.empty.isVisible()
    assert commands.empty.text() == "No command matches “qqqq”."
    QTest.keyClick(commands.search, Qt.Key.Key_Return)
    assert commands.isVisible()
    assert commands.chosen is None
    commands.search.selectAll()
    QTest.keyClicks(commands.search, "about")
    assert commands.list.isVisible()
    assert not commands.empty.isVisible()


def test_the_command_palette_says_why_a_command_is_not_available(commands):
    QTest.keyClicks(commands.search, "undo")
    assert commands.empty.text() == "Undo: only when there is a change to undo."


def test_a_mistyped_command_is_found(window):
    add(window, "split_data")

    def use() -> None:
        dialog = QApplication.activeModalWidget()
        QTest.keyClicks(dialog.search, "dulpicate")
        QTest.keyClick(dialog.search, Qt.Key.Key_Return)

    QTimer.singleShot(0, use)
    key(window, Qt.Key.Key_P, CONTROL | SHIFT)
    assert nodes(window) == ["split_data", "split_data_2"]


def test_the_list_of_shortcuts_says_that_nothing_matches(window, qtbot):
    dialog = Shortcuts(window.commands, window)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    QTest.keyClicks(dialog.search, "qqqq")
    assert dialog.empty.isVisible()
    assert dialog.empty.text() == "No shortcut matches “qqqq”."
    dialog.search.selectAll()
    QTest.keyClicks(dialog.search, "ctrl+z")
    assert not dialog.empty.isVisible()
    assert dialog.list.isVisible()
