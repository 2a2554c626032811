"""A small table with its note and buttons that copy and save it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.library.content_texts import sheet_in_language
from designer.app.shell import theme
from designer.app.views import image_export
from designer.app.views.charts.chart_widget import ChartWidget
from designer.app.views.sheet_view import SheetView
from designer.texts import counted, tr
from modules.contract.chart import Chart, Series
from modules.contract.sheet import Sheet


class SheetPage(QWidget):
    """A sheet with its note above it and a button that copies it.

    Parameters
    ----------
    bar : int, optional
        A column of numbers that gets a bar beside each of them.
    files : bool
        Whether it can be saved: as CSV, and with a bar also as an image.

    Attributes
    ----------
    content : Sheet
    sheet : SheetView
    """

    def __init__(
        self,
        sheet: Sheet,
        title: str,
        *,
        bar: int | None = None,
        files: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        sheet = sheet_in_language(sheet)
        self.content, self._title, self._bar = sheet, title, bar
        self.sheet = SheetView(sheet, tr("Table: {title}").format(title=title), bar=bar)
        self.note = note = QLabel(sheet.note or counted("{n:,} row", "{n:,} rows", len(sheet.rows)))
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 12, 6)
        head.addWidget(note, 1)
        head.addWidget(self._button("copy", tr("Copy table"), self.sheet.copy))
        if files:
            head.addWidget(self._button("save", tr("Save as CSV"), self._save_table))
        if files and bar is not None:
            head.addWidget(self._button("chart", tr("Save image"), self._save_image))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.sheet, 1)

    def _save_table(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Save table"), f"{self._title}.csv", tr("CSV file (*.csv)")
        )
        if chosen:
            path = Path(chosen)
            path = path if path.suffix else path.with_suffix(".csv")
            self.note.setText(_written(self.content, path))

    def _save_image(self) -> None:
        assert self._bar is not None
        heads, rows = self.content.headers, self.content.rows
        series = Series(heads[self._bar], (), [row[self._bar] for row in rows])
        names = [row[0] for row in rows]
        chart = Chart("bars", self._title, heads[self._bar], heads[0], [series], names)
        widget = ChartWidget(chart, self)
        widget.resize(_IMAGE_WIDTH, widget.heightForWidth(_IMAGE_WIDTH))
        message = image_export.ask_and_save(widget, self._title)
        widget.deleteLater()
        if message:
            self.note.setText(message)

    def _button(self, icon: str, text: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon))
        button.setToolTip(text)
        button.setAccessibleName(f"{text}: {self._title}")
        button.clicked.connect(lambda: act())
        return button


def _written(sheet: Sheet, path: Path) -> str:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(sheet.headers)
            writer.writerows(sheet.rows)
    except OSError as error:
        return tr("{name} can't be written: {reason}.").format(
            name=path.name, reason=error.strerror
        )
    return tr("Saved {name}.").format(name=path.name)


_IMAGE_WIDTH = 800
