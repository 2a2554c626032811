"""Draws a lineage: what something comes from is on the left of it, what uses it on the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsSceneMouseEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from designer.app.shell import theme
from designer.app.widgets.text_scale import text_scale
from designer.composed_texts import in_language
from designer.lineage.lineage import TITLES, Kind
from designer.texts import tr

WIDTH, HEIGHT, ACROSS, DOWN = 190.0, 54.0, 70.0, 22.0
_MARGIN = 12.0
_COLORS = {
    "endpoint": "success",
    "model": "accent",
    "result": "link",
    "run": "running",
    "data": "warning",
    "code": "text_muted",
}


def kind_title(kind: Kind) -> str:
    """Return what an item is, as it is shown."""
    # “Run” alone is a command in the window's catalog.
    return tr("Recorded run") if kind == "run" else in_language(TITLES[kind])


class LineageScene(QGraphicsScene):
    """Boxes in columns: endpoints on the right, data and code on the left.

    Signals
    -------
    chosen : str
        The id of an item that was clicked.
    """

    chosen = Signal(str)

    def __init__(self, lineage: Mapping[str, Any]) -> None:
        super().__init__()
        self.boxes: dict[str, Box] = {}
        self._positions: dict[str, tuple[int, int]] = {}
        self._arrows: list[Arrow] = []
        columns = _columns(lineage)
        deepest = max(columns.values(), default=0)
        rows: dict[int, int] = {}
        for item in lineage["items"]:
            column = columns[item["id"]]
            row = rows.get(column, 0)
            rows[column] = row + 1
            box = self.boxes[item["id"]] = Box(item)
            # Both ways, what something comes from is on the left of it.
            place = column if lineage["forth"] else deepest - column
            self._positions[item["id"]] = place, row
            self.addItem(box)
        for link in lineage["links"]:
            arrow = Arrow(self.boxes[link["from"]], self.boxes[link["to"]])
            arrow.setZValue(-1)
            self.addItem(arrow)
            self._arrows.append(arrow)
        self.arrange()

    def arrange(self) -> None:
        """Position the boxes for the size that text has now, and draw the arrows between them."""
        size = QSizeF(WIDTH, HEIGHT) * text_scale()
        for id, (column, row) in self._positions.items():
            self.boxes[id].set_size(size)
            self.boxes[id].setPos(column * (size.width() + ACROSS), row * (size.height() + DOWN))
        for arrow in self._arrows:
            arrow.draw()

    def select(self, id: str) -> None:
        """Mark an item."""
        for name, box in self.boxes.items():
            box.setSelected(name == id)


class Box(QGraphicsItem):
    """One endpoint, model, result, run, data, or code.

    Parameters
    ----------
    about : mapping
        ``id``, ``kind``, ``title``, and ``facts``.

    Attributes
    ----------
    size : QSizeF
        Room for two lines of text.
    """

    def __init__(self, about: Mapping[str, Any]) -> None:
        super().__init__()
        self.about = about
        self.size = QSizeF(WIDTH, HEIGHT)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        facts = "\n".join(f"{label}: {text}" for label, text in about["facts"].items())
        self.setToolTip(f"{about['title']}\n{facts}".strip()[:1000])

    def set_size(self, size: QSizeF) -> None:
        """Make it as large as its text needs."""
        self.prepareGeometryChange()
        self.size = size

    def boundingRect(self) -> QRectF:
        """See Qt."""
        return QRectF(QPointF(), self.size).adjusted(-2, -2, 2, 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """See Qt."""
        colors = theme.current()
        frame = colors.selection if self.isSelected() else colors.node_border
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(frame), 2 if self.isSelected() else 1))
        painter.setBrush(QColor(colors.node))
        high = self.size.height()
        painter.drawRoundedRect(QRectF(QPointF(), self.size), 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(colors, _COLORS[self.about["kind"]])))
        painter.drawRoundedRect(QRectF(0, 0, 5, high), 2.5, 2.5)
        width = self.size.width() - 2 * _MARGIN
        metrics = QFontMetricsF(painter.font())
        title = metrics.elidedText(self.about["title"], Qt.TextElideMode.ElideMiddle, width)
        painter.setPen(QColor(colors.text_muted))
        upper = QRectF(_MARGIN, 6, width, high / 2 - 6)
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, kind_title(self.about["kind"]))
        painter.setPen(QColor(colors.text))
        lower = QRectF(_MARGIN, high / 2, width, high / 2 - 6)
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, title)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """See Qt."""
        super().mousePressEvent(event)
        scene = self.scene()
        if isinstance(scene, LineageScene):
            scene.chosen.emit(self.about["id"])


class Arrow(QGraphicsItem):
    """From what something comes from to that."""

    def __init__(self, source: Box, target: Box) -> None:
        super().__init__()
        self._ends = source, target
        self._path = QPainterPath()

    def draw(self) -> None:
        """Follow the boxes at its ends."""
        self.prepareGeometryChange()
        source, target = self._ends
        start = source.pos() + QPointF(source.size.width(), source.size.height() / 2)
        end = target.pos() + QPointF(0, target.size.height() / 2)
        middle = (start.x() + end.x()) / 2
        self._path = QPainterPath(start)
        self._path.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
        self._path.moveTo(end + QPointF(-7, -4))
        self._path.lineTo(end)
        self._path.lineTo(end + QPointF(-7, 4))

    def boundingRect(self) -> QRectF:
        """See Qt."""
        return self._path.boundingRect().adjusted(-2, -2, 2, 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """See Qt."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.current().link), 1.5))
        painter.drawPath(self._path)


def _columns(lineage: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of steps from the subject to each item, along the longest way."""
    near, far = ("from", "to") if lineage["forth"] else ("to", "from")
    columns = {item["id"]: 0 for item in lineage["items"]}
    for _ in columns:
        changed = False
        for link in lineage["links"]:
            depth = columns[link[near]] + 1
            if columns[link[far]] < depth:
                columns[link[far]] = depth
                changed = True
        if not changed:
            break
    return columns
