"""The shapes of ports: a type is known by its shape too, not by its color alone."""

from __future__ import annotations

import math
from functools import cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPolygonF

from modules.contract.port_type import PortShape, find_port_type


def shape_of(type_name: str) -> PortShape:
    """Return the shape of a port type; of the first one for a union."""
    found = find_port_type(type_name.split(" | ")[0])
    return "circle" if found is None else found.shape


def draw_shape(painter: QPainter, shape: PortShape, center: QPointF, radius: float) -> None:
    """Draw a shape with the painter's pen and brush.

    Parameters
    ----------
    radius : float
        Of a circle; other shapes have about its area.
    """
    if shape == "circle":
        painter.drawEllipse(center, radius, radius)
    else:
        painter.drawPolygon(_outline(shape, radius).translated(center))


@cache
def _outline(shape: PortShape, radius: float) -> QPolygonF:
    return QPolygonF([QPointF(x * radius, y * radius) for x, y in _CORNERS[shape]])


def _regular(count: int, size: float, turn: float = 0.0) -> list[tuple[float, float]]:
    """Return the corners of a regular polygon, the first one on top unless turned."""
    angles = [math.radians(turn - 90 + 360 * index / count) for index in range(count)]
    return [(size * math.cos(angle), size * math.sin(angle)) for angle in angles]


def _star() -> list[tuple[float, float]]:
    outer, inner = _regular(5, 1.45), _regular(5, 0.66, 36)
    return [corner for pair in zip(outer, inner, strict=True) for corner in pair]


def _cross() -> list[tuple[float, float]]:
    long, short = 1.2, 0.42
    corners = [(short, -long), (short, -short), (long, -short), (long, short), (short, short)]
    corners += [(short, long)]
    return [*corners, *((-x, -y) for x, y in corners)]


_CORNERS: dict[PortShape, list[tuple[float, float]]] = {
    "square": _regular(4, 1.28, 45),
    "diamond": _regular(4, 1.32),
    "triangle": [(x, y + 0.2) for x, y in _regular(3, 1.5)],
    "triangle down": [(x, y - 0.2) for x, y in _regular(3, 1.5, 180)],
    "hexagon": _regular(6, 1.15, 30),
    "star": _star(),
    "cross": _cross(),
    "bar": [(-1.4, -0.6), (1.4, -0.6), (1.4, 0.6), (-1.4, 0.6)],
    "pillar": [(-0.6, -1.4), (0.6, -1.4), (0.6, 1.4), (-0.6, 1.4)],
    "bow": [(-1.4, -1.0), (0.0, -0.25), (1.4, -1.0), (1.4, 1.0), (0.0, 0.25), (-1.4, 1.0)],
}
