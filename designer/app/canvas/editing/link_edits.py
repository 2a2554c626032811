"""Links between the two selected modules, made and deleted without a pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu

from designer.app.canvas.editing.rules import LinkRules
from designer.app.canvas.gestures.navigation import reading_order
from designer.app.canvas.items.geometry import HEIGHT
from designer.app.canvas.surface import Surface
from designer.app.widgets.sentence_case import in_sentence
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link

SELECT_TWO = "Select the two modules to link first."


def link(canvas: Surface) -> bool:
    """Ask for a link between the two selected nodes, from the upper to the lower if it fits.

    An input without a link is preferred, and one that is required. Where several ports fit
    equally well, a menu asks for them. Shows what was linked, or why nothing can be.
    """
    ends = _two_nodes(canvas)
    if ends is None:
        return False
    refusals: list[str] = []
    for source, target in (ends, ends[::-1]):
        if found := _possible(canvas, source, target, refusals):
            _choose(canvas, found, lambda chosen: _connect(canvas, chosen))
            return True
    canvas.message.emit(refusals[0] if refusals else "These modules have no compatible ports.")
    return False


def unlink(canvas: Surface) -> bool:
    """Ask for the end of a link between the two selected nodes; of several, a menu asks for one."""
    ends = _two_nodes(canvas)
    if ends is None:
        return False
    found = [each for each in canvas.graph.links if {each.source.node, each.target.node} == {*ends}]
    if not found:
        canvas.message.emit("These modules aren't linked.")
        return False

    def remove(chosen: Link) -> None:
        canvas.edit("Delete link", lambda pipeline: edits.disconnect(pipeline, [chosen]))
        canvas.message.emit(f"Deleted the link {link_text(canvas, chosen)}.")

    _choose(canvas, found, remove)
    return True


def link_text(canvas: Surface, link: Link) -> str:
    """Return “Split Data, results dataset1 → Train Model, dataset”."""
    source, target = (
        _end_text(canvas, end, end is link.source) for end in (link.source, link.target)
    )
    return f"{source} → {target}"


def _two_nodes(canvas: Surface) -> tuple[str, str] | None:
    """Return the selected nodes, the upper one first; None with a message unless there are two."""
    names = [name for name in canvas.selection() if name in canvas.graph.nodes]
    if len(names) != 2:
        canvas.message.emit(SELECT_TWO)
        return None
    upper, lower = reading_order({name: canvas.graph.position_of(name) for name in names})
    return upper, lower


def _possible(canvas: Surface, source: str, target: str, refusals: list[str]) -> list[Link]:
    """Return the best links that can be added; adds the reasons against the others."""
    graph = canvas.graph
    taken = graph.nodes[target].connected_ports()
    found: dict[tuple[bool, bool], list[Link]] = {}
    for output, port in product(graph.nodes[source].outputs, graph.nodes[target].inputs):
        added = Link(Endpoint(source, output.name), Endpoint(target, port.name))
        rules = LinkRules.starting(graph.pipeline, canvas.catalog, added.source, True)
        refusal = rules.refusal(added.target, False)
        if refusal or added in graph.links:
            refusals.append(refusal or "These modules are already linked.")
        else:
            found.setdefault(((port.name, False) in taken, port.optional), []).append(added)
    return found[min(found)] if found else []


def _connect(canvas: Surface, chosen: Link) -> None:
    canvas.edit("Add link", lambda pipeline: edits.connect(pipeline, chosen.source, chosen.target))
    canvas.message.emit(f"Linked {link_text(canvas, chosen)}.")


def _choose(canvas: Surface, links: Sequence[Link], act: Callable[[Link], None]) -> None:
    """Do something with a link, of several with the one chosen in a menu."""
    if len(links) == 1:
        act(links[0])
        return
    menu = QMenu(canvas.viewer)
    for each in links:
        menu.addAction(link_text(canvas, each)).triggered.connect(
            lambda _=False, each=each: act(each)
        )
    menu.setActiveAction(menu.actions()[0])
    menu.aboutToHide.connect(menu.deleteLater)
    x, y = canvas.graph.position_of(links[0].target.node)
    below = canvas.viewer.to_view(QPointF(x, y + HEIGHT)).toPoint()
    menu.popup(canvas.viewer.viewport().mapToGlobal(below))


def _end_text(canvas: Surface, end: Endpoint, is_output: bool) -> str:
    item = canvas.graph.nodes[end.node]
    port = item.port(end.port, is_output)
    return f"{item.title}, {in_sentence(port.title if port else end.port)}"
