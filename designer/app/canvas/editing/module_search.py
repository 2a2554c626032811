"""Opens the list of modules to add, and adds the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, Qt

from designer.app.canvas.editing.adding import add_below, add_near
from designer.app.canvas.editing.quick_add_item import QuickAddItem
from designer.app.canvas.items.geometry import GRID, HEIGHT
from designer.app.canvas.surface import Surface
from modules.contract import ModuleSpec


def search(canvas: Surface, text: str = "") -> None:
    """Open the list below the one selected card, or else at the pointer.

    What is chosen below a card is linked to it if it fits.
    """
    viewer = canvas.viewer
    chosen = [canvas.graph.nodes.get(name) for name in canvas.selection()]
    if len(chosen) == 1 and chosen[0] is not None and chosen[0].isVisible():
        item = chosen[0]
        below = viewer.to_view(QPointF(item.x(), item.y() + HEIGHT + GRID))
        if viewer.viewport().rect().contains(below.toPoint()):

            def add(entry: QuickAddItem) -> None:
                add_below(canvas, entry.spec, item, entry.template)

            open_list(canvas, below, canvas.catalog.values(), add, text=text)
            return
    search_at(canvas, viewer.pointer() or QPointF(viewer.viewport().rect().center()), text)


def search_at(canvas: Surface, at: QPointF, text: str = "") -> None:
    """Open the list; the chosen module is added at a point of the view, or near it."""
    point = canvas.viewer.to_scene(at)
    there = point.x(), point.y()

    def add(entry: QuickAddItem) -> None:
        add_near(canvas, entry.spec, there, entry.template)

    open_list(canvas, at, canvas.catalog.values(), add, text=text)


def open_list(
    canvas: Surface,
    at: QPointF,
    specs: Iterable[ModuleSpec],
    chosen: Callable[[QuickAddItem], object],
    closed: Callable[[], None] | None = None,
    text: str = "",
) -> None:
    """Open the list of modules and presets at a point of the view."""

    def end() -> None:
        if closed:
            closed()
        canvas.viewer.setFocus(Qt.FocusReason.PopupFocusReason)

    modules = [QuickAddItem.module(spec) for spec in specs]
    there = {entry.spec.id for entry in modules}
    besides = [entry for entry in canvas.quick_add_items if entry.spec.id in there]
    canvas.quick_add.open(at.toPoint(), [*besides, *modules], chosen, end, text)
