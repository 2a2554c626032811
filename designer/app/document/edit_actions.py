"""Commands that edit the pipeline: clipboard, nodes, notes, layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

from designer.app.canvas import Canvas
from designer.app.canvas.editing.free_space import way_beside, way_to_room
from designer.app.canvas.editing.positioning import with_positions
from designer.app.canvas.items.geometry import (
    FRAME_PADDING,
    FRAME_TITLE,
    HEIGHT,
    WIDTH,
    snapped,
)
from designer.app.dialogs.messages import Messages
from designer.app.document import clipboard
from designer.app.document.agreements import Agreements
from designer.app.document.document import Document
from designer.app.document.path_parameters import rebase
from designer.app.document.selection import Selection
from designer.app.shell.commands import command
from designer.app.shell.navigation import EDITING, Navigation
from designer.app.widgets.sentence_case import in_sentence
from designer.catalog import Catalog
from designer.composed_texts import in_language
from designer.examples import example
from designer.pipeline import edits, grouping
from designer.pipeline.model import Pipeline
from designer.texts import tr


class EditActions:
    """The commands that change the pipeline."""

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        canvas: Canvas,
        agreements: Agreements,
        selection: Selection,
        navigation: Navigation,
        messages: Messages,
    ) -> None:
        self._document = document
        self._catalog = catalog
        self._canvas = canvas
        self._agreements = agreements
        self._selection = selection
        self._navigation = navigation
        self._messages = messages
        self.copied = ""

    def conditions(self) -> dict[str, bool]:
        """Return which conditions of commands the pipeline and the selection meet."""
        pipeline, stack = self._document.pipeline, self._document.undo_stack
        selected = bool(self._canvas.selection() or self._canvas.selected_links())
        holds = {
            "pipeline": True,
            "content": bool(pipeline.nodes or pipeline.notes),
            "selection": selected,
            "nodes": bool(self._selection.nodes()),
            "group": bool(self._canvas.selected_groups()),
            "one": self._selection.node() is not None,
            "undo": stack.canUndo(),
            "redo": stack.canRedo(),
        }
        return {name: self._navigation.editing and true for name, true in holds.items()}

    def apply(
        self,
        text: str,
        function: Callable[[Pipeline], Pipeline],
        merge: Any = None,
        *,
        foreign: bool = False,
    ) -> bool:
        """Apply an edit; if it isn't possible, the status bar shows why."""
        try:
            return self._document.apply(text, function, merge, foreign=foreign)
        except edits.EditError as error:
            self._messages.show(in_language(str(error)), warning=True)
            return False

    @command(
        tr("Undo"),
        "Ctrl+Z",
        icon="undo",
        help=tr("Undo the last change."),
        needs="undo",
        menus=("Edit 1.1", "Tools 2.1"),
        label=lambda self: f"Undo {in_sentence(self._document.undo_stack.undoText())}".rstrip(),
    )
    def undo(self) -> None:
        """Undo the last step."""
        self._step(self._document.undo_stack.undo)

    @command(
        tr("Redo"),
        "Ctrl+Shift+Z Ctrl+Y",
        icon="redo",
        help=tr("Redo the last undone change."),
        needs="redo",
        menus=("Edit 1.2", "Tools 2.2"),
        label=lambda self: f"Redo {in_sentence(self._document.undo_stack.redoText())}".rstrip(),
    )
    def redo(self) -> None:
        """Redo the next step."""
        self._step(self._document.undo_stack.redo)

    @command(
        tr("Cut"),
        "Ctrl+X",
        icon="cut",
        help=tr("Move the selection to the clipboard."),
        needs="selection",
        menus=("Edit 2.1", "Node 4.2", "Group 4.2", "Note 1.2"),
        on_canvas=True,
    )
    def cut(self) -> None:
        """Copy and delete the selection."""
        if self.copy():
            names = self._canvas.selection()
            self.apply(tr("Cut"), lambda p: edits.remove(p, names))

    @command(
        tr("Copy"),
        "Ctrl+C",
        icon="copy",
        help=tr("Copy the selection to the clipboard."),
        needs="selection",
        menus=("Edit 2.2", "Node 4.1", "Group 4.1", "Note 1.1"),
        on_canvas=True,
    )
    def copy(self) -> bool:
        """Copy the selection; false if nothing is selected."""
        names = self._canvas.selection()
        if not names:
            return False
        fragment = edits.extract(self._document.pipeline, names)
        self._agreements.copied(fragment)
        data = clipboard.to_mime(fragment, self._document.base)
        self.copied = data.text()
        QApplication.clipboard().setMimeData(data)
        return True

    @command(
        tr("Paste"),
        "Ctrl+V",
        icon="paste",
        help=tr("Add what is in the clipboard."),
        needs="pipeline",
        menus=("Edit 2.3", "Canvas 1.2"),
        on_canvas=True,
    )
    def paste(self, position: tuple[float, float] | None = None) -> None:
        """Add the content of the clipboard, if it is a part of a pipeline.

        Parameters
        ----------
        position : tuple of float, optional
            Where its middle should be, if there is room; by default at the pointer, and if that
            isn't on the canvas, beside what was copied. On the frame of a group it is added to
            the group.
        """
        data = QApplication.clipboard().mimeData()
        fragment = clipboard.from_mime(data)
        if fragment is None:
            self._messages.show(tr("The clipboard doesn't contain part of a pipeline."))
            return
        origin = clipboard.base_of(data)
        if origin is not None:
            base = self._document.base
            # The clipboard's content comes from anywhere, and so does the folder.
            fragment = rebase(fragment, self._catalog, origin, base, closed=fragment.nodes)
        fragment = with_positions(fragment, self._catalog)
        canvas = self._canvas
        area = _bounds(fragment)
        point = position or canvas.pointer_position()
        if point is None and not canvas.viewer.visible_area().intersects(area):
            point = canvas.view_center()
        # Without a position it is beside what was copied, which is in view.
        center = area.center()
        offset = snapped(point[0] - center.x(), point[1] - center.y()) if point else (0.0, 0.0)
        group = canvas.group_at(*point) if point else ""
        across, down = way_to_room(canvas, area.translated(*offset), group)
        self._insert(tr("Paste"), fragment, (offset[0] + across, offset[1] + down), group)

    @command(
        tr("Add example"),
        icon="add",
        help=tr("Add a small pipeline that shows the selected module at work."),
        needs="one",
        menus=("Pipeline 1.3", "Node 6"),
    )
    def add_example_of_selected(self) -> None:
        """Add an example of the selected module."""
        node = self._selection.node()
        if node is not None:
            self.add_example(self._document.pipeline.nodes[node].module)

    def add_example(self, module: str) -> None:
        """Add a small pipeline that shows a module at work, in the middle of the visible area."""
        spec = self._catalog.get(module)
        fragment = None if spec is None else example(spec, self._catalog)
        if fragment is None:
            self._messages.show(tr("This module has no example: it needs a file."))
            return
        if not self._navigation.editing:
            self._navigation.show(EDITING)
        canvas = self._canvas
        area, (x, y) = _bounds(fragment), canvas.view_center()
        offset = snapped(x - area.center().x(), y - area.center().y())
        across, down = way_to_room(canvas, area.translated(*offset))
        self._insert(
            tr("Add example"), fragment, (offset[0] + across, offset[1] + down), foreign=False
        )

    @command(
        tr("Duplicate"),
        "Ctrl+D",
        icon="duplicate",
        help=tr("Add a copy of the selection."),
        needs="selection",
        menus=("Edit 2.4", "Node 4.3", "Group 4.3", "Note 1.3"),
    )
    def duplicate(self) -> None:
        """Add a copy of the selection beside it, where there is room."""
        canvas = self._canvas
        names = canvas.selection()
        fragment = edits.extract(self._document.pipeline, names)
        self._insert(tr("Duplicate"), fragment, way_beside(canvas, names))

    @command(
        tr("Delete"),
        "Del Backspace",
        icon="delete",
        help=tr("Delete the selection."),
        needs="selection",
        menus=("Edit 2.5", "Node 4.4", "Group 4.4", "Note 1.4"),
        on_canvas=True,
    )
    def delete(self) -> None:
        """Delete the selected nodes, notes, and links."""
        self._canvas.delete_selection()

    @command(
        tr("Group"),
        "Ctrl+G",
        help=tr("Frame the selected modules."),
        needs="nodes",
        menus=("Edit 5.1", "Node 3.3", "Group 3.3"),
        on_canvas=True,
    )
    def group(self) -> None:
        """Put a frame around the selected modules, and let its title be written."""
        self._canvas.group_selection()

    @command(
        tr("Ungroup"),
        "Ctrl+Shift+G",
        help=tr("Remove the frame and keep the modules."),
        needs="group",
        menus=("Edit 5.2", "Node 3.4", "Group 3.2"),
        on_canvas=True,
    )
    def ungroup(self) -> None:
        """Remove the selected frames, or those around the selection."""
        self._canvas.ungroup_selection()

    @command(
        tr("Collapse or expand"),
        "Ctrl+.",
        help=tr("Show the group as one card, or all of its modules."),
        needs="group",
        menus=("Edit 5.3", "Group 3.1"),
        on_canvas=True,
        label=lambda self: tr("Expand") if self._all_collapsed() else tr("Collapse"),
    )
    def fold(self) -> None:
        """Collapse or expand the selected groups, or those around the selection."""
        self._canvas.fold_selection()

    @command(
        tr("Link modules"),
        "Ctrl+K",
        icon="link",
        help=tr("Link the two selected modules, or one to another."),
        needs="nodes",
        menus="Edit 5.4",
        on_canvas=True,
    )
    def link_selection(self) -> None:
        """Link the two selected modules."""
        self._canvas.link_selection()

    @command(
        tr("Choose inputs"),
        "Ctrl+J",
        help=tr("Go to the lists of what the module's inputs are linked to."),
        needs="one",
        menus="Edit 5.45",
    )
    def choose_inputs(self) -> None:
        """Put the focus into the inputs of the selected node."""
        self._navigation.edit_inputs()

    @command(
        tr("Unlink modules"),
        "Ctrl+Shift+K",
        icon="unlink",
        help=tr("Delete the link between two selected modules, or a link of one."),
        needs="nodes",
        menus="Edit 5.5",
        on_canvas=True,
    )
    def unlink_selection(self) -> None:
        """Delete the link between the two selected modules."""
        self._canvas.unlink_selection()

    @command(
        tr("Select all"),
        "Ctrl+A",
        help=tr("Select all modules and notes."),
        needs="content",
        menus=("Edit 3", "Canvas 2"),
        on_canvas=True,
    )
    def select_all(self) -> None:
        """Select every node and note."""
        self._canvas.select_all()

    def _step(self, go: Callable[[], object]) -> None:
        """Undo or redo, and show what that changes."""
        before = self._document.pipeline
        go()
        self._document.end_merge()
        self._canvas.show_change(before)

    def _all_collapsed(self) -> bool:
        groups, every = self._document.pipeline.groups, self._canvas.selected_groups()
        return bool(every) and all(name in groups and groups[name].collapsed for name in every)

    def _insert(
        self,
        text: str,
        fragment: Pipeline,
        offset: tuple[float, float],
        group: str = "",
        *,
        foreign: bool = True,
    ) -> None:
        names: dict[str, str] = {}

        def insert(pipeline: Pipeline) -> Pipeline:
            whole, found = edits.insert(pipeline, fragment, offset)
            renamed: dict[str, str] = {}
            if group:
                whole, renamed = grouping.move_into(whole, found.values(), group)
            names.update((old, renamed.get(new, new)) for old, new in found.items())
            return whole

        # Also a duplicate: its original may come from elsewhere.
        if self.apply(text, insert, foreign=foreign):
            self._canvas.present(names.values())


def _bounds(fragment: Pipeline) -> QRectF:
    """Return what encloses a part of a pipeline, with the frames of its groups."""
    boxes = [(name, (*node.position, WIDTH, HEIGHT)) for name, node in fragment.nodes.items()]
    boxes += [(name, (*note.position, *note.size)) for name, note in fragment.notes.items()]
    # Where the others are follows from what is in them.
    empty = [name for name in fragment.groups if not grouping.members_of(fragment, name)]
    boxes += [(name, (*fragment.groups[name].position, WIDTH, HEIGHT)) for name in empty]
    area = QRectF()
    for name, box in boxes:
        depth = name.count("/")
        around, above = depth * FRAME_PADDING, depth * (FRAME_TITLE + FRAME_PADDING)
        area = area.united(QRectF(*box).adjusted(-around, -above, around, around))
    return area
