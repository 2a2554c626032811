"""One input in the Properties panel: what it is linked to, and all that fits."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.document.labels import end_label
from designer.app.panels.editor import QuietCombo
from designer.app.panels.property_pages import Apply, label
from designer.pipeline import edits
from designer.pipeline.link_rules import fitting_outputs
from designer.pipeline.model import Endpoint, Link, Pipeline
from designer.texts import tr
from modules.contract import ModuleSpec
from modules.contract.module_spec import Port

NOT_LINKED = tr("Not linked")


class InputField(QWidget):
    """Links an input to an output that fits, to another one, or to none.

    Signals
    -------
    left
        The focus has left the list, or the choice is complete.
    """

    left = Signal()

    def __init__(
        self, end: Endpoint, port: Port, specs: Mapping[str, ModuleSpec], apply: Apply
    ) -> None:
        super().__init__()
        self._end = end
        self._specs = specs
        self._apply = apply
        self._link: Link | None = None
        self._sources: list[Endpoint | None] = []
        self._made_of: tuple[object, ...] = ()
        self.title = label(port.title)
        self.box = QuietCombo()
        self.box.setAccessibleName(tr("Input: {title}").format(title=port.title))
        self.box.activated.connect(self._on_activated)
        self.box.installEventFilter(self)
        self.title.setBuddy(self.box)
        self.also = label("", "muted")
        self.kind = label("", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for widget in (self.title, self.box, self.also, self.kind):
            layout.addWidget(widget)

    @property
    def linked(self) -> bool:
        """Whether it has a link."""
        return self._link is not None

    def follow(self, pipeline: Pipeline) -> None:
        """Show the link as it is now, and what else fits."""
        links = [
            link for link in pipeline.links_into.get(self._end.node, ()) if link.target == self._end
        ]
        # An input may take requests besides its ordinary link.
        links.sort(key=pipeline.is_web_service)
        self._link = links[0] if links else None
        others = [self._text(pipeline, link.source) for link in links[1:]]
        self.also.setText(tr("And {listed}").format(listed=", ".join(others)))
        self.also.setVisible(bool(others))
        self._fill(pipeline)
        source = self._link.source if self._link else None
        self.box.setCurrentIndex(self._sources.index(source))
        self.box.setToolTip(self.box.currentText())

    def show_kind(self, text: str) -> None:
        """Show the type and the columns of what is linked."""
        self.kind.setText(text)
        self.kind.setVisible(text != self.title.text())
        self.box.setAccessibleDescription(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaving the list ends its undo step."""
        if event.type() == QEvent.Type.FocusOut:
            self.left.emit()
        return super().eventFilter(watched, event)

    def _fill(self, pipeline: Pipeline) -> None:
        """List the outputs that fit, once more only if something else than parameters changed."""
        nodes = {node.id: (node.module, node.position) for node in pipeline.nodes.values()}
        made_of = (pipeline.links, nodes)
        if made_of == self._made_of:
            return
        self._made_of = made_of
        found: list[Endpoint | None] = [None]
        found += fitting_outputs(pipeline, self._specs, self._end)
        if self._link is not None and self._link.source not in found:
            found.insert(1, self._link.source)
        # While one goes through the list by keys, each step makes a link: the order stays.
        if self.box.hasFocus() and set(found) == set(self._sources):
            return
        self._sources = found
        self.box.clear()
        for source in found:
            self.box.addItem(self._text(pipeline, source) if source else NOT_LINKED)

    def _text(self, pipeline: Pipeline, source: Endpoint) -> str:
        return end_label(pipeline, self._specs, source, is_output=True)

    def _on_activated(self, index: int) -> None:
        source, link, end = self._sources[index], self._link, self._end
        if source == (link.source if link else None):
            return
        if source is None:
            gone = [link] if link else []
            self._apply(tr("Delete link"), lambda p: edits.disconnect(p, gone), ("input", end))
        else:
            text = tr("Move link") if link else tr("Add link")
            self._apply(text, lambda p: edits.connect(p, source, end), ("input", end))
