"""How a card is painted, at high and low zoom."""

from __future__ import annotations

import time
from functools import cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from designer.app.canvas.items.card_lines import LINE_HEIGHT, TEXT_LEFT, far_lines, near_lines
from designer.app.canvas.items.face import Face, PortView
from designer.app.canvas.items.geometry import HEIGHT, RADIUS, WIDTH
from designer.app.canvas.items.palette import CARD, CORNER, EDGE, Palette, left_bar
from designer.app.canvas.items.port_shapes import draw_shape, shape_of
from designer.app.canvas.state import duration
from designer.app.shell import theme
from designer.app.shell.motion import reduced_motion

FAR = 0.3
"""Below this zoom a card is a colored block."""

MIDDLE = 8 / 11
"""Below this zoom the title alone is shown, larger: the second line would have under 8 pixels."""

STEP = 0.1
"""Seconds between two frames of an animation."""

_STATUS = {
    "queued": ("queued", "text_muted"),
    "running": ("running", "running"),
    "completed": ("check", "success"),
    "reused": ("reused", "success"),
    "failed": ("error", "error"),
    "skipped": ("skipped", "text_muted"),
    "cancelled": ("cancel", "text_muted"),
}

_FRAME = CARD.adjusted(-2, -2, 2, 2)
_SHADOW = QLineF(CORNER - 1, HEIGHT + 1.2, WIDTH - CORNER + 1, HEIGHT + 1.2)
_FAR_BODY = CARD.adjusted(3, 3, -3, -3)
_FAR_BAR = QRectF(0, 0, 14, HEIGHT)
_CHECK = [QLineF(186, 30, 199, 43), QLineF(199, 43, 224, 16)]
_FAR_MARKS = {
    "completed": _CHECK,
    "reused": _CHECK,
    "failed": [QLineF(192, 16, 220, 44), QLineF(192, 44, 220, 16)],
    "running": [QLineF(190, 30, 196, 30), QLineF(204, 30, 210, 30), QLineF(218, 30, 224, 30)],
}
_ICON_BOX = QRectF(15, 15, 30, 30)
_NO_PEN = QPen(Qt.PenStyle.NoPen)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTER = Qt.AlignmentFlag.AlignCenter


def paint_far(item: Face, painter: QPainter, palette: Palette, selected: bool) -> None:
    """Paint a simple block: this runs for every card of a large pipeline."""
    edge = palette.selection if selected else _far_edge(item, palette)
    painter.fillRect(_FRAME if selected else CARD, edge)
    painter.fillRect(_FAR_BODY, palette.node)
    painter.fillRect(_FAR_BODY, palette.color(item.category_color, 40))
    painter.fillRect(_FAR_BAR, palette.color(item.category_color))
    mark = _FAR_MARKS.get(item.state.status)
    if mark:
        # A shape and not the edge's color alone: not everyone can distinguish red from green.
        painter.setPen(QPen(_far_edge(item, palette), 9.0))
        painter.drawLines(mark)
    if item.dimmed or item.node.disabled:
        painter.fillRect(_FRAME, palette.color(palette.theme.canvas, 150))


def paint_near(
    item: Face, painter: QPainter, palette: Palette, selected: bool, zoom: float
) -> None:
    """Paint the card with its texts."""
    disabled = item.node.disabled
    faded = item.dimmed and not item.marked_ports
    if faded:
        # Opaque below, so that no link shines through.
        painter.setPen(_NO_PEN)
        painter.setBrush(palette.canvas)
        painter.drawRoundedRect(CARD, CORNER, CORNER)
        painter.setOpacity(0.42)
    if zoom >= MIDDLE:
        # A line instead of a second card below: filling costs most of a card's time.
        painter.setPen(palette.shadow_pen)
        painter.drawLine(_SHADOW)
    pen = _card_pen(item, palette, selected)
    painter.setPen(palette.small_border_pen if pen is palette.border_pen and zoom < 1 else pen)
    painter.setBrush(palette.canvas if disabled else palette.node)
    painter.drawRoundedRect(EDGE, CORNER, CORNER)
    if item.known:
        painter.fillPath(_bar(), palette.color(item.category_color, 90 if disabled else 255))
    if zoom >= MIDDLE:
        _paint_texts(item, painter, palette, zoom)
    else:
        _paint_large_title(item, painter, palette, zoom)
    if item.state.status == "running":
        _paint_progress(item, painter, palette)
    painter.setOpacity(1.0)
    _paint_ports(item, painter, palette)
    if item.severity:
        _paint_badge(item, painter, palette)


