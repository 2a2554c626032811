"""Drawing a link from port to port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QMouseEvent

from designer.app.canvas.editing.adding import add_linked
from designer.app.canvas.editing.completion import spare_output
from designer.app.canvas.editing.module_search import open_list
from designer.app.canvas.editing.quick_add_item import QuickAddItem
from designer.app.canvas.items.face import PortView
from designer.app.canvas.items.frame_item import FrameItem
from designer.app.canvas.items.geometry import LINKING_REACH, WIDTH
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.items.palette import current_palette
from designer.app.canvas.items.port_labels import PortLabel
from designer.app.canvas.surface import Surface
from designer.app.shell import theme
from designer.composed_texts import in_language
from designer.pipeline import edits
from designer.pipeline.link_rules import LinkRules, compatible
from designer.pipeline.model import Endpoint, Link, Pipeline
from designer.texts import tr


@dataclass(frozen=True)
class _Goal:
    """A port under the pointer and whether the link may end there."""

    item: NodeItem | None
    port: PortView
    refusal: str


class LinkGesture:
    """A link that follows the pointer; nothing changes before it is dropped.

    Parameters
    ----------
    item, port : NodeItem, PortView
        Where the button was pressed. From an input that has a link, the link's end is
        taken off; otherwise a new link starts.
    """

    scrolls = True

    def __init__(self, canvas: Surface, event: QMouseEvent, item: NodeItem, port: PortView) -> None:
        self._canvas = canvas
        self._press = event.position()
        self._moving = None if port.is_output else _link_into(canvas, item, port)
        if self._moving:
            taken = canvas.graph.links[self._moving]
            source_port = taken.source.port(self._moving.source.port, True)
            self._item, self._port = (taken.source, source_port) if source_port else (item, port)
        else:
            self._item, self._port = item, port
        self._start = Endpoint(self._item.node.id, self._port.name)
        self._rules = LinkRules.starting(
            canvas.graph.pipeline, canvas.catalog, self._start, self._port.is_output, self._moving
        )
        self._goal: _Goal | None = None
        self._begun = False

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if not self._begun:
            if (event.position() - self._press).manhattanLength() < 4:
                return
            self._begin()
        point = self._canvas.viewer.to_scene(event.position())
        self._goal = self._find(point)
        self._draw(point)
        refusal = self._goal.refusal if self._goal else ""
        viewer, labels = self._canvas.viewer, self._canvas.labels
        labels.show_labels(self._labels(), viewer.zoom())
        named = [QRectF(viewer.mapFromScene(box).boundingRect()) for box in labels.boxes()]
        self._canvas.bubble.show_text(refusal, event.position(), beside=named)

    def release(self, event: QMouseEvent) -> None:
        """Finish."""
        begun, goal = self._begun, self._goal
        point = self._canvas.viewer.to_scene(event.position())
        if not begun:
            self._end()
            return
        if goal is not None:
            self._end()
            if goal.item and not goal.refusal:
                self._connect(Endpoint(goal.item.node.id, goal.port.name))
            else:
                self._canvas.message.emit(goal.refusal)
        elif self._moving:
            self._end()
            moving = self._moving
            self._canvas.edit(
                tr("Delete link"), lambda pipeline: edits.disconnect(pipeline, [moving])
            )
        elif self._canvas.graph.node_at(point) is not None:
            self._end()
        else:
            # The link stays visible while the user chooses its target.
            self._canvas.bubble.hide()
            self._canvas.labels.setVisible(False)
            self._open_list(point, event.position())

    @property
    def is_lost(self) -> bool:
        """Whether the end of the link is no longer shown."""
        graph = self._canvas.graph
        gone = self._moving is not None and self._moving not in graph.links
        return gone or graph.nodes.get(self._item.node.id) is not self._item

    def cancel(self) -> None:
        """Put everything back."""
        self._end()

    def _begin(self) -> None:
        self._begun = True
        if self._moving:
            self._canvas.graph.links[self._moving].set_hidden(True)
        for item in self._canvas.graph.nodes.values():
            marked = {}
            for port in (*item.inputs, *item.outputs):
                end = Endpoint(item.node.id, port.name)
                if not self._rules.refusal(end, port.is_output):
                    marked[port] = True
            if item is self._item:
                marked[self._port] = True
            item.set_linking(True, marked)

    def _end(self) -> None:
        graph = self._canvas.graph
        self._canvas.live.setVisible(False)
        self._canvas.bubble.hide()
        self._canvas.labels.setVisible(False)
        if self._moving and self._moving in graph.links:
            graph.links[self._moving].set_hidden(False)
        for item in graph.nodes.values():
            item.set_linking(False, {})

    def _find(self, point: QPointF) -> _Goal | None:
        """Return the target port: the nearest valid one, or else the one at the pointer."""
        reach = max(LINKING_REACH, LINKING_REACH / max(self._canvas.viewer.zoom(), 0.3) * 0.6)
        best: tuple[float, _Goal] | None = None
        for item, port in _ports_around(self._canvas, point, reach):
            away = item.center_of(port) - point
            distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
            if distance > reach or (item is self._item and port == self._port):
                continue
            refusal = self._refusal(item, port)
            weight = distance + (reach if refusal else 0.0)
            if best is None or weight < best[0]:
                best = (weight, _Goal(item, port, refusal))
        if best is not None:
            return best[1]
        return self._whole_card(point)

    def _whole_card(self, point: QPointF) -> _Goal | None:
        """Return the target port of a drop on a card: the first valid and free one."""
        graph = self._canvas.graph
        item = graph.node_at(point)
        if item is None and (folded := graph.frames.card_at(point)):
            if folded.shared:
                return self._shared_card(folded, point)
            refusal = tr("Expand “{title}” to link a module in it.").format(title=folded.title)
            return _Goal(None, PortView("", "", "", True, False, 0.0), refusal)
        if item is None or item is self._item:
            return None
        side = item.inputs if self._port.is_output else item.outputs
        linked = item.connected_ports()
        fits = [
            port
            for port in side
            if not self._rules.refusal(Endpoint(item.node.id, port.name), port.is_output)
        ]
        free = [port for port in fits if port.is_output or (port.name, False) not in linked]
        for port in (*free, *fits):
            return _Goal(item, port, "")
        for port in side:
            end = Endpoint(item.node.id, port.name)
            refusal = in_language(self._rules.refusal(end, port.is_output))
            return _Goal(item, port, refusal)
        kind = tr("no inputs") if self._port.is_output else tr("no outputs")
        return _Goal(
            item,
            PortView("", "", "", True, False, WIDTH / 2),
            tr("It has {kind}.").format(kind=kind),
        )

    def _shared_card(self, card: FrameItem, point: QPointF) -> _Goal | None:
        """Return the target port of a drop on a shared module: the first valid one."""
        ports = [
            (item, port)
            for item, port in self._canvas.graph.frames.ports_around(point, 0.0)
            if item.stand_in is card and port.is_output != self._port.is_output
        ]
        found = [_Goal(item, port, self._refusal(item, port)) for item, port in ports]
        return next((goal for goal in found if not goal.refusal), found[0] if found else None)

    def _refusal(self, item: NodeItem, port: PortView) -> str:
        return self._rules.refusal(Endpoint(item.node.id, port.name), port.is_output)

    def _draw(self, point: QPointF) -> None:
        here = self._item.center_of(self._port)
        goal = self._goal
        there = point
        if goal and goal.item and not goal.refusal:
            there = goal.item.center_of(goal.port)
        refused = bool(goal and goal.refusal)
        palette = current_palette()
        color = (
            palette.error if refused else QColor(theme.current().type_color(self._port.type_name))
        )
        start, end = (here, there) if self._port.is_output else (there, here)
        self._canvas.live.show_between(start, end, color, refused)

    def _labels(self) -> list[PortLabel]:
        labels = [_label(self._item, self._port)]
        if self._goal and self._goal.item and self._goal.port.name:
            side = self._goal.item.inputs if self._port.is_output else self._goal.item.outputs
            alone = self._goal.port not in side or self._goal.item.stand_in is not None
            ports = (self._goal.port,) if alone else side
            labels += [_label(self._goal.item, port) for port in ports]
        return labels

    def _connect(self, other: Endpoint) -> None:
        source, target = self._rules.ends(other)
        moving = self._moving
        if moving == Link(source, target) or Link(source, target) in self._canvas.graph.links:
            return

        def change(pipeline: Pipeline) -> Pipeline:
            opened = edits.disconnect(pipeline, [moving]) if moving else pipeline
            return edits.connect(opened, source, target)

        self._canvas.edit(tr("Move link") if moving else tr("Add link"), change)

    def _open_list(self, point: QPointF, at: QPointF) -> None:
        """Open the list of modules that this link could end at."""
        specs = compatible(self._rules, iter(self._canvas.catalog.values()))
        canvas, rules = self._canvas, self._rules

        def add(entry: QuickAddItem) -> None:
            if entry.end is not None:
                self._connect(entry.end)
            else:
                add_linked(canvas, entry.spec, rules, point, entry.template)

        node = self._start.node
        first = self._outputs()
        open_list(canvas, at, specs, add, self._end, node=node, first=first, rules=rules)

    def _outputs(self) -> list[QuickAddItem]:
        """Return the output that an input probably needs, if it is known."""
        canvas = self._canvas
        pipeline = canvas.graph.pipeline
        if self._port.is_output or self._moving:
            return []
        end = spare_output(pipeline, canvas.catalog, self._start)
        spec = canvas.catalog.get(pipeline.nodes[end.node].module) if end else None
        return [QuickAddItem.output(spec, end)] if spec and end else []


def port_labels(item: NodeItem, only: PortView | None = None) -> list[PortLabel]:
    """Return the name of one port of a card, or those of all of them."""
    ports = (only,) if only else (*item.inputs, *item.outputs)
    return [_label(item, port) for port in ports]


def _label(item: NodeItem, port: PortView) -> PortLabel:
    return PortLabel(port.title, item.center_of(port), port.type_name, port.is_output)


def _ports_around(
    canvas: Surface, point: QPointF, reach: float
) -> Iterator[tuple[NodeItem, PortView]]:
    for item in canvas.graph.nodes_around(point, reach):
        yield from ((item, port) for port in (*item.inputs, *item.outputs))
    yield from canvas.graph.frames.ports_around(point, reach)


def _link_into(canvas: Surface, item: NodeItem, port: PortView) -> Link | None:
    """Return the link that ends at an input: the last where there are two."""
    links = canvas.graph.pipeline.links_into.get(item.node.id, ())
    found = [link for link in links if link.target.port == port.name]
    return found[-1] if found and found[-1] in canvas.graph.links else None
