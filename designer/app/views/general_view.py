"""Any value: its summary as tables, and its files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from designer.app.views.files_view import FilesView
from designer.app.views.registry import GENERAL, Found, view
from designer.app.views.sheet_page import SheetPage
from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract.value import Summary


class GeneralView(QWidget):
    """The tables of a summary, and the stored files."""

    def __init__(self, summary: Summary, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.pages = []
        for title, sheet in summary.sheets.items():
            shown = in_language(title)
            self.pages.append(SheetPage(sheet, shown))
            self.tabs.addTab(self.pages[-1], shown or tr("Content"))
        self.tabs.addTab(FilesView(folder), tr("Files"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)


@view(GENERAL)
def show(found: Found) -> QWidget:
    """Show any value."""
    return GeneralView(found.content, found.folder)
