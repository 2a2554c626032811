"""The canvas as a tree of accessible objects: cards with their ports, groups, notes, and links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import shiboken6
from PySide6.QtCore import QObject, QRect, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleEvent,
    QAccessibleInterface,
    QAccessibleObject,
)
from PySide6.QtWidgets import QAccessibleWidget

from designer.app.canvas.accessibility.descriptions import (
    description_of,
    link_name,
    name_of,
    port_description,
    port_name,
)
from designer.app.canvas.accessibility.selecting import Key, Selecting, selected_keys
from designer.app.canvas.gestures.navigation import reading_order
from designer.app.canvas.items.geometry import RADIUS
from designer.app.canvas.surface import Surface
from designer.app.widgets.accessible import register
from designer.pipeline.model import Link
from designer.texts import tr


class CanvasTree(QObject):
    """The parts of a canvas that a screen reader finds in it.

    Parameters
    ----------
    activate : callable
        Opens a node, note, or group, as Enter does.
    """

    def __init__(self, canvas: Surface, activate: Callable[[str], object]) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.activate = activate
        self._parts: dict[Key, Part] = {}
        canvas.graph.shown.connect(self._drop_gone)
        canvas.graph.selection_changed.connect(self._on_selection)
        register(canvas.viewer, CanvasInterface(self))

    def children_of(self, key: Key | None) -> list[Key]:
        """Return what is directly in a part; in the canvas itself for None."""
        graph = self.canvas.graph
        if key is None:
            seen = set(graph.seen())
            cards = [name for name in (*graph.nodes, *graph.frames.items) if name in seen]
            cards = reading_order({name: graph.position_of(name) for name in cards})
            notes = [name for name in graph.notes if name in seen]
            return [
                *(("item", name) for name in (*cards, *notes)),
                *(("link", link) for link in graph.pipeline.links if link in graph.links),
            ]
        if key[0] == "item" and key[1] in graph.nodes:
            node = graph.nodes[key[1]]
            return [
                ("port", key[1], port.name, port.is_output)
                for port in (*node.inputs, *node.outputs)
            ]
        return []

    def part(self, key: Key) -> Part:
        """Return the object of a part."""
        if key not in self._parts:
            self._parts[key] = Part(self, key)
        return self._parts[key]

    def selected(self) -> Key | None:
        """Return what is selected alone."""
        keys = selected_keys(self.canvas)
        return keys[0] if len(keys) == 1 else None

    def _drop_gone(self) -> None:
        """Drop the objects of what is no longer there; most were never asked for."""
        if not self._parts:
            return
        known = set(self.children_of(None))
        known |= {port for key in known for port in self.children_of(key)}
        for key in self._parts.keys() - known:
            self._parts.pop(key).deleteLater()

    def _on_selection(self) -> None:
        key = self.selected()
        if key is not None and QAccessible.isActive():
            event = QAccessibleEvent(self.part(key), QAccessible.Event.Selection)
            QAccessible.updateAccessibility(event)


class Part(QObject):
    """Something on the canvas that isn't a widget."""

    def __init__(self, tree: CanvasTree, key: Key) -> None:
        super().__init__(tree)
        self.tree = tree
        self.key = key
        register(self, PartInterface(self))


@dataclass(frozen=True)
class _Facts:
    name: str
    description: str
    area: QRectF
    role: QAccessible.Role
    hidden: bool = False


