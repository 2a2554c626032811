"""The palette: datasets and every module, by category, with a search field and a short help."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedLayout,
    QStyle,
    QTextBrowser,
    QToolTip,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from designer.app.datasets.datasets import RegisteredDataset
from designer.app.panels.help_text import dataset_html, module_html
from designer.app.panels.palette_model import Index, ModuleModel, Modules
from designer.app.panels.panel import Panel
from designer.app.shell import theme
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.empty_label import empty_label
from designer.app.widgets.fields.choosing import follow_selection
from designer.app.widgets.fields.line_buttons import add_enter_button, add_icon, let_clear
from designer.app.widgets.fields.nested_rows import reach_nested
from designer.app.widgets.fields.typed_text import showing
from designer.app.widgets.text_scale import scaled
from designer.catalog import own_packages
from designer.pipeline.shared.library import SUFFIX
from designer.texts import tr
from modules.contract import ModuleSpec

LEAST, MOST = 270, 340
"""Bounds of the width in pixels."""

INSTALL = tr("Install libraries…")
_INSTALL = "install"

_AROUND = 24
"""Pixels of a row that are neither indentation nor icon nor title."""


class Palette(QWidget):
    """Modules and registered datasets to search, read about and add.

    Signals
    -------
    module_chosen : str
        The id of the module that was double-clicked or chosen with Return.
    dataset_chosen : str
        The name of a dataset, likewise.
    example_requested : str
        The id of a module of which an example is to be added.
    versions_requested : str
        The name of a dataset whose versions are to be shown.
    removal_requested : str
        The name of a dataset that is to be deleted.
    new_requested
        A module of the user's own is to be written.
    edit_requested, install_requested : str
        The id of a module of the user's own to edit, or of one whose libraries are missing.
    shared_opened : str
        The id of a shared module to open.
    nodes_requested : str
        The text to search for among the nodes of the pipeline.
    """

    module_chosen = Signal(str)
    dataset_chosen = Signal(str)
    example_requested = Signal(str)
    versions_requested = Signal(str)
    removal_requested = Signal(str)
    new_requested = Signal()
    edit_requested = Signal(str)
    install_requested = Signal(str)
    nodes_requested = Signal(str)
    shared_opened = Signal(str)

    def __init__(self, catalog: Modules, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(tr("Search modules and datasets"))
        let_clear(self.search)
        add_icon(self.search, theme.icon("search", "text_muted"))
        self.search.setAccessibleName(tr("Search modules"))
        self.search.installEventFilter(self)
        self.model = ModuleModel(catalog, self)
        self.tree = _Tree(self)
        self.tree.setModel(self.model)
        reach_nested(self.tree)
        self.tree.selectionModel().currentChanged.connect(self._show_help)
        self.tree.activated.connect(self._activate)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self.empty = empty_label()
        self.empty.setTextFormat(Qt.TextFormat.RichText)
        self.empty.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.empty.linkActivated.connect(lambda _: self._choose_current())
        self.help = QTextBrowser(self)
        self.help.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.help.setOpenLinks(False)
        self.help.anchorClicked.connect(self._follow)
        self.help.document().setDocumentMargin(10)
        self.help.setAccessibleName(tr("Help for the selected module"))

        lists = QWidget(self)
        self._stack = QStackedLayout(lists)
        self._stack.addWidget(self.tree)
        self._stack.addWidget(self.empty)
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.addWidget(lists)
        self.splitter.addWidget(self.help)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([500, 150])
        self.splitter.setChildrenCollapsible(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(8, 8, 8, 8)
        head.addWidget(self.search)
        layout.addLayout(head)
        layout.addWidget(self.splitter)

        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._choose_current)
        follow_selection(self.tree)
        self._enter = add_enter_button(
            self.search,
            theme.icon("add", "text_muted"),
            tr("Add to the pipeline"),
            self._choose_current,
        )
        self._enter.setVisible(False)
        theme.notifier().changed.connect(self._on_theme)
        self._filter("")

    def sizeHint(self) -> QSize:
        """Return a width at which the titles of the modules are shown whole, within bounds."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        width = self.tree.whole_width(self.model.titles()) + bar
        return QSize(min(max(width, LEAST), MOST), super().sizeHint().height())

    def set_catalog(self, catalog: Modules) -> None:
        """Show another catalog, and leave what is typed, chosen, and collapsed as it is."""
        self._refill(lambda: self.model.set_catalog(catalog))

    def set_datasets(self, datasets: Sequence[RegisteredDataset]) -> None:
        """List these datasets, and leave what is typed, chosen, and collapsed as it is."""
        if list(datasets) != self.model.datasets:
            self._refill(lambda: self.model.set_datasets(datasets))

    def set_shared(self, specs: Sequence[ModuleSpec]) -> None:
        """List these shared modules, and leave what is typed, chosen, and collapsed as it is."""
        if list(specs) != self.model.shared:
            self._refill(lambda: self.model.set_shared(specs))

    def _refill(self, fill: Callable[[], None]) -> None:
        model, bar = self.model, self.tree.verticalScrollBar()
        rows = [model.index(row, 0) for row in range(model.rowCount())]
        collapsed = {row.data() for row in rows if not self.tree.isExpanded(row)}
        current, scrolled = self.tree.currentIndex().data(), bar.value()
        fill()
        self._show_list()
        if self.search.text().strip():
            return
        for row in range(model.rowCount()):
            category = model.index(row, 0)
            self.tree.setExpanded(category, category.data() not in collapsed)
            for each in (
                category,
                *(model.index(n, 0, category) for n in range(model.rowCount(category))),
            ):
                if current is not None and each.data() == current:
                    with showing(self.tree):
                        self.tree.setCurrentIndex(each)
        bar.setValue(scrolled)

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def visible_datasets(self) -> list[str]:
        """Return the names of the listed datasets, in the order shown."""
        return self.model.dataset_names()

    def visible_modules(self) -> list[str]:
        """Return the ids of the listed modules, in the order shown."""
        return self.model.module_ids()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrow keys in the search field move through the list."""
        if watched is self.search and isinstance(event, QKeyEvent):
            keys = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
            if event.type() == QEvent.Type.KeyPress:
                if event.key() in keys:
                    self.tree.keyPressEvent(event)
                    return True
                if event.key() == Qt.Key.Key_Escape and self.search.text():
                    self.search.clear()
                    return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        self.model.set_query(text)
        self._show_list()

    def _show_list(self) -> None:
        """Show what the model lists now, or that nothing was found."""
        text = self.search.text()
        self._stack.setCurrentIndex(0 if self.model.rowCount() else 1)
        if text.strip():
            self.empty.setText(
                tr(
                    "No module matches “{text}”.<br><br><a href='nodes'>Find it in the pipeline</a>"
                ).format(text=html.escape(text.strip()))
            )
            self.tree.setCurrentIndex(self.model.index(0, 0))
            # Qt doesn't notice that there is none now.
            self._show_help(self.tree.currentIndex())
        else:
            self.tree.expandAll()
            self.tree.setCurrentIndex(QModelIndex())
            self._show_help(QModelIndex())

    def _activate(self, index: Index) -> None:
        entry = self.model.entry(index)
        if isinstance(entry, ModuleSpec):
            self.module_chosen.emit(entry.id)
        elif entry is not None:
            self.dataset_chosen.emit(entry.name)

    def _choose_current(self) -> None:
        """Add the selected module; if none is found, search among the nodes."""
        if self.model.rowCount():
            self._activate(self.tree.currentIndex())
        else:
            self.nodes_requested.emit(self.search.text().strip())

    def _show_help(self, index: Index) -> None:
        entry = self.model.entry(index)
        self.help.setVisible(entry is not None)
        self._enter.setVisible(entry is not None)
        if isinstance(entry, ModuleSpec):
            hint, known = self.model.hint(entry), self.model.has_example(entry)
            html_text = module_html(entry, hint, short=True, with_example=known)
            if hint:
                html_text += f"<p><a href='{_INSTALL}'>{INSTALL}</a></p>"
            self.help.setHtml(html_text)
        elif entry is not None:
            self.help.setHtml(dataset_html(entry))

    def _follow(self, link: QUrl) -> None:
        """Install what the selected module needs, or add its example: the links of the help."""
        spec = self.model.spec(self.tree.currentIndex())
        if spec is not None:
            installs = link.toString() == _INSTALL
            (self.install_requested if installs else self.example_requested).emit(spec.id)

    def _open_menu(self, point: QPoint) -> None:
        entry = self.model.entry(self.tree.indexAt(point))
        menu = QMenu(self)

        def add(icon: str, text: str, act: Callable[[], None]) -> None:
            menu.addAction(theme.icon(icon), text).triggered.connect(lambda: act())

        if isinstance(entry, ModuleSpec):
            module = entry.id
            add("add", tr("Add to the pipeline"), lambda: self.module_chosen.emit(module))
            if self.model.has_example(entry):
                add("module", tr("Add an example"), lambda: self.example_requested.emit(module))
            if self.model.hint(entry):
                add("import", INSTALL, lambda: self.install_requested.emit(module))
            if module.endswith(SUFFIX):
                add("edit", tr("Open module"), lambda: self.shared_opened.emit(module))
            if own_packages([entry]):
                add("edit", tr("Edit file"), lambda: self.edit_requested.emit(module))
        elif entry is not None:
            name = entry.name
            add("add", tr("Add to the pipeline"), lambda: self.dataset_chosen.emit(name))
            add("history", tr("Versions…"), lambda: self.versions_requested.emit(name))
            add("delete", tr("Delete dataset…"), lambda: self.removal_requested.emit(name))
        menu.addSeparator()
        add("module", tr("New module…"), self.new_requested.emit)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.tree.viewport().mapToGlobal(point))

    def _on_theme(self) -> None:
        self._show_help(self.tree.currentIndex())
        self.tree.viewport().update()


PANEL = Panel("modules", tr("Modules"), "left", lambda context: Palette(context.catalog))


class _Tree(QTreeView):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        keep_directions(self)
        self.setHeaderHidden(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self._indent()
        theme.notifier().changed.connect(self._indent)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName(tr("Modules and datasets"))
        self.clicked.connect(self._toggle)
        self._measured: tuple[object, int] = (None, 0)

    def whole_width(self, titles: tuple[str, ...]) -> int:
        """Return how wide rows with these titles are, below their categories."""
        # A layout asks a hundred times while the window opens.
        what = (titles, self.font(), self.logicalDpiX())
        if self._measured[0] != what:
            advance = self.fontMetrics().horizontalAdvance
            self._measured = (what, max(map(advance, titles), default=0))
        return 2 * self.indentation() + scaled(16) + self._measured[1] + _AROUND

    def viewportEvent(self, event: QEvent) -> bool:
        """Start the tooltip with a title that is cut off."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            rect = self.visualRect(index)
            title, tip = index.data(), index.data(Qt.ItemDataRole.ToolTipRole)
            if index.isValid() and self.sizeHintForIndex(index).width() > rect.width():
                text = f"{title}\n\n{tip}" if tip else str(title)
                QToolTip.showText(event.globalPos(), text, self.viewport(), rect)
                return True
        return super().viewportEvent(event)

    @Slot()
    def _indent(self) -> None:
        self.setIndentation(scaled(14))

    def _toggle(self, index: QModelIndex) -> None:
        if self.model().hasChildren(index):
            self.setExpanded(index, not self.isExpanded(index))
