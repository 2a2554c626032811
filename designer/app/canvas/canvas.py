"""The canvas: shows a pipeline and turns gestures into edits of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer.app import theme
from designer.app.canvas import selection_edits
from designer.app.canvas.adding import add_below
from designer.app.canvas.card import STEP
from designer.app.canvas.frame_title import TitleWriting
from designer.app.canvas.geometry import GRID, HEIGHT, WIDTH, snapped
from designer.app.canvas.graph import Graph
from designer.app.canvas.link_item import LiveLink
from designer.app.canvas.minimap import Minimap
from designer.app.canvas.note_editor import NoteWriting
from designer.app.canvas.overlay import Bubble, Ghost, PortLabels
from designer.app.canvas.pointer import Pointer
from designer.app.canvas.quick_add import QuickAdd
from designer.app.canvas.state import NodeState
from designer.app.canvas.viewer import ZOOM_STEP, Viewer
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Link, Pipeline
from modules.contract import ModuleSpec

Edit = Callable[[Pipeline], Pipeline]

MUCH_LARGER = 1.25
"""Growth of the view from which a fitted pipeline is fitted anew."""


class Canvas(QWidget):
    """The editor of a pipeline.

    It never changes the pipeline. A gesture emits ``edited`` with the name of the step,
    a function from pipeline to pipeline and what the step may merge with; whoever holds
    the pipeline applies the function and calls :meth:`show_pipeline`.

    Parameters
    ----------
    catalog : mapping of str to ModuleSpec
        The modules that exist, by id.
    """

    edited = Signal(str, object, object)
    selection_changed = Signal(list)
    node_activated = Signal(str)
    node_opened = Signal(str, str)
    menu_requested = Signal(object, QPoint)
    files_dropped = Signal(list, float, float)
    message = Signal(str)
    zoom_changed = Signal(float)

    def __init__(self, catalog: Mapping[str, ModuleSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.catalog = catalog
        self.port_info: Mapping[Endpoint, str] = {}
        self.viewer = Viewer(self)
        self.graph = Graph(catalog, self.viewer)
        self.graph.setParent(self)
        scene = self.viewer.scene()
        self.labels, self.ghost, self.live = PortLabels(), Ghost(), LiveLink()
        for item in (self.labels, self.ghost, self.live):
            scene.addItem(item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.viewer)
        self.hint = QLabel(self)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setText(_hint_text())
        self.bubble = Bubble(self)
        self.minimap = Minimap(self)
        self.quick_add = QuickAdd(self)
        self.pointer = Pointer(self)
        self.viewer.handler = self.pointer
        self.setFocusProxy(self.viewer)
        self.setAccessibleName("Pipeline")
        self.viewer.setAccessibleName("Pipeline canvas")
        self._writing = NoteWriting(self)
        self._titling = TitleWriting(self)
        self._zoom = 1.0
        # The whole pipeline was asked for, and the person has not moved the view since.
        self._fitted = False
        self._fitted_zoom = 1.0
        self._fitted_room = QSize()
        self._wants_map = True
        self._running: set[str] = set()
        self._moving_picture = QTimer(self)
        self._moving_picture.setInterval(round(STEP * 1000))
        self._moving_picture.timeout.connect(self._animate)
        self.graph.selection_changed.connect(self._on_selection_changed)
        self.graph.shown.connect(self._on_shown)
        self.viewer.view_changed.connect(self._on_view_changed)
        self.viewer.resized.connect(self._on_resized)
        theme.notifier().changed.connect(self._on_theme)
        self._on_shown()

    def show_pipeline(self, pipeline: Pipeline) -> None:
        """Show a pipeline, touching only what differs from the one shown."""
        self.graph.show(pipeline)

    def set_states(self, states: Mapping[str, NodeState]) -> None:
        """Show how the nodes fare; those not named have no state."""
        self.graph.set_states(states)
        self._running = {name for name, state in states.items() if state.status == "running"}
        self._animate_if_needed()

    def set_state(self, node: str, state: NodeState) -> None:
        """Show how one node fares."""
        self.graph.set_state(node, state)
        if state.status == "running":
            self._running.add(node)
        else:
            self._running.discard(node)
        self._animate_if_needed()

    def set_problems(self, problems: Mapping[str, Sequence[Any]]) -> None:
        """Show problems on nodes; those not named have none."""
        self.graph.set_problems(problems)

    def set_port_info(self, info: Mapping[Endpoint, str]) -> None:
        """Set what a port's tooltip says besides name and type: its columns."""
        self.port_info = info

    def selection(self) -> list[str]:
        """Return the ids of selected nodes, notes and groups."""
        return self.graph.selection()

    def selected_links(self) -> list[Link]:
        """Return the selected links."""
        return [link for link in self.graph.pipeline.links if link in self.graph.selected_links]

    def select(self, ids: Iterable[str]) -> None:
        """Select exactly these nodes, notes and groups."""
        self.graph.select(ids)

    def select_all(self) -> None:
        """Select every node, note and group that can be seen."""
        self.graph.select(self.graph.seen())

    def delete_selection(self) -> bool:
        """Ask for the removal of what is selected; false if nothing is."""
        return selection_edits.delete(self)

    def group_selection(self) -> bool:
        """Ask for the selected nodes and groups as a group, and let its title be written."""
        return selection_edits.group(self)

    def ungroup_selection(self) -> bool:
        """Ask for the end of the selected groups, or of those around the selected nodes."""
        return selection_edits.ungroup(self)

    def selected_groups(self) -> list[str]:
        """Return the selected groups, or else those right around what is selected."""
        return selection_edits.groups_meant(self)

    def fold_selection(self) -> bool:
        """Ask for the selected groups, or those around the selection, as one card or whole."""
        return selection_edits.fold(self)

    def fold(self, name: str, collapsed: bool) -> None:
        """Ask for a group as one card, or with all that it holds."""
        selection_edits.set_collapsed(self, [name], collapsed)

    def link_selection(self) -> bool:
        """Ask for a link between the two selected nodes, or say why there can be none."""
        return selection_edits.link(self)

    def zoom_in(self) -> None:
        """Make everything larger."""
        self.viewer.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Make everything smaller."""
        self.viewer.zoom_by(1 / ZOOM_STEP)

    def zoom_reset(self) -> None:
        """Show life size."""
        self.viewer.set_zoom_factor(1.0)

    def fit(self) -> None:
        """Show the whole pipeline, and keep that while the size changes."""
        area = self.graph.bounds()
        if area.isEmpty():
            self.viewer.set_zoom_factor(1.0)
            self.viewer.centerOn(0, 0)
            return
        self.viewer.fit(area)
        self._fitted = True
        self._fitted_zoom = self.viewer.zoom()
        self._fitted_room = self.viewer.viewport().size()

    def center_on(self, name: str) -> None:
        """Bring a node, note or group to the middle and select it."""
        area = self.graph.bounds([name])
        if not area.isEmpty():
            self.viewer.make_room(area)
            self.viewer.centerOn(area.center())
            self.select([name])

    def view_center(self) -> tuple[float, float]:
        """Return the scene place in the middle of the view."""
        center = self.viewer.visible_area().center()
        return center.x(), center.y()

    def open_quick_add(self, text: str = "") -> None:
        """Open the list of modules below the one selected card, or else at the pointer.

        What is chosen there is linked to the card if it fits.
        """
        chosen = [self.graph.nodes.get(name) for name in self.selection()]
        if len(chosen) == 1 and chosen[0] is not None and chosen[0].isVisible():
            item = chosen[0]
            below = self.viewer.to_view(QPointF(item.x(), item.y() + HEIGHT + GRID))
            if self.viewer.viewport().rect().contains(below.toPoint()):
                self.open_list(
                    below,
                    self.catalog.values(),
                    lambda spec: add_below(self, spec, item),
                    text=text,
                )
                return
        place = self.viewer.viewport().mapFromGlobal(self.cursor().pos())
        if not self.viewer.viewport().rect().contains(place):
            place = self.viewer.viewport().rect().center()
        self.open_quick_add_at(QPointF(place), text)

    def open_quick_add_at(self, at: QPointF, text: str = "") -> None:
        """Open the list of modules; the chosen one comes to a place of the view."""
        place = self.viewer.to_scene(at)
        corner = snapped(place.x() - WIDTH / 2, place.y() - HEIGHT / 2)
        self.open_list(
            at, self.catalog.values(), lambda spec: self.add_module(spec, corner), text=text
        )

    def open_list(
        self,
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
            self.viewer.setFocus(Qt.FocusReason.PopupFocusReason)

        self.quick_add.open(at.toPoint(), specs, chosen, end, text)

    def add_module(
        self, spec: ModuleSpec, position: tuple[float, float], group: str | None = None
    ) -> None:
        """Ask for a new node at a place, or beside what is already there.

        It comes into the group named, or by default into the one on whose frame it lies.
        """
        place = self.free_place(*position)
        holder = self.group_at(*place) if group is None else group
        self.edit(
            f"Add “{spec.title}”",
            lambda pipeline: edits.add_node(
                pipeline, spec.id, version=spec.version, position=place, group=holder
            )[0],
            select_new=True,
        )

    def group_at(self, x: float, y: float) -> str:
        """Return the group on whose frame a card at this place would lie; empty if on none."""
        return self.graph.frames.over(QPointF(x + WIDTH / 2, y + HEIGHT / 2))

    def free_place(self, x: float, y: float) -> tuple[float, float]:
        """Return the first place from here, going down and right, with no card on it."""
        while any(
            abs(item.x() - x) < GRID and abs(item.y() - y) < GRID
            for item in self.graph.nodes.values()
            if item.isVisible()
        ):
            x, y = x + 2 * GRID, y + 2 * GRID
        return x, y

    def edit_note(self, name: str) -> None:
        """Let the person write into a note."""
        self._writing.begin(name)

    def finish_note(self) -> None:
        """Keep what is being written into a note."""
        self._writing.finish()

    def edit_title(self, name: str) -> None:
        """Let the person write the title of a group."""
        self._titling.begin(name)

    @property
    def wants_minimap(self) -> bool:
        """Whether the map is shown while something lies outside the view."""
        return self._wants_map

    def set_minimap_visible(self, visible: bool) -> None:
        """Show the map in the corner while something lies outside the view, or never."""
        self._wants_map = visible
        self.show_map()

    def edit(
        self,
        text: str,
        function: Edit,
        merge: Hashable | None = None,
        select_new: bool = False,
    ) -> None:
        """Ask for an edit; ``select_new`` selects the nodes that it has added."""
        before = set(self.graph.nodes)
        self.edited.emit(text, function, merge)
        added = [name for name in self.graph.nodes if name not in before]
        if select_new and added:
            self.select(added)

    def show_map(self) -> None:
        """Show the map if it is wanted and something lies outside the view."""
        shown = self._wants_map and not self._is_empty()
        self.minimap.setVisible(shown and self.minimap.is_needed())

    def map_changed(self) -> None:
        """Note that cards are elsewhere."""
        self.graph.frames.fit()
        self.minimap.scene_changed()
        self.show_map()

    def resizeEvent(self, event: Any) -> None:
        """Keep hint and map in their places."""
        super().resizeEvent(event)
        self.hint.setGeometry(self.rect())
        self.minimap.place()
        self.show_map()

    def _on_shown(self) -> None:
        self.pointer.refresh()
        empty = self._is_empty()
        self.hint.setVisible(empty)
        self.viewer.make_room(self.viewer.scene().sceneRect())
        self.minimap.scene_changed()
        self.show_map()

    def _on_selection_changed(self) -> None:
        names = self.graph.selection()
        spoken = [self._spoken(name) for name in names[:3]]
        if len(names) > 3:
            spoken = [f"{len(names)} items selected"]
        self.viewer.setAccessibleDescription("; ".join(spoken))
        self.selection_changed.emit(names)

    def _spoken(self, name: str) -> str:
        frame = self.graph.frames.items.get(name)
        item = frame or self.graph.nodes.get(name)
        return item.spoken() if item else "Note"

    def _is_empty(self) -> bool:
        return not self.graph.nodes and not self.graph.notes and not self.graph.frames.items

    def _on_resized(self) -> None:
        if self._fitted and self._fits_badly():
            self.viewer.fit(self.graph.bounds())
        self.show_map()

    def _fits_badly(self) -> bool:
        """Return whether a fitted pipeline is worth moving after the size has changed.

        A bar that comes or goes below must not move what the pointer is on; a window that
        is maximised may.
        """
        room, before = self.viewer.viewport().size(), self._fitted_room
        return (
            not self.viewer.visible_area().contains(self.graph.bounds())
            or self.viewer.zoom() < self._fitted_zoom
            or room.width() > before.width() * MUCH_LARGER
            or room.height() > before.height() * MUCH_LARGER
        )

    def _on_view_changed(self) -> None:
        if not self.viewer.settling:
            self._fitted = False
        self.finish_note()
        self._titling.finish()
        self.show_map()
        self.minimap.view_moved()
        if self.viewer.zoom() != self._zoom:
            self._zoom = self.viewer.zoom()
            self.zoom_changed.emit(self._zoom)

    def _on_theme(self) -> None:
        self.hint.setText(_hint_text())
        self.graph.restyle()
        self.viewer.viewport().update()
        self.minimap.scene_changed()

    def _animate_if_needed(self) -> None:
        self.minimap.scene_changed()
        if self._running and not self._moving_picture.isActive():
            self._moving_picture.start()
        elif not self._running:
            self._moving_picture.stop()

    def _animate(self) -> None:
        for name in self._running:
            item = self.graph.nodes.get(name)
            if item is not None:
                item.update()
        self.graph.frames.animate(self._running)


def _hint_text() -> str:
    colors = theme.current()
    return (
        f'<p style="color:{colors.text}; font-size:17px; font-weight:600; margin-bottom:8px">'
        "Build a pipeline</p>"
        f'<p style="color:{colors.text_muted}; font-size:13px; line-height:150%">'
        "Drag a module here from the left,<br>"
        "or double-click or press Tab to search.</p>"
    )
