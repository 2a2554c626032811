"""The table of column types: inferred and chosen types, first values, words kept by a click."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.app.dialogs.column_types import READ_AS, VALUES, ColumnTypes
from designer.app.panels.column_editors import ColumnTypesEditor
from designer.app.panels.editor import Context, DataSource


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("plz,age,sport\n01067,39,None\n10115,41,rowing\n,7,None\n", "utf-8")
    return path


@pytest.fixture
def choose(qtbot, file):
    def open_dialog(types=None, **options):
        parameters = {"path": str(file)} | ({"column_types": types} if types else {})
        dialog = ColumnTypes("Column types", "dataset", parameters, "column_types", None, **options)
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        return dialog

    return open_dialog


def row(dialog: ColumnTypes, name: str) -> list[str]:
    at = list(dialog.boxes).index(name)
    return [dialog.table.item(at, column).text() for column in (READ_AS, VALUES)]


def pick(box, text: str) -> None:
    """Choose with the keyboard, as a user does."""
    box.setFocus()
    box.showPopup()
    view = box.view()
    while view.currentIndex().data() != text:
        up = view.currentIndex().row() > box.findText(text)
        QTest.keyClick(view, Qt.Key.Key_Up if up else Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)


def test_columns_show_their_types_and_first_values(qtbot, choose) -> None:
    dialog = choose()
    qtbot.waitUntil(lambda: "sport" in dialog.keep, timeout=30_000)
    assert row(dialog, "plz") == ["String", "01067, 10115, –"]
    assert row(dialog, "age") == ["Integer", "39, 41, 7"]
    assert row(dialog, "sport") == ["String", "–, rowing, –"]
    assert "start with a zero" in dialog.message.text()
    assert dialog.types() == {}


def test_a_chosen_type_is_previewed_at_once(qtbot, choose) -> None:
    dialog = choose()
    qtbot.waitUntil(lambda: "sport" in dialog.keep, timeout=30_000)
    pick(dialog.boxes["plz"], "Number")
    qtbot.waitUntil(lambda: row(dialog, "plz") == ["Number", "1067, 10115, –"], timeout=30_000)
    assert dialog.types() == {"plz": "number"}
    pick(dialog.boxes["plz"], "Inferred")
    qtbot.waitUntil(lambda: row(dialog, "plz")[0] == "String", timeout=30_000)
    assert dialog.types() == {}


def test_a_word_read_as_missing_is_kept_by_a_click(qtbot, choose) -> None:
    dialog = choose()
    qtbot.waitUntil(lambda: "sport" in dialog.keep, timeout=30_000)
    assert list(dialog.keep) == ["sport"]
    assert dialog.keep["sport"].text() == "Keep “None” as text"
    QTest.mouseClick(dialog.keep["sport"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row(dialog, "sport")[1] == "None, rowing, None", timeout=30_000)
    qtbot.waitUntil(lambda: not dialog.keep, timeout=30_000)
    assert dialog.types() == {"sport": "string"}
    assert dialog.boxes["sport"].currentText() == "String"


def test_a_type_that_does_not_fit_is_told(qtbot, choose) -> None:
    dialog = choose({"sport": "integer"})
    qtbot.waitUntil(lambda: "“sport” doesn't contain integers" in dialog.message.text())
    assert dialog.boxes["sport"].currentText() == "Integer"


def test_data_from_outside_is_read_on_demand(qtbot, choose) -> None:
    dialog = choose(at_once=False)
    assert dialog.table.rowCount() == 0
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 3, timeout=30_000)


def test_the_field_names_the_chosen_types(qtbot, catalog, file, monkeypatch) -> None:
    parameter = catalog["dataset"].parameter_by_name["column_types"]
    context = Context(file.parent)
    context.data = lambda: DataSource("dataset", {"path": str(file)}, None, True)
    editor = ColumnTypesEditor(parameter, context)
    qtbot.addWidget(editor)
    editor.set_value(None)
    assert editor.summary.text() == "All inferred"
    editor.set_value({"plz": "string", "age": "number"})
    assert editor.summary.text() == "plz: String, age: Number"
    told = []
    editor.edited.connect(told.append)

    def work(dialog: ColumnTypes) -> int:
        assert dialog.types() == {}
        dialog._choose("age", "number")
        return 1

    editor.set_value(None)
    monkeypatch.setattr(ColumnTypes, "exec", lambda dialog: dialog._row("age") or work(dialog))
    QTest.mouseClick(editor.edit, Qt.MouseButton.LeftButton)
    assert told == [{"age": "number"}]
