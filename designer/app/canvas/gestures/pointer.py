"""Turns what the view reports into gestures, hovering, menus, and tooltips."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QToolTip

from designer.app.canvas.editing.module_search import search_at
from designer.app.canvas.editing.selection_edits import set_collapsed
from designer.app.canvas.gestures import hit_testing
from designer.app.canvas.gestures.dropping import Dropping
from designer.app.canvas.gestures.gestures import Band, Gesture, Move, Pan, Resize
from designer.app.canvas.gestures.keyboard import Keyboard
from designer.app.canvas.gestures.linking import LinkGesture, port_labels
from designer.app.canvas.items.face import PortView
from designer.app.canvas.items.frame_item import FrameItem
from designer.app.canvas.items.link_item import LinkItem
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

NAMES = 0.5
"""Below this zoom the names of ports would hide too much."""

EDGE = 18
"""Pixels from the border within which a dragged pointer scrolls the view."""

_ADDING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class Pointer:
    """The handler of the view's events."""

    def __init__(self, canvas: Surface) -> None:
        self._canvas = canvas
        self.gesture: Gesture | None = None
        self.keyboard = Keyboard(canvas, self)
        self.dropping = Dropping(canvas)
        self._hovered: NodeItem | LinkItem | FrameItem | None = None
        self._hovered_port: PortView | None = None
        self._hovered_at = QPointF()
        self._last: QMouseEvent | None = None
        self._scrolling = QTimer(canvas)
        self._scrolling.setInterval(30)
        self._scrolling.timeout.connect(self._scroll)
        self.drag = self.dropping.drag
        self.drag_leave = self.dropping.leave
        self.drop = self.dropping.drop
        self.key_press = self.keyboard.press
        self.key_release = self.keyboard.release
        self.tab = self.keyboard.tab

    def press(self, event: QMouseEvent) -> None:
        """Start the gesture for the item under the pointer."""
        canvas, button = self._canvas, event.button()
        canvas.quick_add.dismiss()
        canvas.viewer.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.gesture is not None:
            # A second button cancels the gesture of the first one.
            self.cancel()
            return
        if button == Qt.MouseButton.MiddleButton or (
            button == Qt.MouseButton.LeftButton and self.keyboard.space_held
        ):
            self._begin(Pan(canvas, event))
        elif button == Qt.MouseButton.RightButton:
            self._choose(hit_testing.target_at(canvas, canvas.viewer.to_scene(event.position())))
        elif button == Qt.MouseButton.LeftButton:
            self._press_left(event)

    def move(self, event: QMouseEvent) -> None:
        """Continue the gesture, or highlight the item under the pointer."""
        if self.gesture is None:
            self._hover(self._canvas.viewer.to_scene(event.position()))
            return
        self._last = QMouseEvent(event)
        self._canvas.minimap.set_faint(True)
        self.gesture.move(event)
        if self.gesture.scrolls and self._outside(event.position()) != QPointF():
            if not self._scrolling.isActive():
                self._scrolling.start()
        else:
            self._scrolling.stop()

    def release(self, event: QMouseEvent) -> None:
        """End the gesture."""
        if self.gesture is None:
            return
        gesture = self._end()
        gesture.release(event)
        self._hover(self._canvas.viewer.to_scene(event.position()))

    def double_click(self, event: QMouseEvent) -> None:
        """Open what was clicked, or the list of modules on the empty canvas."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = self._canvas.viewer.to_scene(event.position())
        target = hit_testing.target_at(self._canvas, point)
        if isinstance(target, PortTarget):
            self._canvas.node_opened.emit(target.id, target.port if target.is_output else "")
        elif isinstance(target, NodeTarget):
            self._canvas.node_opened.emit(target.id, "")
        elif isinstance(target, NoteTarget):
            self._canvas.edit_note(target.id)
        elif isinstance(target, GroupTarget):
            self._open_group(target.id, point)
        elif isinstance(target, CanvasTarget):
            search_at(self._canvas, event.position())

    def cancel(self) -> bool:
        """Cancel the gesture and put everything back."""
        if self.gesture is None:
            return False
        self._end().cancel()
        return True

    def leave(self) -> None:
        """Clear the hovered item."""
        if self.gesture is None:
            self._hover_on(None, None)

    def focus_lost(self) -> None:
        """Forget keys whose release won't be seen."""
        self.keyboard.forget()

    def refresh(self) -> None:
        """Update after the scene has changed: the hovered item may be gone."""
        graph = self._canvas.graph
        if isinstance(self.gesture, LinkGesture) and self.gesture.is_lost:
            self.cancel()
        gone = (
            (
                isinstance(self._hovered, NodeItem)
                and graph.nodes.get(self._hovered.node.id) is not self._hovered
            )
            or (
                isinstance(self._hovered, LinkItem)
                and graph.links.get(self._hovered.link) is not self._hovered
            )
            or (
                isinstance(self._hovered, FrameItem)
                and graph.frames.items.get(self._hovered.subject.id) is not self._hovered
            )
        )
        if gone:
            self._hovered = None
            self._hovered_port = None
            self._canvas.labels.setVisible(False)
        elif isinstance(self._hovered, NodeItem) and self._hovered.pos() != self._hovered_at:
            # It has moved away from the pointer.
            self._hover_on(None, None)

    def menu(self, point: QPoint, by_keyboard: bool) -> None:
        """Ask for the menu of the item under the pointer, or of the selection."""
        canvas = self._canvas
        self.cancel()
        at = QPointF(point)
        target: Target
        if by_keyboard and (names := canvas.graph.selection()):
            name = names[0]
            menu_point = canvas.graph.bounds([name]).center()
            if name in canvas.graph.frames.items:
                # A collapsed one is all title.
                menu_point = canvas.graph.frames.items[name].title_rect().center()
                target = GroupTarget(menu_point.x(), menu_point.y(), name)
            else:
                target = NodeTarget(name) if name in canvas.graph.nodes else NoteTarget(name)
            at = canvas.viewer.to_view(menu_point)
        else:
            target = hit_testing.target_at(canvas, canvas.viewer.to_scene(at))
            self._choose(target)
        canvas.menu_requested.emit(target, canvas.viewer.viewport().mapToGlobal(at.toPoint()))

    def tooltip(self, point: QPointF, at: QPoint) -> None:
        """Show the tooltip of the item under the pointer."""
        text = hit_testing.tooltip(self._canvas, point)
        if text:
            QToolTip.showText(at, text, self._canvas.viewer.viewport())
        else:
            QToolTip.hideText()

    def _begin(self, gesture: Gesture) -> None:
        self._hover_on(None, None)
        self.gesture = gesture

    def _end(self) -> Gesture:
        assert self.gesture is not None
        gesture, self.gesture = self.gesture, None
        self._scrolling.stop()
        self._canvas.minimap.set_faint(False)
        return gesture

    def _press_left(self, event: QMouseEvent) -> None:
        canvas = self._canvas
        point = canvas.viewer.to_scene(event.position())
        found = hit_testing.port_at(self._canvas, point)
        if found:
            self._begin(LinkGesture(canvas, event, *found))
            return
        node = canvas.graph.node_at(point)
        if node:
            self._begin(Move(canvas, event, node.node.id))
            return
        folded = canvas.graph.frames.card_at(point)
        if folded:
            self._press_frame(event, folded, point)
            return
        link = canvas.graph.link_at(point, hit_testing.link_reach(self._canvas))
        if link:
            self._press_link(link, bool(event.modifiers() & _ADDING))
            return
        note = canvas.graph.note_at(point)
        if note and note.is_handle(point):
            self._begin(Resize(canvas, event, note))
        elif note:
            self._begin(Move(canvas, event, note.note.id))
        elif frame := canvas.graph.frames.at(point, canvas.viewer.zoom()):
            self._press_frame(event, frame, point)
        else:
            self._begin(Band(canvas, event))

    def _press_frame(self, event: QMouseEvent, frame: FrameItem, point: QPointF) -> None:
        canvas, name = self._canvas, frame.subject.id
        if frame.fold_rect(canvas.viewer.zoom()).contains(point) and not frame.shared:
            set_collapsed(canvas, [name], not frame.collapsed)
        else:
            self._begin(Move(canvas, event, name))

    def _open_group(self, name: str, point: QPointF) -> None:
        """Expand a group, or edit its title; the arrow is for single clicks."""
        frame, zoom = self._canvas.graph.frames.items[name], self._canvas.viewer.zoom()
        if frame.shared:
            self._canvas.module_opened.emit(name)
        elif frame.fold_rect(zoom).contains(point):
            set_collapsed(self._canvas, [name], not frame.collapsed)
        elif frame.collapsed:
            set_collapsed(self._canvas, [name], False)
        else:
            self._canvas.edit_title(name)

    def _press_link(self, item: LinkItem, adding: bool) -> None:
        graph = self._canvas.graph
        if not adding:
            graph.select([], [item.link])
            return
        graph.select(graph.selection(), graph.selected_links ^ {item.link})

    def _choose(self, target: Target) -> None:
        """Select the target of a menu, unless it is part of the selection."""
        graph = self._canvas.graph
        if isinstance(target, (NodeTarget, PortTarget, NoteTarget, GroupTarget)):
            if not graph.is_selected(target.id):
                graph.select([target.id])
        elif isinstance(target, LinkTarget):
            if target.link not in graph.selected_links:
                graph.select([], [target.link])
        else:
            graph.select([])

    def _hover(self, point: QPointF) -> None:
        if self._canvas.quick_add.isVisible():
            return
        found = hit_testing.port_at(self._canvas, point)
        if found:
            self._hover_on(*found)
            return
        graph, viewer = self._canvas.graph, self._canvas.viewer
        frame = graph.frames.card_at(point)
        item: NodeItem | LinkItem | None = graph.node_at(point)
        if item is None and frame is None:
            item = graph.link_at(point, hit_testing.link_reach(self._canvas))
        note = graph.note_at(point) if item is None and frame is None else None
        if item is None and note is None:
            frame = frame or graph.frames.at(point, viewer.zoom())
            self._hover_on(frame, None)
            if frame:
                folds = frame.fold_rect(viewer.zoom()).contains(point)
                shape = Qt.CursorShape.SizeAllCursor
                viewer.viewport().setCursor(Qt.CursorShape.PointingHandCursor if folds else shape)
            return
        self._hover_on(item, None)
        if note and note.is_handle(point):
            viewer.viewport().setCursor(Qt.CursorShape.SizeFDiagCursor)

    def _hover_on(
        self, item: NodeItem | LinkItem | FrameItem | None, port: PortView | None
    ) -> None:
        viewport = self._canvas.viewer.viewport()
        if self.keyboard.space_held:
            viewport.setCursor(Qt.CursorShape.OpenHandCursor)
        elif port:
            viewport.setCursor(Qt.CursorShape.CrossCursor)
        else:
            viewport.unsetCursor()
        if item is self._hovered and port == self._hovered_port:
            return
        if self._hovered is not None and self._hovered is not item:
            self._hovered.set_hovered(False)
        self._hovered, self._hovered_port = item, port
        if item is not None:
            self._hovered_at = item.pos()
            item.set_hovered(True)
        zoom = self._canvas.viewer.zoom()
        if isinstance(item, NodeItem) and (port or zoom >= NAMES):
            # Far away all the names of a card would cover its neighbors.
            shown = port_labels(item, None if zoom >= NAMES else port)
            self._canvas.labels.show_labels(shown, zoom)
        elif self._canvas.labels.isVisible():
            self._canvas.labels.show_labels([], 1.0)

    def _outside(self, point: QPointF) -> QPointF:
        """Return in which direction, and how fast, a dragged pointer scrolls."""
        area = self._canvas.viewer.viewport().rect()
        x = max(point.x() - (area.width() - EDGE), 0) - max(EDGE - point.x(), 0)
        y = max(point.y() - (area.height() - EDGE), 0) - max(EDGE - point.y(), 0)
        return QPointF(min(max(x, -40), 40), min(max(y, -40), 40))

    def _scroll(self) -> None:
        if self.gesture is None or self._last is None:
            self._scrolling.stop()
            return
        step = self._outside(self._last.position())
        self._canvas.viewer.pan(-step.x() * 0.6, -step.y() * 0.6)
        self.gesture.move(self._last)
