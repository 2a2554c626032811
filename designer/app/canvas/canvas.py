"""The canvas: shows a pipeline and turns gestures into edits of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from designer.app.canvas import picture
from designer.app.canvas.accessibility.descriptions import selection_text
from designer.app.canvas.accessibility.tree import CanvasTree
from designer.app.canvas.arranging.aligning import Selected
from designer.app.canvas.editing import adding, link_edits, module_search, selection_edits
from designer.app.canvas.editing.node_template import NodeTemplate
from designer.app.canvas.editing.preference import Preference
from designer.app.canvas.editing.quick_add_item import QuickAddItem
from designer.app.canvas.gestures.pointer import Pointer
from designer.app.canvas.overlay import FocusLine, Hint
from designer.app.canvas.progress_animation import ProgressAnimation
from designer.app.canvas.state import NodeState
from designer.app.canvas.surface import Surface
from designer.app.canvas.viewer import ZOOM_STEP
from designer.app.shell import theme
from designer.app.widgets.text_scale import text_scale
from designer.pipeline.identifiers import without_members
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import ModuleSpec


class Canvas(Surface):
    """The editor of a pipeline.

    It never changes the pipeline. A gesture emits ``edited`` with the name of the step,
    a function from pipeline to pipeline and what the step may merge with; the owner of
    the pipeline applies the function and calls :meth:`show_pipeline`.

    Parameters
    ----------
    catalog : mapping of str to ModuleSpec
        The modules that exist, by id.
    """

    def __init__(self, catalog: Mapping[str, ModuleSpec], parent: QWidget | None = None) -> None:
        super().__init__(catalog, parent)
        self.hint = Hint(self)
        self.focus_line = FocusLine(self)
        self.way_back.raise_()
        self.minimap.raise_()
        self.quick_add.raise_()
        self.pointer = Pointer(self)
        self.viewer.handler = self.pointer
        self.setFocusProxy(self.viewer)
        self.setAccessibleName(tr("Pipeline"))
        self.viewer.setAccessibleName(tr("Pipeline canvas"))
        self.progress_animation = ProgressAnimation(self.graph)
        self._tree = CanvasTree(self, self._open)
        self._zoom = 1.0
        self.graph.selection_changed.connect(self._on_selection_changed)
        self.graph.shown.connect(self._on_shown)
        self.viewer.view_changed.connect(self._on_view_changed)
        self.viewer.resized.connect(self.show_map)
        self.viewer.reached.connect(self.focus_line.setVisible)
        theme.notifier().changed.connect(self._on_theme)
        self._on_shown()

    def show_pipeline(self, pipeline: Pipeline) -> None:
        """Show a pipeline, touching only what differs from the one shown."""
        self.graph.show(pipeline)

    def set_states(self, states: Mapping[str, NodeState]) -> None:
        """Show the states of the nodes; nodes not named have none."""
        self.graph.set_states(states)
        running = (name for name, state in states.items() if state.status == "running")
        self.progress_animation.set_running(running)
        self.minimap.scene_changed()

    def set_state(self, node: str, state: NodeState) -> None:
        """Show the state of one node."""
        self.graph.set_state(node, state)
        self.progress_animation.set_one(node, state.status == "running")
        self.minimap.scene_changed()

    def set_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show problems on nodes; those not named have none."""
        self.graph.set_problems(problems)

    def refresh_modules(self) -> None:
        """Show every node again: the catalog has changed."""
        self.graph.refresh_modules()

    def set_port_info(self, info: Mapping[Endpoint, str]) -> None:
        """Set the columns in the tooltip of a port, besides name and type."""
        self.port_info = info

    def set_quick_add_items(self, items: Sequence[QuickAddItem]) -> None:
        """Set further items of the list of modules: registered datasets."""
        self.quick_add_items = items

    def set_shared_items(self, items: Mapping[str, QuickAddItem]) -> None:
        """Set the shared modules that can be added, by the ids of their specifications."""
        self.shared_items = items

    def set_preference(self, preference: Callable[[str | None], Preference]) -> None:
        """Set which learners are listed first for a node, or for the pipeline."""
        self.preference = preference

    def delete_selection(self) -> bool:
        """Ask for the removal of the selection; false if it is empty."""
        return selection_edits.delete(self)

    def group_selection(self) -> bool:
        """Ask for the selection as a group, and open the editor of its title."""
        return selection_edits.group(self)

    def ungroup_selection(self) -> bool:
        """Ask for the end of the selected groups, or of those around the selected nodes."""
        return selection_edits.ungroup(self)

    def selected_groups(self) -> list[str]:
        """Return the selected groups, or else the innermost ones around the selection."""
        return selection_edits.target_groups(self)

    def fold_selection(self) -> bool:
        """Ask to collapse or expand the selected groups, or those around the selection."""
        return selection_edits.fold(self)

    def link_selection(self) -> bool:
        """Ask for a link between the two selected nodes, or show why it isn't possible."""
        return link_edits.link(self)

    def unlink_selection(self) -> bool:
        """Ask for the end of a link between the two selected nodes."""
        return link_edits.unlink(self)

    def zoom_in(self) -> None:
        """Zoom in."""
        self.viewer.zoom_by(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom out."""
        self.viewer.zoom_by(1 / ZOOM_STEP)

    def zoom_reset(self) -> None:
        """Show actual size."""
        self.viewer.set_zoom_factor(text_scale())
        self.way_back.show_nearest()

    def show_change(self, before: Pipeline) -> None:
        """Show what isn't as it was in another state of the pipeline, if it isn't in view."""
        self.way_back.show_change(before)

    def center_on(self, name: str) -> None:
        """Center a node, note, or group and select it."""
        area = self.graph.bounds([name])
        if not area.isEmpty():
            self.viewer.make_room(area)
            self.viewer.centerOn(area.center())
            self.select([name])

    def view_center(self) -> tuple[float, float]:
        """Return the position in the middle of the view."""
        center = self.viewer.visible_area().center()
        return center.x(), center.y()

    def pointer_position(self) -> tuple[float, float] | None:
        """Return the position under the pointer; None where that isn't on the canvas."""
        at = self.viewer.pointer()
        # What is over it, such as a menu that is about to close, has the pointer.
        if at is None or not self.viewer.viewport().underMouse():
            return None
        point = self.viewer.to_scene(at)
        return point.x(), point.y()

    def open_quick_add(self, text: str = "") -> None:
        """Open the list of modules below the one selected card, or else at the pointer.

        What is chosen there is linked to the card if it fits.
        """
        module_search.search(self, text)

    def selected_areas(self) -> Selected:
        """Return where the selected items are; a group represents its members."""
        names = without_members(self.selection())
        return Selected({name: self.graph.bounds([name]) for name in names})

    def save_picture(self, path: Path) -> bool:
        """Save the whole pipeline as it looks with nothing selected: PNG, or SVG by the suffix."""
        return picture.save(self.graph, self.viewer, path)

    def replace_selected(self) -> None:
        """Open the list of modules that can replace the selected node."""
        chosen = [name for name in self.selection() if name in self.graph.nodes]
        if len(chosen) == 1:
            module_search.replace_with(self, chosen[0])

    def add_module(
        self,
        spec: ModuleSpec,
        position: tuple[float, float],
        group: str | None = None,
        template: NodeTemplate | None = None,
    ) -> None:
        """Ask for a new node at a point, or beside what is already there.

        It is added to the given group, or by default to the one on whose frame it is.
        """
        adding.add_module(self, spec, position, group, template)

    def add_central(self, spec: ModuleSpec, template: NodeTemplate | None = None) -> None:
        """Ask for a new node in the middle of the view, or near it if that is taken."""
        adding.add_near(self, spec, self.view_center(), template)

    def positions_at(self, x: float, y: float, count: int) -> list[tuple[float, float]]:
        """Return positions for new cards, side by side, the middle of the first at a point."""
        return adding.positions_in_row(self, x, y, count)

    @property
    def wants_minimap(self) -> bool:
        """Whether the map is shown while something is outside the view."""
        return self._wants_map

    def set_minimap_visible(self, visible: bool) -> None:
        """Show the map in the corner while something is outside the view, or never."""
        self._wants_map = visible
        self.show_map()

    def resizeEvent(self, event: Any) -> None:
        """Keep hint and map in position."""
        super().resizeEvent(event)
        self.hint.setGeometry(self.rect())
        self.focus_line.lay_out(self.width())
        self.minimap.lay_out()
        self.show_map()
        self.way_back.follow()

    def _on_shown(self) -> None:
        self.pointer.refresh()
        self._writing.follow()
        self._titling.follow()
        self.hint.setVisible(self.graph.is_empty)
        self.viewer.make_room(self.viewer.scene().sceneRect())
        self.minimap.scene_changed()
        self.show_map()
        self.way_back.follow()

    def _on_selection_changed(self) -> None:
        text = selection_text(self)
        self.viewer.setAccessibleDescription(text)
        self.announced.emit(text)
        self.selection_changed.emit(self.graph.selection())

    def _open(self, name: str) -> None:
        """Open a node, note, or group, as Enter does."""
        if name in self.graph.notes:
            self.edit_note(name)
        elif frame := self.graph.frames.items.get(name):
            if frame.shared:
                self.module_opened.emit(name)
            else:
                self.edit_title(name)
        else:
            self.node_activated.emit(name)

    def _on_view_changed(self) -> None:
        self.finish_writing()
        self.show_map()
        self.way_back.follow()
        self.minimap.view_moved()
        if self.viewer.zoom() != self._zoom:
            self._zoom = self.viewer.zoom()
            self.zoom_changed.emit(self._zoom)

    def _on_theme(self) -> None:
        self.graph.restyle()
        self.viewer.viewport().update()
        self.minimap.scene_changed()