def paint_icon(
    name: str, color: str, box: QRectF, size: float, painter: QPainter, zoom: float
) -> None:
    """Paint an icon of the theme in the middle of a box."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device else 1.0
    # A few sizes only, so that zooming doesn't fill the cache.
    sharpness = min((step for step in (1.0, 2.0, 4.0) if step >= ratio * zoom), default=6.0)
    image = theme.pixmap(name, size, color, sharpness)
    target = QRectF(0, 0, size, size)
    target.moveCenter(box.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.drawPixmap(target, image, QRectF(image.rect()))


def _paint_texts(item: Face, painter: QPainter, palette: Palette, zoom: float) -> None:
    # Each text in its own direction: a name may be English in a window from right to left.
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.setPen(_NO_PEN)
    painter.setBrush(palette.color(item.category_color, 44 if palette.dark else 26))
    if not item.node.disabled:
        painter.drawRoundedRect(_ICON_BOX, 7, 7)
    icon_color = palette.theme.text_muted if item.node.disabled else item.category_color
    paint_icon(item.category_icon, icon_color, _ICON_BOX, 20, painter, zoom)
    drawing = _STATUS.get(item.state.status)
    time_text = duration(item.state.seconds) if drawing else ""
    second_width = WIDTH - 12 - TEXT_LEFT
    if time_text:
        second_width -= palette.tiny_metrics.horizontalAdvance(time_text) + 8
    for line in near_lines(item, palette, second_width):
        painter.setPen(_title_color(item, palette) if line.is_title else palette.text_muted)
        painter.setFont(line.font)
        painter.drawText(QRectF(TEXT_LEFT, line.top, line.width, LINE_HEIGHT), _LEFT, line.text)
    if drawing:
        if time_text:
            painter.setPen(palette.text_muted)
            painter.setFont(palette.tiny_font)
            painter.drawText(QRectF(WIDTH - 92, 31, 80, 18), _RIGHT, time_text)
        _paint_status(item, drawing, QRectF(WIDTH - 29, 12, 17, 17), painter, zoom)


def _paint_large_title(item: Face, painter: QPainter, palette: Palette, zoom: float) -> None:
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.setPen(_title_color(item, palette))
    for line in far_lines(item, palette):
        painter.setFont(line.font)
        painter.drawText(QRectF(18, line.top, line.width, 30), _LEFT, line.text)
    drawing = _STATUS.get(item.state.status)
    if drawing:
        _paint_status(item, drawing, QRectF(WIDTH - 42, 15, 30, 30), painter, zoom)


def _paint_status(
    item: Face, drawing: tuple[str, str], box: QRectF, painter: QPainter, zoom: float
) -> None:
    name, color = drawing
    if name != "running":
        paint_icon(name, color, box, box.width(), painter, zoom)
        return
    painter.save()
    painter.translate(box.center())
    painter.rotate(36.0 * _picture())
    around = QRectF(-box.width() / 2, -box.height() / 2, box.width(), box.height())
    paint_icon(name, color, around, box.width(), painter, zoom)
    painter.restore()


def _paint_progress(item: Face, painter: QPainter, palette: Palette) -> None:
    track = QRectF(14, HEIGHT - 7, WIDTH - 28, 3)
    painter.setPen(_NO_PEN)
    painter.setBrush(palette.color(palette.theme.running, 50))
    painter.drawRoundedRect(track, 1.5, 1.5)
    painter.setBrush(palette.running)
    if item.state.progress is not None:
        track.setWidth(track.width() * min(max(item.state.progress, 0.02), 1.0))
    else:
        part = track.width() * 0.3
        share = abs((_picture() % 40) / 20.0 - 1.0)
        track = QRectF(track.x() + (track.width() - part) * share, track.y(), part, 3)
    painter.drawRoundedRect(track, 1.5, 1.5)


def _paint_ports(item: Face, painter: QPainter, palette: Palette) -> None:
    linked = item.connected_ports()
    colors = theme.current()
    for port in (*item.inputs, *item.outputs):
        marked = item.marked_ports.get(port)
        color = palette.color(colors.type_color(port.type_name))
        if item.node.disabled or (item.dimmed and not marked):
            color = palette.node_border
        radius = RADIUS
        center = port.center
        if marked:
            painter.setPen(_NO_PEN)
            painter.setBrush(QColor(color.red(), color.green(), color.blue(), 70))
            painter.drawEllipse(center, RADIUS + 5.5, RADIUS + 5.5)
            radius += 1.0
        _paint_port(
            port, center, radius, color, (port.name, port.is_output) in linked, painter, palette
        )


def _paint_port(
    port: PortView,
    center: QPointF,
    radius: float,
    color: QColor,
    linked: bool,
    painter: QPainter,
    palette: Palette,
) -> None:
    shape = shape_of(port.type_name)
    if port.optional:
        painter.setPen(QPen(color, 1.8))
        painter.setBrush(palette.node)
        draw_shape(painter, shape, center, radius - 0.9)
        if linked:
            painter.setPen(_NO_PEN)
            painter.setBrush(color)
            draw_shape(painter, shape, center, radius - 3.2)
        return
    painter.setPen(QPen(palette.node, 1.6))
    painter.setBrush(color)
    draw_shape(painter, shape, center, radius)


def _paint_badge(item: Face, painter: QPainter, palette: Palette) -> None:
    worst = item.severity
    box = QRectF(WIDTH - 13, -9, 20, 20)
    painter.setPen(QPen(palette.canvas, 2))
    painter.setBrush(palette.error if worst == "error" else palette.warning)
    painter.drawEllipse(box)
    painter.setPen(palette.color(palette.theme.canvas))
    painter.setFont(palette.badge_font)
    # Only the problems of the color's severity; the tooltip shows the others.
    count = sum(problem.severity == worst for problem in item.problems)
    painter.drawText(box, _CENTER, "!" if count == 1 else str(min(count, 9)))


def _title_color(item: Face, palette: Palette) -> QColor:
    """Return a color with a contrast of 4.5, also for a disabled card: one looks at it too."""
    return palette.text_muted if item.node.disabled else palette.text


def _card_pen(item: Face, palette: Palette, selected: bool) -> QPen:
    if selected:
        return palette.selection_pen
    if not item.known:
        return palette.unknown_pen
    if item.state.status == "failed":
        return palette.error_pen
    if item.state.status == "running":
        return palette.running_pen
    if item.hovered:
        return palette.hover_pen
    return palette.disabled_pen if item.node.disabled else palette.border_pen


def _far_edge(item: Face, palette: Palette) -> QColor:
    if item.state.status == "failed" or item.severity == "error":
        return palette.error
    if item.state.status == "running":
        return palette.running
    if item.state.status in ("completed", "reused"):
        return palette.success
    return palette.node_border


def _picture() -> int:
    """Return the number of the current animation frame; one in the middle if nothing moves."""
    return 10 if reduced_motion() else int(time.monotonic() / STEP)


@cache
def _bar() -> QPainterPath:
    return left_bar()
