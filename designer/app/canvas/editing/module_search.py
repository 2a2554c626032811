"""Opens the list of modules to add, and adds the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QPointF, Qt

from designer.app.canvas.editing.adding import add_below, add_near
from designer.app.canvas.editing.preference import Preference
from designer.app.canvas.editing.quick_add_item import QuickAddItem
from designer.app.canvas.editing.replacement import Replacement, best_fit, lost_text, replaced
from designer.app.canvas.items.geometry import GRID, HEIGHT
from designer.app.canvas.surface import Surface
from designer.pipeline.link_rules import LinkRules
from designer.pipeline.model import Pipeline
from designer.texts import tr
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
        # A card at the lower edge counts too; the list is moved to where it has room.
        seen = viewer.to_view(item.card_rect().center()).toPoint()
        if viewer.viewport().rect().contains(seen):

            def add(entry: QuickAddItem) -> None:
                add_below(canvas, entry.spec, item, entry.template)

            specs = canvas.catalog.values()
            open_list(canvas, below, specs, add, text=text, node=item.node.id)
            return
    search_at(canvas, viewer.pointer() or QPointF(viewer.viewport().rect().center()), text)


def search_at(canvas: Surface, at: QPointF, text: str = "") -> None:
    """Open the list; the chosen module is added at a point of the view, or near it."""
    point = canvas.viewer.to_scene(at)
    there = point.x(), point.y()

    def add(entry: QuickAddItem) -> None:
        add_near(canvas, entry.spec, there, entry.template)

    open_list(canvas, at, canvas.catalog.values(), add, text=text)


def replace_with(canvas: Surface, name: str) -> None:
    """Open the list below a card; the chosen module replaces it."""
    graph, catalog, viewer = canvas.graph, canvas.catalog, canvas.viewer
    item = graph.nodes[name]
    viewer.show_area(item.card_rect())

    def put(entry: QuickAddItem) -> None:
        found: list[Replacement] = []

        def change(pipeline: Pipeline) -> Pipeline:
            found.append(replaced(pipeline, catalog, name, entry.spec))
            return found[-1].pipeline

        title = item.title
        canvas.edit(
            tr("Replace “{old}” with “{new}”").format(old=title, new=entry.spec.title),
            change,
        )
        if found:
            canvas.present([found[-1].node])
            if lost := lost_text(found[-1], entry.spec.title):
                canvas.message.emit(lost)

    current = graph.pipeline.nodes[name].module
    specs = [spec for spec in catalog.values() if spec.id != current]
    order = best_fit(graph.pipeline, catalog, name, canvas.preference(name))
    below = viewer.to_view(QPointF(item.x(), item.y() + HEIGHT + GRID))
    open_list(canvas, below, specs, put, preference=order, datasets=False)


def open_list(
    canvas: Surface,
    at: QPointF,
    specs: Iterable[ModuleSpec],
    chosen: Callable[[QuickAddItem], object],
    closed: Callable[[], None] | None = None,
    text: str = "",
    node: str | None = None,
    first: Sequence[QuickAddItem] = (),
    preference: Preference | None = None,
    datasets: bool = True,
    rules: LinkRules | None = None,
) -> None:
    """Open the list of modules and presets at a point of the view.

    Parameters
    ----------
    node : str, optional
        The node that the choice is for, whose label decides which learners come first.
    first : sequence of QuickAddItem
        Items above all others.
    preference : Preference, optional
        The order of the modules, if it isn't only that of the learners.
    datasets : bool
        Offer registered datasets and shared modules, too.
    rules : LinkRules, optional
        Of the link that the choice will end.
    """

    def end() -> None:
        if closed:
            closed()
        canvas.viewer.setFocus(Qt.FocusReason.PopupFocusReason)

    modules = [QuickAddItem.module(spec) for spec in specs]
    there = {entry.spec.id for entry in modules}
    besides = [entry for entry in canvas.quick_add_items if datasets and entry.spec.id in there]
    shared = canvas.shared_items.values() if datasets else ()
    besides += [entry for entry in shared if rules is None or rules.accepts_some(entry.spec)]
    entries = [*first, *besides, *modules]
    order = preference or canvas.preference(node)
    canvas.quick_add.open(at.toPoint(), entries, chosen, end, text, order)
