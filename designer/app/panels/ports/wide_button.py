"""Buttons as wide as the panel, of which the texts are cut with dots where it is narrow."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
)


class WideButton(QPushButton):
    """A button as wide as its panel.

    Parameters
    ----------
    end : str
        Added to the text; never cut while there is room for it.
    """

    def __init__(self, text: str, end: str = "") -> None:
        super().__init__(text + end)
        self._end = end
        self.setStyleSheet("text-align: left; padding: 4px 8px;")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def shown_text(self) -> str:
        """Return as much of the text as there is room for."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        part = QStyle.SubElement.SE_PushButtonContents
        room = self.style().subElementRect(part, option, self).width()
        if not self.icon().isNull():
            room -= self.iconSize().width() + _BESIDE_ICON
        metrics, cut = self.fontMetrics(), Qt.TextElideMode.ElideRight
        if metrics.horizontalAdvance(self.text()) <= room:
            return self.text()
        start = metrics.elidedText(
            self.text().removesuffix(self._end), cut, room - metrics.horizontalAdvance(self._end)
        )
        return start + self._end if start else metrics.elidedText(self.text(), cut, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button with the text that it shows."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.shown_text()
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


_BESIDE_ICON = 4
"""Pixels that Qt leaves between icon and text."""
