"""How large the user wants text, and what has to fit to it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFont, QFontInfo
from PySide6.QtWidgets import QApplication, QTreeView

USUAL = 15.0
"""Pixels up to which systems set their font; the canvas and titles are made for it."""


def text_scale() -> float:
    """Return how many times larger than usual the application's font is.

    At least 1, unless the user has chosen smaller text.
    """
    return max(min(1.0, _state.share), text_pixels() / USUAL)


def text_pixels() -> float:
    """Return the height of the application's font, whether it was set in points or in pixels."""
    return float(QFontInfo(QApplication.font()).pixelSize())


def scaled(pixels: float) -> int:
    """Return a size of the usual font in the current one; call it again when that changes."""
    return round(pixels * text_scale())


def resized(font: QFont, more: float, least: float = 0.0) -> QFont:
    """Return a font in another size.

    Parameters
    ----------
    font : QFont
        Set in points or in pixels; it stays in its unit.
    more : float
        Points to add.
    least : float
        Points that it has at least.
    """
    made = QFont(font)
    points = QFontInfo(font).pointSizeF()
    wanted = max(points + more, least)
    if font.pixelSize() > 0:
        made.setPixelSize(max(1, round(font.pixelSize() * wanted / points)))
    else:
        made.setPointSizeF(wanted)
    return made


def set_text_size(percent: int) -> None:
    """Set the application's font to a share of the system's; the theme has to be applied then."""
    if percent == round(_state.share * 100):
        return
    if _state.system is None:
        _state.system = QFont(QApplication.font())
    _state.share = percent / 100
    font = QFont(_state.system)
    if font.pixelSize() > 0:
        font.setPixelSize(round(font.pixelSize() * _state.share))
    else:
        font.setPointSizeF(font.pointSizeF() * _state.share)
    QApplication.setFont(font)


def indent(tree: QTreeView, pixels: int) -> None:
    """Indent the rows of a tree, and make its chevrons as large, in the size of its text."""
    _Indent(tree, pixels)


class _Indent(QObject):
    def __init__(self, tree: QTreeView, pixels: int) -> None:
        super().__init__(tree)
        self._pixels = pixels
        tree.installEventFilter(self)
        tree.setIndentation(scaled(pixels))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of text."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            assert isinstance(watched, QTreeView)
            watched.setIndentation(scaled(self._pixels))
        return False


class _State:
    """The size that was chosen, and the system's font."""

    def __init__(self) -> None:
        self.share = 1.0
        self.system: QFont | None = None


_state = _State()
