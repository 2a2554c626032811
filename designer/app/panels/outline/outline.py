"""The outline: every node in the order of a run, with its ports and links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.panels.outline.port_rows import (
    Edit,
    PortKey,
    delete_links,
    link_menu,
    no_fit,
    port_text,
    ports_of,
)
from designer.app.panels.panel import Panel
from designer.app.panels.result_card import STATUS_LABELS
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.empty_label import empty_label
from designer.app.widgets.fields.choosing import open_selected
from designer.app.widgets.fields.line_buttons import add_icon, let_clear
from designer.app.widgets.fields.nested_rows import NestedTree
from designer.app.widgets.fields.typed_text import showing
from designer.app.widgets.text_scale import indent
from designer.pipeline.identifiers import readable_id
from designer.pipeline.model import Pipeline
from designer.texts import tr
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
PORT = Qt.ItemDataRole.UserRole + 1
SPOKEN = Qt.ItemDataRole.AccessibleTextRole


class Outline(QWidget):
    """A tree of nodes with their states, and below each its ports with their links.

    Enter selects a module on the canvas, of a port it opens the list of ports that fit.
    Delete deletes modules, of ports their links.

    Signals
    -------
    chosen : str
        The id of the node that was clicked or reached with the keyboard.
    several_chosen : list of str
        The ids of several nodes.
    delete_requested
        The selected nodes are to be deleted.
    link_requested
        The selected nodes are to be linked.
    edited : str, callable
        The undo text and an edit of links.
    announced : str
        What a port is linked to now, for a screen reader.
    refused : str
        Why a port can't be linked.
    """

    chosen = Signal(str)
    several_chosen = Signal(list)
    delete_requested = Signal()
    link_requested = Signal()
    edited = Signal(str, object)
    announced = Signal(str)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a module"))
        self.search.setAccessibleName(tr("Find a module"))
        let_clear(self.search)
        add_icon(self.search, theme.icon("search", "text_muted"))
        self.search.textChanged.connect(self._filter)
        self.list = NestedTree()
        keep_directions(self.list)
        self.list.setHeaderHidden(True)
        self.list.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setUniformRowHeights(True)
        self.list.setExpandsOnDoubleClick(False)
        indent(self.list, 14)
        self.list.setAccessibleName(tr("Modules in the pipeline"))
        self.list.setAccessibleDescription(
            tr(
                "Right shows the ports of a module. Enter selects a module, and links a "
                "port. Delete deletes a module, or the links of a port."
            )
        )
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._activate)
        open_selected(self.list, lambda index: self._activate(self.list.itemFromIndex(index)))
        self.list.itemExpanded.connect(self._fill)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        for keys, act in (
            (QKeySequence(QKeySequence.StandardKey.Delete), self._delete),
            (QKeySequence("Ctrl+K"), self._link),
        ):
            shortcut = QShortcut(keys, self.list)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)
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
        self._pipeline = Pipeline()
        self._specs: Mapping[str, ModuleSpec] = {}
        self._entries: list[tuple[str, str, str]] = []

    def show_pipeline(self, pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> None:
        """List the nodes of a pipeline."""
        self._pipeline, self._specs = pipeline, specs
        try:
            order = pipeline.order()
        except ValueError:
            order = list(pipeline.nodes)
        entries = []
        for name in order:
            node = pipeline.nodes[name]
            spec = specs.get(node.module)
            entries.append((name, spec.title if spec else node.module, node.comment))
        if entries != self._entries:
            self._entries = entries
            self._refill()
        for item in self._modules():
            # Labels of ports depend on all nodes: only those that are shown are made.
            if item.isExpanded():
                self._fill(item)

    def look_for(self, text: str) -> None:
        """Search for a text; the first matching node is selected."""
        self.search.setText(text)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._choose_first()

    def show_states(self, states: Mapping[str, Any]) -> None:
        """Show the state of each node."""
        for item in self._modules():
            state = states.get(item.data(0, NODE))
            status = state.status if state else ""
            item.setIcon(0, theme.icon(*ICONS.get(status, ("module", "text_muted"))))
            label = STATUS_LABELS.get(status, "")
            spoken = f"{item.text(0)}, {label.lower()}" if label else item.text(0)
            item.setData(0, SPOKEN, spoken)

    def show_selection(self, ids: Iterable[str]) -> None:
        """Mark the selected nodes."""
        wanted = set(ids)
        if {item.data(0, NODE) for item in self.list.selectedItems()} == wanted:
            return
        found = [item for item in self._modules() if item.data(0, NODE) in wanted]
        with showing(self.list):
            self.list.clearSelection()
            # Without a node the cursor stays, so that the keyboard continues from there.
            if found:
                self.list.setCurrentItem(found[0])
            for item in found:
                item.setSelected(True)

    def _modules(self) -> Iterator[QTreeWidgetItem]:
        for row in range(self.list.topLevelItemCount()):
            if (item := self.list.topLevelItem(row)) is not None:
                yield item

    def _refill(self) -> None:
        """List the modules again; what is expanded and where the cursor is stay."""
        expanded = {item.data(0, NODE) for item in self._modules() if item.isExpanded()}
        current = self.list.currentItem()
        kept = (current.data(0, NODE), current.data(0, PORT)) if current else (None, None)
        self.list.clear()
        for name, title, comment in self._entries:
            item = QTreeWidgetItem([title if name == readable_id(title) else f"{title}  ·  {name}"])
            item.setData(0, NODE, name)
            item.setToolTip(0, plain_tooltip(comment or name))
            item.setIcon(0, theme.icon("module", "text_muted"))
            if ports_of(name, self._specs.get(self._pipeline.nodes[name].module)):
                show = QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator
                item.setChildIndicatorPolicy(show)
            self.list.addTopLevelItem(item)
            if name in expanded:
                item.setExpanded(True)
            if name == kept[0]:
                ports = (item.child(row) for row in range(item.childCount()))
                same = (port for port in ports if port.data(0, PORT) == kept[1])
                with showing(self.list):
                    self.list.setCurrentItem(next(same, item))
        self._filter(self.search.text())

    def _fill(self, item: QTreeWidgetItem) -> None:
        """Show the ports of a module."""
        name = item.data(0, NODE)
        keys = ports_of(name, self._specs.get(self._pipeline.nodes[name].module))
        if [item.child(row).data(0, PORT) for row in range(item.childCount())] != keys:
            item.takeChildren()
            for key in keys:
                child = QTreeWidgetItem(item)
                child.setData(0, NODE, name)
                child.setData(0, PORT, key)
        for row, key in enumerate(keys):
            child = item.child(row)
            text = port_text(self._pipeline, self._specs, key)
            child.setText(0, text)
            child.setToolTip(0, plain_tooltip(text))
            linked = bool(key.links(self._pipeline))
            child.setIcon(0, theme.icon("link" if linked else "unlink", "text_muted"))

    def _choose(self, item: QTreeWidgetItem) -> None:
        """Select the node, or all that are marked with it."""
        names = self._marked()
        if len(names) > 1 and item.isSelected():
            self.several_chosen.emit(names)
        else:
            self.chosen.emit(item.data(0, NODE))

    def _activate(self, item: QTreeWidgetItem) -> None:
        if item.data(0, PORT) is None:
            self._choose(item)
        else:
            self._link()

    def _marked(self) -> list[str]:
        """Return the nodes of the selected rows, in their order."""
        names = [each.data(0, NODE) for each in self._selected()]
        return [name for name, *_ in self._entries if name in names]

    def _selected(self) -> list[QTreeWidgetItem]:
        return [each for each in self.list.selectedItems() if not each.isHidden()]

    def _delete(self) -> None:
        """Delete the selected modules; if only ports are selected, their links."""
        nodes = [each.data(0, NODE) for each in self._selected() if each.data(0, PORT) is None]
        if nodes:
            self.several_chosen.emit(nodes)
            self.delete_requested.emit()
        else:
            keys = [each.data(0, PORT) for each in self._selected()]
            delete_links(self._pipeline, keys, self._apply)

    def _link(self) -> None:
        """Link the selected modules, or open the list of what fits the current port."""
        item = self.list.currentItem()
        key: PortKey | None = item.data(0, PORT) if item else None
        if item is None or key is None:
            if names := self._marked():
                self.several_chosen.emit(names)
                self.link_requested.emit()
            return
        menu = link_menu(self._pipeline, self._specs, key, self._apply, self.list)
        if menu is None:
            self.refused.emit(no_fit(self._pipeline, self._specs, key))
            return
        menu.setActiveAction(menu.actions()[0])
        self._show_menu(menu, self.list.visualItemRect(item).bottomLeft())

    def _apply(self, text: str, edit: Edit) -> None:
        self.edited.emit(text, edit)
        item = self.list.currentItem()
        if item is not None and item.data(0, PORT) is not None:
            self.announced.emit(item.text(0))

    def _open_menu(self, point: QPoint) -> None:
        item = self.list.currentItem()
        if item is None or not self._selected():
            return
        key: PortKey | None = item.data(0, PORT)
        menu = QMenu(self)
        link = menu.addAction(theme.icon("link"), tr("Link…"))
        if key is None:
            link.triggered.connect(self._link)
        else:
            fitting = link_menu(self._pipeline, self._specs, key, self._apply, menu)
            link.setText(tr("Link to"))
            link.setEnabled(fitting is not None)
            if fitting is not None:
                link.setMenu(fitting)
        link.setShortcut(QKeySequence("Ctrl+K"))
        delete = menu.addAction(
            theme.icon("delete"), tr("Delete") if key is None else tr("Delete link")
        )
        delete.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        delete.setEnabled(key is None or bool(key.links(self._pipeline)))
        delete.triggered.connect(self._delete)
        self._show_menu(menu, point)

    def _show_menu(self, menu: QMenu, point: QPoint) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.list.viewport().mapToGlobal(point))

    def _choose_first(self) -> None:
        for item in self._modules():
            if not item.isHidden():
                self._choose(item)
                return

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        found = False
        for (name, title, comment), item in zip(self._entries, self._modules(), strict=True):
            whole = f"{name} {title} {comment}".lower()
            fits = all(word in whole for word in words)
            item.setHidden(not fits)
            found = found or fits
        self.empty.setText(tr("No module matches “{text}”.").format(text=text.strip()))
        self.empty.setVisible(bool(words) and not found)
        self.list.setHidden(bool(words) and not found)


PANEL = Panel("outline", tr("Outline"), "left", lambda context: Outline())
