"""The versions of a registered dataset: date, rows, hash, and what changed in each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip, size
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.composed_texts import in_language
from designer.dataset_record import DatasetVersion, changes
from designer.texts import formatted, tr
from designer.workspace import DATASET_PREFIX

_NUMBER = Qt.ItemDataRole.UserRole


class VersionsDialog(QDialog):
    """A table of versions, newest first.

    Signals
    -------
    add_requested : str
        Add a node that reads ``NAME@VERSION``.
    removal_requested : str
        Delete ``NAME@VERSION``.
    lineage_requested : str
        Show what uses ``dataset:NAME@VERSION``.
    """

    add_requested = Signal(str)
    removal_requested = Signal(str)
    lineage_requested = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Versions of “{name}”").format(name=name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        usual_size(self, 860, 380)
        self._name = name
        self.list = QTreeWidget()
        keep_directions(self.list)
        self.list.setHeaderLabels(
            [tr("Version"), tr("Registered"), tr("File"), tr("Rows"), tr("Size"), tr("Changes")]
        )
        self.list.setRootIsDecorated(False)
        self.list.setAccessibleName(tr("Versions"))
        header = self.list.header()
        for column in range(5):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(5, QHeaderView.ResizeMode.Stretch)
        self.list.currentItemChanged.connect(lambda *_: self._update())
        follow_selection(self.list)
        self.hash = QLabel()
        self.hash.setTextFormat(Qt.TextFormat.PlainText)
        self.hash.setProperty("role", "muted")
        self.hash.setWordWrap(True)
        self.hash.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.add = QPushButton(tr("Add to the pipeline"))
        self.add.setIcon(theme.icon("add"))
        self.add.setToolTip(tr("Add a Dataset that always reads this version"))
        self.add.clicked.connect(lambda: self.add_requested.emit(self.chosen))
        self.lineage = QPushButton(tr("Lineage"))
        self.lineage.setIcon(theme.icon("link"))
        self.lineage.setToolTip(tr("Show the runs, models, and endpoints that use this version"))
        self.lineage.clicked.connect(
            lambda: self.lineage_requested.emit(f"{DATASET_PREFIX}{self.chosen}")
        )
        self.delete = QPushButton(tr("Delete version…"))
        self.delete.setIcon(theme.icon("delete"))
        self.delete.clicked.connect(lambda: self.removal_requested.emit(self.chosen))
        copy = QAction(tr("Copy hash"), self.list)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.triggered.connect(self._copy)
        self.list.addAction(copy)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        row = QHBoxLayout()
        for button in (self.add, self.lineage, self.delete):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.hash)
        layout.addLayout(row)
        layout.addWidget(dialog_buttons(self, QDialogButtonBox.StandardButton.Close))
        self._update()

    @property
    def chosen(self) -> str:
        """The reference to the chosen version; empty if there is none."""
        item = self.list.currentItem()
        return f"{self._name}@{item.data(0, _NUMBER)}" if item is not None else ""

    def show_versions(self, versions: Sequence[DatasetVersion]) -> None:
        """Show versions, newest first."""
        before = self.chosen
        # Otherwise the rows get the height of another style.
        self.list.ensurePolished()
        self.list.clear()
        changed = [
            [in_language(each) for each in changes(older, newer)]
            for newer, older in pairwise(versions)
        ] + [[]]
        for version, found in zip(versions, changed, strict=True):
            item = QTreeWidgetItem(
                [
                    str(version.version),
                    _moment(version.registered),
                    version.file,
                    "–" if version.rows is None else formatted(version.rows),
                    size(version.bytes),
                    ", ".join(found) or version.description,
                ]
            )
            item.setData(0, _NUMBER, version.version)
            item.setData(5, _NUMBER, version.hash)
            text = "\n".join([*found, version.description]).strip()
            item.setToolTip(5, plain_tooltip(text))
            for column in (0, 3, 4):
                item.setTextAlignment(
                    column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
            self.list.addTopLevelItem(item)
            if f"{self._name}@{version.version}" == before:
                self.list.setCurrentItem(item)
        first = self.list.topLevelItem(0)
        if self.list.currentItem() is None and first is not None:
            self.list.setCurrentItem(first)
        self._update()

    def _update(self) -> None:
        item = self.list.currentItem()
        for button in (self.add, self.lineage, self.delete):
            button.setEnabled(item is not None)
        self.hash.setText(
            tr("Hash {data}").format(data=item.data(5, _NUMBER)) if item is not None else ""
        )

    def _copy(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            QApplication.clipboard().setText(str(item.data(5, _NUMBER)))


def _moment(seconds: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""
