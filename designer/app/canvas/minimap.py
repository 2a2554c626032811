"""A small map of the whole pipeline in the corner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from designer.app.canvas.graph import Graph
from designer.app.canvas.items.group_face import GroupFace
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.items.palette import current_palette
from designer.app.canvas.viewer import Viewer
from designer.texts import tr

WIDTH = 190
HEIGHT = 124
MARGIN = 12


DELAY = 300
"""Milliseconds without a change after which the map looks for a corner that is free."""

FAINT = 0.25
"""Opacity of the map while something is dragged below it."""


class Minimap(QWidget):
    """Shows all cards and what the view shows of them; dragging moves the view.

    It moves away: it uses a corner that has no card, and while something is dragged the
    pointer goes through it.

    Parameters
    ----------
    canvas : QWidget
        The canvas below it.
    written_at : callable
        Returns where something is being written on the canvas; empty if nothing is.

    Signals
    -------
    released
        The user has finished moving the view by it.
    """

    released = Signal()

    def __init__(
        self, canvas: QWidget, viewer: Viewer, graph: Graph, written_at: Callable[[], QRect]
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._viewer = viewer
        self._graph = graph
        self._written_at = written_at
        self._picture: QPixmap | None = None
        self._area = QRectF()
        self._whole: QRectF | None = None
        self._held = False
        self._corner = 0
        self._faint = False
        self._move_timer = QTimer(self)
        self._move_timer.setSingleShot(True)
        self._move_timer.setInterval(DELAY)
        self._move_timer.timeout.connect(self.move_away)
        graph.selection_changed.connect(self._on_selection)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(40)
        self._timer.timeout.connect(self.update)
        self.setFixedSize(WIDTH, HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Map of the pipeline"))
        self.setToolTip(tr("Map: click or drag to move the view"))

    def scene_changed(self) -> None:
        """Redraw the cards soon."""
        self._picture = None
        self._whole = None
        self.view_moved()

    def view_moved(self) -> None:
        """Redraw the frame soon."""
        if not self.isVisible():
            return
        self._move_timer.start()
        if not self._timer.isActive():
            self._timer.start()

    def lay_out(self) -> None:
        """Move to the corner that was chosen last."""
        self.move(self._corners()[self._corner])

    def set_faint(self, faint: bool) -> None:
        """Let the pointer and the dragged item pass through, and be almost transparent."""
        if faint != self._faint:
            self._faint = faint
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, faint)
            self.update()
            self.view_moved()

    def is_needed(self) -> bool:
        """Return whether something is outside the view, and there is room for the map."""
        room = self._canvas.rect()
        if room.width() < 2.5 * WIDTH or room.height() < 2.5 * HEIGHT:
            return False
        if self._whole is None:
            self._whole = self._graph.bounds()
        # It doesn't vanish from under the pointer that moves the view by it.
        return self._held or not self._viewer.visible_area().contains(self._whole)

    def paintEvent(self, event: Any) -> None:
        """Paint the cards and the frame of the view."""
        palette = current_palette()
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._draw(ratio)
        painter = QPainter(self)
        painter.setOpacity(FAINT if self._faint else 1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.border, 1))
        ground = QColor(palette.surface)
        ground.setAlpha(235)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        if self._picture is not None:
            painter.drawPixmap(0, 0, self._picture)
        frame = self._to_map(self._viewer.visible_area())
        inside = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        frame = frame.intersected(inside)
        tint = QColor(palette.accent)
        tint.setAlpha(28)
        painter.setPen(QPen(palette.accent, 1.4))
        painter.setBrush(tint)
        painter.drawRoundedRect(frame, 3, 3)

    def showEvent(self, event: Any) -> None:
        """Come into a corner that is free."""
        super().showEvent(event)
        self.move_away()

    def hideEvent(self, event: Any) -> None:
        """Keep the corner."""
        super().hideEvent(event)
        self._move_timer.stop()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the pressed point to the middle of the view."""
        self._held = True
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Bring the dragged point to the middle of the view."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the view stay where it is."""
        self._held = False
        self.view_moved()
        self.released.emit()

    def wheelEvent(self, event: Any) -> None:
        """Zoom the view."""
        self._viewer.zoom_by(1.15 ** (event.angleDelta().y() / 120.0))
        event.accept()

    def _corners(self) -> list[QPoint]:
        """Return where the map can be, the usual corner first."""
        room = self._canvas.rect()
        right, bottom = room.width() - WIDTH - MARGIN, room.height() - HEIGHT - MARGIN
        ends = ((right, bottom), (MARGIN, bottom), (right, MARGIN), (MARGIN, MARGIN))
        return [QPoint(x, y) for x, y in ends]

    def move_away(self) -> None:
        """Go to a corner without a card; stay where there is none, or while it is used.

        It never covers a text that is being edited, nor what is selected while a corner has
        nothing of that.
        """
        if self._faint:
            # Wait until dragging ends.
            self._move_timer.start()
            return
        viewer, graph = self._viewer, self._graph
        field = self._written_at()
        shapes = [QRect(corner, self.size()) for corner in self._corners()]
        below = [viewer.mapToScene(shape).boundingRect() for shape in shapes]
        chosen = [graph.bounds([name]) for name in graph.selection()]
        clear = [not any(area.intersects(each) for each in chosen) for area in below]
        under_pointer = self.rect().contains(self.mapFromGlobal(self.cursor().pos()))
        if self._held or (under_pointer and clear[self._corner]):
            return
        every = (self._corner, *range(len(shapes)))
        allowed = [index for index in every if not shapes[index].intersects(field)]
        # The first that covers no card, or else nothing that is selected.
        allowed.sort(key=lambda index: (graph.is_covered(below[index]), not clear[index]))
        self._corner = allowed[0] if allowed else self._corner
        self.lay_out()

    def _on_selection(self) -> None:
        if self.isVisible():
            self.move_away()

    def _go(self, point: QPointF) -> None:
        scale, shift = self._mapping()
        self._viewer.centerOn((point - shift) / scale)

    def _draw(self, ratio: float) -> None:
        palette = current_palette()
        graph = self._graph
        self._area = graph.bounds().adjusted(-80, -80, 80, 80)
        picture = QPixmap(round(WIDTH * ratio), round(HEIGHT * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        scale, shift = self._mapping()
        frames = [item for item in graph.frames.items.values() if item.isVisible()]
        for frame in reversed(frames):
            if frame.collapsed:
                continue
            ground, edge = palette.note(str(frame.subject.extra.get("color", "")))
            painter.setPen(edge)
            painter.setBrush(ground)
            painter.drawRect(_scaled(frame.card_rect(), scale, shift))
        for note in graph.notes.values():
            if not note.isVisible():
                continue
            painter.fillRect(
                _scaled(note.card_rect(), scale, shift), palette.note(note.note.color)[1]
            )
        for item in graph.nodes.values():
            if item.isVisible():
                self._draw_card(painter, item.card_rect(), item)
        for frame in frames:
            if frame.collapsed:
                self._draw_card(painter, frame.card_rect(), frame.face)
        painter.end()
        self._picture = picture

    def _draw_card(self, painter: QPainter, area: QRectF, face: NodeItem | GroupFace) -> None:
        palette = current_palette()
        failed = face.state.status == "failed"
        color = palette.error if failed else palette.color(face.category_color)
        painter.fillRect(_scaled(area, *self._mapping()), color)

    def _mapping(self) -> tuple[float, QPointF]:
        """Return scale and offset from scene to map."""
        area = self._area if not self._area.isEmpty() else QRectF(0, 0, 1000, 600)
        scale = min((WIDTH - 8) / area.width(), (HEIGHT - 8) / area.height(), 0.12)
        middle = QPointF(WIDTH / 2, HEIGHT / 2)
        return scale, middle - area.center() * scale

    def _to_map(self, area: QRectF) -> QRectF:
        return _scaled(area, *self._mapping(), smallest=6.0)


def _scaled(area: QRectF, scale: float, shift: QPointF, smallest: float = 2.0) -> QRectF:
    corner = area.topLeft() * scale + shift
    return QRectF(
        corner.x(),
        corner.y(),
        max(area.width() * scale, smallest),
        max(area.height() * scale, smallest),
    )
