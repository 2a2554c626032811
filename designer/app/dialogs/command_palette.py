"""Every command in one list, to search and run."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell.commands import Command, Commands


class CommandPalette(QDialog):
    """Choose a command by typing; Enter runs it."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("All commands")
        self.resize(560, 420)
        self.chosen: str | None = None
        self._commands = commands
        blank = QPixmap(16, 16)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Type what you want to do")
        self.search.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setHeaderHidden(True)
        self.list.setColumnCount(2)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self.search.textChanged.connect(self._fill)
        # The pointer and the keys move the same mark.
        self.list.setMouseTracking(True)
        self.list.setProperty("role", "choices")
        self.list.itemEntered.connect(lambda item, _: self.list.setCurrentItem(item))
        self.list.itemActivated.connect(lambda item, _: self._take(item))
        self.list.itemClicked.connect(lambda item, _: self._take(item))
        self.search.returnPressed.connect(self._take_current)
        self._fill("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrow keys in the search field move through the list."""
        if watched is self.search and isinstance(event, QKeyEvent):
            arrows = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
            if event.type() == QEvent.Type.KeyPress and event.key() in arrows:
                self.list.keyPressEvent(event)
                return True
        return super().eventFilter(watched, event)

    def _fill(self, text: str) -> None:
        words = text.lower().split()
        self.list.clear()
        found: list[tuple[bool, int, Command]] = []
        for command in self._commands.all():
            if (
                command.id == "command_palette"
                or not self._commands.actions[command.id].isEnabled()
            ):
                continue
            title = self._title(command).lower()
            if all(word in f"{title} {command.help.lower()}" for word in words):
                in_title = all(word in title for word in words)
                found.append((not in_title, len(found), command))
        for _, _, command in sorted(found, key=lambda entry: entry[:2]):
            item = QTreeWidgetItem([self._title(command), command.shortcut_text()])
            item.setData(0, Qt.ItemDataRole.UserRole, command.id)
            item.setToolTip(0, command.help)
            # Keeps the titles aligned if a command has no icon.
            item.setIcon(
                0, self._commands.actions[command.id].icon() if command.icon else self._blank
            )
            item.setForeground(1, self.palette().placeholderText())
            self.list.addTopLevelItem(item)
        self.list.setCurrentIndex(self.list.model().index(0, 0))

    def _title(self, command: Command) -> str:
        return self._commands.title(command, present=True)

    def _take_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._take(item)

    def _take(self, item: QTreeWidgetItem) -> None:
        self.chosen = item.data(0, Qt.ItemDataRole.UserRole)
        self.accept()
