"""The shared parts of the canvas: view, scene, overlays, and edit requests."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.canvas.editing.preference import Preference
from designer.app.canvas.editing.quick_add import QuickAdd
from designer.app.canvas.editing.quick_add_item import QuickAddItem
from designer.app.canvas.fitting import Fitting
from designer.app.canvas.gestures.note_editor import NoteEditor
from designer.app.canvas.gestures.title_editor import TitleEditor
from designer.app.canvas.graph import Graph
from designer.app.canvas.items.link_item import LiveLink
from designer.app.canvas.items.port_labels import PortLabels
from designer.app.canvas.minimap import Minimap
from designer.app.canvas.overlay import Bubble, Ghost
from designer.app.canvas.viewer import Viewer
from designer.app.canvas.way_back import WayBack
from designer.pipeline.model import Endpoint, Link, Pipeline
from modules.contract import ModuleSpec

Edit = Callable[[Pipeline], Pipeline]


class Surface(QWidget):
    """The view of a pipeline with what is over it.

    Gestures, keys, and edits work on it; they know nothing of each other nor of the canvas
    that they make up.

    Parameters
    ----------
    catalog : mapping of str to ModuleSpec
        The modules that exist, by id.

    Signals
    -------
    message : str
        Why something can't be done, or what was done.
    module_opened : str
        The id of a group that is a shared module, which is to be opened.
    announced : str
        What a screen reader is to read out: what is selected now.
    """

    edited = Signal(str, object, object)
    selection_changed = Signal(list)
    node_activated = Signal(str)
    node_opened = Signal(str, str)
    module_opened = Signal(str)
    menu_requested = Signal(object, QPoint)
    files_dropped = Signal(list, float, float)
    message = Signal(str)
    announced = Signal(str)
    zoom_changed = Signal(float)

    def __init__(self, catalog: Mapping[str, ModuleSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.catalog = catalog
        self.port_info: Mapping[Endpoint, str] = {}
        self.quick_add_items: Sequence[QuickAddItem] = ()
        self.shared_items: Mapping[str, QuickAddItem] = {}
        self.preference: Callable[[str | None], Preference] = lambda node: Preference()
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
        self.bubble = Bubble(self)
        self.minimap = Minimap(self, self.viewer, self.graph, self.written_at)
        self.minimap.released.connect(self.show_map)
        self.quick_add = QuickAdd(self)
        shared = (self.viewer, self.graph, self.edit, self.minimap.move_away)
        self._writing = NoteEditor(*shared)
        self._titling = TitleEditor(*shared)
        self._fitting = Fitting(self.viewer, self.graph)
        self.way_back = WayBack(self, self.viewer, self.graph, self._fitting)
        self._wants_map = True

    def edit(
        self,
        text: str,
        function: Edit,
        merge: Hashable | None = None,
        select_new: bool = False,
    ) -> None:
        """Ask for an edit; ``select_new`` selects and shows the nodes that it has added."""
        before = set(self.graph.nodes)
        self.edited.emit(text, function, merge)
        added = [name for name in self.graph.nodes if name not in before]
        if select_new and added:
            cards = ((name, self.graph.frames.stand_in(name)) for name in added)
            self.present(dict.fromkeys(card.subject.id if card else name for name, card in cards))

    def selection(self) -> list[str]:
        """Return the ids of selected nodes, notes, and groups."""
        return self.graph.selection()

    def selected_links(self) -> list[Link]:
        """Return the selected links."""
        return [link for link in self.graph.pipeline.links if link in self.graph.selected_links]

    def select(self, ids: Iterable[str]) -> None:
        """Select exactly these nodes, notes, and groups."""
        self.graph.select(ids)

    def select_all(self) -> None:
        """Select every visible node, note, and group."""
        self.graph.select(self.graph.seen())

    def present(self, ids: Iterable[str]) -> None:
        """Select exactly these and scroll just far enough to show them."""
        self.select(ids)
        self.viewer.show_area(self.graph.bounds(self.selection()))

    def fit(self) -> None:
        """Show the whole pipeline, and keep that while the size changes."""
        self._fitting.fit()

    def group_at(self, x: float, y: float) -> str:
        """Return the group on whose open frame a position is; empty if on none."""
        return self.graph.frames.over(QPointF(x, y))

    def edit_note(self, name: str) -> None:
        """Let the user write into a note."""
        self._writing.begin(name)

    def edit_title(self, name: str) -> None:
        """Let the user write the title of a group."""
        self._titling.begin(name)

    def finish_writing(self) -> None:
        """Keep the text that is being edited in a note or a title."""
        self._writing.finish()
        self._titling.finish()

    def written_at(self) -> QRect:
        """Return where something is being written; empty if nothing is."""
        editor = self._titling.editor or self._writing.editor
        if editor is None:
            return QRect()
        return QRect(editor.mapTo(self, QPoint(0, 0)), editor.size())

    def show_map(self) -> None:
        """Show the map if it is wanted and something is outside the view."""
        shown = self._wants_map and not self.graph.is_empty
        self.minimap.setVisible(shown and self.minimap.is_needed())

    def map_changed(self) -> None:
        """Note that cards have moved."""
        self.graph.frames.fit()
        self.minimap.scene_changed()
        self.show_map()
        self.way_back.follow()
