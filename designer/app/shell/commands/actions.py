"""From commands to Qt's actions and menus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from designer.app.shell.commands.command import tooltip
from designer.app.shell.commands.menus import MenuEntry
from designer.app.shell.commands.table import BY_ID, COMMANDS


def make_actions(
    window: QWidget, canvas: QWidget, icon: Callable[[str], QIcon], handlers: Sequence[object]
) -> dict[str, QAction]:
    """Make the action of every command.

    Parameters
    ----------
    canvas : QWidget
        Gets the shortcuts that work only there.
    icon : callable
        From the name of an icon to the icon.
    handlers : sequence of object
        One of them has a method for each command, named after it.
    """
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, window)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setToolTip(tooltip(command))
        action.setStatusTip(command.help)
        action.setCheckable(command.checkable)
        if command.icon:
            action.setIcon(icon(command.icon))
        handler = next(each for each in handlers if hasattr(each, command.id))
        action.triggered.connect(_without_arguments(getattr(handler, command.id)))
        if command.on_canvas:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            canvas.addAction(action)
        else:
            window.addAction(action)
        actions[command.id] = action
    return actions


def update_actions(actions: Mapping[str, QAction], conditions: Iterable[str]) -> None:
    """Enable the actions whose needs are met."""
    true = set(conditions)
    for name, action in actions.items():
        action.setEnabled(true.issuperset(BY_ID[name].needs))


def fill_menu(
    menu: QMenu,
    entries: Iterable[MenuEntry],
    actions: Mapping[str, QAction],
    special: Mapping[str, Callable[[QMenu], None]],
) -> None:
    """Fill a menu from a table; ``special`` adds what is not a command."""
    for entry in entries:
        if entry is None:
            menu.addSeparator()
        elif isinstance(entry, tuple):
            fill_menu(menu.addMenu(entry[0]), entry[1], actions, special)
        elif entry in special:
            special[entry](menu)
        else:
            menu.addAction(actions[entry])


def _without_arguments(handler: Callable[[], object]) -> Callable[..., None]:
    # QAction.triggered passes the checked state, which the handlers don't take.
    def call(*_: object) -> None:
        handler()

    return call
