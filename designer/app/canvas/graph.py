"""The pipeline as items of the scene, kept equal to it by applying differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt, Signal

from designer.app.canvas.frames import Frames
from designer.app.canvas.items.frame_item import FrameItem
from designer.app.canvas.items.link_item import LinkItem
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.items.note_item import NoteItem
from designer.app.canvas.link_routes import LinkRoutes
from designer.app.canvas.nodegraph import BaseGraph, ModuleNode
from designer.app.canvas.state import NodeState
from designer.pipeline.difference import difference
from designer.pipeline.model import Link, Node, Pipeline
from modules.contract import ModuleSpec

ITEM_REACH = 6.0


class Graph(BaseGraph):
    """Shows a pipeline; the only way to change what it shows is :meth:`show`."""

    selection_changed = Signal()
    shown = Signal()

    def __init__(self, catalog: Mapping[str, ModuleSpec], viewer: object) -> None:
        super().__init__(viewer=viewer)
        self.catalog = catalog
        self.pipeline = Pipeline()
        self.nodes: dict[str, NodeItem] = {}
        self.notes: dict[str, NoteItem] = {}
        self.links: dict[Link, LinkItem] = {}
        self.selected_links: set[Link] = set()
        self._states: dict[str, NodeState] = {}
        self._problems: dict[str, Sequence[Any]] = {}
        self._scene = self.viewer().scene()
        self._selected: set[str] = set()
        self.frames = Frames(self._scene, self.nodes, self.notes, self.is_selected)
        self.routes = LinkRoutes(self.nodes, self.notes, self.frames, self.links)

    def show(self, pipeline: Pipeline) -> None:
        """Make the scene equal to a pipeline, touching only what differs."""
        before = self.pipeline
        change = difference(before, pipeline)
        self.pipeline = pipeline
        gone = set(change.removed)
        touched: set[str] = set()
        for link in change.links_removed:
            self._drop_link(link)
        for link in (*change.links_removed, *change.links_added):
            touched.update((link.source.node, link.target.node))
        selected = set(self._selected)
        for name in change.removed:
            self._drop_node(name)
        for name in change.notes_removed:
            self._drop_note(name)
        for name in change.added:
            self._add_node(pipeline.nodes[name])
        for name in change.changed:
            self._configure(pipeline.nodes[name])
        for name in change.moved:
            if name in self.nodes:
                self.nodes[name].node = pipeline.nodes[name]
                self.move_to(name, *pipeline.nodes[name].position)
            elif name in self.notes:
                self.notes[name].note = pipeline.notes[name]
                self.move_to(name, *pipeline.notes[name].position)
        for name in touched - gone:
            if name in self.nodes:
                self._fit_ports(self.nodes[name])
        for link in change.links_added:
            self._add_link(link)
        for name in change.added:
            # A damaged file may contain links of a node that is added only now.
            for link in (*pipeline.links_into.get(name, ()), *pipeline.links_from.get(name, ())):
                self._add_link(link)
        for name in change.notes_added:
            self._add_note(name)
        for name in change.notes_changed:
            self.notes[name].configure(pipeline.notes[name])
        self._selected -= self.frames.show(change)
        self.routes.show(change)
        if change:
            self.shown.emit()
        if self._selected != selected:
            self.selection_changed.emit()

    def move_to(self, name: str, x: float, y: float) -> None:
        """Move a card or note with its links; frames follow by ``frames.fit``."""
        if name in self.frames.items:
            self.frames.items[name].corner = (x, y)
            return
        item = self.thing(name)
        if item is None:
            return
        item.setPos(x, y)
        if isinstance(item, NodeItem):
            for link in item.links:
                link.follow()

    def thing(self, name: str) -> NodeItem | NoteItem | None:
        """Return the item of a node or note."""
        return self.nodes.get(name) or self.notes.get(name)

    def position_of(self, name: str) -> tuple[float, float]:
        """Return where a card, note, or group is shown now, which may be amid a gesture."""
        if name in self.frames.items:
            return self.frames.items[name].corner
        item = self.thing(name)
        assert item is not None
        return (item.x(), item.y())

    def set_states(self, states: Mapping[str, NodeState]) -> None:
        """Show these states; nodes not named have none."""
        idle = NodeState()
        self._states = dict(states)
        for name, item in self.nodes.items():
            item.set_state(self._states.get(name, idle))
        self.frames.refresh()

    def set_state(self, name: str, state: NodeState) -> None:
        """Show the state of one node."""
        self._states[name] = state
        if name in self.nodes:
            self.nodes[name].set_state(state)
            self.frames.refresh()

    def set_problems(self, problems: Mapping[str, Sequence[Any]]) -> None:
        """Show these problems; nodes not named have none."""
        self._problems = dict(problems)
        for name, item in self.nodes.items():
            item.set_problems(self._problems.get(name, ()))
        self.frames.problems = self._problems
        self.frames.refresh()

    def restyle(self) -> None:
        """Apply the colors of the current theme everywhere."""
        for node in self.nodes.values():
            node.retint()
        for note in self.notes.values():
            note.update()
        for link in self.links.values():
            link.restyle()
        self.frames.restyle()

    def selection(self) -> list[str]:
        """Return the ids of the selected nodes, notes, and groups, in the pipeline's order."""
        chosen = self._selected
        if not chosen:
            return []
        everything = (*self.pipeline.nodes, *self.pipeline.notes, *self.frames.items)
        return [name for name in everything if name in chosen]

    def select(self, ids: Iterable[str], links: Iterable[Link] = ()) -> None:
        """Select exactly these."""
        wanted = {name for name in ids if self.shows(name)}
        chosen = {link for link in links if link in self.links}
        before = set(self._selected)
        for link in self.selected_links ^ chosen:
            if link in self.links:
                self.links[link].set_selected(link in chosen)
        links_differ = chosen != self.selected_links
        self.selected_links = chosen
        self._selected = wanted
        for name in before ^ wanted:
            item = self.thing(name) or self.frames.items.get(name)
            if item is not None:
                item.setSelected(name in wanted)
        for name in before ^ wanted:
            if name in self.nodes:
                for link_item in self.nodes[name].links:
                    link_item.restyle()
        self.frames.refresh()
        if before != wanted or links_differ:
            self.selection_changed.emit()

    def shows(self, name: str) -> bool:
        """Return whether a node, note, or group of this id is on the canvas."""
        return name in self.nodes or name in self.notes or name in self.frames.items

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing on the canvas."""
        return not self.nodes and not self.notes and not self.frames.items

    def is_selected(self, name: str) -> bool:
        """Return whether a node, note, or group is selected."""
        return name in self._selected

    def bounds(self, ids: Iterable[str] | None = None) -> QRectF:
        """Return what encloses the cards, notes, and frames of these ids, or all of them.

        For what a collapsed group hides, its card counts.
        """
        rect = QRectF()
        for item in self._items(ids):
            rect = rect.united(item.card_rect())
        return rect

    def within(self, area: QRectF) -> list[str]:
        """Return the ids of the cards that an area touches, and the notes and frames in it."""
        cards: list[tuple[str, NodeItem | FrameItem]] = list(self.nodes.items())
        cards += [(name, item) for name, item in self.frames.items.items() if item.collapsed]
        names = [
            name for name, item in cards if item.isVisible() and area.intersects(item.card_rect())
        ]
        names += [
            name
            for name, item in self.notes.items()
            if item.isVisible() and area.contains(item.card_rect())
        ]
        grounds = self.frames.grounds()
        return names + [name for name, ground in grounds.items() if area.contains(ground)]

    def is_covered(self, area: QRectF) -> bool:
        """Return whether some card, note, or title of a group reaches into an area."""
        return any(
            (item.title_rect() if isinstance(item, FrameItem) else item.card_rect()).intersects(
                area
            )
            for item in self._scene.items(area, Qt.ItemSelectionMode.IntersectsItemBoundingRect)
            if isinstance(item, (NodeItem, NoteItem, FrameItem))
        )

    def is_seen(self, area: QRectF) -> bool:
        """Return whether some card, note, or frame of a group reaches into an area."""
        return any(
            item.isVisible() and item.card_rect().intersects(area)
            for item in self._scene.items(area, Qt.ItemSelectionMode.IntersectsItemBoundingRect)
            if isinstance(item, (NodeItem, NoteItem, FrameItem))
        )

    def seen(self) -> list[str]:
        """Return the ids of the nodes, notes, and groups that no collapsed group hides."""
        names = (*self.nodes, *self.notes, *self.frames.items)
        return [name for name in names if self.frames.stand_in(name) is None]

    def node_at(self, point: QPointF) -> NodeItem | None:
        """Return the topmost card at a point, with a margin for its ports."""
        for item in self._scene.items(point):
            if isinstance(item, NodeItem) and item.card_rect().contains(point):
                return item
        return None

    def note_at(self, point: QPointF) -> NoteItem | None:
        """Return the topmost note at a point."""
        for item in self._scene.items(point):
            if isinstance(item, NoteItem) and item.card_rect().contains(point):
                return item
        return None

    def nodes_around(self, point: QPointF, reach: float) -> Iterator[NodeItem]:
        """Yield the cards near a point, topmost first."""
        area = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for item in self._scene.items(area):
            if isinstance(item, NodeItem):
                yield item

    def link_at(self, point: QPointF, reach: float = ITEM_REACH) -> LinkItem | None:
        """Return a link whose curve passes a point."""
        for item in self.links_around(QRectF(point, point).adjusted(-reach, -reach, reach, reach)):
            if item.is_near(point, reach):
                return item
        return None

    def links_around(self, area: QRectF) -> Iterator[LinkItem]:
        """Yield the links whose enclosing rectangles touch an area."""
        for item in self._scene.items(area, Qt.ItemSelectionMode.IntersectsItemBoundingRect):
            if isinstance(item, LinkItem):
                yield item

    def _items(self, ids: Iterable[str] | None) -> Iterator[NodeItem | NoteItem | FrameItem]:
        for name in self.seen() if ids is None else ids:
            item = self.frames.stand_in(name) or self.thing(name) or self.frames.items.get(name)
            if item is not None:
                yield item

    def _add_node(self, node: Node) -> None:
        record = ModuleNode(node.id, NodeItem)
        item = record.view
        self.nodes[node.id] = item
        item.configure(node, self.catalog.get(node.module), *self._extra_ports(node))
        item.set_state(self._states.get(node.id, item.state))
        item.set_problems(self._problems.get(node.id, ()))
        item.setPos(*node.position)
        self.add_module(record)

    def refresh_modules(self) -> None:
        """Show every node again: the catalog has changed."""
        for node in self.pipeline.nodes.values():
            if node.id in self.nodes:
                self._configure(node)

    def _configure(self, node: Node) -> None:
        item = self.nodes[node.id]
        item.configure(node, self.catalog.get(node.module), *self._extra_ports(node))
        for link in item.links:
            link.follow()
            link.restyle()

    def _fit_ports(self, item: NodeItem) -> None:
        """Give a card the ports that its links name, where they may have changed."""
        extra = self._extra_ports(item.node)
        shown = tuple(
            [port.name for port in side if not port.known] for side in (item.inputs, item.outputs)
        )
        if shown != extra:
            self._configure(item.node)
        else:
            item.update()

    def _extra_ports(self, node: Node) -> tuple[list[str], list[str]]:
        """Return ports that links name and the module lacks: those of unknown modules."""
        spec = self.catalog.get(node.module)
        inputs = [link.target.port for link in self.pipeline.links_into.get(node.id, ())]
        outputs = [link.source.port for link in self.pipeline.links_from.get(node.id, ())]
        known_inputs = spec.input_by_name if spec else {}
        known_outputs = spec.output_by_name if spec else {}
        return (
            [name for name in dict.fromkeys(inputs) if name not in known_inputs],
            [name for name in dict.fromkeys(outputs) if name not in known_outputs],
        )

    def _drop_node(self, name: str) -> None:
        self._selected.discard(name)
        item = self.nodes.pop(name)
        for link in list(item.links):
            self._drop_link(link.link)
        self.remove_module(name)

    def _add_link(self, link: Link) -> None:
        source = self.nodes.get(link.source.node)
        target = self.nodes.get(link.target.node)
        if source is None or target is None or link in self.links:
            return
        item = LinkItem(link, source, target)
        self.links[link] = item
        self._scene.addItem(item)

    def _drop_link(self, link: Link) -> None:
        item = self.links.pop(link, None)
        self.selected_links.discard(link)
        if item is not None:
            item.detach()
            self._scene.removeItem(item)

    def _add_note(self, name: str) -> None:
        item = NoteItem(self.pipeline.notes[name])
        self.notes[name] = item
        self._scene.addItem(item)

    def _drop_note(self, name: str) -> None:
        self._selected.discard(name)
        self._scene.removeItem(self.notes.pop(name))
