"""Texts that keep their own direction in a window that reads from right to left."""

from __future__ import annotations

from typing import Any
from unicodedata import bidirectional

from PySide6.QtCore import QEvent, QLocale, QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionMenuItem,
    QWidget,
)

_LATIN = "\N{LEFT-TO-RIGHT MARK}"
_OPEN, _CLOSE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def isolated(text: object) -> str:
    """Return a text for the screen, in the direction of its first letter.

    Otherwise the window's direction orders a number and the word or sign beside it: “1 error”
    becomes “error 1”. A text without letters is read from left to right, as numbers are.

    The marks are for the eye only, so the text isn't one to speak, to copy, or to store. A window
    that reads from left to right needs none.
    """
    return f"{_OPEN}{text}{_CLOSE}" if QGuiApplication.isRightToLeft() and text else str(text)


def ended(text: str) -> str:
    """Return the text of a button or an action, with its ellipsis at the end.

    At the end of a text in Latin letters, an ellipsis would be drawn at its beginning in a window
    that reads from right to left.
    """
    if not QGuiApplication.isRightToLeft() or not text.endswith("…"):
        return text
    latin = next((bidirectional(letter) for letter in text if letter.isalpha()), "") == "L"
    return f"{text}{_LATIN}" if latin else text


def keep_endings(app: QApplication, on: bool) -> None:
    """Show the texts of buttons as :func:`ended` returns them, or no longer.

    Needed, and done, only in windows that read from right to left: the filter sees every event.
    """
    if on and _state.endings is None:
        _state.endings = _Endings(app)
        app.installEventFilter(_state.endings)
    elif not on and _state.endings is not None:
        app.removeEventFilter(_state.endings)
        _state.endings.deleteLater()
        _state.endings = None


def as_code(widget: QWidget) -> None:
    """Show a widget's text in the font and the direction of program text."""
    widget.setProperty("code", True)
    widget.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def keep_directions(view: QAbstractItemView) -> None:
    """Show each text of a list in its own direction; what is copied or spoken stays as it is."""
    if QGuiApplication.isRightToLeft():
        view.setItemDelegate(DirectedItems(view))


def chart_painter(chart: QWidget) -> QPainter:
    """Return a painter for a chart, which reads from left to right in every window: axes do."""
    painter = QPainter(chart)
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    return painter


class DirectedItems(QStyledItemDelegate):
    """Draws items whose texts keep their own direction."""

    def displayText(self, value: Any, locale: QLocale | QLocale.Language) -> str:
        """Return the text to draw."""
        return isolated(super().displayText(value, locale))


class DirectedMenu(QMenu):
    """A menu that draws the keys of a command in the order in which they are pressed.

    Otherwise “Ctrl+,” becomes “,+Ctrl” in a window that reads from right to left.
    """

    def initStyleOption(self, option: QStyleOptionMenuItem, action: QAction) -> None:
        """Describe an entry to the style that draws it."""
        super().initStyleOption(option, action)
        if QGuiApplication.isRightToLeft() and "\t" in option.text:
            option.text += _LATIN


class _Endings(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Polish and isinstance(watched, QAbstractButton):
            text = ended(watched.text())
            if text != watched.text():
                watched.setText(text)
        return False


class _State:
    """What is installed in the application."""

    def __init__(self) -> None:
        self.endings: _Endings | None = None


_state = _State()
