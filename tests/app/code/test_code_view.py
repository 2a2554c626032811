"""Code that follows changes line by line, and its colors."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.app.code.code_view import CodeView
from designer.app.code.spans import read_spans
from designer.app.shell import theme

LINES = st.lists(st.sampled_from(["", "a = 1", '"""', "# é𝄞", "def f():", "    return x"]))


@pytest.fixture
def view(qtbot, qapp):
    theme.apply(qapp, "light")
    view = CodeView("python")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    return view


def show(view: CodeView, text: str) -> None:
    view.set_code(text, read_spans(text, "python"))


def looks(view: CodeView) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Return every line with its colors."""
    found = []
    block = view.document().firstBlock()
    while block.isValid():
        spans = [
            (span.start, span.length, span.format.foreground().color().name())
            for span in block.layout().formats()
        ]
        found.append((block.text(), spans))
        block = block.next()
    return found


def lit(view: CodeView) -> list[str]:
    return [mark.cursor.block().text() for mark in view.extraSelections()]


def mark_color(view: CodeView) -> str:
    (mark,) = view.extraSelections()
    return mark.format.background().color().name()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(LINES, min_size=1, max_size=4))
def test_it_looks_as_if_the_text_were_new(view, texts):
    for lines in texts:
        show(view, "\n".join(lines))
    fresh = CodeView("python")
    show(fresh, "\n".join(texts[-1]))
    assert view.toPlainText() == "\n".join(texts[-1])
    assert looks(view) == looks(fresh)
    fresh.deleteLater()


def test_position_and_cursor_stay_while_lines_above_change(view):
    lines = [f"x{number} = {number}" for number in range(200)]
    show(view, "\n".join(lines))
    view.go_to_line(100)
    before = view.verticalScrollBar().value()
    lines[150] = "changed = True"
    show(view, "\n".join(lines))
    assert view.verticalScrollBar().value() == before
    assert view.textCursor().block().text() == "x99 = 99"
    show(view, "\n".join(["new", *lines]))
    assert view.textCursor().block().text() == "x99 = 99"


def test_lines_are_lit_and_shown(view):
    show(view, "\n".join(f"x{number} = {number}" for number in range(200)))
    view.light([(3, 3), (150, 151)])
    assert lit(view) == ["x2 = 2", "x149 = 149", "x150 = 150"]
    # One of the parts was in view.
    assert view.verticalScrollBar().value() == 0
    view.light([(3, 3), (150, 151)][1:])
    first = view.firstVisibleBlock().blockNumber()
    assert first < 149 < first + 20
    assert view.textCursor().blockNumber() == 0
    view.light([])
    assert lit(view) == []


def test_the_theme_changes_all_colors(view, qapp):
    show(view, "def f():\n    return 1")
    view.light([(1, 1)])
    before, mark = looks(view), mark_color(view)
    theme.apply(qapp, "dark")
    assert [text for text, _ in looks(view)] == [text for text, _ in before]
    assert looks(view) != before
    assert mark_color(view) != mark


def test_it_can_be_copied_but_not_changed(view, qapp):
    show(view, "a = 1\nb = 2")
    QTest.keyClicks(view, "x")
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert view.toPlainText() == "a = 1\nb = 2"
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert qapp.clipboard().text() == "a = 1\nb = 2"
    qapp.clipboard().clear()


def test_a_click_or_return_chooses_a_line_and_selecting_does_not(view):
    show(view, "first\nsecond\nthird")
    chosen: list[int] = []
    view.line_chosen.connect(chosen.append)
    viewport = view.viewport()
    at = view.cursorRect().center()
    height = round(view.blockBoundingRect(view.firstVisibleBlock()).height())
    at.setY(at.y() + height)
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    assert chosen == [2]
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert chosen == [2, 3]
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    assert view.textCursor().selectedText() == "second"
    assert chosen == [2, 3]
