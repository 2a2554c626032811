"""A text of one line that ends with dots where its widget does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel

from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.direction import isolated

LEAST = 40
"""Pixels that it can be narrowed to."""


class OneLineLabel(QLabel):
    """A label that needs no room; what is hidden is in its tooltip."""

    def minimumSizeHint(self) -> QSize:
        """Return room for a few letters."""
        return QSize(LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the whole text as a tooltip if it doesn't fit."""
        super().resizeEvent(event)
        self.setToolTip(plain_tooltip(self.text()) if self._shown() != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text as far as there is room."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment(), isolated(self._shown()))

    def _shown(self) -> str:
        return self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
