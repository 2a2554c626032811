"""A field for numbers between limits that are written with a point, everywhere."""

from __future__ import annotations

from PySide6.QtCore import QLocale
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget


class DecimalBox(QDoubleSpinBox):
    """Like Qt's, whatever the language of the system; a comma that is typed becomes a point."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        plain = QLocale.c()
        plain.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        self.setLocale(plain)
        self.lineEdit().setTextMargins(6, 0, 0, 0)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:  # type: ignore[override]
        """See Qt."""
        state, written, at = super().validate(text.replace(",", "."), position)  # type: ignore[misc]
        return state, written, at
