"""A chart with what is read from it, its values as a table, and its image."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from designer.app.library.content_texts import chart_in_language
from designer.app.shell import theme
from designer.app.views import image_export
from designer.app.views.charts.chart_widget import ChartWidget
from designer.app.views.sheet_page import SheetPage
from designer.texts import tr
from modules.contract.chart import Chart
from modules.values.charts.tables import sheet_of

_MOST_HEIGHT = 320


class ChartPane(QWidget):
    """A chart and, below it, a line with the value that is pointed at and three buttons.

    Parameters
    ----------
    name : str
        Proposed as the name of an image, and spoken if the chart has no title.

    Attributes
    ----------
    chart : ChartWidget
    values : SheetPage or None
        The values as a table, once they were asked for.
    """

    def __init__(self, chart: Chart, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        chart = chart_in_language(chart)
        self.chart = ChartWidget(chart, name=name)
        self.values: SheetPage | None = None
        self._readout = QLabel(chart.note)
        self._readout.setProperty("role", "muted")
        self._readout.setWordWrap(True)
        self._table = self._button("table", tr("Show values"))
        self._table.setCheckable(True)
        self._table.toggled.connect(self._show_values)
        copy = self._button("copy", tr("Copy image"))
        copy.clicked.connect(self._copy)
        save = self._button("save", tr("Save image"))
        save.clicked.connect(self._save)
        row = QHBoxLayout()
        row.addWidget(self._readout, 1)
        for button in (self._table, copy, save):
            row.addWidget(button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self.chart)
        self._column.addLayout(row)
        self.chart.reading.connect(
            lambda text: self._readout.setText(text or self.chart.chart.note)
        )
        self.chart.asked.connect(self._table.toggle)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.chart)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._copy)

    def readout(self) -> str:
        """Return the line below the chart."""
        return self._readout.text()

    def show_chart(self, chart: Chart) -> None:
        """Show another chart instead."""
        chart = chart_in_language(chart)
        self.chart.show_chart(chart)
        self._readout.setText(chart.note)
        if self._table.isChecked():
            self._show_values(True)

    def _button(self, icon: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon))
        button.setToolTip(text)
        button.setAccessibleName(f"{text}: {self.chart.accessibleName()}")
        return button

    def _show_values(self, on: bool) -> None:
        if self.values is not None:
            self._column.removeWidget(self.values)
            self.values.deleteLater()
            self.values = None
        if on:
            self.values = SheetPage(sheet_of(self.chart.chart), self.chart.accessibleName())
            self.values.sheet.fit_height(_MOST_HEIGHT)
            self._column.addWidget(self.values)
            self.values.sheet.setFocus()

    def _read(self, text: str) -> None:
        self._readout.setText(text or self.chart.chart.note)

    def _copy(self) -> None:
        self.chart.clear()
        QGuiApplication.clipboard().setImage(image_export.picture(self.chart))
        self._readout.setText(tr("Copied."))

    def _save(self) -> None:
        self.chart.clear()
        message = image_export.ask_and_save(self.chart, self._name)
        self._readout.setText(message or self.chart.chart.note)
