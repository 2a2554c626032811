"""Where the list of modules opens, and what becomes of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from designer.app.canvas.adding import add_below, add_near
from designer.app.canvas.geometry import GRID, HEIGHT
from modules.contract import ModuleSpec

if TYPE_CHECKING:
    from designer.app.canvas.canvas import Canvas


def search(canvas: Canvas, text: str = "") -> None:
    """Open the list below the one selected card, or else at the pointer.

    What is chosen below a card is linked to it if it fits.
    """
    viewer = canvas.viewer
    chosen = [canvas.graph.nodes.get(name) for name in canvas.selection()]
    if len(chosen) == 1 and chosen[0] is not None and chosen[0].isVisible():
        item = chosen[0]
        below = viewer.to_view(QPointF(item.x(), item.y() + HEIGHT + GRID))
        if viewer.viewport().rect().contains(below.toPoint()):
            modules = canvas.catalog.values()
            open_list(canvas, below, modules, lambda spec: add_below(canvas, spec, item), text=text)
            return
    place = viewer.viewport().mapFromGlobal(canvas.cursor().pos())
    if not viewer.viewport().rect().contains(place):
        place = viewer.viewport().rect().center()
    search_at(canvas, QPointF(place), text)


def search_at(canvas: Canvas, at: QPointF, text: str = "") -> None:
    """Open the list; the chosen module comes to a place of the view, or near it."""
    place = canvas.viewer.to_scene(at)
    there = place.x(), place.y()
    modules = canvas.catalog.values()
    open_list(canvas, at, modules, lambda spec: add_near(canvas, spec, there), text=text)


def open_list(
    canvas: Canvas,
    at: QPointF,
    specs: Iterable[ModuleSpec],
    chosen: Callable[[ModuleSpec], object],
    closed: Callable[[], None] | None = None,
    text: str = "",
) -> None:
    """Open a list of modules at a place of the view."""

    def end() -> None:
        if closed:
            closed()
        canvas.viewer.setFocus(Qt.FocusReason.PopupFocusReason)

    canvas.quick_add.open(at.toPoint(), specs, chosen, end, text)
