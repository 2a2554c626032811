"""Adding modules: their position, group, and link."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF

from designer.app.canvas.editing.completion import missing_links
from designer.app.canvas.editing.free_space import position_near
from designer.app.canvas.editing.link_edits import link_text
from designer.app.canvas.editing.node_template import NodeTemplate
from designer.app.canvas.items.geometry import GRID, HEIGHT, WIDTH, port_offsets, snapped
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.surface import Surface
from designer.pipeline import edits
from designer.pipeline.edits import Position
from designer.pipeline.link_rules import LinkRules
from designer.pipeline.model import Endpoint, Link, Pipeline
from designer.texts import tr
from modules.contract import ModuleSpec

GAP = 2.0 * GRID
"""Height between a card and the one that is added below it."""


def add_module(
    canvas: Surface,
    spec: ModuleSpec,
    position: Position,
    group: str | None = None,
    template: NodeTemplate | None = None,
) -> None:
    """Ask for a new node at a position, or beside what is already there.

    It is added to the given group, or by default to the one on whose frame it is.
    """
    free = _free_position(canvas, *position)
    holder = _group_at(canvas, free) if group is None else group
    initial = template or NodeTemplate()
    canvas.edit(
        initial.edit_title(tr("Add “{title}”"), spec),
        lambda pipeline: initial.add(pipeline, spec, free, holder)[0],
        select_new=True,
    )


def add_near(
    canvas: Surface, spec: ModuleSpec, position: Position, template: NodeTemplate | None = None
) -> None:
    """Ask for a new node in the group at a position, its middle as near to it as possible."""
    add_module(canvas, spec, position_near(canvas, *position), canvas.group_at(*position), template)


def add_linked(
    canvas: Surface,
    spec: ModuleSpec,
    rules: LinkRules,
    point: QPointF,
    template: NodeTemplate | None = None,
) -> bool:
    """Ask for a new node with a link to it, with its port at a point.

    Parameters
    ----------
    rules : LinkRules
        Of the link from the port that there is already.

    Returns
    -------
    bool
        False where the module has no port that fits.
    """
    port = rules.accepts_some(spec)
    if port is None:
        return False
    ports = spec.inputs if rules.from_output else spec.outputs
    index = [one.name for one in ports].index(port)
    left = point.x() - port_offsets(len(ports))[index]
    top = point.y() if rules.from_output else point.y() - HEIGHT
    position = _free_position(canvas, *snapped(left, top))
    group = _group_at(canvas, position)
    initial = template or NodeTemplate()

    completed: list[Link] = []

    def change(pipeline: Pipeline) -> Pipeline:
        added, name = initial.add(pipeline, spec, position, group)
        end = initial.end(name, port, not rules.from_output)
        linked = edits.connect(added, *rules.ends(end))
        known = name in linked.nodes
        completed[:] = missing_links(linked, canvas.catalog, name) if known else []
        for link in completed:
            linked = edits.connect(linked, link.source, link.target)
        return linked

    canvas.edit(initial.edit_title(tr("Add “{title}”"), spec), change, select_new=True)
    if completed:
        texts = ", ".join(link_text(canvas, link) for link in completed)
        canvas.message.emit(tr("Also linked {texts}.").format(texts=texts))
    return True


def add_below(
    canvas: Surface, spec: ModuleSpec, item: NodeItem, template: NodeTemplate | None = None
) -> None:
    """Ask for a new node below a card, linked to its first matching output without a link.

    If all matching outputs have a link, the first of them is used. If none matches, the node
    is added above the card and linked to its first matching input without a link, as a learner
    is to Train Model. If there is none either, the outputs of what follows the card are tried,
    as those of Train Model below a learner; and if none of these matches, the node has no link.
    """
    graph = canvas.graph
    if _add_below_outputs(canvas, spec, item, template) or _add_above(canvas, spec, item, template):
        return
    for name in graph.pipeline.following(item.node.id)[1:]:
        other = graph.nodes.get(name)
        shown = other is not None and other.isVisible()
        if other is not None and shown and _add_below_outputs(canvas, spec, other, template):
            return
    below = _room_below(canvas, item)
    add_module(canvas, spec, snapped(item.x(), below), template=template)


def _add_below_outputs(
    canvas: Surface, spec: ModuleSpec, item: NodeItem, template: NodeTemplate | None
) -> bool:
    """Add a node below a card if one of its outputs fits; false if none does."""
    graph = canvas.graph
    below = _room_below(canvas, item)
    linked = item.connected_ports()
    outputs = sorted(item.outputs, key=lambda port: (port.name, True) in linked)
    for output in outputs:
        start = Endpoint(item.node.id, output.name)
        rules = LinkRules.starting(graph.pipeline, canvas.catalog, start, True)
        if add_linked(canvas, spec, rules, QPointF(item.x() + output.center.x(), below), template):
            return True
    return False


def _add_above(
    canvas: Surface, spec: ModuleSpec, item: NodeItem, template: NodeTemplate | None
) -> bool:
    """Add a node above a card if one of its free inputs fits; false if none does."""
    graph = canvas.graph
    linked = item.connected_ports()
    for port in sorted(item.inputs, key=lambda port: port.optional):
        if (port.name, False) in linked:
            continue
        rules = LinkRules.starting(
            graph.pipeline, canvas.catalog, Endpoint(item.node.id, port.name), False
        )
        above = _room_above(canvas, item.x() + port.center.x(), item.y() - GAP)
        if add_linked(canvas, spec, rules, above, template):
            return True
    return False


def positions_in_row(canvas: Surface, x: float, y: float, count: int) -> list[Position]:
    """Return free positions side by side, the first with its middle at a point."""
    left, top = _free_position(canvas, *snapped(x - WIDTH / 2, y - HEIGHT / 2))
    found: list[Position] = []
    while len(found) < count:
        card = QRectF(left, top, WIDTH + GRID, HEIGHT)
        if not found or not _cards_on(canvas, card):
            found.append((left, top))
            left += WIDTH
        left += GRID
    return found


def _group_at(canvas: Surface, corner: Position) -> str:
    """Return the group on whose frame a card would be; empty if on none."""
    return canvas.group_at(corner[0] + WIDTH / 2, corner[1] + HEIGHT / 2)


def _free_position(canvas: Surface, x: float, y: float) -> Position:
    """Return the first position from here, going down and right, with no card on it."""
    while any(
        abs(item.x() - x) < GRID and abs(item.y() - y) < GRID
        for item in canvas.graph.nodes.values()
        if item.isVisible()
    ):
        x, y = x + 2 * GRID, y + 2 * GRID
    return x, y


def _room_below(canvas: Surface, item: NodeItem) -> float:
    """Return how far down a new card touches no other, depending on its port."""
    top = item.y() + HEIGHT + GAP
    while _cards_on(canvas, QRectF(item.x() - WIDTH / 2, top - 1, 2 * WIDTH, HEIGHT + 2)):
        top += HEIGHT + GAP
    return top


def _room_above(canvas: Surface, x: float, bottom: float) -> QPointF:
    """Return where a new card touches no other, going left: the middle of its lower edge."""
    while _cards_on(canvas, QRectF(x - WIDTH / 2 - 1, bottom - HEIGHT, WIDTH + 2, HEIGHT)):
        x -= WIDTH + GRID
    return QPointF(x, bottom)


def _cards_on(canvas: Surface, area: QRectF) -> bool:
    return any(
        item.isVisible() and item.card_rect().intersects(area)
        for item in canvas.graph.nodes.values()
    )
