"""A thumbnail of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from designer.app.shell import theme
from designer.pipeline.model import Group, Node, Pipeline
from designer.pipeline.shared.folding import folded
from modules.contract import ModuleSpec

WIDTH, HEIGHT = 200.0, 64.0
"""The approximate size of a card on the canvas, in scene units."""


def paint_thumbnail(
    painter: QPainter, area: QRectF, pipeline: Pipeline, specs: Mapping[str, ModuleSpec]
) -> None:
    """Paint nodes, cards of shared modules, and links so that all fit into an area."""
    pipeline = folded(pipeline)
    shared = {name: group for name, group in pipeline.groups.items() if group.shared}
    nodes: dict[str, Node | Group] = {**pipeline.nodes, **shared}
    if not nodes:
        return
    left = min(node.position[0] for node in nodes.values())
    top = min(node.position[1] for node in nodes.values())
    right = max(node.position[0] for node in nodes.values()) + WIDTH
    bottom = max(node.position[1] for node in nodes.values()) + HEIGHT
    scale = min(area.width() / (right - left), area.height() / (bottom - top), 0.35)
    offset = area.center() - QPointF((left + right) / 2, (top + bottom) / 2) * scale
    cards = {
        name: QRectF(
            offset.x() + node.position[0] * scale,
            offset.y() + node.position[1] * scale,
            WIDTH * scale,
            HEIGHT * scale,
        )
        for name, node in nodes.items()
    }
    colors = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colors.link), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for link in pipeline.links:
        if link.source.node in cards and link.target.node in cards:
            start = cards[link.source.node].center() + QPointF(0, HEIGHT * scale / 2)
            end = cards[link.target.node].center() - QPointF(0, HEIGHT * scale / 2)
            bend = QPointF(0, max(4.0, abs(end.y() - start.y()) / 2))
            path = QPainterPath(start)
            path.cubicTo(start + bend, end - bend, end)
            painter.drawPath(path)
    for name, node in nodes.items():
        spec = specs.get(node.module) if isinstance(node, Node) else None
        painter.setPen(QPen(QColor(colors.node_border), 1))
        painter.setBrush(QColor(colors.node))
        radius = 6 * scale + 1
        painter.drawRoundedRect(cards[name], radius, radius)
        strip = QRectF(cards[name])
        strip.setWidth(max(2.5, 12 * scale))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.pick(spec.category.colors) if spec else colors.text_muted))
        painter.drawRoundedRect(strip, radius, radius)
    painter.restore()
