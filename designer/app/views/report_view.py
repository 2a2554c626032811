"""Reports: sections of text, charts, and tables, one below the other."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from designer.app.library.content_texts import report_in_language
from designer.app.views.charts.chart_pane import ChartPane
from designer.app.views.registry import Found, view
from designer.app.views.sheet_page import SheetPage
from designer.app.widgets.accessible import set_role
from designer.app.widgets.focus_ring import FocusRing
from modules.values import ReportSummary, Section

_MOST_HEIGHT = 420
"""The highest that a table gets before it scrolls by itself."""

_WIDEST = 1_000


class ReportView(QScrollArea):
    """Shows the sections of a report.

    Parameters
    ----------
    title : str
        Proposed, with the heading, as the name of an image, and spoken for a chart without a title.

    Attributes
    ----------
    charts, tables : list
        In the order of the sections.
    """

    def __init__(self, report: ReportSummary, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        report = report_in_language(report)
        self.setAccessibleName(report.title)
        set_role(self, QAccessible.Role.Document)
        FocusRing(self)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.charts: list[ChartPane] = []
        self.tables: list[SheetPage] = []
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 14, 20, 20)
        column.setSpacing(8)
        column.addWidget(_heading(report.title, "heading1"))
        for section in report.sections:
            self._add(section, column, title)
        column.addStretch(1)
        self.setWidget(page)

    def _add(self, section: Section, column: QVBoxLayout, title: str) -> None:
        if section.heading:
            column.addSpacing(10)
            column.addWidget(_heading(section.heading, "heading2"))
        if section.text:
            text = QLabel(section.text)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setWordWrap(True)
            text.setMaximumWidth(_WIDEST)
            text.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            column.addWidget(text)
        if section.chart is not None:
            pane = ChartPane(section.chart, f"{title}, {section.heading}")
            pane.setMaximumWidth(_WIDEST)
            self.charts.append(pane)
            column.addWidget(pane)
        if section.sheet is not None:
            page = SheetPage(section.sheet, section.heading)
            page.sheet.fit_height(_MOST_HEIGHT)
            self.tables.append(page)
            column.addWidget(page)


def _heading(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label


@view("report")
def show(found: Found) -> QWidget:
    """Show a report."""
    return ReportView(found.content, found.title)
