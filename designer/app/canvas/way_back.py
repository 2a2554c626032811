"""The way back to the pipeline from a view that shows nothing of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QPushButton, QWidget

from designer.app.canvas.fitting import Fitting
from designer.app.canvas.graph import Graph
from designer.app.canvas.viewer import Viewer
from designer.pipeline.difference import difference
from designer.pipeline.model import Pipeline
from designer.texts import tr


class WayBack(QPushButton):
    """A button in the middle of an empty view; a click shows the whole pipeline."""

    def __init__(self, canvas: QWidget, viewer: Viewer, graph: Graph, fitting: Fitting) -> None:
        super().__init__(tr("Show pipeline"), canvas)
        self._canvas = canvas
        self._viewer = viewer
        self._graph = graph
        self._fitting = fitting
        self.setToolTip(tr("The pipeline is outside the view: fit it to the window"))
        # Keys have Ctrl+9 and Ctrl+0.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clicked.connect(self._fit)
        self.hide()

    def follow(self) -> None:
        """Show or hide it, after the view or the pipeline has changed."""
        lost = self._is_lost()
        if lost:
            self.adjustSize()
            self.move(self._canvas.rect().center() - self.rect().center())
        self.setVisible(lost)

    def show_nearest(self) -> None:
        """Scroll to the nearest card, note, or frame, if the view shows none."""
        if not self._is_lost():
            return
        center = self._viewer.visible_area().center()
        areas = [self._graph.bounds([name]) for name in self._graph.seen()]
        self._viewer.show_area(
            min(areas, key=lambda area: (area.center() - center).manhattanLength())
        )

    def show_change(self, before: Pipeline) -> None:
        """Scroll to what isn't as it was in another state of the pipeline.

        The view stays if something of it can be seen, or if only something was removed and there
        is still something to see.
        """
        graph = self._graph
        change = difference(before, graph.pipeline)
        ends = [end.node for link in (*change.links_added, *change.links_removed) for end in link]
        nodes = (*change.added, *change.changed, *change.moved, *ends)
        notes = (*change.notes_added, *change.notes_changed)
        groups = (*change.groups_added, *change.groups_changed, *change.folded)
        names = [name for name in (*nodes, *notes, *groups) if graph.shows(name)]
        area = self._viewer.visible_area()
        if not any(area.intersects(graph.bounds([name])) for name in names) and names:
            self._viewer.show_area(graph.bounds(names))
        self.show_nearest()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the view, which may bring back the pipeline."""
        place = QPointF(self._viewer.viewport().mapFromGlobal(event.globalPosition()))
        self._viewer.wheelEvent(
            QWheelEvent(
                place,
                event.globalPosition(),
                event.pixelDelta(),
                event.angleDelta(),
                event.buttons(),
                event.modifiers(),
                event.phase(),
                event.inverted(),
            )
        )
        event.accept()

    def _fit(self) -> None:
        self._fitting.fit()
        self._viewer.setFocus(Qt.FocusReason.MouseFocusReason)

    def _is_lost(self) -> bool:
        return not self._graph.is_empty and not self._graph.is_seen(self._viewer.visible_area())
