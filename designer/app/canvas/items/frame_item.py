"""The frame of a group: a titled background behind its members."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem

from designer.app.canvas.items.card import FAR, MIDDLE, paint_far, paint_icon, paint_near
from designer.app.canvas.items.geometry import (
    EMPTY_FRAME,
    FRAME_PADDING,
    FRAME_TITLE,
    HEIGHT,
    WIDTH,
    card_in,
)
from designer.app.canvas.items.group_face import GroupFace
from designer.app.canvas.items.node_item import problem_lines
from designer.app.canvas.items.palette import CORNER as CARD_CORNER
from designer.app.canvas.items.palette import EDGE, current_palette, font
from designer.pipeline.model import Endpoint, Group
from designer.pipeline.shared.names import title_of
from designer.texts import tr

BELOW_NOTES = -5.0
BELOW_CARDS = 0.5
"""Above the links, as cards are."""

LIFT = 0.5
"""How far a dragged frame is raised, still below notes and cards."""

CORNER = 10.0
UNTITLED = tr("Group")
"""Shown for a group without a title."""

_EDGE = 28.0
_LEGIBLE = 13.0
"""Pixels of the screen that letters should be high, where the strip has room for them."""


class FrameItem(QGraphicsItem):
    """A group on the canvas; how large it is follows from what is in it."""

    def __init__(self, group: Group) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        # A group within another is on it.
        self._depth = BELOW_NOTES + 0.01 * group.id.count("/")
        self.setZValue(self._depth)
        self.subject = group
        self.modules = 0
        self.hovered = False
        self.editing = False
        self.goal = False
        # A hidden member is selected.
        self.holds_selected = False
        self.face = GroupFace()
        self._empty = True
        self.corner = group.position
        self._rect = QRectF()

    @property
    def title(self) -> str:
        """The title at the top."""
        title = " ".join(self.subject.title.split())
        if not title and self.subject.shared is not None:
            return title_of(self.subject.shared)
        return title or UNTITLED

    def configure(self, group: Group, modules: int) -> None:
        """Show a group and how many modules it contains."""
        self.subject, self.modules = group, modules
        self.corner = group.position
        self.set_lifted(False)
        self.update()

    @property
    def shared(self) -> bool:
        """Whether it is a card of a shared module, which never shows what is inside."""
        return self.subject.shared is not None

    @property
    def collapsed(self) -> bool:
        """Whether a card represents all that is in the group."""
        return self.subject.collapsed

    def enclose(self, inside: QRectF) -> bool:
        """Enclose a part of the scene; stay at the group's own position if it is empty.

        The card of a collapsed group is in the middle of it, where links to what it contains
        are short; that of a shared module is at its corner. Returns whether anything is elsewhere
        now.
        """
        self._empty = inside.isEmpty()
        if self.collapsed:
            corner = QPointF(*self.corner)
            if not self._empty:
                place = card_in(inside.width(), inside.height(), shared=self.shared)
                corner = inside.topLeft() + QPointF(*place)
            rect = QRectF(corner, QSizeF(WIDTH, HEIGHT))
        elif self._empty:
            rect = QRectF(*self.corner, *EMPTY_FRAME)
        else:
            top = FRAME_TITLE + FRAME_PADDING / 2
            rect = inside.adjusted(-FRAME_PADDING, -top, FRAME_PADDING, FRAME_PADDING)
        if rect == self._rect:
            return False
        self.prepareGeometryChange()
        self._rect = rect
        return True

    def gate(self, end: Endpoint, is_output: bool) -> tuple[float, float]:
        """Return where a link to a member's port ends on the card of a collapsed group."""
        port = self.face.gate(end, is_output)
        x = self._rect.left() + (port.x if port else WIDTH / 2)
        return x, self._rect.top() + (HEIGHT if is_output else 0.0)

    def fold_rect(self, zoom: float = 1.0) -> QRectF:
        """Return where a click collapses or expands the group."""
        if self.collapsed:
            return QRectF(self._rect.topLeft() + QPointF(12, 12), QSizeF(36, 36))
        strip = self.title_rect(zoom)
        return QRectF(strip.left() + 4, strip.top(), 28, strip.height())

    def boundingRect(self) -> QRectF:
        """Return the background and its edge; the item itself is at the scene's origin."""
        # The edge of a selected frame is wide, in scene units, at low zoom.
        return self._rect.adjusted(-_EDGE, -_EDGE, _EDGE, _EDGE)

    def card_rect(self) -> QRectF:
        """Return the background in scene units."""
        return self._rect

    def title_rect(self, zoom: float = 1.0) -> QRectF:
        """Return the part by which the frame is taken, never thinner than a finger's width."""
        if self.collapsed:
            return self._rect
        height = min(max(FRAME_TITLE, 16.0 / max(zoom, 0.01)), self._rect.height())
        return QRectF(self._rect.left(), self._rect.top(), self._rect.width(), height)

    def set_hovered(self, hovered: bool) -> None:
        """Show that the pointer is on the title."""
        if hovered != self.hovered:
            self.hovered = self.face.hovered = hovered
            self.update()

    def set_goal(self, goal: bool) -> None:
        """Show that the dragged items would be added to the group."""
        if goal != self.goal:
            self.goal = goal
            self.update()

    def set_lifted(self, lifted: bool) -> None:
        """Stay above the other frames while being dragged."""
        level = BELOW_CARDS if self.collapsed else self._depth
        self.setZValue(level + (LIFT if lifted and not self.collapsed else 0.0))

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint background and title, or the card of a collapsed group."""
        palette = current_palette()
        zoom = painter.worldTransform().m11()
        if self.collapsed:
            self._paint_card(painter, zoom)
            return
        ground, edge = palette.note(str(self.subject.extra.get("color", "")))
        fill = QColor(ground)
        fill.setAlpha(170 if palette.dark else 210)
        if self.goal:
            painter.setPen(QPen(palette.accent, max(2.4, 2.0 / zoom), Qt.PenStyle.DashLine))
            fill = _blended(fill, palette.accent)
        elif self.isSelected():
            # By its width too, and not by color alone.
            painter.setPen(QPen(palette.selection, max(2.4, 1.6 / zoom)))
        else:
            # At least a pixel of the screen, so that it is visible at low zoom.
            painter.setPen(QPen(palette.text_muted if self.hovered else edge, max(1.2, 1.0 / zoom)))
        painter.setBrush(fill)
        if zoom < FAR:
            painter.drawRect(self._rect)
        else:
            painter.drawRoundedRect(self._rect, CORNER, CORNER)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        if self._empty and zoom >= MIDDLE:
            painter.setFont(palette.small_font)
            painter.setPen(palette.text_muted)
            below = self._rect.adjusted(8, FRAME_TITLE - 8, -8, 0)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, tr("Drag modules here"))
        # As legible as possible at low zoom, where the cards show less.
        size = min(max(14.0, _LEGIBLE / zoom), FRAME_TITLE - 4)
        if size * zoom < _LEGIBLE / 2.5 or self.editing:
            return
        strip = self._rect.adjusted(14, 3, -14, 0)
        strip.setHeight(FRAME_TITLE)
        if zoom >= MIDDLE:
            arrow = QRectF(strip.left() - 5, strip.center().y() - 8, 16, 16)
            paint_icon("chevron-down", palette.theme.text_muted, arrow, 16, painter, zoom)
            strip.adjust(16, 0, 0, 0)
        if zoom >= MIDDLE and strip.width() > 260:
            count = (
                "1 module"
                if self.modules == 1
                else tr("{modules} modules").format(modules=self.modules)
            )
            painter.setFont(palette.small_font)
            painter.setPen(palette.text_muted)
            painter.drawText(strip, _RIGHT, count)
            strip.adjust(0, 0, -90, 0)
        bold = palette.frame_font if size == 14.0 else font(size, palette.frame_font.weight())
        metrics = palette.frame_metrics if size == 14.0 else QFontMetricsF(bold)
        painter.setFont(bold)
        painter.setPen(palette.text if self.subject.title.strip() else palette.text_muted)
        shown = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, strip.width())
        painter.drawText(strip, _LEFT, shown)

    def _paint_card(self, painter: QPainter, zoom: float) -> None:
        """Paint the face on a pile of cards."""
        palette = current_palette()
        face = self.face
        painter.save()
        painter.translate(self._rect.topLeft())
        if zoom < FAR:
            paint_far(face, painter, palette, self.isSelected())
            painter.restore()
            return
        painter.setPen(palette.border_pen)
        painter.setBrush(palette.node)
        for step in (6.0, 3.0):
            painter.drawRoundedRect(EDGE.translated(step, step), CARD_CORNER, CARD_CORNER)
        paint_near(face, painter, palette, self.isSelected(), zoom)
        if self.holds_selected and not self.isSelected():
            painter.setPen(QPen(palette.selection, 2.0, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(EDGE, CARD_CORNER, CARD_CORNER)
        painter.restore()

    def tooltip(self) -> str:
        """Return the tooltip of the group, as rich text."""
        lines = [f"<b>{html.escape(self.title)}</b> <small>{html.escape(self.subject.id)}</small>"]
        if self.subject.comment:
            lines.append(html.escape(self.subject.comment).replace("\n", "<br>"))
        if self.collapsed:
            acts = tr("open the module") if self.shared else tr("expand the group")
            lines += [
                tr("{subtitle}. Double-click to {acts}.").format(
                    subtitle=self.face.subtitle, acts=acts
                )
            ]
            lines += problem_lines(self.face.problems)
        else:
            lines.append(tr("Drag the title to move the group, double-click it to change it."))
        return "<br>".join(lines)

    def spoken(self) -> str:
        """Return one sentence for a screen reader."""
        count = (
            "1 module"
            if self.modules == 1
            else tr("{modules} modules").format(modules=self.modules)
        )
        name = (
            tr("Group {title}").format(title=self.title)
            if self.subject.title.strip()
            else tr("Untitled group")
        )
        if self.shared:
            return tr("Shared module {title}, {id}, {count}").format(
                title=self.title, id=self.subject.id, count=count
            )
        folded = ", collapsed" if self.collapsed else ""
        return f"{name}, {self.subject.id}, {count}{folded}"

    def title_contains(self, point: QPointF, zoom: float) -> bool:
        """Return whether a point in scene units is on the title."""
        return self.title_rect(zoom).contains(point)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _blended(ground: QColor, tint: QColor) -> QColor:
    """Return a background with a tint of another color and the same opacity."""
    share = 0.16

    def mixed(one: int, other: int) -> int:
        return round(one + (other - one) * share)

    return QColor(
        mixed(ground.red(), tint.red()),
        mixed(ground.green(), tint.green()),
        mixed(ground.blue(), tint.blue()),
        ground.alpha(),
    )
