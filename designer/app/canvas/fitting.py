"""Keeps the whole pipeline in view while the size of the view changes."""

from __future__ import annotations

from PySide6.QtCore import QSize

from designer.app.canvas.graph import Graph
from designer.app.canvas.viewer import Viewer
from designer.app.widgets.text_scale import text_scale

MUCH_LARGER = 1.25
"""Growth of the view from which a fitted pipeline is fitted again."""


class Fitting:
    """Remembers that the whole pipeline is to be shown, until the user moves the view."""

    def __init__(self, viewer: Viewer, graph: Graph) -> None:
        self._viewer = viewer
        self._graph = graph
        self._fitted = False
        self._zoom = 1.0
        self._room = QSize()
        viewer.view_changed.connect(self._on_view_changed)
        viewer.resized.connect(self._on_resized)

    def fit(self) -> None:
        """Show the whole pipeline."""
        viewer, area = self._viewer, self._graph.bounds()
        if area.isEmpty():
            viewer.set_zoom_factor(text_scale())
            viewer.centerOn(0, 0)
            return
        viewer.fit(area)
        self._fitted = True
        self._zoom = viewer.zoom()
        self._room = viewer.viewport().size()

    def _on_view_changed(self) -> None:
        if not self._viewer.settling:
            self._fitted = False

    def _on_resized(self) -> None:
        if self._fitted and self._fits_badly():
            self._viewer.fit(self._graph.bounds())

    def _fits_badly(self) -> bool:
        """Return whether a fitted pipeline is worth moving after the size has changed.

        A bar that opens or closes below mustn't move the item under the pointer; a window that
        is maximized may.
        """
        viewer = self._viewer
        room, before = viewer.viewport().size(), self._room
        return (
            not viewer.visible_area().contains(self._graph.bounds())
            or viewer.zoom() < self._zoom
            or room.width() > before.width() * MUCH_LARGER
            or room.height() > before.height() * MUCH_LARGER
        )
