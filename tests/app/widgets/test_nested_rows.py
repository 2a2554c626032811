"""Rows in other rows: spoken with their level, and shown without a key."""

from __future__ import annotations

import pytest
from assistive_desk import DESCRIPTION, NAME, children, select_row, spoken
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTreeWidgetItem

from designer.app.widgets.fields.nested_rows import NestedTree
from designer.app.widgets.fields.typed_text import showing

pytestmark = pytest.mark.usefixtures("listening")


@pytest.fixture
def tree(qtbot):
    tree = NestedTree()
    tree.setColumnCount(2)
    qtbot.addWidget(tree)
    outer = QTreeWidgetItem(["car"])
    outer.addChild(QTreeWidgetItem(["wheel"]))
    tree.addTopLevelItems([outer, QTreeWidgetItem(["bike"])])
    # As some pages do: one row after the other, and deeper.
    QTreeWidgetItem(outer.child(0), ["tire"])
    with qtbot.waitExposed(tree):
        tree.show()
    return tree


def described(tree) -> dict[str, str]:
    cells = {each.text(NAME): each.text(DESCRIPTION) for each in children(spoken(tree))}
    return {name: text for name, text in cells.items() if name and not name.isdigit()}


def test_each_row_in_another_says_its_level_and_where(tree):
    tree.expandAll()
    assert described(tree) == {
        "car": "",
        "wheel": "level 2, in car",
        "tire": "level 3, in wheel",
        "bike": "",
    }


def test_selecting_a_row_shows_those_in_it_one_level_at_a_time(tree):
    assert list(described(tree)) == ["car", "bike"]
    select_row(tree, "car")
    assert list(described(tree)) == ["car", "wheel", "bike"]
    select_row(tree, "wheel")
    assert list(described(tree)) == ["car", "wheel", "tire", "bike"]


def test_neither_keys_nor_clicks_nor_the_window_expand_by_selecting(tree):
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Down)
    QTest.keyClick(tree, Qt.Key.Key_Up)
    QApplication.processEvents()
    first = tree.topLevelItem(0)
    place = tree.visualItemRect(first).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QApplication.processEvents()
    assert [each.column() for each in tree.selectedIndexes()] == [0, 1]
    tree.clearSelection()
    with showing(tree):
        first.setSelected(True)
    QApplication.processEvents()
    assert not first.isExpanded()


def test_rows_are_found_where_they_are_after_others_were_shown_and_hidden(tree):
    first = tree.topLevelItem(0)
    for _ in range(2):
        first.setExpanded(True)
        assert list(described(tree)) == ["car", "wheel", "bike"]
        first.setExpanded(False)
        assert list(described(tree)) == ["car", "bike"]
    select_row(tree, "bike")
    assert [item.text(0) for item in tree.selectedItems()] == ["bike"]


def test_arrows_go_from_row_to_row_and_never_to_another_column(tree):
    tree.setFocus()
    tree.setCurrentItem(tree.topLevelItem(0))
    went = []
    for key in (Qt.Key.Key_Right,) * 6 + (Qt.Key.Key_Left,) * 5:
        QTest.keyClick(tree, key)
        went.append((tree.currentItem().text(0), tree.currentColumn()))
    # Right shows what is in a row and goes there, and Left goes back.
    names = [name for name, _ in went]
    assert list(dict.fromkeys(names[:6])) == ["car", "wheel", "tire"]
    assert list(dict.fromkeys(names[6:])) == ["wheel", "car"]
    assert {column for _, column in went} == {0}
