"""The chart of an output, kept in the open pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from designer.app.document.document import Document
from designer.pipeline.charts import chart_of, set_chart
from designer.texts import tr


class DocumentChart(QObject):
    """Reads and changes the settings of the chart of one output; a change can be undone.

    Attributes
    ----------
    changed : Signal
        The settings differ from before: by an undo, for example.
    """

    changed = Signal()

    def __init__(self, document: Document, node: str, port: str) -> None:
        super().__init__()
        self._document = document
        self._node, self._port = node, port
        self._known = self.settings()
        document.changed.connect(self._compare)

    def settings(self) -> object:
        """Return what is kept; None if nothing is."""
        node = self._document.pipeline.nodes.get(self._node)
        return None if node is None else chart_of(node, self._port)

    def keep(self, settings: Mapping[str, Any], title: str) -> None:
        """Keep settings, as a step that can be undone."""
        self._known = dict(settings)
        node, port = self._node, self._port
        self._document.apply(
            tr("Chart: {title}").format(title=title),
            lambda pipeline: set_chart(pipeline, node, port, settings),
            merge=("chart", node, port),
        )

    def _compare(self) -> None:
        settings = self.settings()
        if settings != self._known and self._node in self._document.pipeline.nodes:
            self._known = settings
            self.changed.emit()
