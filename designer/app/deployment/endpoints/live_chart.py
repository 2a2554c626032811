"""A small live line chart with its scale."""

from __future__ import annotations

import math
from collections import deque

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.charts.chart_values import describe
from designer.app.views.charts.values_dialog import offer_values
from designer.app.widgets.direction import chart_painter
from designer.texts import formatted, tr
from modules.contract.sheet import Sheet

TICKS = 4
"""Parts of the scale at most."""


class LiveChart(QWidget):
    """The latest values of one number.

    Parameters
    ----------
    color : str
        The name of a color of the theme.
    kept : int
        Values that are shown at most, one a second.
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
        offer_values(self, self.table)

    def sizeHint(self) -> QSize:
        return QSize(280, 200)

    def add(self, value: float | None) -> None:
        """Add a value; None leaves a gap."""
        self.values.append(value)
        describe(self, self._text(value))
        self.update()

    def clear(self) -> None:
        """Start again."""
        self.values.clear()
        self.update()

    def table(self) -> Sheet:
        """Return the values that are shown, the latest first."""
        rows = tuple((ago, value) for ago, value in enumerate(reversed(self.values)))
        unit = tr(" in {unit}").format(unit=self._unit) if self._unit else ""
        return Sheet((tr("Seconds ago"), f"{self._title}{unit}"), rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme.current()
        painter = chart_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(colors.border), 1))
        painter.setBrush(QColor(colors.surface))
        painter.drawRoundedRect(frame, 8, 8)
        line = painter.fontMetrics().height()
        inner = frame.adjusted(12, 8, -12, -10)
        painter.setPen(QColor(colors.text_muted))
        top = QRectF(inner.left(), inner.top(), inner.width(), line)
        title = (
            tr("{title} in {unit}").format(title=self._title, unit=self._unit)
            if self._unit
            else self._title
        )
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, title)
        latest = self.values[-1] if self.values else None
        painter.setPen(QColor(colors.text))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, self._text(latest))
        known = [value for value in self.values if value is not None]
        if not known:
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, tr("No values yet"))
            return
        scale = ticks(max(known))
        plot = self._draw_axes(painter, inner.adjusted(0, line * 1.5 + 8, 0, 0), scale)
        self._draw(painter, plot, scale[-1])

    def _draw_axes(self, painter: QPainter, area: QRectF, scale: list[float]) -> QRectF:
        """Draw the scale and the time; return the area that is left for the line."""
        colors, metrics = theme.current(), painter.fontMetrics()
        line = metrics.height()
        labels = [formatted(value, "g") for value in scale]
        room = max(metrics.horizontalAdvance(label) for label in labels) + 8
        plot = area.adjusted(room, 0, 0, -line - 4)
        for value, label in zip(scale, labels, strict=True):
            # In the middle of a pixel, so that a line stays thin.
            y = math.floor(plot.bottom() - plot.height() * value / scale[-1]) + 0.5
            painter.setPen(QPen(QColor(colors.border), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(colors.text_muted))
            box = QRectF(area.left(), y - line / 2, room - 8, line)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, label)
        below = QRectF(plot.left(), plot.bottom() + 4, plot.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, _ago(self._kept))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, tr("now"))
        return plot

    def _draw(self, painter: QPainter, plot: QRectF, highest: float) -> None:
        color = QColor(getattr(theme.current(), self._color))
        scale = plot.height() / highest
        step = plot.width() / max(self._kept - 1, 1)
        start = plot.right() - step * (len(self.values) - 1)
        painter.setPen(QPen(color, 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath()
        drawing = False
        point = QPointF()
        for index, value in enumerate(self.values):
            if value is None:
                drawing = False
                continue
            point = QPointF(start + index * step, plot.bottom() - value * scale)
            if drawing:
                path.lineTo(point)
            else:
                path.moveTo(point)
            drawing = True
        painter.drawPath(path)
        painter.setBrush(color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(point, 2.6, 2.6)

    def _text(self, value: float | None) -> str:
        return "–" if value is None else f"{formatting.number(value, 3)} {self._unit}".strip()


def ticks(highest: float) -> list[float]:
    """Return round values from 0 to one that isn't below the highest, evenly spaced."""
    if not math.isfinite(highest) or highest <= 0:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(highest / TICKS))
    step = next(step for step in (1, 2, 2.5, 5, 10) if step * power * TICKS >= highest) * power
    count = max(math.ceil(highest / step - 1e-9), 1)
    # Without the noise of the binary fractions.
    return [float(f"{index * step:.12g}") for index in range(count + 1)]


def _ago(seconds: int) -> str:
    return (
        tr("{seconds} min ago").format(seconds=seconds // 60)
        if seconds % 60 == 0
        else tr("{seconds} s ago").format(seconds=seconds)
    )
