"""A small table with its note and a button that copies it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.views import formatting, image_export
from designer.app.views.sheet_view import SheetView
from modules.contract.sheet import Sheet


class SheetPage(QWidget):
    """A sheet with its note above it and a button that copies it."""

    def __init__(
        self, sheet: Sheet, title: str, *, bar: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.sheet = SheetView(sheet, title, bar=bar)
        note = QLabel(sheet.note or formatting.plural(len(sheet.rows), "row"))
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        copy = QToolButton()
        copy.setIcon(theme.icon("copy"))
        copy.setIconSize(image_export.button_size())
        copy.setToolTip("Copy table")
        copy.setAccessibleName("Copy table")
        copy.clicked.connect(self.sheet.copy)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 12, 6)
        head.addWidget(note, 1)
        head.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.sheet, 1)
