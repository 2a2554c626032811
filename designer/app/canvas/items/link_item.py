"""Links: a curve from an output to an input, and the one that follows the pointer."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from designer.app.canvas.arranging.routing import Ends, Route, Way, handles, plain
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.items.palette import current_palette
from designer.app.shell import theme
from designer.pipeline.model import Link

BELOW_CARDS = -1.0


class LinkItem(QGraphicsPathItem):
    """A link of the pipeline; Qt paints it without calling Python."""

    def __init__(self, link: Link, source: NodeItem, target: NodeItem) -> None:
        super().__init__()
        self.link = link
        self.source = source
        self.target = target
        self.selected = False
        self.hovered = False
        self.hidden = False
        self.ends: Ends = (0.0, 0.0, 0.0, 0.0)
        # How the link goes around cards; None until it is known.
        self.way: Way | None = None
        self._route: Route = ()
        self.setZValue(BELOW_CARDS)
        source.links.add(self)
        target.links.add(self)
        self.follow()
        self.restyle()

    def follow(self) -> None:
        """Draw a plain curve between where the two ports are now, if they have moved."""
        source, target = self.source, self.target
        if source.stand_in is not None or target.stand_in is not None or not self.isVisible():
            # Links within a collapsed group are hidden.
            self.setVisible(source.stand_in is None or source.stand_in is not target.stand_in)
        x1, y1 = source.end_of(self.link.source.port, True)
        x2, y2 = target.end_of(self.link.target.port, False)
        if self.ends != (x1, y1, x2, y2):
            self.ends = (x1, y1, x2, y2)
            self.way = None
            self._route = plain(self.ends)
            self.setPath(curve(self._route))

    def show_route(self, route: Route) -> None:
        """Draw the link as it goes around cards; an empty route is a plain curve."""
        wanted = route or plain(self.ends)
        if wanted != self._route:
            self._route = wanted
            self.setPath(curve(wanted))

    def restyle(self) -> None:
        """Use the pen that theme, selection, and pointer ask for."""
        palette = current_palette()
        faded = self.source.node.disabled or self.target.node.disabled
        near = self.source.isSelected() or self.target.isSelected()
        if self.selected or self.hovered:
            pen = QPen(palette.selection, 3.0 if self.selected else 2.6)
        elif near and not faded:
            port = self.source.port(self.link.source.port, True)
            name = port.type_name if port else ""
            pen = QPen(palette.color(theme.current().type_color(name)), 2.2)
        else:
            # Whole pixels at the actual size, so that it is as dark as its color.
            pen = QPen(palette.link, 2.0)
        if faded:
            pen.setStyle(Qt.PenStyle.DashLine)
        if self.hidden:
            color = pen.color()
            color.setAlpha(50)
            pen.setColor(color)
        self.setPen(pen)
        self.setZValue(BELOW_CARDS + (0.5 if self.selected or self.hovered else 0.0))

    def set_selected(self, selected: bool) -> None:
        """Mark the link."""
        if selected != self.selected:
            self.selected = selected
            self.restyle()

    def set_hovered(self, hovered: bool) -> None:
        """Show that the pointer is on the link."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.restyle()

    def set_hidden(self, hidden: bool) -> None:
        """Fade the link while its end is being moved elsewhere."""
        if hidden != self.hidden:
            self.hidden = hidden
            self.restyle()

    def detach(self) -> None:
        """Detach from the two cards."""
        self.source.links.discard(self)
        self.target.links.discard(self)

    def is_near(self, point: QPointF, reach: float) -> bool:
        """Return whether a point in scene units is on the curve."""
        stroker = QPainterPathStroker()
        stroker.setWidth(2 * reach)
        return stroker.createStroke(self.path()).contains(point)


class LiveLink(QGraphicsPathItem):
    """The link that is being drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(900)
        self.setVisible(False)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_between(self, start: QPointF, end: QPointF, color: Any, refused: bool) -> None:
        """Draw from an output (or its substitute) to an input."""
        pen = QPen(color, 2.6)
        if refused:
            pen.setStyle(Qt.PenStyle.DashLine)
        self.setPen(pen)
        self.setPath(curve(plain((start.x(), start.y(), end.x(), end.y()))))
        self.setVisible(True)


def curve(route: Route) -> QPainterPath:
    """Return the line of a link: down from the output, down into the input."""
    path = QPainterPath(QPointF(*route[0][:2]))
    for ((x1, _, y1), (x2, y2, after)), (first, second) in zip(
        pairwise(route), handles(route), strict=True
    ):
        if path.currentPosition().y() != y1:
            path.lineTo(x1, y1)
        if x1 == x2 and y2 >= y1:
            path.lineTo(x2, y2)
        else:
            path.cubicTo(x1, y1 + first, x2, y2 - second, x2, y2)
        if after != y2:
            path.lineTo(x2, after)
    if len(route) == 1:
        # Straight down, across a note for example.
        path.lineTo(route[0][0], route[0][2])
    return path
