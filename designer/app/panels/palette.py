"""The palette: every module, by category, with a search field and a short help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QSplitter,
    QStackedLayout,
    QTextBrowser,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from designer.app import theme
from designer.app.canvas.search import ranked
from designer.app.panels.help_text import module_html
from modules.contract import ModuleSpec

MIME_MODULE = "application/x-modeldesk-module"
"""What a drag from the palette carries: the id of a module."""

Index = QModelIndex | QPersistentModelIndex


class Modules(Protocol):
    """What the palette needs of a catalogue."""

    def categories(self) -> Mapping[str, list[ModuleSpec]]: ...

    def available(self, spec: ModuleSpec) -> bool: ...

    def install_hint(self, spec: ModuleSpec) -> str | None: ...


class Palette(QWidget):
    """Modules to search, read about and add.

    Signals
    -------
    module_chosen : str
        The id of the module that was double-clicked or chosen with Return.
    """

    module_chosen = Signal(str)

    def __init__(self, catalog: Modules, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search modules")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            theme.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.setAccessibleName("Search modules")
        self.search.installEventFilter(self)
        self.model = ModuleModel(catalog, self)
        self.tree = _Tree(self)
        self.tree.setModel(self.model)
        self.tree.selectionModel().currentChanged.connect(self._show_help)
        self.tree.activated.connect(self._activate)
        self.empty = QLabel("No module matches.")
        self.empty.setProperty("role", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(12, 24, 12, 12)
        self.empty.setWordWrap(True)
        self.help = QTextBrowser(self)
        self.help.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.help.setOpenLinks(False)
        self.help.document().setDocumentMargin(10)
        self.help.setAccessibleName("Help for the selected module")

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
        theme.notifier().changed.connect(self._on_theme)
        self._filter("")

    def set_catalog(self, catalog: Modules) -> None:
        """Show another catalogue, keeping what is typed."""
        self.model.set_catalog(catalog)
        self._filter(self.search.text())

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

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
        self._stack.setCurrentIndex(0 if self.model.rowCount() else 1)
        if text.strip():
            self.empty.setText(f"No module matches “{text.strip()}”.")
            self.tree.setCurrentIndex(self.model.index(0, 0))
        else:
            self.tree.expandAll()
            self.tree.setCurrentIndex(QModelIndex())
            self._show_help(QModelIndex())

    def _activate(self, index: Index) -> None:
        spec = self.model.spec(index)
        if spec is not None:
            self.module_chosen.emit(spec.id)

    def _choose_current(self) -> None:
        self._activate(self.tree.currentIndex())

    def _show_help(self, index: Index) -> None:
        spec = self.model.spec(index)
        self.help.setVisible(spec is not None)
        if spec is not None:
            self.help.setHtml(module_html(spec, self.model.hint(spec), short=True))

    def _on_theme(self) -> None:
        self._show_help(self.tree.currentIndex())
        self.tree.viewport().update()


class ModuleModel(QAbstractItemModel):
    """Categories with their modules; while something is searched, a flat ranked list."""

    def __init__(self, catalog: Modules, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._query = ""
        self._groups: list[tuple[str, list[ModuleSpec]]] = []
        self._found: list[ModuleSpec] = []
        self.set_catalog(catalog)

    def set_catalog(self, catalog: Modules) -> None:
        """Show another catalogue."""
        self.beginResetModel()
        self._catalog = catalog
        self._groups = [(title, list(specs)) for title, specs in catalog.categories().items()]
        self._hints = {
            spec.id: None
            if catalog.available(spec)
            else catalog.install_hint(spec) or "This module is not available here."
            for _, specs in self._groups
            for spec in specs
        }
        self.endResetModel()
        self.set_query(self._query)

    def set_query(self, query: str) -> None:
        """Show only what matches; all for an empty query."""
        self.beginResetModel()
        self._query = query.strip()
        every = [spec for _, specs in self._groups for spec in specs]
        self._found = ranked(every, self._query) if self._query else []
        self.endResetModel()

    def module_ids(self) -> list[str]:
        """Return the ids of the listed modules."""
        if self._query:
            return [spec.id for spec in self._found]
        return [spec.id for _, specs in self._groups for spec in specs]

    def spec(self, index: Index) -> ModuleSpec | None:
        """Return the module of a row; None for a category."""
        if not index.isValid():
            return None
        if self._query:
            return self._found[index.row()]
        group = index.internalId()
        return None if group == 0 else self._groups[group - 1][1][index.row()]

    def hint(self, spec: ModuleSpec) -> str | None:
        """Return what to do so that the module can be used; None if it can."""
        return self._hints.get(spec.id)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        """See Qt. A module's internal id is its group's number, counted from 1."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]
        """See Qt."""
        if not index.isValid() or index.internalId() == 0:
            return QModelIndex()
        return self.createIndex(int(index.internalId()) - 1, 0, 0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """See Qt."""
        if self._query:
            return 0 if parent.isValid() else len(self._found)
        if not parent.isValid():
            return len(self._groups)
        return len(self._groups[parent.row()][1]) if parent.internalId() == 0 else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """See Qt."""
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """See Qt."""
        spec = self.spec(index)
        if spec is None:
            return self._category_data(self._groups[index.row()][0], role)
        hint = self.hint(spec)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return spec.title
        if role == Qt.ItemDataRole.DecorationRole:
            color = theme.current().category(spec.category)
            return theme.icon(theme.category_icon(spec.category), "text_muted" if hint else color)
        if role == Qt.ItemDataRole.ForegroundRole and hint:
            return QColor(theme.current().text_muted)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{spec.summary}\n\n{hint}" if hint else spec.summary
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """See Qt."""
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return base | Qt.ItemFlag.ItemIsDragEnabled if self.spec(index) else base

    def mimeTypes(self) -> list[str]:
        """See Qt."""
        return [MIME_MODULE]

    def mimeData(self, indexes: Any) -> QMimeData:
        """See Qt."""
        data = QMimeData()
        for index in indexes:
            spec = self.spec(index)
            if spec is not None:
                data.setData(MIME_MODULE, spec.id.encode())
        return data

    def _category_data(self, title: str, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setBold(True)
            return font
        return None


class _Tree(QTreeView):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self.setIconSize(QSize(16, 16))
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Modules")
        self.clicked.connect(self._toggle)

    def _toggle(self, index: QModelIndex) -> None:
        if self.model().hasChildren(index):
            self.setExpanded(index, not self.isExpanded(index))
