"""The editor of the rules of Filter Rows, by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from assistive_desk import enter, select_row
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer import texts
from designer.app.document.document import Document
from designer.app.panels.properties import Properties
from designer.catalog import load_catalog
from designer.pipeline import edits
from modules.contract import DataTable
from modules.contract.columns import Column
from modules.values.storage import save

ROWS = pd.DataFrame(
    {
        "price": [1.5, 2.0, 2.0, None],
        "town": ["Rome", "Oslo", "Oslo", "Lima"],
        "member": pd.array([True, False, None, True], dtype="boolean"),
    }
)
COLUMNS = [Column("price", "number"), Column("town", "string"), Column("member", "boolean")]
PRICE = {"column": "price", "comparison": "equals", "value": ""}


@pytest.fixture
def german() -> Iterator[None]:
    before = texts.language()
    texts.use("de")
    yield
    texts.use(before)


@pytest.fixture
def rules_panel(qtbot, tmp_path: Path) -> Iterator[Properties]:
    catalog = load_catalog()
    save(DataTable(ROWS), tmp_path / "table")
    document = Document(catalog)
    document.apply("Add", lambda p: edits.add_node(p, "filter_rows", node_id="keep")[0])
    panel = Properties(
        document,
        catalog,
        lambda node, port: COLUMNS,
        stored=lambda node, port: str(tmp_path / "table"),
    )
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    panel.show_selection(["keep"])
    with qtbot.waitExposed(panel):
        panel.show()
    panel.activateWindow()
    panel.document = document
    yield panel
    panel._error_timer.stop()
    document.close()


def rules(panel: Properties) -> object:
    return panel.document.pipeline.nodes["keep"].parameters.get("rules", [])


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def choose(box, text: str, qtbot) -> None:
    """Open a list by the mouse and choose by keys."""
    click(box)
    qtbot.waitUntil(box.view().isVisible)
    row = box.findText(text)
    assert row >= 0, [box.itemText(i) for i in range(box.count())]
    box.view().setCurrentIndex(box.model().index(row, 0))
    QTest.keyClick(box.view(), Qt.Key.Key_Return)
    QApplication.processEvents()


def test_rules_are_added_changed_and_removed(rules_panel, qtbot) -> None:
    editor = rules_panel.fields["rules"].editor
    click(editor.add)
    assert rules(rules_panel) == [PRICE]
    first = editor.rules[0]
    assert first.column.line.hasFocus() or first.column.box.hasFocus()
    QTest.keyClicks(first.column.line, "town")
    first.column.box.completer().popup().hide()
    QTest.keyClick(first.column.line, Qt.Key.Key_Return)
    choose(first.comparison, "Contains", qtbot)
    first.line.setFocus()
    QTest.keyClicks(first.line, "om")
    assert rules(rules_panel) == [{"column": "town", "comparison": "contains", "value": "om"}]
    click(editor.add)
    assert len(editor.rules) == 2
    choose(editor.rules[1].comparison, "Isn't missing", qtbot)
    assert rules(rules_panel)[1] == {"column": "town", "comparison": "isn't missing"}
    assert not editor.rules[1].value.isEnabled()
    click(editor.rules[0].remove)
    assert rules(rules_panel) == [{"column": "town", "comparison": "isn't missing"}]
    assert len(editor.rules) == 1
    rules_panel.document.undo_stack.undo()
    assert len(editor.rules) == 2
    assert editor.rules[0].line.text() == "om"
    while rules_panel.document.undo_stack.canUndo() and editor.rules:
        rules_panel.document.undo_stack.undo()
    assert rules(rules_panel) == []


def test_comparisons_fit_the_column(rules_panel) -> None:
    editor = rules_panel.fields["rules"].editor
    click(editor.add)
    rule = editor.rules[0]

    def names() -> list[str]:
        return [rule.comparison.itemText(i) for i in range(rule.comparison.count())]

    assert "Less than" in names()
    assert "Contains" not in names()
    rule.column.line.setText("member")
    QTest.keyClick(rule.column.line, Qt.Key.Key_Return)
    assert "Less than" not in names()
    assert "Is missing" in names()


def test_a_comparison_that_the_new_column_lacks_is_replaced(rules_panel, qtbot) -> None:
    editor = rules_panel.fields["rules"].editor
    click(editor.add)
    rule = editor.rules[0]
    choose(rule.comparison, "Less than", qtbot)
    rule.column.line.setText("member")
    QTest.keyClick(rule.column.line, Qt.Key.Key_Return)
    assert rules(rules_panel) == [{"column": "member", "comparison": "equals", "value": ""}]


def test_values_come_from_the_data(rules_panel, qtbot) -> None:
    editor = rules_panel.fields["rules"].editor
    click(editor.add)
    rule = editor.rules[0]
    rule.column.line.setText("town")
    QTest.keyClick(rule.column.line, Qt.Key.Key_Return)
    choose(rule.comparison, "Is one of", qtbot)
    qtbot.waitUntil(lambda: rule.value.count() == 3)
    assert [rule.value.itemText(i) for i in range(3)] == ["Lima", "Oslo", "Rome"]
    for town in ("Rome", "Oslo"):
        rule.value.showPopup()
        qtbot.waitUntil(rule.value.view().isVisible)
        row = rule.value.findText(town)
        rule.value.view().setCurrentIndex(rule.value.model().index(row, 0))
        QTest.keyClick(rule.value.view(), Qt.Key.Key_Return)
        QApplication.processEvents()
    assert rules(rules_panel)[0]["value"] == "Rome, Oslo"
    assert rule.line.text() == "Rome, Oslo"


def test_a_value_that_assistive_technology_sets_or_selects_counts(rules_panel, qtbot) -> None:
    editor = rules_panel.fields["rules"].editor
    click(editor.add)
    rule = editor.rules[0]
    enter(rule.line, "1.5")
    assert rules(rules_panel) == [{**PRICE, "value": "1.5"}]
    rules_panel.document.undo_stack.undo()
    assert (rules(rules_panel), rule.line.text()) == ([PRICE], "")
    # What the window shows by itself is nobody's input.
    assert rules_panel.document.undo_stack.canRedo()
    enter(rule.column.line, "town")
    qtbot.waitUntil(lambda: rule.value.count() == 3)
    select_row(rule.comparison.view(), "Is one of")
    for town in ("Rome", "Oslo", "Lima", "Lima"):
        select_row(rule.value.view(), town)
    assert rules(rules_panel)[0]["value"] == "Rome, Oslo, Lima"
    assert rule.line.text() == "Rome, Oslo, Lima"
    enter(rule.line, "Rome")
    assert rules(rules_panel)[0]["value"] == "Rome"


def test_a_value_that_is_typed_whole_is_listed_once(rules_panel, qtbot) -> None:
    editor = rules_panel.fields["rules"].editor
    click(editor.add)
    rule = editor.rules[0]
    enter(rule.column.line, "town")
    qtbot.waitUntil(lambda: rule.value.count() == 3)
    choose(rule.comparison, "Is one of", qtbot)
    rule.line.setFocus()
    QTest.keyClicks(rule.line, "Rome")
    QTest.keyClick(rule.line, Qt.Key.Key_Tab)
    QApplication.processEvents()
    assert rules(rules_panel)[0]["value"] == "Rome"
    select_row(rule.value.view(), "Oslo")
    assert rules(rules_panel)[0]["value"] == "Rome, Oslo"


@pytest.mark.usefixtures("german")
def test_comparisons_are_in_the_language_of_the_window(rules_panel, qtbot) -> None:
    editor = rules_panel.fields["rules"].editor
    click(editor.add)
    rule = editor.rules[0]
    assert rule.comparison.currentText() == "Ist gleich"
    enter(rule.column.line, "town")
    shown = [rule.comparison.itemText(i) for i in range(rule.comparison.count())]
    assert shown == [
        "Ist gleich",
        "Ist ungleich",
        "Ist eines von",
        "Ist keines von",
        "Kleiner als",
        "Höchstens",
        "Größer als",
        "Mindestens",
        "Enthält",
        "Enthält nicht",
        "Beginnt mit",
        "Endet mit",
        "Passt auf",
        "Fehlt",
        "Fehlt nicht",
    ]
    click(rule.comparison)
    qtbot.waitUntil(rule.comparison.view().isVisible)
    view = rule.comparison.view()
    place = view.visualRect(rule.comparison.model().index(shown.index("Beginnt mit"), 0)).center()
    QTest.mouseMove(view.viewport(), place)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: rules(rules_panel)[0]["comparison"] == "starts with")
    assert rule.comparison.currentText() == "Beginnt mit"
    choose(rule.comparison, "Fehlt", qtbot)
    assert rules(rules_panel) == [{"column": "town", "comparison": "is missing"}]
    assert not rule.value.isEnabled()
