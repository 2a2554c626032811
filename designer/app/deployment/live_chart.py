"""A small line that grows to the right."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.app import theme


class LiveChart(QWidget):
    """The latest values of one number.

    Parameters
    ----------
    color : str
        The name of a colour of the theme.
    kept : int
        Values that are shown at most.
    """

    def __init__(
        self,
        title: str,
        color: str,
        *,
        kept: int,
        unit: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._color, self._unit = title, color, unit
        self._kept = kept
        self.values: deque[float | None] = deque(maxlen=kept)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumSize(160, 110)
        self.setAccessibleName(title)

    def sizeHint(self) -> QSize:
        return QSize(280, 190)

    def add(self, value: float | None) -> None:
        """Add a value; None leaves a gap."""
        self.values.append(value)
        self.setAccessibleDescription(self._words(value))
        self.update()

    def clear(self) -> None:
        """Begin anew."""
        self.values.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(colors.border), 1))
        painter.setBrush(QColor(colors.surface))
        painter.drawRoundedRect(frame, 8, 8)
        line = painter.fontMetrics().height()
        inner = frame.adjusted(12, 8, -12, -10)
        painter.setPen(QColor(colors.text_muted))
        top = QRectF(inner.left(), inner.top(), inner.width(), line)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, self._title)
        latest = self.values[-1] if self.values else None
        painter.setPen(QColor(colors.text))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, self._words(latest))
        plot = inner.adjusted(0, line + 8, 0, 0)
        painter.setPen(QPen(QColor(colors.border), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        known = [value for value in self.values if value is not None]
        if not known:
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(plot, Qt.AlignmentFlag.AlignCenter, "No values yet")
            return
        self._draw(painter, plot, max(known))

    def _draw(self, painter: QPainter, plot: QRectF, highest: float) -> None:
        color = QColor(getattr(theme.current(), self._color))
        scale = plot.height() * 0.92 / highest if highest > 0 else 0.0
        step = plot.width() / max(self._kept - 1, 1)
        start = plot.right() - step * (len(self.values) - 1)
        painter.setPen(QPen(color, 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath()
        drawing = False
        point = QPointF()
        for place, value in enumerate(self.values):
            if value is None:
                drawing = False
                continue
            point = QPointF(start + place * step, plot.bottom() - value * scale)
            if drawing:
                path.lineTo(point)
            else:
                path.moveTo(point)
            drawing = True
        painter.drawPath(path)
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(point, 2.6, 2.6)

    def _words(self, value: float | None) -> str:
        return "–" if value is None else f"{value:.3g} {self._unit}".strip()
