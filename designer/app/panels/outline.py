"""The outline: every node in the order of a run, to find and select."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.panels.panel import Panel
from designer.app.panels.result_card import STATUS_LABELS
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.empty_label import empty_label
from designer.pipeline.identifiers import readable_id
from designer.pipeline.model import Pipeline
from modules.contract import ModuleSpec

ICONS = {
    "queued": ("queued", "text_muted"),
    "running": ("running", "running"),
    "completed": ("completed", "success"),
    "reused": ("reused", "success"),
    "failed": ("failed", "error"),
    "skipped": ("skipped", "text_muted"),
    "cancelled": ("cancel", "text_muted"),
}
NODE = Qt.ItemDataRole.UserRole


class Outline(QWidget):
    """A list of nodes with their states.

    Signals
    -------
    chosen : str
        The id of the node that was clicked or reached with the keyboard.
    several_chosen : list of str
        The ids of several nodes.
    delete_requested
        What is selected is to be deleted.
    """

    chosen = Signal(str)
    several_chosen = Signal(list)
    delete_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a module")
        self.search.setAccessibleName("Find a module")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            theme.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Modules in the pipeline")
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._delete)
        self.empty = empty_label()
        self.empty.hide()
        self.search.returnPressed.connect(self._choose_first)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(8, 8, 8, 8)
        head.addWidget(self.search)
        layout.addLayout(head)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.empty, 1)
        self._entries: list[tuple[str, str, str]] = []

    def show_pipeline(self, pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> None:
        """List the nodes of a pipeline."""
        try:
            order = pipeline.order()
        except ValueError:
            order = list(pipeline.nodes)
        entries = []
        for name in order:
            node = pipeline.nodes[name]
            spec = specs.get(node.module)
            entries.append((name, spec.title if spec else node.module, node.comment))
        if entries == self._entries:
            return
        self._entries = entries
        current = self.list.currentItem()
        kept = current.data(NODE) if current else None
        self.list.clear()
        for name, title, comment in entries:
            item = QListWidgetItem(title if name == readable_id(title) else f"{title}  ·  {name}")
            item.setData(NODE, name)
            item.setToolTip(plain_tooltip(comment or name))
            item.setIcon(theme.icon("module", "text_muted"))
            self.list.addItem(item)
            if name == kept:
                self.list.setCurrentItem(item)
        self._filter(self.search.text())

    def look_for(self, text: str) -> None:
        """Search for a text; the first matching node is selected."""
        self.search.setText(text)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._choose_first()

    def show_states(self, states: Mapping[str, Any]) -> None:
        """Show the state of each node."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            state = states.get(item.data(NODE))
            status = state.status if state else ""
            item.setIcon(theme.icon(*ICONS.get(status, ("module", "text_muted"))))
            label = STATUS_LABELS.get(status, "")
            spoken = f"{item.text()}, {label.lower()}" if label else item.text()
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)

    def show_selection(self, ids: Iterable[str]) -> None:
        """Mark the selected nodes."""
        wanted = set(ids)
        if {item.data(NODE) for item in self.list.selectedItems()} == wanted:
            return
        self.list.clearSelection()
        self.list.setCurrentRow(-1)
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(NODE) in wanted:
                if self.list.currentItem() is None:
                    self.list.setCurrentItem(item)
                item.setSelected(True)

    def _choose(self, item: QListWidgetItem) -> None:
        """Select the node, or all that are marked with it."""
        names = [each.data(NODE) for each in self.list.selectedItems() if not each.isHidden()]
        if len(names) > 1 and item.isSelected():
            self.several_chosen.emit(names)
        else:
            self.chosen.emit(item.data(NODE))

    def _delete(self) -> None:
        names = [each.data(NODE) for each in self.list.selectedItems() if not each.isHidden()]
        if names:
            self.several_chosen.emit(names)
            self.delete_requested.emit()

    def _choose_first(self) -> None:
        for row in range(self.list.count()):
            if not self.list.item(row).isHidden():
                self._choose(self.list.item(row))
                return

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        found = False
        for row, (name, title, comment) in enumerate(self._entries):
            whole = f"{name} {title} {comment}".lower()
            fits = all(word in whole for word in words)
            self.list.item(row).setHidden(not fits)
            found = found or fits
        self.empty.setText(f"No module matches “{text.strip()}”.")
        self.empty.setVisible(bool(words) and not found)
        self.list.setHidden(bool(words) and not found)


PANEL = Panel("outline", "Outline", "left", lambda context: Outline())
