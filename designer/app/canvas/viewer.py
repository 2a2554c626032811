"""The view: scrolling, zooming, the grid of dots, and where events go."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPen,
    QPolygonF,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGestureEvent,
    QGraphicsView,
    QPinchGesture,
    QWidget,
)

from designer.app.canvas.items.geometry import GRID
from designer.app.canvas.items.palette import current_palette
from designer.app.canvas.nodegraph import BaseViewer
from designer.app.widgets.text_scale import text_scale

ZOOM_MINIMUM = 0.2
ZOOM_MAXIMUM = 3.0
ZOOM_STEP = 1.2
_FIT_MINIMUM = 0.03
_ROOM = 30_000.0
_BY_TAB = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)

EDGE = 12.0
"""Pixels that ports and badge stick out: items nearer to the border aren't fully visible."""

MARGIN = 40.0
"""Pixels between the border and an item that was scrolled into view."""


class Handler(Protocol):
    """Handles the events of the view."""

    def press(self, event: QMouseEvent) -> None:
        """Handle a pressed button."""

    def move(self, event: QMouseEvent) -> None:
        """Handle a moved pointer."""

    def release(self, event: QMouseEvent) -> None:
        """Handle a released button."""

    def double_click(self, event: QMouseEvent) -> None:
        """Handle a double click."""

    def leave(self) -> None:
        """Handle that the pointer has left."""

    def key_press(self, event: Any) -> bool:
        """Handle a key; false if it isn't used."""

    def key_release(self, event: Any) -> bool:
        """Handle the release of a key; false if it isn't used."""

    def focus_lost(self) -> None:
        """Handle the loss of the focus."""

    def tab(self, forward: bool) -> bool:
        """Handle Tab or Shift+Tab; false if the focus may leave."""

    def drag(self, event: Any) -> None:
        """Handle a drag over the view."""

    def drag_leave(self) -> None:
        """Handle that the drag has left."""

    def drop(self, event: Any) -> None:
        """Handle a drop."""

    def menu(self, point: QPoint, by_keyboard: bool) -> None:
        """Handle the request for a menu at a point of the view."""

    def tooltip(self, point: QPointF, at: QPoint) -> None:
        """Handle the request for a tooltip at a scene point; ``at`` is where it goes."""


