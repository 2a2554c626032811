"""The script editor: indentation, colours, error line, numbers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from designer.app.code.code_edit import CodeEdit
from designer.app.dialogs.code_dialog import CodeDialog
from designer.app.panels.script_editor import error_line
from designer.app.shell import theme
from designer.app.widgets.fields.number_box import NumberBox, parse_number, write_number


@pytest.fixture
def code(qtbot, qapp):
    theme.apply(qapp, "light")
    code = CodeEdit("python")
    qtbot.addWidget(code)
    code.resize(400, 300)
    code.show()
    return code


def colour_at(code, line: int, column: int) -> str | None:
    block = code.document().findBlockByNumber(line)
    for span in block.layout().formats():
        if span.start <= column < span.start + span.length:
            return span.format.foreground().color().name()
    return None


def test_tab_gives_spaces_to_the_next_stop(code):
    QTest.keyClicks(code, "ab")
    QTest.keyClick(code, Qt.Key.Key_Tab)
    assert code.toPlainText() == "ab  "


def test_selected_lines_are_indented_and_back(code):
    code.setPlainText("a\n\nb")
    code.selectAll()
    QTest.keyClick(code, Qt.Key.Key_Tab)
    assert code.toPlainText() == "    a\n\n    b"
    code.selectAll()
    QTest.keyClick(code, Qt.Key.Key_Backtab)
    assert code.toPlainText() == "a\n\nb"
    code.undo()
    assert code.toPlainText() == "    a\n\n    b"


def test_pasted_tabs_become_spaces(code):
    data = QMimeData()
    data.setText("if a:\n\tb")
    code.insertFromMimeData(data)
    assert code.toPlainText() == "if a:\n    b"


def test_words_have_the_colours_of_the_theme(code, qapp):
    code.setPlainText('def f():\n    return "x"  # why')
    light = theme.current()
    assert colour_at(code, 0, 0) == light.accent
    assert colour_at(code, 1, 12) == light.success
    assert colour_at(code, 1, 18) == light.text_muted
    theme.apply(qapp, "dark")
    assert colour_at(code, 0, 0) == theme.current().accent
    theme.apply(qapp, "light")


def test_an_opened_string_reaches_down_and_back(code):
    code.setPlainText("a = 1\nb = 2\nreturn")
    keyword = colour_at(code, 2, 0)
    code.moveCursor(code.textCursor().MoveOperation.Start)
    QTest.keyClicks(code, "'''")
    assert colour_at(code, 2, 0) == theme.current().success
    for _ in range(3):
        QTest.keyClick(code, Qt.Key.Key_Backspace)
    assert colour_at(code, 2, 0) == keyword == theme.current().accent


def test_the_error_line_is_marked(code):
    code.setPlainText("a\nb\nc")
    code.set_error_line(2)
    (mark,) = code.extraSelections()
    assert mark.cursor.blockNumber() == 1
    assert QColor(mark.format.background().color()).alpha() > 0
    code.set_error_line(99)
    assert code.extraSelections() == []
    code.set_error_line(None)
    assert code.extraSelections() == []


def test_the_dialog_gives_the_script_back(qtbot):
    dialog = CodeDialog("Script", "sql", "select 1")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.code.moveCursor(dialog.code.textCursor().MoveOperation.End)
    QTest.keyClicks(dialog.code, " from t")
    assert dialog.text() == "select 1 from t"


def test_the_dialog_begins_at_the_line_that_failed(qtbot):
    dialog = CodeDialog("Script", "python", "a\n" * 300, error_line=200)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.code.textCursor().blockNumber() == 199


@pytest.mark.parametrize("answer", ["Discard", "Cancel"])
def test_escape_does_not_throw_a_changed_script_away_unasked(qtbot, monkeypatch, answer):
    asked = []

    def reply(box: QMessageBox) -> QMessageBox.StandardButton:
        asked.append(box.text())
        return QMessageBox.StandardButton[answer]

    monkeypatch.setattr(QMessageBox, "exec", reply)
    dialog = CodeDialog("Script", "python", "a = 1")
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.code, "b")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert len(asked) == 1
    assert dialog.isVisible() == (answer == "Cancel")


def test_escape_closes_a_script_that_was_only_read(qtbot):
    dialog = CodeDialog("Script", "python", "a = 1")
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ({"code": "exception", "message": "Stopped in line 9.", "line": 4}, 4),
        (
            {
                "code": "script-failed",
                "message": "The script failed in line 11: E.",
                "parameter": "script",
            },
            11,
        ),
        ({"code": "script-failed", "message": "The script failed in line 3: in line 8."}, 3),
        (
            {"code": "script-failed", "message": "The script failed: E.", "parameter": "script"},
            None,
        ),
        ({"code": "script-failed", "message": "in line 2", "parameter": "other"}, None),
        ({"code": "bad-value", "message": "Wrong value in line 2 of the file."}, None),
        ({}, None),
    ],
)
def test_the_line_that_an_error_names(error, line):
    assert error_line(error, "script") == line


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("-3", -3), ("0.5", 0.5), ("1e-3", 0.001), ("nan", "nan"), ("1,500", "1,500")],
)
def test_numbers_are_read_as_they_are_written(text, value):
    assert parse_number(text) == value
    assert type(parse_number(text)) is type(value)


@pytest.mark.parametrize("number", [0.1, 1e-7, 12345.678, 3, 0.30000000000000004, 1e300])
def test_numbers_are_written_so_that_they_are_read_back(number):
    assert parse_number(write_number(number)) == number


@pytest.mark.parametrize(
    ("whole", "start", "up"),
    [(True, 0, 1), (True, 5, 6), (True, 1500, 1600), (False, 0.001, 0.0011), (False, 20.0, 21.0)],
)
def test_a_step_fits_the_size_of_the_number(qtbot, whole, start, up):
    box = NumberBox(whole=whole)
    qtbot.addWidget(box)
    box.set_value(start)
    box.stepBy(1)
    assert box.value() == up


def test_a_string_reaches_over_empty_lines(code):
    code.setPlainText("x\n\ndef f():\n    pass\n")
    before = colour_at(code, 2, 0)
    QTest.keyClicks(code, '"""')
    assert colour_at(code, 2, 0) == colour_at(code, 0, 0) != before
    for _ in range(3):
        QTest.keyClick(code, Qt.Key.Key_Backspace)
    assert colour_at(code, 2, 0) == before
