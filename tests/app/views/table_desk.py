"""Helpers of the tests of tables on the screen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt

from designer.app.views.table_view import TableView


def laid_out(widget) -> bool:
    """Whether the view is there and has its place: it comes into a window that is shown."""
    view = widget.view
    return not widget.reading and view.isVisible() and view.width() == widget.width()


class Output:
    type = "DataTable"
    rows, columns = 1_000_000, 50

    def __init__(self, path: Path):
        self.path = path


def shown(view: TableView, column: int, rows: int | None = None) -> list[str]:
    model = view.grid.model()
    count = model.rowCount() if rows is None else rows
    return [model.index(row, column).data() for row in range(count)]


def order(view: TableView) -> list[int]:
    model = view.grid.table_model
    return [model.position(row) for row in range(model.rowCount())]


def click_header(qtbot, view, column, at=20):
    header = view.grid.header
    place = QPoint(header.sectionViewportPosition(column) + at, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def profiled(qtbot, view, count=4):
    qtbot.waitUntil(lambda: len(view._profiles) == count, timeout=30_000)
