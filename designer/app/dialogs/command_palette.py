"""Every command in one list, to search and run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLineEdit,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.shell.commands import Command, Commands
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.empty_label import empty_label
from designer.app.widgets.fields.choosing import follow_selection
from designer.app.widgets.fields.line_buttons import add_enter_button
from designer.app.widgets.search import ranked
from designer.texts import tr


@dataclass(frozen=True)
class _Entry:
    """A command as the search reads it."""

    command: Command
    title: str
    keywords: Sequence[str] = ()
    category_title: str = ""

    @property
    def summary(self) -> str:
        return self.command.help


class CommandPalette(QDialog):
    """Choose a command by typing; Enter runs it."""

    def __init__(self, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("All commands"))
        usual_size(self, 560, 420)
        self.chosen: str | None = None
        self._commands = commands
        self._entries = [
            _Entry(command, commands.title(command, present=True))
            for command in commands.all()
            if command.id != "command_palette"
        ]
        blank = QPixmap(16, 16)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Type what you want to do"))
        self.search.setAccessibleName(tr("Search commands"))
        self.search.installEventFilter(self)
        self.list = QTreeWidget()
        keep_directions(self.list)
        self.list.setAccessibleName(tr("Commands"))
        self.list.setHeaderHidden(True)
        self.list.setColumnCount(2)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        self.empty = empty_label()
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        layout.addLayout(self._stack)
        self.search.textChanged.connect(self._fill)
        # The pointer and the keys move the same mark.
        self.list.setMouseTracking(True)
        self.list.setProperty("role", "choices")
        self.list.itemEntered.connect(lambda item, _: self.list.setCurrentItem(item))
        self.list.itemActivated.connect(lambda item, _: self._take(item))
        self.list.itemClicked.connect(lambda item, _: self._take(item))
        self.search.returnPressed.connect(self._take_current)
        follow_selection(self.list)
        self._enter = add_enter_button(
            self.search,
            theme.icon("chevron-right", "text_muted"),
            tr("Run the selected command"),
            self._take_current,
        )
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
        self.list.clear()
        for entry in ranked(self._entries, text):
            command = entry.command
            if not self._commands.actions[command.id].isEnabled():
                continue
            item = QTreeWidgetItem([entry.title, command.shortcut_text()])
            item.setData(0, Qt.ItemDataRole.UserRole, command.id)
            item.setToolTip(0, command.help)
            # Keeps the titles aligned if a command has no icon.
            item.setIcon(
                0, self._commands.actions[command.id].icon() if command.icon else self._blank
            )
            item.setForeground(1, self.palette().placeholderText())
            self.list.addTopLevelItem(item)
        self.list.setCurrentIndex(self.list.model().index(0, 0))
        found = self.list.topLevelItemCount() > 0
        self._enter.setVisible(found)
        self._stack.setCurrentWidget(self.list if found else self.empty)
        if not found:
            self.empty.setText(self._why_none(text))

    def _why_none(self, text: str) -> str:
        unavailable = ranked(self._entries, text)
        if unavailable:
            return self._commands.actions[unavailable[0].command.id].toolTip()
        return tr("No command matches “{text}”.").format(text=text.strip())

    def _take_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._take(item)

    def _take(self, item: QTreeWidgetItem) -> None:
        self.chosen = item.data(0, Qt.ItemDataRole.UserRole)
        self.accept()
