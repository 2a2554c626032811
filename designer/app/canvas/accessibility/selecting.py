"""The selection of the canvas, for screen readers: one item, several, or all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleSelectionInterface

from designer.app.canvas.surface import Surface
from designer.pipeline.model import Link

Key = tuple[Any, ...]
"""``("item", id)``, ``("link", link)``, or ``("port", node id, name, is output)``."""


def selected_keys(canvas: Surface) -> list[Key]:
    """Return what is selected."""
    items: list[Key] = [("item", name) for name in canvas.selection()]
    return items + [("link", link) for link in canvas.selected_links()]


class Selecting(QAccessibleSelectionInterface):
    """Selects items of the canvas, beside those that are selected already.

    Parameters
    ----------
    key_of : callable
        From the accessible object of an item to its key; None for any other object.
    object_of : callable
        From a key to the object that has its accessible object.
    """

    def __init__(
        self,
        canvas: Surface,
        key_of: Callable[[QAccessibleInterface], Key | None],
        object_of: Callable[[Key], Any],
    ) -> None:
        super().__init__()
        self._canvas = canvas
        self._key_of = key_of
        self._object_of = object_of

    def selectedItemCount(self) -> int:
        """Return how many items are selected."""
        return len(selected_keys(self._canvas))

    def selectedItems(self) -> list[QAccessibleInterface]:
        """Return the selected items."""
        return [self._interface(key) for key in selected_keys(self._canvas)]

    def selectedItem(self, index: int) -> QAccessibleInterface:
        """Return a selected item by its position among them."""
        keys = selected_keys(self._canvas)
        # Qt takes a null pointer here; its type stubs don't allow it.
        none = cast("QAccessibleInterface", None)
        return self._interface(keys[index]) if 0 <= index < len(keys) else none

    def isSelected(self, child: QAccessibleInterface) -> bool:
        """Return whether an item is selected."""
        return self._key_of(child) in selected_keys(self._canvas)

    def select(self, child: QAccessibleInterface) -> bool:
        """Select an item beside the others."""
        key = self._key_of(child)
        if key is None:
            return False
        keys = selected_keys(self._canvas)
        self._show([*keys, key] if key not in keys else keys)
        return True

    def unselect(self, child: QAccessibleInterface) -> bool:
        """Leave an item out of the selection."""
        key, keys = self._key_of(child), selected_keys(self._canvas)
        if key not in keys:
            return False
        self._show([each for each in keys if each != key])
        return True

    def selectAll(self) -> bool:
        """Select every card, note, and group."""
        self._canvas.select_all()
        return True

    def clear(self) -> bool:
        """Select nothing."""
        self._show([])
        return True

    def _show(self, keys: list[Key]) -> None:
        links: list[Link] = [key[1] for key in keys if key[0] == "link"]
        self._canvas.graph.select([key[1] for key in keys if key[0] == "item"], links)

    def _interface(self, key: Key) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._object_of(key))
