"""The names of ports, beside them for a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem

from designer.app.canvas.items.geometry import RADIUS
from designer.app.canvas.items.palette import current_palette, font
from designer.app.canvas.items.port_shapes import draw_shape, shape_of

LABEL_SIZE = 11.0
LABEL_HEIGHT = 19.0
GAP = 10.0
"""From the middle of a port to its name."""

ON_CARD = 30.0
"""How much further away a name may be instead of lying on its own card."""

BETWEEN = 3.0
"""From a name to the next one."""


@dataclass(frozen=True)
class PortLabel:
    """The name of a port and where the port is, in scene units."""

    text: str
    anchor: QPointF
    type_name: str
    is_output: bool


class PortLabels(QGraphicsItem):
    """Names beside ports, always in a readable size."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(1000)
        self.setVisible(False)
        self._asked: tuple[Sequence[PortLabel], float] = ((), 0.0)
        self._drawn: list[tuple[QRectF, PortLabel]] = []
        self._bounds = QRectF()
        self._scale = 1.0

    def show_labels(self, labels: Sequence[PortLabel], zoom: float) -> None:
        """Show these names and no others."""
        if self.isVisible() and (labels, zoom) == self._asked:
            return
        self._asked = (labels, zoom)
        self.prepareGeometryChange()
        self._scale = 1.0 / min(max(zoom, 0.25), 1.0)
        self._drawn = _arranged(labels, self._scale)
        self._bounds = QRectF()
        for box in self.boxes():
            self._bounds = self._bounds.united(box)
        self._bounds.adjust(-3, -3, 3, 3)
        self.setVisible(bool(labels))
        self.update()

    def boxes(self) -> list[QRectF]:
        """Return where the names are, in scene units."""
        return [box for box, _ in self._drawn]

    def boundingRect(self) -> QRectF:
        """Return what is painted."""
        return self._bounds

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it."""
        palette = current_palette()
        painter.setFont(font(LABEL_SIZE * self._scale))
        for box, label in self._drawn:
            painter.setPen(QPen(palette.border, self._scale))
            painter.setBrush(palette.raised)
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            dot = QPointF(box.left() + 11 * self._scale, box.center().y())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(palette.theme.type_color(label.type_name)))
            draw_shape(painter, shape_of(label.type_name), dot, 3.5 * self._scale)
            painter.setPen(palette.text)
            inside = box.adjusted(19 * self._scale, 0, 0, 0)
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, label.text)


def _arranged(labels: Sequence[PortLabel], scale: float) -> list[tuple[QRectF, PortLabel]]:
    """Put inputs above and outputs below, none on another and none on a port.

    Each is as near to its port as the previous labels allow: a row further out,
    beside an obstacle, or on the lower edge of its own card rather than on the next
    card's title.
    """
    metrics = QFontMetricsF(font(LABEL_SIZE * scale))
    radius = (RADIUS + 2) * scale
    ports = [
        QRectF(label.anchor - QPointF(radius, radius), label.anchor + QPointF(radius, radius))
        for label in labels
    ]
    result: list[tuple[QRectF, PortLabel]] = []
    for label in sorted(labels, key=lambda one: (one.is_output, one.anchor.x())):
        width = metrics.horizontalAdvance(label.text) + 28 * scale
        taken = [*ports, *(box for box, _ in result)]
        nearest = sorted(
            _boxes(label, width, scale, taken), key=partial(_cost, label=label, scale=scale)
        )
        free = (box for box in nearest if not any(box.intersects(other) for other in taken))
        result.append((next(free), label))
    return result


def _boxes(
    label: PortLabel, width: float, scale: float, taken: Sequence[QRectF]
) -> Iterator[QRectF]:
    """Yield possible positions of a name: the outermost row is always free."""
    gap, height = BETWEEN * scale, LABEL_HEIGHT * scale
    x, y = label.anchor.x(), label.anchor.y()
    top = y + GAP * scale if label.is_output else y - GAP * scale - height
    step = height + gap if label.is_output else -height - gap
    if label.is_output:
        yield QRectF(x - width / 2, y - GAP * scale - height, width, height)
    for row in range(2 * len(taken) + 1):
        lefts = [x - width / 2]
        lefts += [box.left() - gap - width for box in taken]
        lefts += [box.right() + gap for box in taken]
        for left in lefts:
            yield QRectF(left, top + row * step, width, height)


def _cost(box: QRectF, label: PortLabel, scale: float) -> float:
    """Return how far a name is from its port, more if it is on the card."""
    away = box.center() - label.anchor
    on_card = label.is_output and away.y() < 0
    return float(abs(away.x()) + abs(away.y()) + (ON_CARD * scale if on_card else 0.0))
