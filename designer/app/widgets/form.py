"""A form whose labels are level with the text in their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

_ABOVE_AND_BELOW = 4


class Form(QFormLayout):
    """A form layout for the fields of the theme.

    Qt centers a label within at most 7/4 of its own height; the fields of the theme are
    taller, so their labels would be too high.
    """

    def addRow(self, *row: Any) -> None:
        """See Qt."""
        super().addRow(*row)
        self._level()

    def insertRow(self, *row: Any) -> None:
        """See Qt."""
        super().insertRow(*row)
        self._level()

    def _level(self) -> None:
        for row in range(self.rowCount()):
            item = self.itemAt(row, QFormLayout.ItemRole.LabelRole)
            label = item.widget() if item is not None else None
            if isinstance(label, QLabel):
                # A parameter's description may come from elsewhere.
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setContentsMargins(0, _ABOVE_AND_BELOW, 0, _ABOVE_AND_BELOW)


def form_page(rows: Mapping[str, QWidget]) -> QWidget:
    """Return a widget with a form: fields by their labels."""
    page = QWidget()
    form = Form(page)
    form.setContentsMargins(0, 0, 0, 0)
    form.setVerticalSpacing(10)
    form.setHorizontalSpacing(16)
    for title, field in rows.items():
        form.addRow(title, field)
    return page
