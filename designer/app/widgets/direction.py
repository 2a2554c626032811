"""Texts that keep their own direction in a window that reads from right to left."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QWidget

_OPEN, _CLOSE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def isolated(text: object) -> str:
    """Return a text for the screen, in the direction of its first letter.

    Otherwise the window's direction orders a number and the word or sign beside it: “1 error”
    becomes “error 1”. A text without letters is read from left to right, as numbers are.

    The marks are for the eye only, so the text isn't one to speak, to copy, or to store. A window
    that reads from left to right needs none.
    """
    return f"{_OPEN}{text}{_CLOSE}" if QGuiApplication.isRightToLeft() and text else str(text)


def as_code(widget: QWidget) -> None:
    """Show a widget's text in the font and the direction of program text."""
    widget.setProperty("code", True)
    widget.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def keep_directions(view: QAbstractItemView) -> None:
    """Show each text of a list in its own direction; what is copied or spoken stays as it is."""
    if QGuiApplication.isRightToLeft():
        view.setItemDelegate(DirectedItems(view))


class DirectedItems(QStyledItemDelegate):
    """Draws items whose texts keep their own direction."""

    def displayText(self, value: Any, locale: QLocale | QLocale.Language) -> str:
        """Return the text to draw."""
        return isolated(super().displayText(value, locale))
