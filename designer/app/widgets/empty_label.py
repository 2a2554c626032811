"""What is shown instead of a list in which nothing is found."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def empty_label() -> QLabel:
    """Return a muted label for the reason why a list is empty."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "muted")
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    label.setContentsMargins(12, 24, 12, 12)
    label.setWordWrap(True)
    return label
