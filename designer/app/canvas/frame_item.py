"""The frame of a group: a titled ground behind what the group holds."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem

from designer.app.canvas.card import FAR, MIDDLE
from designer.app.canvas.geometry import FRAME_PADDING, FRAME_TITLE
from designer.app.canvas.inks import font, inks
from designer.pipeline.model import Group

BELOW_NOTES = -5.0
LIFT = 0.5
"""How far a dragged frame comes up, still below notes and cards."""

CORNER = 10.0
UNTITLED = "Group"
"""Shown for a group without a title."""

_EDGE = 28.0
_LEGIBLE = 13.0
"""Pixels of the screen that letters should be high, where the strip has room for them."""


class FrameItem(QGraphicsItem):
    """A group on the canvas; how large it is follows from what lies in it."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        # A group within another lies on it.
        self._depth = BELOW_NOTES + 0.01 * group.id.count("/")
        self.setZValue(self._depth)
        self.subject = group
        self.modules = 0
        self.hovered = False
        self.editing = False
        self.goal = False
        self._empty = True
        self.corner = group.position
        self._rect = QRectF()

    @property
    def title(self) -> str:
        """What is written at the top."""
        return " ".join(self.subject.title.split()) or UNTITLED

    def configure(self, group: Group, modules: int) -> None:
        """Show a group and how many modules it holds."""
        self.subject, self.modules = group, modules
        self.corner = group.position
        self.update()

    def enclose(self, inside: QRectF) -> None:
        """Lie around a part of the scene; at the group's own place if it is empty."""
        self._empty = inside.isEmpty()
        if self._empty:
            rect = QRectF(*self.corner, 200.0, FRAME_TITLE + 60.0)
        else:
            top = FRAME_TITLE + FRAME_PADDING / 2
            rect = inside.adjusted(-FRAME_PADDING, -top, FRAME_PADDING, FRAME_PADDING)
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect

    def boundingRect(self) -> QRectF:
        """Return the ground and its edge; the item itself lies at the scene's origin."""
        # The edge of a selected frame is wide, in scene units, when seen from afar.
        return self._rect.adjusted(-_EDGE, -_EDGE, _EDGE, _EDGE)

    def card_rect(self) -> QRectF:
        """Return the ground in scene units."""
        return self._rect

    def title_rect(self, zoom: float = 1.0) -> QRectF:
        """Return the part by which the frame is taken, never thinner than a finger's width."""
        height = min(max(FRAME_TITLE, 16.0 / max(zoom, 0.01)), self._rect.height())
        return QRectF(self._rect.left(), self._rect.top(), self._rect.width(), height)

    def set_hovered(self, hovered: bool) -> None:
        """Show that the pointer is on the title."""
        if hovered != self.hovered:
            self.hovered = hovered
            self.update()

    def set_goal(self, goal: bool) -> None:
        """Show that what is dragged would come into the group."""
        if goal != self.goal:
            self.goal = goal
            self.update()

    def set_lifted(self, lifted: bool) -> None:
        """Lie over the other frames while being dragged."""
        self.setZValue(self._depth + (LIFT if lifted else 0.0))

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint ground and title."""
        ink = inks()
        zoom = painter.worldTransform().m11()
        ground, edge = ink.note(str(self.subject.extra.get("color", "")))
        fill = QColor(ground)
        fill.setAlpha(170 if ink.dark else 210)
        if self.goal:
            painter.setPen(QPen(ink.accent, max(2.4, 2.0 / zoom), Qt.PenStyle.DashLine))
            fill = _blended(fill, ink.accent)
        elif self.isSelected():
            # By its width too, and not by colour alone.
            painter.setPen(QPen(ink.selection, max(2.4, 1.6 / zoom)))
        else:
            # At least a pixel of the screen, so that it is seen from afar.
            painter.setPen(QPen(ink.text_muted if self.hovered else edge, max(1.2, 1.0 / zoom)))
        painter.setBrush(fill)
        if zoom < FAR:
            painter.drawRect(self._rect)
        else:
            painter.drawRoundedRect(self._rect, CORNER, CORNER)
        if self._empty and zoom >= MIDDLE:
            painter.setFont(ink.small_font)
            painter.setPen(ink.text_muted)
            below = self._rect.adjusted(8, FRAME_TITLE - 8, -8, 0)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "Drag modules here")
        # As legible as can be from afar, where it tells more than the cards do.
        size = min(max(14.0, _LEGIBLE / zoom), FRAME_TITLE - 4)
        if size * zoom < _LEGIBLE / 2.5 or self.editing:
            return
        strip = self._rect.adjusted(14, 3, -14, 0)
        strip.setHeight(FRAME_TITLE)
        if zoom >= MIDDLE and strip.width() > 260:
            count = "1 module" if self.modules == 1 else f"{self.modules} modules"
            painter.setFont(ink.small_font)
            painter.setPen(ink.text_muted)
            painter.drawText(strip, _RIGHT, count)
            strip.adjust(0, 0, -90, 0)
        bold = ink.frame_font if size == 14.0 else font(size, ink.frame_font.weight())
        metrics = ink.frame_metrics if size == 14.0 else QFontMetricsF(bold)
        painter.setFont(bold)
        painter.setPen(ink.text if self.subject.title.strip() else ink.text_muted)
        shown = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, strip.width())
        painter.drawText(strip, _LEFT, shown)

    def tooltip(self) -> str:
        """Return what is worth knowing of the group, as rich text."""
        lines = [f"<b>{html.escape(self.title)}</b> <small>{html.escape(self.subject.id)}</small>"]
        if self.subject.comment:
            lines.append(html.escape(self.subject.comment).replace("\n", "<br>"))
        lines.append("Drag the title to move the group, double-click it to change it.")
        return "<br>".join(lines)

    def spoken(self) -> str:
        """Return one sentence for a screen reader."""
        count = "1 module" if self.modules == 1 else f"{self.modules} modules"
        name = f"Group {self.title}" if self.subject.title.strip() else "Group without title"
        return f"{name}, {self.subject.id}, {count}"

    def takes(self, place: QPointF, zoom: float) -> bool:
        """Tell whether a place in scene units is on the title."""
        return self.title_rect(zoom).contains(place)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _blended(ground: QColor, tint: QColor) -> QColor:
    """Return a ground with a breath of another colour, as dense as it was."""
    share = 0.16

    def mixed(one: int, other: int) -> int:
        return round(one + (other - one) * share)

    return QColor(
        mixed(ground.red(), tint.red()),
        mixed(ground.green(), tint.green()),
        mixed(ground.blue(), tint.blue()),
        ground.alpha(),
    )
