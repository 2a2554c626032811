"""What the palette lists: modules by category, and before them the registered datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractItemModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QFont

from designer.app.canvas import MODULE_MIME, NodeTemplate, QuickAddItem
from designer.app.datasets.datasets import CATEGORY, RegisteredDataset
from designer.app.shell import theme
from designer.app.widgets.fields.nested_rows import nesting
from designer.app.widgets.plain_help import plain_help
from designer.app.widgets.search import ranked
from designer.examples import example
from designer.pipeline.own_modules import DATASET
from designer.texts import tr
from modules.contract import ModuleSpec

DATASET_ICON = "dataset"

Index = QModelIndex | QPersistentModelIndex

Entry = ModuleSpec | RegisteredDataset

# Combined once: Qt asks for each row whenever the list is expanded.
_HEADING_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_ENTRY_FLAGS = _HEADING_FLAGS | Qt.ItemFlag.ItemIsDragEnabled


class Modules(Protocol):
    """What the palette needs of a catalog."""

    def __getitem__(self, name: str, /) -> ModuleSpec: ...

    def __contains__(self, name: object, /) -> bool: ...

    def categories(self) -> Mapping[str, list[ModuleSpec]]: ...

    def available(self, spec: ModuleSpec) -> bool: ...

    def install_hint(self, spec: ModuleSpec) -> str | None: ...


def dataset_template(spec: ModuleSpec, dataset: RegisteredDataset) -> NodeTemplate:
    """Return the initial values of a node that reads a registered dataset."""
    path = next(each.name for each in spec.parameters if each.kind == "path")
    return NodeTemplate({path: dataset.reference}, dataset.name)


def dataset_item(spec: ModuleSpec, dataset: RegisteredDataset) -> QuickAddItem:
    """Return a registered dataset as the list on the canvas offers it."""
    return QuickAddItem(
        spec,
        dataset_template(spec, dataset),
        dataset.title,
        dataset_tip(dataset),
        dataset.category_title,
        dataset.keywords,
        DATASET_ICON,
    )


def dataset_tip(dataset: RegisteredDataset) -> str:
    """Return the tooltip of a registered dataset."""
    about = tr("{name}, version {version}").format(name=dataset.file.name, version=dataset.version)
    return f"{dataset.summary or tr('Registered dataset')}\n\n{about}"


class ModuleModel(QAbstractItemModel):
    """Categories with what is in them; while something is searched, a flat ranked list."""

    def __init__(self, catalog: Modules, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._query = ""
        self.datasets: list[RegisteredDataset] = []
        self.shared: list[ModuleSpec] = []
        self._groups: list[tuple[str, list[Entry]]] = []
        self._found: list[Entry] = []
        self.set_catalog(catalog)

    def set_catalog(self, catalog: Modules) -> None:
        """Show another catalog."""
        self._catalog = catalog
        every = [spec for specs in catalog.categories().values() for spec in specs]
        self._specs = {spec.id: spec for spec in every}
        self._titles = tuple(spec.title for spec in every)
        self._hints = {
            spec.id: None
            if catalog.available(spec)
            else catalog.install_hint(spec) or tr("This module isn't available on this computer.")
            for spec in every
        }
        self._fill()

    def set_datasets(self, datasets: Sequence[RegisteredDataset]) -> None:
        """Show other registered datasets."""
        self.datasets = list(datasets)
        self._fill()

    def set_shared(self, specs: Sequence[ModuleSpec]) -> None:
        """Show other shared modules."""
        self.shared = list(specs)
        self._fill()

    def set_query(self, query: str) -> None:
        """Show only what matches; all for an empty query."""
        self.beginResetModel()
        self._query = query.strip()
        self._search()
        self.endResetModel()

    def module_ids(self) -> list[str]:
        """Return the ids of the listed modules."""
        return [entry.id for entry in self._listed() if isinstance(entry, ModuleSpec)]

    def titles(self) -> tuple[str, ...]:
        """Return the titles of all modules."""
        return self._titles

    def dataset_names(self) -> list[str]:
        """Return the names of the listed datasets."""
        return [entry.name for entry in self._listed() if isinstance(entry, RegisteredDataset)]

    def spec(self, index: Index) -> ModuleSpec | None:
        """Return the module of a row; None for a category or a dataset."""
        entry = self.entry(index)
        return entry if isinstance(entry, ModuleSpec) else None

    def entry(self, index: Index) -> Entry | None:
        """Return the module or dataset of a row; None for a category."""
        if not index.isValid():
            return None
        if self._query:
            return self._found[index.row()]
        group = index.internalId()
        return None if group == 0 else self._groups[group - 1][1][index.row()]

    def hint(self, spec: ModuleSpec) -> str | None:
        """Return what to do so that the module can be used; None if it can."""
        return self._hints.get(spec.id)

    def has_example(self, spec: ModuleSpec) -> bool:
        """Return whether there is an example of a module."""
        return spec.id in self._specs and example(spec, self._specs) is not None

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
        entry = self.entry(index)
        if entry is None:
            return self._category_data(self._groups[index.row()][0], role)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return nesting(index)
        if isinstance(entry, RegisteredDataset):
            return self._dataset_data(entry, role)
        spec = entry
        hint = self.hint(spec)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return spec.title
        if role == Qt.ItemDataRole.DecorationRole:
            color = theme.current().pick(spec.category.colors)
            return theme.icon(theme.category_icon(spec.category), "text_muted" if hint else color)
        if role == Qt.ItemDataRole.ForegroundRole and hint:
            return QColor(theme.current().text_muted)
        if role == Qt.ItemDataRole.ToolTipRole:
            summary = plain_help(spec.summary)
            return f"{summary}\n\n{hint}" if hint else summary
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """See Qt."""
        return _ENTRY_FLAGS if self.entry(index) else _HEADING_FLAGS

    def mimeTypes(self) -> list[str]:
        """See Qt."""
        return [MODULE_MIME]

    def mimeData(self, indexes: Any) -> QMimeData:
        """See Qt."""
        data = QMimeData()
        for index in indexes:
            entry = self.entry(index)
            if isinstance(entry, ModuleSpec):
                data.setData(MODULE_MIME, entry.id.encode())
            elif entry is not None:
                data.setData(MODULE_MIME, DATASET.encode())
                dataset_template(self._catalog[DATASET], entry).into_mime(data)
        return data

    def _fill(self) -> None:
        self.beginResetModel()
        shown = [each for each in self.datasets if DATASET in self._catalog]
        self._groups = [(CATEGORY, list(shown))] if shown else []
        self._groups += [
            (title, list(specs)) for title, specs in self._catalog.categories().items()
        ]
        shared: dict[str, list[Entry]] = {}
        for spec in self.shared:
            shared.setdefault(spec.category_title, []).append(spec)
        self._groups += shared.items()
        self._search()
        self.endResetModel()

    def _search(self) -> None:
        every = [entry for _, entries in self._groups for entry in entries]
        self._found = ranked(every, self._query) if self._query else []

    def _listed(self) -> list[Entry]:
        if self._query:
            return self._found
        return [entry for _, entries in self._groups for entry in entries]

    def _dataset_data(self, dataset: RegisteredDataset, role: int) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return dataset.name
        if role == Qt.ItemDataRole.DecorationRole:
            colors = self._catalog[DATASET].category.colors
            return theme.icon(DATASET_ICON, theme.current().pick(colors))
        if role == Qt.ItemDataRole.ToolTipRole:
            return dataset_tip(dataset)
        return None

    def _category_data(self, title: str, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setBold(True)
            return font
        return None
