"""What a person can do: every command, and where it stands.

Menus, tool bar, shortcuts, context menus, the list of shortcuts and the command
palette are all made from one table, so they can't disagree. What a command does is a
method with the command's name, of one of the handlers of :func:`make_actions`.
"""

from __future__ import annotations

from designer.app.shell.commands.actions import fill_menu, make_actions, update_actions
from designer.app.shell.commands.command import (
    CONDITIONS,
    Command,
    shortcut_text,
    title_with_context,
    tooltip,
)
from designer.app.shell.commands.menus import (
    CANVAS_MENU,
    COMPUTE_TARGET_MENU,
    GROUP_MENU,
    LINK_MENU,
    MENUS,
    NODE_MENU,
    NOTE_MENU,
    OUTPUTS,
    PLACE,
    RECENT,
    TOOLBAR,
    MenuEntry,
)
from designer.app.shell.commands.table import BY_ID, COMMANDS

__all__ = [
    "BY_ID",
    "CANVAS_MENU",
    "COMMANDS",
    "COMPUTE_TARGET_MENU",
    "CONDITIONS",
    "GROUP_MENU",
    "LINK_MENU",
    "MENUS",
    "NODE_MENU",
    "NOTE_MENU",
    "OUTPUTS",
    "PLACE",
    "RECENT",
    "TOOLBAR",
    "Command",
    "MenuEntry",
    "fill_menu",
    "make_actions",
    "shortcut_text",
    "title_with_context",
    "tooltip",
    "update_actions",
]
