"""A dataset shows the parameters that mean something for a file of its kind."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from designer.pipeline import edits
from designer.workspace import Workspace

FOLDER_SEEN = 10_000


@pytest.fixture
def reading(window, tmp_path):
    """A dataset is selected; gives a function that writes its path as a person does."""
    window.modules.add_at_center("dataset")

    def write(path: str) -> None:
        line = window.properties.fields["path"].editor.line
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, path)
        QTest.keyClick(line, Qt.Key.Key_Return)
        QApplication.processEvents()

    return write


def shown(window) -> set[str]:
    fields = window.properties.fields
    return {name for name, field in fields.items() if not field.isHidden()}


@pytest.mark.parametrize(
    ("name", "there", "absent"),
    [
        ("flowers.csv", {"delimiter", "quote", "header"}, {"sheet"}),
        ("flowers.CSV", {"delimiter", "quote", "header"}, {"sheet"}),
        ("flowers.xlsx", {"sheet", "header", "skip_rows"}, {"delimiter", "quote"}),
        ("flowers.parquet", {"format"}, {"sheet", "delimiter", "header", "dates"}),
        ("flowers", {"sheet", "delimiter", "quote"}, set()),
    ],
)
def test_what_means_nothing_for_the_file_is_not_shown(window, reading, name, there, absent):
    reading(name)
    assert there <= shown(window)
    assert not absent & shown(window)


def test_the_chosen_format_counts_whatever_the_file_is_called(window, reading):
    reading("flowers.csv")
    assert "sheet" not in shown(window)
    box = window.properties.fields["format"].editor.findChild(QComboBox)
    box.setFocus()
    QTest.keyClicks(box, "Ex")
    QTest.keyClick(box, Qt.Key.Key_Return)
    QApplication.processEvents()
    (node,) = window.document.pipeline.nodes.values()
    assert node.parameters["format"] == "Excel"
    assert "sheet" in shown(window)
    assert "delimiter" not in shown(window)


def test_a_sheet_that_was_written_is_kept_while_another_file_is_looked_at(window, reading):
    reading("book.xlsx")
    window.document.apply("Set", lambda p: edits.set_parameter(p, "dataset", "sheet", "2"))
    reading("flowers.csv")
    assert "sheet" not in shown(window)
    reading("book.xlsx")
    assert "sheet" in shown(window)
    assert window.document.pipeline.nodes["dataset"].parameters["sheet"] == "2"


def test_a_registered_dataset_is_known_by_its_file(window, reading, tmp_path, qtbot):
    file = tmp_path / "flowers.csv"
    file.write_text("a\n1\n", "utf-8")
    workspace = Workspace(window.workspace.folder)
    workspace.register_dataset("Iris", file)
    palette = window.palette_panel
    qtbot.waitUntil(lambda: palette.visible_datasets() == ["Iris"], timeout=FOLDER_SEEN)
    try:
        reading("dataset:Iris")
        assert "sheet" not in shown(window)
        assert "delimiter" in shown(window)
    finally:
        workspace.dataset_store.remove("Iris")