class PartInterface(QAccessibleObject):
    """Answers for a card, port, link, note, or group."""

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self._tree = part.tree
        self._key = part.key
        self._actions = _Actions(part)

    def parent(self) -> QAccessibleInterface:
        """Return the card of a port, or else the canvas."""
        if self._key[0] == "port":
            owner: QObject = self._tree.part(("item", self._key[1]))
        else:
            owner = self._tree.canvas.viewer
        return QAccessible.queryAccessibleInterface(owner)

    def childCount(self) -> int:
        """Return how many ports a card has."""
        return len(self._tree.children_of(self._key))

    def child(self, index: int) -> QAccessibleInterface:
        """Return a port."""
        return _child(self._tree, self._key, index)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the position of a port."""
        return _index(self._tree, self._key, child)

    def window(self) -> Any:
        """Return the window around it."""
        return QAccessible.queryAccessibleInterface(self._tree.canvas.viewer).window()

    def text(self, kind: QAccessible.Text) -> str:
        """Return name and description."""
        facts = self._facts()
        if kind == QAccessible.Text.Name:
            return facts.name
        return facts.description if kind == QAccessible.Text.Description else ""

    def role(self) -> QAccessible.Role:
        """Return an item of a list, or a text for a port."""
        return self._facts().role

    def rect(self) -> QRect:
        """Return where it is on the screen."""
        viewer = self._tree.canvas.viewer
        area = self._facts().area
        shown = QRectF(viewer.to_view(area.topLeft()), viewer.to_view(area.bottomRight()))
        corner = viewer.viewport().mapToGlobal(shown.topLeft().toPoint())
        return QRect(corner, shown.size().toSize())

    def state(self) -> QAccessible.State:
        """Return whether it is selected and can be."""
        found = QAccessible.State()
        if self._key[0] == "port":
            found.readOnly = True
            return found
        canvas = self._tree.canvas
        found.selectable = found.extSelectable = found.focusable = True
        if self._key[0] == "item":
            chosen = self._key[1] in canvas.selection()
        else:
            chosen = self._key[1] in canvas.selected_links()
        found.selected = chosen
        found.focused = self._tree.selected() == self._key and canvas.viewer.hasFocus()
        return found

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return the actions of what can be selected; a null pointer for anything else."""
        # PySide takes None for the address of Python's None.
        if kind != QAccessible.InterfaceType.ActionInterface or self._key[0] == "port":
            return shiboken6.VoidPtr(0)
        return shiboken6.VoidPtr(_address(self._actions)[0])

    def _facts(self) -> _Facts:
        canvas, graph = self._tree.canvas, self._tree.canvas.graph
        if self._key[0] == "link":
            link: Link = self._key[1]
            item = graph.links.get(link)
            area = item.sceneBoundingRect() if item else QRectF()
            return _Facts(link_name(canvas, link), "", area, QAccessible.Role.ListItem)
        name = self._key[1]
        if self._key[0] == "item":
            return _Facts(
                name_of(canvas, name),
                description_of(canvas, name),
                graph.bounds([name]),
                QAccessible.Role.ListItem,
            )
        node = graph.nodes.get(name)
        port = node.port(self._key[2], self._key[3]) if node else None
        if node is None or port is None:
            return _Facts("", "", QRectF(), QAccessible.Role.StaticText)
        area = QRectF(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS)
        area.moveCenter(node.pos() + port.center)
        return _Facts(
            port_name(port),
            port_description(canvas, node, port),
            area,
            QAccessible.Role.StaticText,
        )


class _Actions(QAccessibleActionInterface):
    """Selecting and opening what is on the canvas."""

    def __init__(self, part: Part) -> None:
        super().__init__()
        self._tree = part.tree
        self._key = part.key

    def actionNames(self) -> list[str]:
        """Return selecting, and for cards, notes, and groups opening."""
        focus, press = self.setFocusAction(), self.pressAction()
        return [focus, press] if self._key[0] == "item" else [focus]

    def doAction(self, name: str) -> None:
        """Select, or select and open."""
        canvas = self._tree.canvas
        if self._key[0] == "link":
            canvas.graph.select([], [self._key[1]])
        else:
            canvas.present([self._key[1]])
        canvas.viewer.setFocus(Qt.FocusReason.OtherFocusReason)
        if name == self.pressAction():
            self._tree.activate(self._key[1])

    def keyBindingsForAction(self, name: str) -> list[str]:
        """Return Enter for opening."""
        return [tr("Return")] if name == self.pressAction() else []


class CanvasInterface(QAccessibleWidget):
    """The canvas: a list of what is on it."""

    def __init__(self, tree: CanvasTree) -> None:
        super().__init__(tree.canvas.viewer, QAccessible.Role.List)
        self._tree = tree
        self._selecting = Selecting(tree.canvas, _item_of, tree.part)

    def state(self) -> QAccessible.State:
        """Return that several items can be selected, besides what Qt knows."""
        found = super().state()
        found.multiSelectable = found.extSelectable = True
        return found

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return the selection, and Qt's own actions."""
        if kind == QAccessible.InterfaceType.SelectionInterface:
            return shiboken6.VoidPtr(_address(self._selecting)[0])
        if kind == QAccessible.InterfaceType.ActionInterface:
            return super().interface_cast(kind)
        return shiboken6.VoidPtr(0)

    def childCount(self) -> int:
        """Return how many cards, groups, notes, and links there are."""
        return len(self._tree.children_of(None))

    def child(self, index: int) -> QAccessibleInterface:
        """Return a card, group, note, or link."""
        return _child(self._tree, None, index)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the position of a card, group, note, or link."""
        return _index(self._tree, None, child)

    def focusChild(self) -> QAccessibleInterface:
        """Return what is selected alone."""
        key = self._tree.selected()
        return _NONE if key is None else QAccessible.queryAccessibleInterface(self._tree.part(key))


_address: Any = shiboken6.getCppPointer

_NONE = cast("QAccessibleInterface", None)
"""Qt takes a null pointer here; its type stubs don't allow it."""


def _item_of(child: QAccessibleInterface) -> Key | None:
    """Return the key of a card, note, group, or link; a port can't be selected."""
    part = child.object()
    return part.key if isinstance(part, Part) and part.key[0] != "port" else None


def _child(tree: CanvasTree, key: Key | None, index: int) -> QAccessibleInterface:
    children = tree.children_of(key)
    if not 0 <= index < len(children):
        return _NONE
    return QAccessible.queryAccessibleInterface(tree.part(children[index]))


def _index(tree: CanvasTree, key: Key | None, child: QAccessibleInterface) -> int:
    part = child.object()
    children = tree.children_of(key)
    return children.index(part.key) if isinstance(part, Part) and part.key in children else -1
