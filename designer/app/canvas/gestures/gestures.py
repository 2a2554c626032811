"""Mouse gestures, except drawing links."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QRubberBand

from designer.app.canvas.editing.selection_edits import commit_positions, moving_text, regroup
from designer.app.canvas.gestures.group_drag import GroupDrag
from designer.app.canvas.items.geometry import GRID, NOTE_MINIMUM, snapped
from designer.app.canvas.items.note_item import NoteItem
from designer.app.canvas.surface import Surface
from designer.pipeline import edits
from designer.texts import tr

SLOP = 4
"""Pixels that a pressed pointer can move before it counts as a drag."""

_ADDING = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class Gesture(Protocol):
    """Begins when a button is pressed and ends when it is released or Esc pressed."""

    scrolls: bool

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""

    def release(self, event: QMouseEvent) -> None:
        """Finish."""

    def cancel(self) -> None:
        """Put everything back."""


class Pan:
    """Pan the view."""

    scrolls = False

    def __init__(self, canvas: Surface, event: QMouseEvent) -> None:
        self._canvas = canvas
        self._last = event.position()
        canvas.viewer.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        step = event.position() - self._last
        self._last = event.position()
        self._canvas.viewer.pan(step.x(), step.y())

    def release(self, event: QMouseEvent) -> None:
        """Finish."""
        self._canvas.viewer.viewport().unsetCursor()

    def cancel(self) -> None:
        """Put everything back."""
        self._canvas.viewer.viewport().unsetCursor()


class Band:
    """Draw a rectangle that selects the items it touches."""

    scrolls = True

    def __init__(self, canvas: Surface, event: QMouseEvent) -> None:
        self._canvas = canvas
        self._start = canvas.viewer.to_scene(event.position())
        adding = bool(event.modifiers() & _ADDING)
        self._kept = canvas.graph.selection() if adding else []
        self._before = canvas.graph.selection()
        self._moved = False
        self._press = event.position()
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, canvas.viewer.viewport())
        if not adding:
            canvas.graph.select([])

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if not self._moved and _near(event.position(), self._press):
            return
        self._moved = True
        viewer = self._canvas.viewer
        now = viewer.to_scene(event.position())
        area = QRectF(self._start, now).normalized()
        corners = viewer.to_view(area.topLeft()), viewer.to_view(area.bottomRight())
        self._band.setGeometry(QRect(corners[0].toPoint(), corners[1].toPoint()))
        self._band.show()
        self._canvas.graph.select([*self._kept, *self._canvas.graph.within(area)])

    def release(self, event: QMouseEvent) -> None:
        """Finish."""
        self._end()

    def cancel(self) -> None:
        """Put everything back."""
        self._canvas.graph.select(self._before)
        self._end()

    def _end(self) -> None:
        self._band.hide()
        self._band.deleteLater()


class Move:
    """Drag the selected cards, notes, and groups; a click selects one of them."""

    scrolls = True

    def __init__(self, canvas: Surface, event: QMouseEvent, name: str) -> None:
        self._canvas = canvas
        self._name = name
        self._press = event.position()
        self._start = canvas.viewer.to_scene(event.position())
        self._moved = False
        graph = canvas.graph
        self._narrows = False
        if event.modifiers() & _ADDING:
            chosen = graph.selection()
            if name in chosen:
                chosen.remove(name)
            else:
                chosen.append(name)
            graph.select(chosen, graph.selected_links)
        elif graph.is_selected(name):
            self._narrows = True
        else:
            graph.select([name])
        self._origins: dict[str, tuple[float, float]] = {}
        if graph.is_selected(name):
            for one in graph.frames.carried(graph.selection()):
                self._origins[one] = graph.position_of(one)

        # What snaps to the grid: the card pressed, or the first one of a group.
        within = [one for one in graph.nodes if one in self._origins and one.startswith(f"{name}/")]
        self._anchor = self._origins.get(min(within, default=name), (0.0, 0.0))
        self._joining = GroupDrag(canvas, name, self._origins)

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if not self._moved and _near(event.position(), self._press):
            return
        if self._name not in self._origins:
            return
        self._moved = True
        shift = self._canvas.viewer.to_scene(event.position()) - self._start
        x, y = self._anchor
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            dx, dy = shift.x(), shift.y()
        else:
            goal = snapped(x + shift.x(), y + shift.y())
            dx, dy = goal[0] - x, goal[1] - y
        for name, (left, top) in self._origins.items():
            self._canvas.graph.move_to(name, left + dx, top + dy)
        self._joining.follow(self._start + shift, event.position())
        self._canvas.map_changed()

    def release(self, event: QMouseEvent) -> None:
        """Finish."""
        self._joining.end()
        if self._moved and self._joining.joins:
            regroup(self._canvas, self._origins, self._joining)
        elif self._moved:
            commit_positions(self._canvas, self._origins, self._canvas.graph.selection())
        elif self._narrows:
            self._canvas.graph.select([self._name])
        if self._moved:
            # Nothing has changed if everything is back where it was.
            self._canvas.graph.routes.settle()

    def cancel(self) -> None:
        """Put everything back."""
        self._joining.end()
        for name, position in self._origins.items():
            self._canvas.graph.move_to(name, *position)
        self._canvas.map_changed()
        self._canvas.graph.routes.settle()


class Resize:
    """Drag the corner of a note."""

    scrolls = True

    def __init__(self, canvas: Surface, event: QMouseEvent, item: NoteItem) -> None:
        self._canvas = canvas
        self._item = item
        self._start = canvas.viewer.to_scene(event.position())
        self._size = item.size
        canvas.graph.select([item.note.id])

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        shift = self._canvas.viewer.to_scene(event.position()) - self._start
        width, height = self._size[0] + shift.x(), self._size[1] + shift.y()
        if not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            width, height = snapped(width, height)
        self._item.resize(max(width, NOTE_MINIMUM[0]), max(height, NOTE_MINIMUM[1]))
        self._canvas.map_changed()

    def release(self, event: QMouseEvent) -> None:
        """Finish."""
        note, size = self._item.note.id, self._item.size
        if size != self._size:
            self._canvas.edit(
                tr("Resize note"), lambda pipeline: edits.set_note(pipeline, note, size=size)
            )
            if note in self._canvas.graph.notes:
                shown = self._canvas.graph.pipeline.notes[note]
                self._canvas.graph.notes[note].resize(*shown.size)
                self._canvas.map_changed()

    def cancel(self) -> None:
        """Put everything back."""
        self._item.resize(*self._size)
        self._canvas.map_changed()


def nudge(canvas: Surface, key: Qt.Key, far: bool) -> None:
    """Move the selection by a step of the grid; presses in a row are one step of undo."""
    directions = {
        Qt.Key.Key_Left: (-1, 0),
        Qt.Key.Key_Right: (1, 0),
        Qt.Key.Key_Up: (0, -1),
        Qt.Key.Key_Down: (0, 1),
    }
    across, down = directions[key]
    step = GRID * (5 if far else 1)
    graph = canvas.graph
    names = graph.selection()
    positions = {}
    for name in graph.frames.carried(names):
        x, y = graph.position_of(name)
        if name in graph.pipeline.groups or name not in graph.frames.items:
            positions[name] = (x + across * step, y + down * step)
    canvas.edit(
        moving_text(canvas, names),
        lambda pipeline: edits.move(pipeline, positions),
        merge=("move", *names),
    )
    canvas.viewer.show_area(graph.bounds(names))


def _near(first: QPointF, second: QPointF) -> bool:
    return (first - second).manhattanLength() < SLOP