class Viewer(BaseViewer):
    """Shows the scene and hands events to a handler."""

    handler: Handler
    view_changed = Signal()
    resized = Signal()
    reached = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dots = QPolygonF()
        self._dots_key: tuple[int, int] = (0, 0)
        # While the view moves without the user.
        self.settling = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setDragMode(QGraphicsView.DragMode.NoDrag)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSceneRect(-_ROOM, -_ROOM, 2 * _ROOM, 2 * _ROOM)
        self.viewport().setMouseTracking(True)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self.horizontalScrollBar().valueChanged.connect(self.view_changed)
        self.verticalScrollBar().valueChanged.connect(self.view_changed)

    def zoom(self) -> float:
        """Return the zoom; actual size is that of the application's font, usually 1."""
        return float(self.transform().m11())

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom about a point of the viewport, by default its middle, within the limits."""
        now = self.zoom()
        # Fitting a large pipeline may have gone below the limit: from there only upwards.
        new = min(max(now * factor, min(ZOOM_MINIMUM, now)), ZOOM_MAXIMUM)
        self.set_zoom_factor(new, anchor)

    def set_zoom_factor(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Set the zoom, keeping a point of the viewport where it is."""
        if anchor is None:
            anchor = QPointF(self.viewport().rect().center())
        held = self.to_scene(anchor)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        moved = self.to_view(held) - anchor
        self.pan(-moved.x(), -moved.y())
        self.view_changed.emit()

    def pan(self, dx: float, dy: float) -> None:
        """Scroll by pixels."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - round(dx))
        down.setValue(down.value() - round(dy))

    def fit(self, area: QRectF, margin: float = 60.0) -> None:
        """Show a whole part of the scene, never above actual size.

        ``margin`` is how many pixels stay free, both sides together.
        """
        self.make_room(area)
        view = self.viewport().rect()
        if area.isEmpty() or view.isEmpty():
            return
        wide = max(view.width() - margin, 50) / area.width()
        high = max(view.height() - margin, 50) / area.height()
        zoom = max(min(wide, high, text_scale()), _FIT_MINIMUM)
        self.settling = True
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.centerOn(area.center())
        self.view_changed.emit()
        self.settling = False

    def show_area(self, area: QRectF) -> None:
        """Scroll just far enough to show a part of the scene, or else its top left."""
        self.make_room(area)
        room = self.viewport().rect()
        first, last = self.to_view(area.topLeft()), self.to_view(area.bottomRight())
        across = _least(first.x(), last.x(), room.width())
        self.pan(across, _least(first.y(), last.y(), room.height()))

    def make_room(self, area: QRectF) -> None:
        """Let the view scroll as far as an area, and beyond."""
        if not self.sceneRect().contains(area):
            self.setSceneRect(self.sceneRect().united(area.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)))

    def to_scene(self, point: QPointF) -> QPointF:
        """Return the scene point of a viewport point, with fractions."""
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(point)

    def to_view(self, point: QPointF) -> QPointF:
        """Return the viewport point of a scene point, with fractions."""
        return self.viewportTransform().map(point)

    def pointer(self) -> QPointF | None:
        """Return the viewport point under the pointer; None where that is elsewhere."""
        point = self.viewport().mapFromGlobal(self.cursor().pos())
        inside = self.viewport().rect().contains(point)
        return QPointF(point) if inside else None

    def visible_area(self) -> QRectF:
        """Return the visible area, in scene units."""
        rect = self.viewport().rect()
        return QRectF(
            self.to_scene(QPointF(rect.topLeft())),
            self.to_scene(QPointF(rect.bottomRight()) + QPointF(1, 1)),
        )

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint background and dots in pixels, so that the dots keep their size."""
        palette = current_palette()
        painter.fillRect(rect, palette.canvas)
        zoom = self.zoom()
        step = float(GRID)
        while step * zoom < 14:
            step *= 4 if step == GRID else 2
        pixels = step * zoom
        if pixels < 1:
            return
        area = self.viewport().rect()
        columns, rows = int(area.width() / pixels) + 2, int(area.height() / pixels) + 2
        key = (round(pixels * 1000), columns * 10_000 + rows)
        if key != self._dots_key:
            self._dots = QPolygonF(
                [QPointF(x * pixels, y * pixels) for y in range(rows) for x in range(columns)]
            )
            self._dots_key = key
        corner = self.to_scene(QPointF(0, 0))
        painter.save()
        painter.resetTransform()
        painter.translate(-((corner.x() % step) * zoom), -((corner.y() % step) * zoom))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(palette.grid, 2.0))
        painter.drawPoints(self._dots)
        painter.restore()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Paint nothing over the scene."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or zoom with Ctrl."""
        angle, pixels = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turned = angle.y() or angle.x()
            self.zoom_by(ZOOM_STEP ** (turned / 120.0), event.position())
        else:
            move = QPointF(pixels) if not pixels.isNull() else QPointF(angle) * 0.6
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not move.x():
                move = QPointF(move.y(), 0)
            self.pan(move.x(), move.y())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Handle pinching and tooltip requests."""
        kind = event.type()
        if kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1.0 + event.value(), event.position())
                return True
        elif kind == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            return self._pinch(event)
        elif isinstance(event, QHelpEvent) and kind == QEvent.Type.ToolTip:
            self.handler.tooltip(self.to_scene(QPointF(event.pos())), event.globalPos())
            return True
        elif kind == QEvent.Type.Leave:
            self.handler.leave()
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pass on."""
        self.handler.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pass on."""
        self.handler.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pass on."""
        self.handler.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Pass on."""
        self.handler.double_click(event)

    def keyPressEvent(self, event: Any) -> None:
        """Pass on; unused keys go to the window."""
        if not self.handler.key_press(event):
            event.ignore()

    def keyReleaseEvent(self, event: Any) -> None:
        """Pass on; unused keys go to the window."""
        if not self.handler.key_release(event):
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab for walking through the cards, until their end."""
        if self.handler.tab(forward):
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: Any) -> None:
        """Return whether the focus came by Tab."""
        super().focusInEvent(event)
        self.reached.emit(event.reason() in _BY_TAB)

    def focusOutEvent(self, event: Any) -> None:
        """Forget held keys."""
        self.reached.emit(False)
        self.handler.focus_lost()
        super().focusOutEvent(event)

    def contextMenuEvent(self, event: Any) -> None:
        """Ask for a menu."""
        by_keyboard = event.reason() == event.Reason.Keyboard
        self.handler.menu(event.pos(), by_keyboard)
        event.accept()

    def dragEnterEvent(self, event: Any) -> None:
        """Pass on."""
        self.handler.drag(event)

    def dragMoveEvent(self, event: Any) -> None:
        """Pass on."""
        self.handler.drag(event)

    def dragLeaveEvent(self, event: Any) -> None:
        """Pass on."""
        self.handler.drag_leave()

    def dropEvent(self, event: Any) -> None:
        """Pass on."""
        self.handler.drop(event)

    def resizeEvent(self, event: Any) -> None:
        """Keep the top left corner where it is, as documents do."""
        self.settling = True
        super().resizeEvent(event)
        self.view_changed.emit()
        self.settling = False
        self.resized.emit()

    def _pinch(self, event: QGestureEvent) -> bool:
        pinch = event.gesture(Qt.GestureType.PinchGesture)
        if not isinstance(pinch, QPinchGesture):
            return False
        middle = QPointF(self.viewport().mapFromGlobal(pinch.centerPoint().toPoint()))
        self.zoom_by(pinch.scaleFactor(), middle)
        return True


def _least(first: float, last: float, room: float) -> float:
    """Return how far a span must move to be within the room with a margin; 0 if it does."""
    if first >= EDGE and last <= room - EDGE:
        return 0.0
    spare = room - (last - first)
    if spare < 2 * EDGE:
        return MARGIN - first
    margin = min(MARGIN, spare / 2)
    return margin - first if first < EDGE else room - margin - last
