"""A note on the canvas."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QTextOption
from PySide6.QtWidgets import QGraphicsItem

from designer.app.canvas.items.card import FAR
from designer.app.canvas.items.geometry import HANDLE, NOTE_MINIMUM
from designer.app.canvas.items.palette import current_palette, font
from designer.pipeline.model import Note
from designer.texts import tr

PADDING = 10.0
TEXT_SIZE = 13.0


class NoteItem(QGraphicsItem):
    """Free text behind the cards."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setZValue(-3)
        self.note = note
        self.editing = False
        self._font = font(TEXT_SIZE)
        self._size = note.size
        self._bounds = QRectF()
        self.configure(note)

    def configure(self, note: Note) -> None:
        """Show a note."""
        self.note = note
        self.resize(*note.size)
        self.setPos(*note.position)
        self.update()

    def resize(self, width: float, height: float) -> None:
        """Set the size, not below the smallest."""
        self.prepareGeometryChange()
        self._size = (max(width, NOTE_MINIMUM[0]), max(height, NOTE_MINIMUM[1]))
        self._bounds = QRectF(-2, -2, self._size[0] + 4, self._size[1] + 4)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height now, which may be those of a gesture."""
        return self._size

    def boundingRect(self) -> QRectF:
        """Return the paper and its frame."""
        return self._bounds

    def card_rect(self) -> QRectF:
        """Return the paper in scene units."""
        return QRectF(self.x(), self.y(), *self._size)

    def is_handle(self, point: QPointF) -> bool:
        """Return whether a point in scene units is the corner for resizing."""
        local = point - self.pos()
        return local.x() >= self._size[0] - HANDLE and local.y() >= self._size[1] - HANDLE

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint the paper, its text and the corner for resizing."""
        palette = current_palette()
        ground, edge = palette.note(self.note.color)
        paper = QRectF(0, 0, *self._size)
        painter.setPen(palette.selection_pen if self.isSelected() else QPen(edge, 1.0))
        painter.setBrush(ground)
        painter.drawRoundedRect(paper, 6, 6)
        if painter.worldTransform().m11() < FAR:
            return
        if not self.editing:
            painter.setPen(palette.text if self.note.text else palette.text_muted)
            painter.setFont(self._font)
            options = QTextOption(Qt.AlignmentFlag.AlignLeft)
            options.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
            options.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
            inside = paper.adjusted(PADDING, PADDING - 2, -PADDING, -PADDING + 2)
            painter.save()
            painter.setClipRect(inside, Qt.ClipOperation.IntersectClip)
            painter.drawText(inside, self.note.text or tr("Double-click to write"), options)
            painter.restore()
        grip = QPainterPath()
        for distance in (5.0, 9.0):
            grip.moveTo(self._size[0] - distance, self._size[1] - 4)
            grip.lineTo(self._size[0] - 4, self._size[1] - distance)
        painter.setPen(QPen(edge, 1.4))
        painter.drawPath(grip)
