"""How large the user wants text."""

from __future__ import annotations

from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication

USUAL = 15.0
"""Pixels up to which systems set their font; the canvas and titles are made for it."""


def text_scale() -> float:
    """Return how many times larger than usual the application's font is; at least 1."""
    return max(1.0, QFontInfo(QApplication.font()).pixelSize() / USUAL)
