"""The commands of a window as Qt's actions, and the menus filled with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from designer.app.shell import theme
from designer.app.shell.commands.command import CONDITIONS, Command, declared
from designer.app.shell.commands.menus import MENU_BAR, SPECIAL, SUBMENUS, add_menu, split
from designer.app.widgets.direction import ended
from designer.app.widgets.sentence_case import in_sentence
from designer.texts import tr

Special = Mapping[str, Callable[[QMenu], object]]


class Commands:
    """Every command of a window.

    Parameters
    ----------
    window : QWidget
        Gets the shortcuts.
    canvas : QWidget
        Gets the shortcuts that work only there.

    Attributes
    ----------
    actions : dict of str to QAction
        By the command's id.
    by_id : dict of str to Command
    """

    def __init__(self, window: QWidget, canvas: QWidget) -> None:
        self._window = window
        self._canvas = canvas
        self._handlers: list[object] = []
        self._handler_of: dict[str, object] = {}
        self.actions: dict[str, QAction] = {}
        self.by_id: dict[str, Command] = {}

    def add(self, *handlers: object) -> None:
        """Make the actions of the commands that objects declare.

        An object with a method ``conditions`` also returns which conditions are met.
        """
        for handler in handlers:
            for command in declared(handler):
                self._add(command, handler)
            if hasattr(handler, "conditions"):
                self._handlers.append(handler)

    def all(self) -> list[Command]:
        """Return the commands as they follow each other in the menus."""
        listed: list[str] = []
        for title in MENU_BAR:
            listed += self._ids(title.replace("&", ""))
        order = dict.fromkeys((*listed, *self.by_id))
        return [self.by_id[name] for name in order]

    def title(self, command: Command, *, present: bool = False) -> str:
        """Return the title, or the ``present`` text, as it reads without its menu around it."""
        text = self.actions[command.id].text() if present else command.title
        context = next((split(menu)[0] for menu in command.menus), "")
        return f"{tr(context)}: {in_sentence(text)}" if context in SUBMENUS else text

    def entries(self, menu: str) -> list[str | None]:
        """Return what a menu lists: ids, submenus, special things; None for a separator."""
        found = [
            (number, name)
            for name, positions in self._positions()
            for where, number in map(split, positions)
            if where == menu
        ]
        listed: list[str | None] = []
        section = 0
        for number, name in sorted(found, key=lambda entry: entry[0]):
            if listed and int(number) != section:
                listed.append(None)
            section = int(number)
            listed.append(name)
        return listed

    def fill(self, menu: QMenu, name: str, special: Special | None = None) -> None:
        """Fill a menu; ``special`` adds what isn't a command, or something instead of one."""
        special = special or {}
        for entry in self.entries(name):
            if entry is None:
                menu.addSeparator()
            elif entry in special:
                special[entry](menu)
            elif entry in SUBMENUS:
                self.fill(add_menu(menu, tr(entry)), entry, special)
            elif entry in self.actions:
                menu.addAction(self.actions[entry])

    def update(self) -> None:
        """Update which actions are enabled, their texts, and their switches."""
        holds = {name for name, true in self._conditions() if true}
        for name, action in self.actions.items():
            command, handler = self.by_id[name], self._handler_of[name]
            missing = [CONDITIONS[need] for need in command.needs if need not in holds]
            obstacle = command.obstacle(handler) if command.obstacle else ""
            action.setEnabled(not missing and not obstacle)
            if command.label:
                action.setText(ended(command.label(handler)))
            if command.checked:
                action.setChecked(command.checked(handler))
            if missing:
                obstacle = obstacle or tr("{command}: only when {condition}.").format(
                    command=command.title, condition=missing[0]
                )
            action.setToolTip(obstacle or command.tooltip)
            action.setStatusTip(obstacle or command.help)

    def _add(self, command: Command, handler: object) -> None:
        action = QAction(ended(command.text), self._window)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setCheckable(command.checked is not None)
        if command.icon:
            action.setIcon(theme.icon(command.icon))
        method = getattr(handler, command.id)

        def call() -> None:
            method()
            if command.checked:
                # Qt has switched it, even if the command failed.
                self.update()

        action.triggered.connect(call)
        if command.on_canvas:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._canvas.addAction(action)
        else:
            self._window.addAction(action)
        self.actions[command.id] = action
        self.by_id[command.id] = command
        self._handler_of[command.id] = handler

    def _positions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for name, command in self.by_id.items():
            yield name, command.menus
        for name, position in (*SUBMENUS.items(), *SPECIAL.items()):
            yield name, (position,)

    def _ids(self, menu: str) -> Iterator[str]:
        for entry in self.entries(menu):
            if entry in SUBMENUS:
                yield from self._ids(str(entry))
            elif entry in self.by_id:
                yield str(entry)

    def _conditions(self) -> Iterator[tuple[str, bool]]:
        for handler in self._handlers:
            yield from handler.conditions().items()  # type: ignore[attr-defined]
