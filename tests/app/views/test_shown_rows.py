"""Rows of a table: sorted, found, copied, exported."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMainWindow
from table_desk import Output, click_header, order, shown

from designer.app.views import open_result
from modules.contract.data_table import DataTable
from modules.values import storage


@pytest.mark.parametrize("descending", [False, True])
def test_sorting_gives_the_order_of_pandas(qtbot, view, frame, descending):
    click_header(qtbot, view, 0)
    view.activateWindow()
    (view._bar.descending if descending else view._bar.ascending).trigger()
    expected = frame["price"].sort_values(ascending=not descending, kind="stable").index.tolist()
    qtbot.waitUntil(lambda: order(view) == expected, timeout=30_000)
    model = view.grid.model()
    number = model.headerData(0, Qt.Orientation.Vertical, Qt.ItemDataRole.DisplayRole)
    assert number == str(expected[0] + 1)
    assert shown(view, 1) == [str(value) for value in frame["doors"][expected]]
    (view._bar.descending if descending else view._bar.ascending).trigger()
    qtbot.waitUntil(lambda: order(view) == list(range(len(frame))), timeout=30_000)


def test_double_clicks_on_a_column_turn_the_order(qtbot, view, frame):
    header = view.grid.header
    place = QPoint(header.sectionViewportPosition(1) + 20, 10)
    for ascending in (True, False):
        qtbot.mouseDClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        expected = frame["doors"].sort_values(ascending=ascending, kind="stable").index.tolist()
        qtbot.waitUntil(lambda expected=expected: order(view) == expected, timeout=30_000)
    qtbot.mouseDClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert order(view) == list(range(len(frame)))


def test_finding_rows_by_a_text(qtbot, view, frame):
    view._bar.field.setFocus()
    qtbot.keyClicks(view._bar.field, "SAAB")
    qtbot.keyClick(view._bar.field, Qt.Key.Key_Return)
    expected = frame.index[frame["make"].eq("saab")].tolist()
    qtbot.waitUntil(lambda: order(view) == expected, timeout=30_000)
    assert view._bar.size_label.text() == f"{len(expected)} of 400 rows × 4 columns"
    view._bar.field.setText("no such car")
    qtbot.waitUntil(lambda: "No row contains" in view._bar.message.text(), timeout=30_000)
    assert view.grid.model().rowCount() == 0
    view._bar.field.clear()
    qtbot.waitUntil(lambda: len(order(view)) == len(frame), timeout=30_000)


def test_a_copy_pastes_into_a_spreadsheet(qtbot, view, frame):
    grid = view.grid
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(0, 0))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(grid, key, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = QGuiApplication.clipboard().text()
    back = pd.read_csv(io.StringIO(text), sep="\t")
    pd.testing.assert_frame_equal(back, frame.iloc[:2, :3], check_dtype=False)


def test_one_cell_is_copied_without_its_name(qtbot, view):
    grid = view.grid
    grid.setCurrentIndex(grid.model().index(0, 2))
    grid.copy()
    assert QGuiApplication.clipboard().text() == grid.model().index(0, 2).data()


def test_exporting_what_is_shown(qtbot, view, frame, tmp_path, monkeypatch):
    target = tmp_path / "cars.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), "CSV (*.csv)"))
    view.sort_by("doors", True)
    view._export()
    qtbot.waitUntil(lambda: view._bar.message.text() == "Exported 400 rows.", timeout=30_000)
    expected = frame.sort_values("doors", ascending=False, kind="stable")
    assert pd.read_csv(target)["doors"].tolist() == expected["doors"].tolist()


def test_an_export_that_fails_says_why(qtbot, view, tmp_path, monkeypatch):
    target = tmp_path / "nowhere" / "cars.parquet"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    view._export()
    qtbot.waitUntil(lambda: "can't be written" in view._bar.message.text(), timeout=30_000)


def test_copying_works_in_a_window_that_has_the_same_keys(qtbot, engine, frame, tmp_path):
    storage.save(DataTable(frame), tmp_path / "value")
    widget = open_result(Output(tmp_path / "value"), "Cars", engine)
    window = QMainWindow()
    qtbot.addWidget(window)
    taken = []
    for keys in ("Ctrl+C", "Ctrl+A"):
        action = QAction(window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _, keys=keys: taken.append(keys))
        window.addAction(action)
    window.setCentralWidget(widget)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: not widget.reading)
    grid = widget.view.grid
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(0, 2))
    qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert taken == []
    assert QGuiApplication.clipboard().text() == frame["make"][0]
    assert grid.selected_cells() == frame.size


def test_an_empty_table_says_what_is_missing(qtbot, opened, view):
    assert opened(DataTable(pd.DataFrame({"a": []}))).view.grid.empty_text() == (
        "This table has no rows."
    )
    assert view.grid.empty_text() == ""
    view._bar.field.setText("zebra of no car")
    qtbot.keyClick(view._bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.grid.model().rowCount() == 0, timeout=30_000)
    assert view.grid.empty_text() == "No row contains this text."
    view.grab()
