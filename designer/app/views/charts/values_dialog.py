"""The values of a chart as a table, for those who can't see it or want the numbers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.views.charts.chart_values import make_readable
from designer.app.views.sheet_page import SheetPage
from designer.texts import tr
from modules.contract.sheet import Sheet


def offer_values(chart: QWidget, values: Callable[[], Sheet]) -> None:
    """Let a widget that paints a chart be reached by Tab; a key shows its values in a dialog."""

    def show() -> None:
        ValuesDialog(chart.accessibleName(), values(), chart).open()

    make_readable(chart, show)


class ValuesDialog(QDialog):
    """A table with buttons that copy and save it.

    Parameters
    ----------
    title : str
        Of the chart.

    Attributes
    ----------
    page : SheetPage
    """

    def __init__(self, title: str, sheet: Sheet, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Values of {title}").format(title=title))
        self.page = SheetPage(sheet, title, files=True)
        column = QVBoxLayout(self)
        column.addWidget(self.page, 1)
        column.addWidget(dialog_buttons(self, QDialogButtonBox.StandardButton.Close))
        metrics = self.fontMetrics()
        self.resize(metrics.averageCharWidth() * 90, metrics.height() * 30)
        self.page.sheet.setFocus()
        self.finished.connect(self.deleteLater)
