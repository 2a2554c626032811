"""Keyboard handling of the canvas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeySequence

from designer.app.canvas.editing import link_edits, selection_edits
from designer.app.canvas.editing.module_search import search
from designer.app.canvas.gestures import navigation
from designer.app.canvas.gestures.gestures import Gesture, nudge
from designer.app.canvas.surface import Surface

_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class GestureOwner(Protocol):
    """Has the current gesture."""

    gesture: Gesture | None

    def cancel(self) -> bool:
        """Cancel the gesture; false if there is none."""


class Keyboard:
    """Keys of the view that has the focus."""

    def __init__(self, canvas: Surface, pointer: GestureOwner) -> None:
        self._canvas = canvas
        self._pointer = pointer
        self.space_held = False
        self._reached = ""

    def press(self, event: Any) -> bool:
        """Handle a key; false if it has no meaning here."""
        key = Qt.Key(event.key())
        modifiers = event.modifiers() & ~_KEYPAD
        if key == Qt.Key.Key_Escape:
            return self._escape()
        if key == Qt.Key.Key_Space and modifiers == _NO_MODIFIER:
            if not event.isAutoRepeat():
                self.space_held = True
                if self._pointer.gesture is None:
                    self._cursor(Qt.CursorShape.OpenHandCursor)
            return True
        if self._pointer.gesture is not None:
            return False
        if key in _ARROWS:
            return self._arrow(key, modifiers)
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and not modifiers & _CONTROL:
            # The view passes Tab on only where it opens the list.
            search(self._canvas)
            return True
        if key == Qt.Key.Key_K and modifiers == _CONTROL:
            return link_edits.link(self._canvas)
        if key == Qt.Key.Key_K and modifiers == _CONTROL | _SHIFT:
            return link_edits.unlink(self._canvas)
        if key == Qt.Key.Key_G and modifiers == _CONTROL:
            return selection_edits.group(self._canvas)
        if key == Qt.Key.Key_G and modifiers == _CONTROL | _SHIFT:
            return selection_edits.ungroup(self._canvas)
        if key == Qt.Key.Key_Period and modifiers == _CONTROL:
            return selection_edits.fold(self._canvas)
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._canvas.select_all()
            return True
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and modifiers == _NO_MODIFIER:
            return selection_edits.delete(self._canvas)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            return self._activate(key != Qt.Key.Key_F2)
        if key == Qt.Key.Key_Home and modifiers == _NO_MODIFIER:
            self._canvas.fit()
            return True
        text = event.text()
        if modifiers in (_NO_MODIFIER, _SHIFT) and text.isprintable() and text.strip():
            search(self._canvas, text)
            return True
        return False

    def release(self, event: Any) -> bool:
        """Handle the release of a held key."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.forget()
            return True
        return False

    def forget(self) -> None:
        """Forget held keys."""
        if self.space_held:
            self.space_held = False
            if self._pointer.gesture is None:
                self._canvas.viewer.viewport().unsetCursor()

    def tab(self, forward: bool) -> bool:
        """Go to the next card or group in reading order.

        Returns
        -------
        bool
            True if that is done; false past the last card, where the focus leaves.
        """
        positions = self._stations()
        chosen = [name for name in self._canvas.graph.selection() if name in positions]
        if not chosen:
            if forward:
                search(self._canvas)
            return forward
        follower = navigation.following(positions, chosen[0], forward)
        if follower is None:
            return False
        self._go(follower)
        return True

    def _arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        names = self._canvas.graph.selection()
        if modifiers & _CONTROL:
            return self._walk(key, names, bool(modifiers & _SHIFT))
        if names:
            nudge(self._canvas, key, bool(modifiers & _SHIFT))
        else:
            step = {
                Qt.Key.Key_Left: QPointF(60, 0),
                Qt.Key.Key_Right: QPointF(-60, 0),
                Qt.Key.Key_Up: QPointF(0, 60),
                Qt.Key.Key_Down: QPointF(0, -60),
            }[key]
            self._canvas.viewer.pan(step.x(), step.y())
        return True

    def _walk(self, key: Qt.Key, names: list[str], adding: bool) -> bool:
        """Select a neighbor, or with ``adding`` add it to the selection."""
        positions = self._positions()
        # The last one reached, from which the selection is extended.
        last = self._reached if self._reached in names else None
        current = last or next((name for name in names if name in positions), None)
        if current is None:
            found = navigation.following(positions, None, True)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            down = key == Qt.Key.Key_Down
            pipeline = self._canvas.graph.pipeline
            found = navigation.along_link(pipeline, positions, current, down)
            found = found or navigation.above_or_below(positions, current, down)
        else:
            found = navigation.beside(positions, current, key == Qt.Key.Key_Right)
        if found:
            self._go(found, names if adding else [])
        return True

    def _go(self, name: str, kept: Sequence[str] = ()) -> None:
        self._reached = name
        self._canvas.graph.select([*kept, name])
        self._canvas.viewer.show_area(self._canvas.graph.bounds([name]))

    def _positions(self) -> dict[str, tuple[float, float]]:
        """Return where the cards are, those of collapsed groups too."""
        graph = self._canvas.graph
        positions = {
            name: node.position
            for name, node in graph.pipeline.nodes.items()
            if graph.frames.stand_in(name) is None
        }
        return positions | self._corners(collapsed=True)

    def _stations(self) -> dict[str, tuple[float, float]]:
        """Return the tab stops: cards, and the groups just before their members."""
        return self._corners(collapsed=False) | self._positions()

    def _corners(self, collapsed: bool) -> dict[str, tuple[float, float]]:
        frames = self._canvas.graph.frames
        return {
            name: (item.card_rect().left(), item.card_rect().top())
            for name, item in frames.items.items()
            if item.collapsed == collapsed and frames.stand_in(name) is None
        }

    def _escape(self) -> bool:
        if self._pointer.cancel():
            return True
        graph = self._canvas.graph
        if graph.selection() or graph.selected_links:
            graph.select([])
            return True
        return False

    def _activate(self, opens: bool) -> bool:
        names = self._canvas.graph.selection()
        if not names:
            return False
        if names[0] in self._canvas.graph.notes:
            self._canvas.edit_note(names[0])
        elif frame := self._canvas.graph.frames.items.get(names[0]):
            if opens and frame.shared:
                self._canvas.module_opened.emit(names[0])
            elif opens and frame.collapsed:
                selection_edits.set_collapsed(self._canvas, [names[0]], False)
            else:
                self._canvas.edit_title(names[0])
        else:
            self._canvas.node_activated.emit(names[0])
        return True

    def _cursor(self, shape: Qt.CursorShape) -> None:
        self._canvas.viewer.viewport().setCursor(shape)
