"""Dropping modules of the palette and files onto the canvas."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QMimeData, QPointF, Qt

from designer.app.canvas.arranging.room import with_room
from designer.app.canvas.editing.adding import add_module
from designer.app.canvas.editing.node_template import NodeTemplate
from designer.app.canvas.items.geometry import HEIGHT, WIDTH, snapped
from designer.app.canvas.items.link_item import LinkItem
from designer.app.canvas.state import MODULE_MIME
from designer.app.canvas.surface import Surface
from designer.pipeline import edits
from designer.pipeline.file import SUFFIX
from designer.pipeline.link_rules import way_through
from designer.pipeline.model import Pipeline
from designer.texts import tr
from modules.contract import ModuleSpec


class Dropping:
    """Shows where something would land and turns the landing into an edit."""

    def __init__(self, canvas: Surface) -> None:
        self._canvas = canvas
        self._link: LinkItem | None = None

    def drag(self, event: Any) -> None:
        """Answer whether this can be dropped here, and show where."""
        spec = self._module(event.mimeData())
        files = _files(event.mimeData())
        # A pipeline is opened; any other file becomes a card.
        opens = any(file.endswith(SUFFIX) for file in files)
        if spec is None and (opens or not files):
            self.leave()
            if files:
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
            else:
                event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._canvas.minimap.set_faint(True)
        point = self._canvas.viewer.to_scene(event.position())
        self._canvas.ghost.setPos(*_corner(point))
        self._canvas.ghost.setVisible(True)
        self._mark(self._link_for(spec, point) if spec else None)
        frames = self._canvas.graph.frames
        group = frames.over(point)
        frames.mark(group)
        text = tr("Into “{title}”").format(title=frames.items[group].title) if group else ""
        self._canvas.bubble.show_text(text, event.position(), good=True)

    def leave(self) -> None:
        """Forget what was shown."""
        self._canvas.ghost.setVisible(False)
        self._canvas.minimap.set_faint(False)
        self._canvas.bubble.hide()
        self._canvas.graph.frames.mark("")
        self._mark(None)

    def drop(self, event: Any) -> None:
        """Add the module, into a link if it fits there, or pass the files on."""
        spec = self._module(event.mimeData())
        point = self._canvas.viewer.to_scene(event.position())
        files = _files(event.mimeData())
        self.leave()
        if spec is not None:
            shared = self._canvas.shared_items.get(spec.id)
            template = shared.template if shared else NodeTemplate.from_mime(event.mimeData())
            self._add(spec, point, template)
        elif files:
            self._canvas.files_dropped.emit(files, point.x(), point.y())
        else:
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._canvas.viewer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _module(self, data: QMimeData) -> ModuleSpec | None:
        if not data.hasFormat(MODULE_MIME):
            return None
        name = bytes(data.data(MODULE_MIME).data()).decode("utf-8", "replace")
        item = self._canvas.shared_items.get(name)
        return item.spec if item else self._canvas.catalog.get(name)

    def _add(self, spec: ModuleSpec, point: QPointF, template: NodeTemplate) -> None:
        item = self._link_for(spec, point)
        position = _corner(point)
        group = self._canvas.graph.frames.over(point)
        if item is None:
            add_module(self._canvas, spec, position, group, template)
            return
        link = item.link
        way = way_through(self._canvas.graph.pipeline, self._canvas.catalog, link, spec)
        assert way is not None

        def change(pipeline: Pipeline) -> Pipeline:
            added, name = template.add(pipeline, spec, position, group)
            into = template.end(name, way[0], False)
            out_of = template.end(name, way[1], True)
            opened = edits.disconnect(added, [link])
            linked = edits.connect(edits.connect(opened, link.source, into), out_of, link.target)
            return with_room(linked, name) if name in linked.nodes else linked

        self._canvas.edit(
            template.edit_title(tr("Insert “{title}”"), spec), change, select_new=True
        )

    def _link_for(self, spec: ModuleSpec, point: QPointF) -> LinkItem | None:
        """Return the link under the pointer that the module fits into; there will be room."""
        graph = self._canvas.graph
        if graph.node_at(point) or graph.frames.card_at(point):
            return None
        found = graph.link_at(point, 14.0)
        if found and way_through(graph.pipeline, graph.catalog, found.link, spec):
            return found
        return None

    def _mark(self, item: LinkItem | None) -> None:
        if self._link is not None:
            self._link.set_hovered(False)
        self._link = item
        if item is not None:
            item.set_hovered(True)


def _corner(point: QPointF) -> tuple[float, float]:
    """Return the card's top left for a middle at a point."""
    return snapped(point.x() - WIDTH / 2, point.y() - HEIGHT / 2)


def _files(data: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
