"""Finds the item at a point of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from designer.app.canvas.items.face import PortView
from designer.app.canvas.items.geometry import REACH
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.state import (
    CanvasTarget,
    GroupTarget,
    LinkTarget,
    NodeTarget,
    NoteTarget,
    PortTarget,
    Target,
)
from designer.app.canvas.surface import Surface
from designer.pipeline.model import Endpoint


def port_at(canvas: Surface, point: QPointF) -> tuple[NodeItem, PortView] | None:
    """Return the port at a point in scene units."""
    reach = max(REACH, 7.0 / max(canvas.viewer.zoom(), 0.3))
    for item in canvas.graph.nodes_around(point, reach):
        port = item.port_near(point, reach)
        if port:
            return item, port
    for item, port in canvas.graph.frames.ports_around(point, reach):
        away = item.center_of(port) - point
        if away.x() ** 2 + away.y() ** 2 <= reach * reach:
            return item, port
    return None


def target_at(canvas: Surface, point: QPointF) -> Target:
    """Return what is at a point in scene units."""
    found = port_at(canvas, point)
    if found:
        return PortTarget(found[0].node.id, found[1].name, found[1].is_output)
    node = canvas.graph.node_at(point)
    if node:
        return NodeTarget(node.node.id)
    folded = canvas.graph.frames.card_at(point)
    if folded:
        return GroupTarget(point.x(), point.y(), folded.subject.id)
    link = canvas.graph.link_at(point, link_reach(canvas))
    if link:
        return LinkTarget(link.link)
    note = canvas.graph.note_at(point)
    if note:
        return NoteTarget(note.note.id)
    frame = canvas.graph.frames.at(point, canvas.viewer.zoom())
    if frame:
        return GroupTarget(point.x(), point.y(), frame.subject.id)
    return CanvasTarget(point.x(), point.y())


def link_reach(canvas: Surface) -> float:
    """Return how near a link the pointer must be to mean it, in scene units."""
    return 5.0 / max(canvas.viewer.zoom(), 0.3) + 1.0


def tooltip(canvas: Surface, point: QPointF) -> str:
    """Return the tooltip at a point, as rich text; empty if there is none."""
    found = port_at(canvas, point)
    if found:
        item, port = found
        return port.tooltip(canvas.port_info.get(Endpoint(item.node.id, port.name), ""))
    graph = canvas.graph
    owner = graph.node_at(point) or _badge_owner(canvas, point)
    if owner:
        return owner.tooltip()
    if folded := graph.frames.card_at(point):
        return folded.tooltip()
    frame = graph.frames.at(point, canvas.viewer.zoom())
    return frame.tooltip() if frame and graph.note_at(point) is None else ""


def _badge_owner(canvas: Surface, point: QPointF) -> NodeItem | None:
    """Return the card whose problem badge is here."""
    for item in canvas.graph.nodes_around(point, 2.0):
        if item.severity:
            return item
    return None
