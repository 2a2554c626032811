"""Axes with numbers."""

from __future__ import annotations

from functools import cache
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from designer.app.views import formatting
from designer.texts import localized

_APART = 10
"""Pixels between two numbers."""

_TIMES = (1, 2, 5, 10)
"""How much wider than pyqtgraph proposes the numbers may be apart."""


@cache
def axis_class() -> Any:
    """Return the class of axes with numbers, a subclass of pyqtgraph's."""
    import pyqtgraph

    class Axis(pyqtgraph.AxisItem):
        """An axis with numbers that are apart from each other.

        Those of one that goes up may extend beyond its ends, where they would be left out.
        """

        counts = False
        """Only integers."""

        def __init__(self, orientation: str) -> None:
            super().__init__(orientation)
            self.autoSIPrefix = False
            # Shares of the length that numbers may fill, from so many on.
            self.setStyle(textFillLimits=[(0, 0.6), (2, 0.5), (4, 0.4)])

        def updateAutoSIPrefix(self) -> None:
            """Keep the numbers: pyqtgraph writes 0.8 as 800 here, although that is turned off."""

        def boundingRect(self) -> QRectF:
            half = QFontMetricsF(self.style["tickFont"] or QFont()).height() / 2
            up = half if self.orientation in ("left", "right") else 0.0
            return QRectF(super().boundingRect().adjusted(0, -up, 0, up))

        def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
            found: list[tuple[float, float]] = super().tickSpacing(low, high, size)
            if self.counts:
                found = [(space, start) for space, start in found if space >= 1] or [(1.0, 0.0)]
            if not found or self.orientation in ("left", "right"):
                return found
            # pyqtgraph writes the numbers of the widest spacing even if they overlap.
            space, start = found[0]
            metrics = QFontMetricsF(self.style["tickFont"] or QFont())
            ends = self.tickStrings([low, high], 1.0, space)
            room = max(map(metrics.horizontalAdvance, ends)) + _APART
            times = next(
                (each for each in _TIMES if (high - low) / (space * each) * room <= size),
                _TIMES[-1],
            )
            return [(space * times, start)] if times > 1 else found

        def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
            if spacing * scale < 1:
                return [
                    localized(str(text)) for text in super().tickStrings(values, scale, spacing)
                ]
            return [formatting.grouped(float(round(value * scale))) for value in values]

    return Axis
