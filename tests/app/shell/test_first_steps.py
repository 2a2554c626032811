"""What a person is told, and proposed, before the first pipeline is built and saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from window_desk import add, key, nodes

from designer.app.dialogs.command_palette import CommandPalette
from designer.pipeline import edits


def hint(window) -> str:
    document = QTextDocument()
    document.setHtml(window.canvas.hint.text())
    return document.toPlainText()


def test_what_the_empty_canvas_says_is_true(window, tmp_path):
    assert "data file here" in hint(window)
    assert "type the name of a module" in hint(window)
    file = tmp_path / "customers.csv"
    file.write_text("a,b\n1,2\n")
    window.modules.files_dropped([file], 0, 0)
    assert nodes(window) == ["dataset"]
    # And typing goes on to be so with a card selected.
    window.canvas.setFocus()
    assert window.canvas.selection() == ["dataset"]
    key(window, Qt.Key.Key_S)
    QTest.keyClicks(QApplication.focusWidget(), "plit")
    key(window, Qt.Key.Key_Return)
    assert "split_data" in nodes(window)


@pytest.fixture
def proposed(window, monkeypatch):
    """Save without choosing a place; returns the name that was proposed."""

    def save() -> str:
        seen: list[str] = []

        def choose(parent, title, start, *_):
            seen.append(Path(start).name)
            return "", ""

        monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
        assert not window.files.save_as()
        return seen[0]

    return save


def test_a_new_pipeline_is_proposed_to_be_called_as_its_data(window, proposed):
    add(window, "split_data")
    assert proposed() == "untitled.pipeline.json"
    for path in ("/elsewhere/customers 2.csv", "/elsewhere/others.csv"):
        parameters = {"path": path}
        window.document.apply(
            "Add", lambda p, given=parameters: edits.add_node(p, "dataset", parameters=given)[0]
        )
    assert proposed() == "customers 2.pipeline.json"


@pytest.mark.parametrize(
    ("path", "name"),
    [("dataset:sales", "sales"), ("https://example.org/data.csv", "untitled"), ("", "untitled")],
)
def test_a_registered_dataset_gives_its_name_and_an_address_none(window, proposed, path, name):
    window.document.apply(
        "Add", lambda p: edits.add_node(p, "dataset", parameters={"path": path})[0]
    )
    assert proposed() == f"{name}.pipeline.json"


def test_a_file_that_is_written_gives_no_name(window, proposed):
    window.document.apply(
        "Add", lambda p: edits.add_node(p, "export_data", parameters={"path": "/tmp/out.csv"})[0]
    )
    assert proposed() == "untitled.pipeline.json"


def test_help_goes_with_the_last_module_that_is_found(window):
    palette = window.palette_panel
    palette.focus_search()
    QTest.keyClicks(palette.search, "split")
    assert palette.help.isVisible()
    QTest.keyClicks(palette.search, "zzz")
    assert not palette.help.isVisible()


def hover(view, row: int) -> None:
    index = view.model().index(row, 0)
    place = QPointF(view.visualRect(index).center())
    none, free = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    at = view.viewport().mapToGlobal(place)
    event = QMouseEvent(QEvent.Type.MouseMove, place, at, none, none, free)
    QApplication.sendEvent(view.viewport(), event)


def test_pointer_and_keys_move_one_mark_in_the_list_of_modules(window):
    key(window, Qt.Key.Key_Tab)
    listed = window.canvas.quick_add.list
    hover(listed, 3)
    assert listed.currentIndex().row() == 3
    key(window, Qt.Key.Key_Down)
    assert listed.currentIndex().row() == 4


def test_pointer_and_keys_move_one_mark_in_the_list_of_commands(window, qtbot):
    dialog = CommandPalette(window.commands, window)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    hover(dialog.list, 3)
    assert dialog.list.currentIndex().row() == 3
    dialog.search.setFocus()
    QTest.keyClick(dialog.search, Qt.Key.Key_Down)
    assert dialog.list.currentIndex().row() == 4
