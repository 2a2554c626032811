"""What lies over the cards for a moment: names of ports, the shape of what is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QLabel, QWidget

from designer.app import theme
from designer.app.canvas.geometry import HEIGHT, WIDTH
from designer.app.canvas.inks import CORNER, font, inks

LABEL_SIZE = 11.0
LABEL_HEIGHT = 19.0
GAP = 10.0


@dataclass(frozen=True)
class PortLabel:
    """The name of a port and where the port is, in scene units."""

    text: str
    place: QPointF
    color: str
    is_output: bool


class PortLabels(QGraphicsItem):
    """Names beside ports, always in a readable size."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(1000)
        self.setVisible(False)
        self._drawn: list[tuple[QRectF, PortLabel]] = []
        self._bounds = QRectF()
        self._scale = 1.0

    def show_labels(self, labels: Sequence[PortLabel], zoom: float) -> None:
        """Show these names and no others."""
        self.prepareGeometryChange()
        self._scale = 1.0 / min(max(zoom, 0.25), 1.0)
        self._drawn = _arranged(labels, self._scale)
        self._bounds = QRectF()
        for box, _ in self._drawn:
            self._bounds = self._bounds.united(box)
        self._bounds.adjust(-3, -3, 3, 3)
        self.setVisible(bool(labels))
        self.update()

    def boundingRect(self) -> QRectF:
        """Return what is painted."""
        return self._bounds

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it."""
        ink = inks()
        painter.setFont(font(LABEL_SIZE * self._scale))
        for box, label in self._drawn:
            painter.setPen(QPen(ink.border, self._scale))
            painter.setBrush(ink.raised)
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            dot = QRectF(0, 0, 7 * self._scale, 7 * self._scale)
            dot.moveCenter(QPointF(box.left() + 11 * self._scale, box.center().y()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(label.color))
            painter.drawEllipse(dot)
            painter.setPen(ink.text)
            inside = box.adjusted(19 * self._scale, 0, 0, 0)
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, label.text)


class Ghost(QGraphicsItem):
    """The outline of a card that would come here."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(950)
        self.setVisible(False)

    def boundingRect(self) -> QRectF:
        """Return what is painted."""
        return QRectF(-2, -2, WIDTH + 4, HEIGHT + 4)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it."""
        ink = inks()
        fill = QColor(ink.accent)
        fill.setAlpha(36)
        painter.setPen(QPen(ink.accent, 1.6, Qt.PenStyle.DashLine))
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(0, 0, WIDTH, HEIGHT), CORNER, CORNER)


class Bubble(QLabel):
    """A sentence beside the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(False)
        self.setObjectName("canvas-bubble")
        self.hide()

    def say(self, text: str, place: QPointF, good: bool = False) -> None:
        """Show a sentence near a place of the parent; an empty one hides it."""
        if not text:
            self.hide()
            return
        colors = theme.current()
        edge = colors.success if good else colors.error
        self.setStyleSheet(
            f"#canvas-bubble {{ background: {colors.raised}; color: {colors.text};"
            f" border: 1px solid {edge}; border-radius: 6px; padding: 4px 8px; }}"
        )
        self.setText(text)
        self.adjustSize()
        room = self._room.rect()
        x = min(place.x() + 16, room.width() - self.width() - 6)
        y = place.y() + 18
        if y + self.height() > room.height() - 6:
            y = place.y() - self.height() - 12
        self.move(round(max(x, 6)), round(max(y, 6)))
        self.show()
        self.raise_()


def _arranged(labels: Sequence[PortLabel], scale: float) -> list[tuple[QRectF, PortLabel]]:
    """Place inputs above and outputs below, in several rows where they would overlap."""
    metrics = QFontMetricsF(font(LABEL_SIZE * scale))
    placed: list[tuple[QRectF, PortLabel]] = []
    height = LABEL_HEIGHT * scale
    for is_output in (False, True):
        ends: list[float] = []
        side = [label for label in labels if label.is_output == is_output]
        for label in sorted(side, key=lambda one: one.place.x()):
            width = metrics.horizontalAdvance(label.text) + 28 * scale
            left = label.place.x() - width / 2
            row = next((i for i, end in enumerate(ends) if end + 3 * scale < left), len(ends))
            ends[row : row + 1] = [left + width]
            distance = GAP * scale + row * (height + 3 * scale)
            y = label.place.y() + (distance if is_output else -distance - height)
            placed.append((QRectF(left, y, width, height), label))
    return placed
