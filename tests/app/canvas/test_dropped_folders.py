"""Folders dropped onto the canvas: what they become is asked."""

from __future__ import annotations

import os

import pytest
from canvas_desk import Dragged
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.app.datasets.folder_question import FolderQuestion
from modules.contract import DataTable

KEY = Qt.Key


class Seat:
    """What a thing held over the canvas needs to know of a window."""

    def __init__(self, window) -> None:
        self.window = window
        self.viewport = window.canvas.viewer.viewport()

    def at(self, x: float, y: float) -> QPoint:
        return self.window.canvas.viewer.to_view(QPointF(x, y)).toPoint()


def drop(window, qtbot, paths, *keys):
    """Drop files; press keys in the question that comes. Return its text and its choices."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    seen = []

    def answer():
        dialog = QApplication.activeModalWidget()
        focus = QApplication.focusWidget()
        if not isinstance(dialog, FolderQuestion) or focus is None or focus.window() is not dialog:
            QTimer.singleShot(20, answer)
            return
        seen.append([each.text() for each in dialog.choices.values()])
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or dialog, key)
        # A question that is still open would wait forever.
        dialog.close()

    QTimer.singleShot(0, answer)
    Dragged(Seat(window), data).drop(0, 0)
    qtbot.waitUntil(lambda: bool(seen) and QApplication.activeModalWidget() is None)
    return seen[0]


@pytest.fixture
def tables(tmp_path):
    folder = tmp_path / "sales"
    (folder / "old").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name in ("jan.csv", "feb.csv", "old/dec.CSV", "plan.xlsx", ".hidden/no.csv", "read.me"):
        (folder / name).write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "pets"
    for kind in ("cats", "dogs"):
        (folder / kind).mkdir(parents=True)
        (folder / kind / "one.jpg").write_bytes(b"")
    (folder / "labels.csv").write_text("a\n1\n")
    return folder


def added(window):
    """Return modules and parameters, with whole paths: stored ones start in the home folder."""
    base = window.document.base
    return [
        (node.module, {**node.parameters, "path": os.path.normpath(base / node.parameters["path"])})
        for node in window.document.pipeline.nodes.values()
    ]


def test_a_folder_of_tables_becomes_one_table(window, qtbot, tables):
    choices = drop(window, qtbot, [tables], KEY.Key_Return)
    assert choices == [
        "One table: 3 .csv files",
        "A dataset for each table (4)",
        "Files as they are",
    ]
    parameters = {"path": str(tables), "pattern": "**/*.csv"}
    assert added(window) == [("import_data", parameters)]
    window.document.undo_stack.undo()
    assert added(window) == []


def test_a_folder_of_tables_becomes_a_dataset_for_each(window, qtbot, tables):
    drop(window, qtbot, [tables], KEY.Key_Down, KEY.Key_Return)
    paths = [parameters["path"] for _, parameters in added(window)]
    assert {module for module, _ in added(window)} == {"dataset"}
    names = ("feb.csv", "jan.csv", "old/dec.CSV", "plan.xlsx")
    assert paths == [str(tables / name) for name in names]
    window.document.undo_stack.undo()
    assert added(window) == []


def test_a_folder_of_images_is_recognized(window, qtbot, images):
    choices = drop(window, qtbot, [images], KEY.Key_Return)
    assert choices[0] == "A folder of images"
    assert added(window) == [("convert_to_image_directory", {"path": str(images)})]


def test_an_empty_folder_can_be_added_as_files(window, qtbot, tmp_path):
    (tmp_path / "later").mkdir()
    assert drop(window, qtbot, [tmp_path / "later"], KEY.Key_Return) == ["Files as they are"]
    assert added(window) == [("import_files", {"path": str(tmp_path / "later")})]


def test_esc_leaves_out_the_folder_alone(window, qtbot, tables, tmp_path):
    file = tmp_path / "cars.csv"
    file.write_text("a\n1\n")
    drop(window, qtbot, [tables, file], KEY.Key_Escape)
    assert added(window) == [("dataset", {"path": str(file)})]
    before = window.document.pipeline
    drop(window, qtbot, [tables], KEY.Key_Escape)
    assert window.document.pipeline is before


def test_the_pattern_reads_what_the_question_counts(window, tables):
    from modules.data_input_output.import_data import import_data

    table = import_data(path=str(tables), pattern="**/*.csv")
    assert isinstance(table, DataTable)
    # Three files of one row.
    assert len(table) == 3
