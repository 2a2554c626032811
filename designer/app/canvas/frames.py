"""The frames of a pipeline's groups, kept around what the groups contain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsScene

from designer.app.canvas.items.face import PortView
from designer.app.canvas.items.frame_item import FrameItem
from designer.app.canvas.items.node_item import NodeItem
from designer.app.canvas.items.note_item import NoteItem
from designer.pipeline import grouping
from designer.pipeline.difference import Difference
from designer.pipeline.identifiers import group_ids
from designer.pipeline.model import Group, Pipeline
from designer.pipeline.problem import Problem

NEAR = 20.0
"""How near a frame the pointer must be to mean it."""


class Frames:
    """One item for each group; nothing at all is done for a pipeline without groups.

    Parameters
    ----------
    nodes, notes : mapping of str to item
        The items of the canvas; their owner keeps them up to date.
    is_selected : callable
        Returns whether something is selected, by its id.
    """

    def __init__(
        self,
        scene: QGraphicsScene,
        nodes: Mapping[str, NodeItem],
        notes: Mapping[str, NoteItem],
        is_selected: Callable[[str], bool],
    ) -> None:
        self._scene = scene
        self._nodes = nodes
        self._notes = notes
        self._is_selected = is_selected
        self.items: dict[str, FrameItem] = {}
        # What is directly in each group, the innermost groups first.
        self._members: dict[str, list[str]] = {}
        # The group that dragged items would be added to; empty for the top.
        self._lent: dict[str, str] = {}
        self._goal = ""
        self.problems: Mapping[str, Sequence[Problem]] = {}
        # The visible collapsed groups, with all the nodes and notes in each.
        self._folded: dict[str, list[str]] = {}
        self._hidden: dict[str, str] = {}

    def show(self, change: Difference) -> set[str]:
        """Follow a change of the pipeline; return the ids of the frames that are gone."""
        after = change.after
        gone: set[str] = set()
        ids_differ = change.added or change.removed or change.notes_added or change.notes_removed
        groups_differ = change.groups_added or change.groups_removed or change.groups_changed
        if ids_differ or groups_differ or change.folded:
            gone = self._match(after)
        for name in change.moved:
            if name in self.items and name in after.groups:
                self.items[name].corner = after.groups[name].position
        if change:
            if self._folded or any(item.collapsed for item in self.items.values()):
                self._fold(after)
            self.fit()
        return gone

    def fit(self) -> None:
        """Put every frame around what it contains."""
        for name in self._inner_first():
            inside = QRectF()
            for member in self._folded.get(name) or self._shown_members(name):
                item = self.items.get(member) or self._thing(member)
                if item is not None:
                    inside = inside.united(item.card_rect())
            if self.items[name].enclose(inside) and name in self._folded:
                self._follow(self._folded[name])

    def preview_members(self, names: Iterable[str], group: str) -> None:
        """Show things as if they lay in another group; the frames follow by ``fit``."""
        self._lent = dict.fromkeys(names, group)

    def mark(self, name: str) -> None:
        """Highlight the group that an item would be added to; an empty id for none."""
        if name == self._goal:
            return
        for each in (self._goal, name):
            if each in self.items:
                self.items[each].set_goal(each == name)
        self._goal = name

    def over(self, point: QPointF) -> str:
        """Return the innermost group on whose frame a point is; empty if on none."""
        return innermost(point, self.grounds())

    def grounds(self) -> dict[str, QRectF]:
        """Return where items can be dropped into a group: the open frames."""
        return {
            name: item.card_rect()
            for name, item in self.items.items()
            if item.isVisible() and not item.collapsed
        }

    def card_at(self, point: QPointF) -> FrameItem | None:
        """Return the collapsed group whose card is at a point."""
        for name in self._folded:
            if self.items[name].card_rect().contains(point):
                return self.items[name]
        return None

    def ports_around(self, point: QPointF, reach: float) -> Iterator[tuple[NodeItem, PortView]]:
        """Yield the ports of shared modules near a point, as those of the cards inside."""
        for name in self._folded:
            item = self.items[name]
            if not item.shared or not item.card_rect().adjusted(
                -reach, -reach, reach, reach
            ).contains(point):
                continue
            for end, is_output in ((end, port.is_output) for port, end in item.face.ends.items()):
                inside = self._nodes[end.node]
                port = inside.port(end.port, is_output)
                if port is not None:
                    yield inside, port

    def stand_in(self, name: str) -> FrameItem | None:
        """Return the card that is shown instead of an item; None if it is visible itself."""
        return self.items.get(self._hidden.get(name, ""))

    def refresh(self) -> None:
        """Show the states of their members on the cards of collapsed groups."""
        nodes = self._nodes
        for name, members in self._folded.items():
            item = self.items[name]
            inside = [nodes[one] for one in members if one in nodes]
            own = self.problems.get(name, ())
            item.face.show(item.title, inside, own, item.subject.shared)
            item.holds_selected = any(self._is_selected(one) for one in members)
            item.update()

    def animate(self, names: Iterable[str]) -> None:
        """Repaint the animated cards."""
        for item in {self.items[self._hidden[name]] for name in names if name in self._hidden}:
            item.update()

    def restyle(self) -> None:
        """Apply the colors of the current theme."""
        self.refresh()
        for item in self.items.values():
            item.update()

    def at(self, point: QPointF, zoom: float) -> FrameItem | None:
        """Return the innermost frame whose title is at a point."""
        found = [
            item
            for item in self.items.values()
            if item.isVisible() and item.title_contains(point, zoom)
        ]
        return max(found, key=lambda item: item.zValue(), default=None)

    def carried(self, names: Iterable[str]) -> list[str]:
        """Return what moves with these: all in the groups among them, notes on them too."""
        listed = dict.fromkeys(names)
        for name in [name for name in listed if name in self.items]:
            listed.update(dict.fromkeys((*self._within(name), *self.notes_on(name))))
        return list(listed)

    def notes_on(self, name: str) -> list[str]:
        """Return the notes that are on an open frame as a whole but in the group around it.

        A frame may have grown below them, or the file may have them there.
        """
        frame = self.items[name]
        if frame.collapsed or not frame.isVisible():
            return []
        area, around = frame.card_rect(), ("", *self.holders(name))
        return [
            note
            for note, item in self._notes.items()
            if note.rpartition("/")[0] in around
            and item.isVisible()
            and area.contains(item.card_rect())
        ]

    def holders(self, name: str) -> Iterator[str]:
        """Yield the groups that contain something, the innermost first."""
        while name := name.rpartition("/")[0]:
            if name in self.items:
                yield name

    def _thing(self, name: str) -> NodeItem | NoteItem | None:
        return self._nodes.get(name) or self._notes.get(name)

    def _within(self, name: str) -> Iterator[str]:
        for member in self._members[name]:
            yield member
            if member in self.items:
                yield from self._within(member)

    def _fold(self, pipeline: Pipeline) -> None:
        """Hide the members of collapsed groups, and connect their links to the cards."""
        before = self._hidden
        self._hidden, self._folded = {}, {}
        for name in (*self.items, *self._nodes, *self._notes):
            around = [one for one in self.holders(name) if self.items[one].collapsed]
            if around:
                self._hidden[name] = around[-1]
        for name, item in self.items.items():
            if item.collapsed and name not in self._hidden:
                things = (*self._nodes, *self._notes)
                self._folded[name] = [one for one in things if self._hidden.get(one) == name]
        for name in self._folded:
            into, out = grouping.links_across(pipeline, name)
            item = self.items[name]
            if item.shared:
                item.face.show_ports(item.subject, into, out, self._nodes)
            else:
                item.face.show_gates(into, out, self._nodes)
        for name, item in self.items.items():
            item.setVisible(name not in self._hidden)
        for name in {*before, *self._hidden}:
            thing = self._thing(name)
            if thing is None:
                continue
            thing.setVisible(name not in self._hidden)
            thing.setSelected(self._is_selected(name))
            if isinstance(thing, NodeItem):
                thing.stand_in = self.stand_in(name)
        self.refresh()
        self._follow({*before, *self._hidden})

    def _follow(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._nodes:
                for link in self._nodes[name].links:
                    link.follow()

    def _inner_first(self) -> list[str]:
        """Return the groups so that each comes behind all that it contains."""
        if not self._lent:
            return list(self._members)
        # A dragged group keeps its size, because its members move with it.
        dragged = [name for name in self._members if self._root(name)]
        return dragged + [name for name in self._members if not self._root(name)]

    def _root(self, name: str) -> str:
        return next((one for one in (name, *self.holders(name)) if one in self._lent), "")

    def _shown_members(self, name: str) -> list[str]:
        if not self._lent:
            return self._members[name]
        kept = [one for one in self._members[name] if self._lent.get(one, name) == name]
        return kept + [one for one, goal in self._lent.items() if goal == name and one not in kept]

    def _match(self, pipeline: Pipeline) -> set[str]:
        """Have exactly the frames of the groups in the pipeline."""
        wanted = group_ids(pipeline)
        gone = {name for name in self.items if name not in wanted}
        for name in gone:
            self._scene.removeItem(self.items.pop(name))
        if not wanted:
            self._members = {}
            return gone
        inner_first = sorted(wanted, key=lambda name: name.count("/"), reverse=True)
        self._members = {name: [] for name in inner_first}
        counts = dict.fromkeys(wanted, 0)
        for name in (*pipeline.nodes, *pipeline.notes, *inner_first):
            parent = name.rpartition("/")[0]
            if parent:
                self._members[parent].append(name)
        for name in inner_first:
            for member in self._members[name]:
                counts[name] += counts.get(member, int(member in pipeline.nodes))
            group = pipeline.groups.get(name) or Group(name)
            if name not in self.items:
                self.items[name] = FrameItem(group)
                self._scene.addItem(self.items[name])
            self.items[name].configure(group, counts[name])
        return gone


def innermost(point: QPointF, areas: Mapping[str, QRectF]) -> str:
    """Return the innermost of the groups at a point; empty if none.

    A point just beside a frame counts too: a card there is already on it.
    """
    for margin in (0.0, NEAR):
        found = [
            name
            for name, area in areas.items()
            if area.adjusted(-margin, -margin, margin, margin).contains(point)
        ]
        if found:
            return max(found, key=lambda name: name.count("/"))
    return ""
