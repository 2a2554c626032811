"""Links between the two selected modules, made and deleted without a pointer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu

from designer.app.canvas.editing.completion import spare_output
from designer.app.canvas.gestures.navigation import nearest_first, reading_order
from designer.app.canvas.items.geometry import HEIGHT
from designer.app.canvas.surface import Surface
from designer.app.widgets.sentence_case import in_sentence
from designer.composed_texts import in_language
from designer.pipeline import edits
from designer.pipeline.link_rules import LinkRules
from designer.pipeline.model import Endpoint, Link
from designer.texts import tr

SELECT_FIRST = tr("Select one module or two modules first.")

MOST = 20
"""Links that are offered at most, those of the nearest modules."""


def link(canvas: Surface) -> bool:
    """Ask for a link between the two selected nodes, from the upper to the lower if it fits.

    An input without a link is preferred, and one that is required. Where several ports fit
    equally well, a menu asks for them; of one selected node it offers all free links, the
    nearest first. Shows what was linked, or why nothing can be.
    """
    names = _selected(canvas)
    refusals: list[str] = []
    found: list[Link] = []
    for source, target in _pairs(canvas, names):
        added = _possible(canvas, source, target, refusals)
        if len(names) == 1:
            # Links of others stay as they are.
            taken = canvas.graph.nodes[target].connected_ports()
            found += [each for each in added if (each.target.port, False) not in taken]
        elif added:
            found = added
            break
    if found:
        several = len(names) == 1
        spare = {link for link in found if _is_spare(canvas, link)}
        found.sort(key=lambda link: link not in spare)
        _choose(canvas, found[:MOST], lambda chosen: _connect(canvas, chosen), ask=several)
    elif names:
        none = tr("This module has no free port that fits another.")
        reason = refusals[0] if refusals else tr("These modules have no compatible ports.")
        canvas.message.emit(none if len(names) == 1 else reason)
    return bool(found)


def unlink(canvas: Surface) -> bool:
    """Ask for the end of a link between the two selected nodes, or of the one that is selected.

    Of several links, a menu asks for one.
    """
    names = _selected(canvas)
    if not names:
        return False
    ends = ({each.source.node, each.target.node} for each in canvas.graph.links)
    pairs = zip(canvas.graph.links, ends, strict=True)
    found = [each for each, nodes in pairs if nodes.issuperset(names)]
    if not found:
        several = len(names) > 1
        canvas.message.emit(
            tr("These modules aren't linked.") if several else tr("It has no links.")
        )
        return False

    def remove(chosen: Link) -> None:
        text = link_text(canvas, chosen)
        canvas.edit(tr("Delete link"), lambda pipeline: edits.disconnect(pipeline, [chosen]))
        canvas.message.emit(tr("Deleted the link {text}.").format(text=text))

    _choose(canvas, found, remove, ask=len(names) == 1)
    return True


def link_text(canvas: Surface, link: Link) -> str:
    """Return “Split Data, results dataset1 → Train Model, dataset”."""
    source, target = (
        _end_text(canvas, end, end is link.source) for end in (link.source, link.target)
    )
    return f"{source} → {target}"


def _selected(canvas: Surface) -> list[str]:
    """Return one or two selected nodes, the upper one first; none with a message otherwise."""
    names = [name for name in canvas.selection() if name in canvas.graph.nodes]
    if not 1 <= len(names) <= 2:
        canvas.message.emit(SELECT_FIRST)
        return []
    return reading_order({name: canvas.graph.position_of(name) for name in names})


def _pairs(canvas: Surface, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield source and target of possible links: of two nodes, or of one and the nearest."""
    if len(names) == 2:
        yield names[0], names[1]
        yield names[1], names[0]
    for name in names if len(names) == 1 else ():
        positions = {other: canvas.graph.position_of(other) for other in canvas.graph.nodes}
        for other in nearest_first(positions, name):
            yield name, other
            yield other, name


def _possible(canvas: Surface, source: str, target: str, refusals: list[str]) -> list[Link]:
    """Return the best links that can be added; adds the reasons against the others."""
    graph = canvas.graph
    taken = graph.nodes[target].connected_ports()
    found: dict[tuple[bool, bool], list[Link]] = {}
    for output, port in product(graph.nodes[source].outputs, graph.nodes[target].inputs):
        added = Link(Endpoint(source, output.name), Endpoint(target, port.name))
        rules = LinkRules.starting(graph.pipeline, canvas.catalog, added.source, True)
        refusal = in_language(rules.refusal(added.target, False))
        if refusal or added in graph.links:
            refusals.append(refusal or tr("These modules are already linked."))
        else:
            found.setdefault(((port.name, False) in taken, port.optional), []).append(added)
    return found[min(found)] if found else []


def _is_spare(canvas: Surface, link: Link) -> bool:
    return spare_output(canvas.graph.pipeline, canvas.catalog, link.target) == link.source


def _connect(canvas: Surface, chosen: Link) -> None:
    canvas.edit(
        tr("Add link"), lambda pipeline: edits.connect(pipeline, chosen.source, chosen.target)
    )
    canvas.message.emit(tr("Linked {link_text}.").format(link_text=link_text(canvas, chosen)))


def _choose(
    canvas: Surface, links: Sequence[Link], act: Callable[[Link], None], *, ask: bool
) -> None:
    """Do something with a link, of several with the one chosen in a menu.

    Parameters
    ----------
    ask : bool
        Ask although there is only one.
    """
    if len(links) == 1 and not ask:
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
