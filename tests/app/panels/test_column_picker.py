"""The column picker: by name, with rules, preview."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.app.dialogs.column_picker import ColumnPicker
from designer.app.dialogs.column_rules import read_names, write_names
from modules.contract import ColumnSelector
from modules.contract.columns import Column

KNOWN = [
    Column("age", "integer"),
    Column("name", "string"),
    Column("city, country", "string"),
    Column("price", "number", "label"),
]


@pytest.fixture
def pick(qtbot):
    def open_picker(value=(), columns=KNOWN, **options):
        picker = ColumnPicker("Columns", ColumnSelector.from_json(value or []), columns, **options)
        qtbot.addWidget(picker)
        with qtbot.waitExposed(picker):
            picker.show()
        return picker

    return open_picker


def mark(table, *names: str) -> None:
    table.clearSelection()
    for row in range(table.topLevelItemCount()):
        item = table.topLevelItem(row)
        item.setSelected(item.text(0) in names)


def listed(table) -> list[str]:
    return [table.topLevelItem(row).text(0) for row in range(table.topLevelItemCount())]


def test_columns_are_moved_right_and_left(pick):
    picker = pick(["age"])
    assert picker.tabs.currentIndex() == 0
    assert listed(picker.lists.available) == ["name", "city, country", "price"]
    mark(picker.lists.available, "price", "name")
    QTest.mouseClick(picker.lists.add, Qt.MouseButton.LeftButton)
    assert picker.selector().to_json() == ["age", "name", "price"]
    assert picker.preview.text() == "3 of 4: age, name, price"
    mark(picker.lists.selected, "age")
    QTest.mouseClick(picker.lists.remove, Qt.MouseButton.LeftButton)
    assert picker.selector().to_json() == ["name", "price"]
    QTest.mouseClick(picker.lists.remove_all, Qt.MouseButton.LeftButton)
    assert picker.selector().is_empty
    assert picker.preview.text() == "No columns"


def test_searching_narrows_and_all_adds_only_what_is_listed(pick):
    picker = pick()
    QTest.keyClicks(picker.lists.search, "c")
    assert listed(picker.lists.available) == ["city, country", "price"]
    QTest.mouseClick(picker.lists.add_all, Qt.MouseButton.LeftButton)
    assert picker.selector().to_json() == ["city, country", "price"]


def test_a_double_click_moves_a_column(pick):
    picker = pick()
    table = picker.lists.available
    place = table.visualItemRect(table.topLevelItem(0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert picker.selector().to_json() == ["age"]


def test_names_can_be_typed_before_anything_is_known(pick):
    picker = pick(columns=None)
    QTest.keyClicks(picker.lists.search, "later")
    QTest.keyClick(picker.lists.search, Qt.Key.Key_Return)
    assert picker.isVisible()
    assert picker.selector().to_json() == ["later"]


def test_a_name_that_is_not_there_is_explained(pick):
    picker = pick(["pric"])
    assert picker.preview.property("role") == "error"
    assert "Did you mean “price”?" in picker.preview.text()


def test_rules_are_shown_and_given_back_as_they_were(pick):
    value = {
        "rules": [
            {"include": "all"},
            {"exclude": "names", "values": ["age", "city, country"]},
            {"exclude": "types", "values": ["string"]},
            {"include": "indices", "values": ["1-2"]},
            {"exclude": "roles", "values": ["feature"]},
            {"include": "roles", "values": ["label", "score"]},
        ],
        "keep_order": True,
    }
    picker = pick(value)
    assert picker.tabs.currentIndex() == 1
    assert picker.selector().to_json() == value


def test_a_rule_is_added_filled_in_and_removed(pick):
    picker = pick()
    picker.tabs.setCurrentIndex(1)
    picker.rules.start.setCurrentIndex(1)
    assert picker.preview.text().startswith("4 of 4")
    QTest.mouseClick(picker.rules.add, Qt.MouseButton.LeftButton)
    (row,) = picker.rules.rows
    assert row.action.currentText() == "Exclude"
    QTest.keyClicks(row.names, 'age, "city, country"')
    assert picker.preview.text() == "2 of 4: name, price"
    row.by.setCurrentIndex(2)
    row.types.set_values(["numeric"])
    assert picker.preview.text() == "2 of 4: name, city, country"
    row.removed.emit()
    assert picker.selector().to_json() == {"rules": [{"include": "all"}]}


def test_a_wrong_index_is_explained(pick):
    picker = pick({"rules": [{"include": "indices", "values": ["1-9"]}]})
    assert "out of range: the dataset has 4 columns" in picker.preview.text()
    row = picker.rules.rows[0]
    row.indices.setText("x")
    assert "isn't a column index" in picker.preview.text()


def test_going_to_the_other_mode_takes_the_choice_along(pick):
    picker = pick({"rules": [{"include": "all"}, {"exclude": "names", "values": ["age"]}]})
    picker.tabs.setCurrentIndex(0)
    assert picker.lists.names() == ("name", "city, country", "price")
    picker.tabs.setCurrentIndex(1)
    assert picker.selector().named() == ("name", "city, country", "price")


def test_only_suitable_types_are_offered(pick):
    picker = pick(kinds=("integer", "number"))
    assert listed(picker.lists.available) == ["age", "price"]
    picker.lists.set_names(["name"])
    picker.lists.changed.emit()
    assert "Not of a suitable type: “name”" in picker.preview.text()


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), unique=True))
def test_names_are_written_so_that_they_are_read_back(names):
    assert read_names(write_names(names)) == tuple(names)
