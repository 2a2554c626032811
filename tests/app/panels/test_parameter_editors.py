"""Editors of every kind of parameter but numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from modal_desk import in_dialog
from property_desk import stored, type_into
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from designer import paths
from designer.pipeline import edits
from modules.contract import (
    ColumnRule,
    ColumnSelector,
)


def test_a_check_box_sets_and_takes_back(panel):
    box = panel.fields["switch"].editor.box
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().topLeft() + _inside(box))
    assert stored(panel) == {"switch": True}
    assert panel.fields["switch"].reset.isVisible()
    QTest.mouseClick(panel.fields["switch"].reset, Qt.MouseButton.LeftButton)
    assert stored(panel) == {}
    assert not box.isChecked()


def _inside(box):
    from PySide6.QtCore import QPoint

    return QPoint(8, box.height() // 2)


def test_any_number_of_choices_is_checked_by_mouse_and_keys(panel):
    field = panel.fields["parts"]
    shown = field.editor.list
    assert [shown.item(row).text() for row in range(3)] == ["Year", "Month", "Day"]
    assert field.editor.value() == ["year", "month"]
    left = shown.visualItemRect(shown.item(2))
    QTest.mouseClick(
        shown.viewport(),
        Qt.MouseButton.LeftButton,
        pos=left.topLeft() + QPoint(14, left.height() // 2),
    )
    assert stored(panel) == {"parts": ["year", "month", "day"]}
    shown.setFocus()
    shown.setCurrentRow(0)
    QTest.keyClick(shown, Qt.Key.Key_Space)
    QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Space)
    assert stored(panel) == {"parts": ["day"]}
    panel.document.undo_stack.undo()
    assert field.editor.value() == ["year", "month"]
    assert stored(panel) == {}


def test_choices_that_are_unknown_are_shown_and_can_be_taken_away(panel, qtbot):
    field = panel.fields["parts"]
    panel.document.apply(
        "Set", lambda p: edits.set_parameter(p, "everything", "parts", "year, moth")
    )
    assert field.editor.value() == ["year", "moth"]
    panel.show_problems({})
    qtbot.waitUntil(lambda: "isn't one of" in field.message.text())
    shown = field.editor.list
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_End)
    QTest.keyClick(shown, Qt.Key.Key_Space)
    assert stored(panel) == {"parts": ["year"]}
    qtbot.waitUntil(lambda: field.message.text() == "")


def test_choices_become_a_pipeline_parameter(panel):
    field = panel.fields["parts"]
    field.bind_requested.emit("parts", None)
    assert panel.document.pipeline.parameters["parts"].default == "year, month"
    assert stored(panel) == {"parts": {"$parameter": "parts"}}
    assert field.message.text() == ""
    field.unbind_requested.emit("parts")
    assert field.editor.value() == ["year", "month"]


def test_a_click_into_the_empty_column_field_opens_the_list(panel, qtbot):
    editor = panel.fields["label"].editor
    assert [editor.box.itemText(i) for i in range(editor.box.count())] == ["age", "name", "price"]
    QTest.mouseClick(editor.line, Qt.MouseButton.LeftButton)
    view = editor.box.view()
    qtbot.waitUntil(view.isVisible)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert stored(panel) == {"label": [editor.box.currentText()]}
    assert editor.box.currentText() in ("age", "name")


def test_half_a_column_name_is_no_value_yet(panel, qtbot):
    editor = panel.fields["label"].editor
    type_into(editor.line, "pri")
    popup = editor.box.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    assert popup.model().rowCount() == 1
    assert stored(panel) == {}
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    QTest.keyClick(editor.line, Qt.Key.Key_Escape)
    assert editor.line.text() == ""
    type_into(editor.line, "price")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert stored(panel) == {"label": ["price"]}


def test_a_typed_column_is_taken_over_when_the_field_is_left_or_the_file_saved(panel):
    editor = panel.fields["label"].editor
    type_into(editor.line, "weight")
    editor.box.completer().popup().hide()
    panel.fields["share"].editor.box.setFocus()
    QApplication.processEvents()
    assert stored(panel) == {"label": ["weight"]}
    type_into(editor.line, "height")
    panel.commit()
    assert stored(panel) == {"label": ["height"]}
    panel.document.undo_stack.undo()
    assert editor.line.text() == "weight"


def test_what_is_automatic_is_an_empty_field(panel):
    field = panel.fields["encoding"]
    assert field.editor.line.text() == ""
    assert field.editor.line.placeholderText() == "Auto"
    type_into(field.editor.line, "cp1252")
    assert stored(panel) == {"encoding": "cp1252"}
    field.editor.line.selectAll()
    QTest.keyClick(field.editor.line, Qt.Key.Key_Delete)
    assert stored(panel) == {}


def test_a_rule_is_summed_up_in_words(panel):
    field = panel.fields["chosen"]
    rules = ColumnSelector((ColumnRule("types", ("string",)),)).to_json()
    panel.document.apply("Set", lambda p: edits.set_parameter(p, "everything", "chosen", rules))
    assert field.editor.summary.text() == "All string columns"


def test_text_of_several_lines_and_scripts(panel):
    words = panel.fields["words"].editor.text
    words.setFocus()
    QTest.keyClicks(words, "one")
    QTest.keyClick(words, Qt.Key.Key_Return)
    QTest.keyClicks(words, "two")
    assert stored(panel) == {"words": "one\ntwo"}
    code = panel.fields["code"].editor.code
    code.setFocus()
    code.selectAll()
    QTest.keyClicks(code, "if a:")
    QTest.keyClick(code, Qt.Key.Key_Return)
    QTest.keyClicks(code, "b")
    QTest.keyClick(code, Qt.Key.Key_Tab)
    assert stored(panel)["code"] == "if a:\n    b   "


def test_a_secret_is_stored_by_its_name_only(panel):
    type_into(panel.fields["password"].editor.line, "warehouse")
    assert stored(panel) == {"password": {"$secret": "warehouse"}}


def test_plain_data_is_json_and_what_is_none_is_explained(panel, qtbot):
    text = panel.fields["plain"].editor.text
    text.setFocus()
    text.selectAll()
    QTest.keyClicks(text, "[1, 2")
    panel.fields["share"].editor.box.setFocus()
    assert panel.fields["plain"].message.isVisible()
    text.setFocus()
    text.moveCursor(text.textCursor().MoveOperation.End)
    QTest.keyClicks(text, "]")
    assert stored(panel) == {"plain": [1, 2]}
    assert text.toPlainText() == "[1, 2]"


def test_browsing_begins_beside_the_pipeline_and_stores_a_relative_path(panel, tmp_path):
    panel.document.save(tmp_path / "a.pipeline.json")
    panel.show_selection([])
    panel.show_selection(["everything"])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("a\n1\n")
    seen = []

    def choose(dialog: QFileDialog) -> None:
        try:
            seen.append((dialog.windowTitle(), Path(dialog.directory().path())))
            seen.append([Path(url.toLocalFile()) for url in dialog.sidebarUrls()])
            name = dialog.findChild(QLineEdit, "fileNameEdit")
            name.setText(str(tmp_path / "data" / "x.csv"))
            QTest.keyClick(name, Qt.Key.Key_Return)
        finally:
            if dialog.isVisible():
                dialog.reject()

    in_dialog(QFileDialog, choose)
    QTest.mouseClick(panel.fields["path"].editor.browse, Qt.MouseButton.LeftButton)
    assert seen[0] == ("Choose a file", tmp_path)
    assert paths.samples() / "data" in seen[1]
    assert stored(panel) == {"path": "data/x.csv"}
    assert panel.fields["path"].editor.line.text() == "data/x.csv"


def type_there(text: str) -> None:
    """Type to what has the focus, as the keyboard does."""
    for letter in text:
        QTest.keyClicks(QApplication.focusWidget(), letter)


def click_at_the_end(line) -> None:
    end = line.cursorRect().center()
    line.end(False)
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=end)


@pytest.mark.parametrize("by", ["mouse", "tab"])
def test_typing_in_a_filled_column_field_replaces(panel, by):
    editor = panel.fields["label"].editor
    editor.edited.emit(["price"])
    assert editor.line.text() == "price"
    panel.fields["only_rows"].editor.line.setFocus()
    if by == "mouse":
        click_at_the_end(editor.line)
    else:
        editor.box.setFocus(Qt.FocusReason.TabFocusReason)
    type_there("age")
    assert editor.line.text() == "age"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert stored(panel) == {"label": ["age"]}


def test_a_second_click_into_a_column_field_puts_the_cursor_there(panel):
    editor = panel.fields["label"].editor
    editor.edited.emit(["price"])
    panel.fields["only_rows"].editor.line.setFocus()
    click_at_the_end(editor.line)
    assert editor.line.selectedText() == "price"
    QTest.mouseClick(
        editor.line, Qt.MouseButton.LeftButton, pos=editor.line.rect().center(), delay=1000
    )
    assert not editor.line.hasSelectedText()
    type_there("s")
    assert editor.line.text() == "prices"


def test_esc_gives_the_name_in_a_column_field_back(panel):
    editor = panel.fields["label"].editor
    editor.edited.emit(["price"])
    panel.fields["only_rows"].editor.line.setFocus()
    click_at_the_end(editor.line)
    type_there("na")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    if editor.line.text() != "price":
        # The first Esc closes the list of names.
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert editor.line.text() == "price"
    assert stored(panel) == {"label": ["price"]}
