"""A chart of any kind on the screen, read by pointer and by keys."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.app.shell import theme
from designer.app.shell.theme_colors import mixed
from designer.app.views.charts.chart_values import describe, make_readable
from designer.app.widgets.direction import chart_painter
from designer.composed_texts import in_language
from designer.texts import localized, tr
from modules.contract.chart import Chart
from modules.values.charts.drawing import draw
from modules.values.charts.shapes import Box, Dot, Drawing, Label, Line, Look, Point, Shape, Spot
from modules.values.charts.svg import outline

_LOWEST_WIDTH = 280
_KEPT = 16
"""Drawings of so many widths are kept."""

_NEAR = 24.0
"""Pixels from a point within which it is read."""


class ChartWidget(QWidget):
    """Paints a chart as wide as there is room; the height follows.

    Left, Right, Home and End go through its values; T, Enter, and Space ask for its table.

    Parameters
    ----------
    name : str
        Spoken if the chart has no title.

    Attributes
    ----------
    reading : Signal
        The value under the pointer or chosen by keys, as text; empty if there is none.
    asked : Signal
        The table of its values is wanted.
    """

    reading = Signal(str)
    asked = Signal()

    def __init__(self, chart: Chart, parent: QWidget | None = None, *, name: str = "") -> None:
        super().__init__(parent)
        self.chart = chart
        self._name = name
        self._drawings: dict[int, Drawing] = {}
        self._at: int | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        make_readable(self, self.asked.emit)
        self._describe()
        theme.notifier().changed.connect(self._forget)

    def show_chart(self, chart: Chart) -> None:
        """Show another chart instead."""
        self.chart = chart
        self._at = None
        self._forget()
        self._describe()
        self.updateGeometry()

    def spots(self) -> list[Spot]:
        """Return where its values are, as it is drawn now."""
        return self._drawn().spots

    def chosen(self) -> str:
        """Return the value that is read now."""
        return "" if self._at is None else _read(self.spots()[self._at].text)

    def clear(self) -> None:
        """Read no value."""
        self._choose(None)

    def hasHeightForWidth(self) -> bool:
        """Return that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the chart needs."""
        return round(self._draw(width).height)

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(640, self.heightForWidth(640))

    def minimumSizeHint(self) -> QSize:
        """Return the least size in which it can be read; the height follows from the width."""
        return QSize(_LOWEST_WIDTH, self.heightForWidth(_LOWEST_WIDTH))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height of the width."""
        self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Draw it again in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._forget()

    def paintEvent(self, event: object) -> None:
        """Paint the chart, and a mark at the value that is read."""
        painter = chart_painter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawing = self._drawn()
        for shape in drawing.shapes:
            _paint(painter, shape, drawing.look.line)
        if self._at is not None:
            spot = drawing.spots[self._at]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.current().text), 1.5))
            if spot.width:
                painter.drawRect(QRectF(spot.x, spot.y, spot.width, spot.height))
            else:
                painter.drawEllipse(QPointF(spot.x, spot.y), 6, 6)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Read no value."""
        self.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to another value, or ask for the table."""
        count = len(self.spots())
        at = -1 if self._at is None else self._at
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit()
        elif count and key == Qt.Key.Key_Right:
            self._choose(min(at + 1, count - 1))
        elif count and key == Qt.Key.Key_Left:
            self._choose(max(at - 1, 0))
        elif count and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose(0 if key == Qt.Key.Key_Home else count - 1)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the value under the pointer."""
        self._choose(self._nearest(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Read no value."""
        self.clear()

    def _describe(self) -> None:
        self.setAccessibleName(self.chart.title or self._name or tr("Chart"))
        spots = self._draw(640).spots
        describe(self, "; ".join(_read(spot.text) for spot in spots[:_SPOKEN]))

    def _choose(self, at: int | None) -> None:
        if at != self._at:
            self._at = at
            self.reading.emit(self.chosen())
            self.update()

    def _nearest(self, at: QPointF) -> int | None:
        best: tuple[float, int] | None = None
        for index, spot in enumerate(self.spots()):
            if spot.width:
                if QRectF(spot.x, spot.y, spot.width, spot.height).contains(at):
                    return index
                continue
            away = (spot.x - at.x()) ** 2 + (spot.y - at.y()) ** 2
            if away <= _NEAR**2 and (best is None or away < best[0]):
                best = away, index
        return None if best is None else best[1]

    def _drawn(self) -> Drawing:
        return self._draw(self.width())

    def _draw(self, width: int) -> Drawing:
        """Return the drawing of a width; layouts ask for several, each many times."""
        width = max(width, _LOWEST_WIDTH)
        if width not in self._drawings:
            if len(self._drawings) == _KEPT:
                self._drawings.clear()
            self._drawings[width] = self._made(float(width))
        return self._drawings[width]

    def _made(self, width: float) -> Drawing:
        colors, metrics = theme.current(), QFontMetricsF(self.font())
        look = Look(
            width,
            colors.text,
            colors.text_muted,
            # Paler than edges in the themes with high contrast, where it would cover the values.
            mixed(colors.text_muted, colors.surface, 0.75),
            colors.surface,
            (colors.accent, *colors.series),
            metrics.height(),
            metrics.horizontalAdvance,
            localized,
        )
        return draw(self.chart, look)

    @Slot()
    def _forget(self) -> None:
        self._drawings.clear()
        self.update()


def _read(text: str) -> str:
    """Return the values of a spot in the language of the window."""
    found = in_language(text)
    # A text without words of ours, of columns and numbers, has no translation.
    return found if found != text else _NUMBERS.sub(lambda match: localized(match[0]), text)


_NUMBERS = re.compile(r"(?<=[ (])-?\d[\d,]*(?:\.\d+)?(?=[ ,);]|$)")


def _paint(painter: QPainter, shape: Shape, line: float) -> None:
    color = QColor(shape.color)
    if isinstance(shape, Label):
        _write(painter, shape, line)
        return
    color.setAlphaF(shape.opacity)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if isinstance(shape, Box):
        painter.fillRect(QRectF(shape.x, shape.y, shape.width, shape.height), color)
    elif isinstance(shape, Dot):
        corners = outline(shape)
        if corners:
            painter.drawPolygon(_polygon(corners))
        else:
            painter.drawEllipse(QPointF(shape.x, shape.y), shape.radius, shape.radius)
    elif shape.fill:
        painter.drawPolygon(_polygon(shape.points))
    else:
        _draw_line(painter, shape, color)


def _draw_line(painter: QPainter, line: Line, color: QColor) -> None:
    pen = QPen(color, line.width)
    if line.dashes:
        pen.setDashPattern([length / line.width for length in line.dashes])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawPolyline(_polygon(line.points))


def _polygon(points: Sequence[Point]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def _write(painter: QPainter, label: Label, line: float) -> None:
    painter.setPen(QColor(label.color))
    wide = 4_000.0
    left = {"start": 0.0, "middle": -wide / 2, "end": -wide}[label.anchor]
    align = {
        "start": Qt.AlignmentFlag.AlignLeft,
        "middle": Qt.AlignmentFlag.AlignHCenter,
        "end": Qt.AlignmentFlag.AlignRight,
    }[label.anchor]
    painter.save()
    painter.translate(label.x, label.y)
    if label.upright:
        painter.rotate(-90)
    room = QRectF(left, -line, wide, 2 * line)
    painter.drawText(room, align | Qt.AlignmentFlag.AlignVCenter, label.text)
    painter.restore()


_SPOKEN = 40
"""Values that a screen reader reads at once."""
