"""Rows of lists that assistive technology selects, and others by keys and the mouse."""

from __future__ import annotations

import pytest
from assistive_desk import select_row
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTreeWidget, QTreeWidgetItem

from designer.app.widgets.fields.choosing import check_selected, follow_selection, open_selected
from designer.app.widgets.fields.typed_text import showing

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
MODES = QAbstractItemView.SelectionMode
CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


@pytest.fixture(params=[MODES.SingleSelection, MODES.ExtendedSelection], ids=["one", "several"])
def rows(request, qtbot):
    view = QTreeWidget()
    view.setColumnCount(2)
    view.setSelectionMode(request.param)
    for name in ("one", "two", "three"):
        view.addTopLevelItem(QTreeWidgetItem([name, f"about {name}"]))
    qtbot.addWidget(view)
    view.resize(300, 200)
    with qtbot.waitExposed(view):
        view.show()
    return view


@pytest.fixture
def opened(rows):
    found: list[str] = []
    open_selected(rows, lambda index: found.append(index.data()))
    return found


def click(view, row: int, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    place = view.visualItemRect(view.topLevelItem(row)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifiers, place)
    QApplication.processEvents()


def test_a_selected_row_is_opened_once_and_becomes_current(rows, opened):
    select_row(rows, "two")
    assert opened == ["two"]
    assert rows.currentItem().text(0) == "two"
    select_row(rows, "about three")
    assert opened == ["two", "three"]
    assert rows.currentItem().text(0) == "three"


def test_keys_and_clicks_alone_open_nothing(rows, opened):
    rows.setFocus()
    for code, modifiers in (
        (Qt.Key.Key_Down, SHIFT),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Up, CONTROL),
        (Qt.Key.Key_Space, CONTROL),
        (Qt.Key.Key_A, CONTROL),
    ):
        QTest.keyClick(rows, code, modifiers)
        QApplication.processEvents()
    click(rows, 0)
    click(rows, 1, CONTROL)
    click(rows, 1, CONTROL)
    click(rows, 2, SHIFT)
    assert opened == []
    select_row(rows, "one" if not rows.topLevelItem(0).isSelected() else "two")
    assert len(opened) <= 1


def test_what_the_window_selects_is_not_opened(rows, opened):
    with showing(rows):
        rows.topLevelItem(2).setSelected(True)
    QApplication.processEvents()
    assert opened == []


def test_selected_rows_are_checked_and_unchecked(rows):
    for row in range(3):
        rows.topLevelItem(row).setCheckState(0, UNCHECKED)
    check_selected(rows)

    def checks() -> list[bool]:
        return [rows.topLevelItem(row).checkState(0) == CHECKED for row in range(3)]

    select_row(rows, "two")
    assert checks() == [False, True, False]
    select_row(rows, "three")
    assert checks() == [False, True, True]
    select_row(rows, "three")
    assert checks() == [False, True, False]
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_Home)
    QTest.keyClick(rows, Qt.Key.Key_Space)
    QApplication.processEvents()
    assert checks() == [True, True, False]


def test_the_current_row_follows_what_is_selected(rows):
    follow_selection(rows)
    select_row(rows, "three")
    assert rows.currentItem().text(0) == "three"
