"""A list of folders whose order counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.texts import tr

ROWS_HEIGHT = 90
"""Pixels of the list."""


class FolderList(QWidget):
    """Folders to add, to remove, and to move up and down.

    Signals
    -------
    edited : list of str
        The folders after a change of the user.
    """

    edited = Signal(object)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.list = QListWidget()
        keep_directions(self.list)
        self.list.setAccessibleName(title)
        self.list.setFixedHeight(ROWS_HEIGHT)
        self.add = QPushButton(tr("Add folder…"))
        self.add.clicked.connect(self._ask)
        self.remove = self._button("remove", tr("Remove folder"), self._remove)
        self.up = self._button("arrow-up", tr("Move up"), lambda: self._move(-1))
        self.down = self._button("arrow-down", tr("Move down"), lambda: self._move(1))
        self.list.currentRowChanged.connect(lambda _: self._enable())
        follow_selection(self.list)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add)
        buttons.addStretch()
        for button in (self.up, self.down, self.remove):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        layout.addLayout(buttons)
        self._enable()

    def folders(self) -> list[str]:
        """Return the folders."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def set_folders(self, folders: Sequence[str]) -> None:
        """Show folders."""
        row = self.list.currentRow()
        self.list.clear()
        self.list.addItems(list(folders))
        for index, folder in enumerate(folders):
            self.list.item(index).setToolTip(folder)
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self._enable()

    def _button(self, icon: str, title: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setIcon(theme.icon(icon))
        button.setToolTip(title)
        button.setAccessibleName(title)
        button.clicked.connect(act)
        return button

    def _enable(self) -> None:
        row = self.list.currentRow()
        self.remove.setEnabled(row >= 0)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.list.count() - 1)

    def _ask(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self._title)
        if chosen:
            self.edited.emit([*self.folders(), chosen])

    def _remove(self) -> None:
        row = self.list.currentRow()
        self.edited.emit([each for index, each in enumerate(self.folders()) if index != row])

    def _move(self, by: int) -> None:
        folders, row = self.folders(), self.list.currentRow()
        folders[row], folders[row + by] = folders[row + by], folders[row]
        self.list.setCurrentRow(row + by)
        self.edited.emit(folders)
