"""The menus; commands declare their own positions in them."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QMenuBar

from designer.app.widgets.direction import DirectedMenu
from designer.texts import N_

MENU_BAR = (
    N_("&File"),
    N_("&Edit"),
    N_("&View"),
    N_("&Pipeline"),
    N_("&Deploy"),
    N_("&Window"),
    N_("&Help"),
)

SUBMENUS = {
    N_("Panels"): "View 2.1",
    N_("Theme"): "View 2.2",
    N_("Align"): "Pipeline 1.45",
    N_("Run on"): "Pipeline 2.6",
}
"""Positions of submenus."""

TOOLS, TOOLS_END = "Tools", "Tools end"
"""The toolbar, and its right end."""

NODE, GROUP, NOTE, CANVAS = "Node", "Group", "Note", "Canvas"
"""Context menus of the canvas."""

TAB = "Tab"
"""The context menu of a tab."""

RECENT, OUTPUTS, COMPUTE_TARGET = "recent", "outputs", "compute target"
WINDOWS, OTHER_WINDOWS, WINDOWS_FOR_TAB = "windows", "other windows", "windows for tab"

SPECIAL = {
    RECENT: "File 1.3",
    OUTPUTS: "Node 1.2",
    COMPUTE_TARGET: "Tools 3.2",
    WINDOWS: "Window 3.1",
    OTHER_WINDOWS: "Window 2.55",
    WINDOWS_FOR_TAB: "Tab 2.4",
}
"""Positions of items that aren't commands."""


def add_menu(parent: QMenu | QMenuBar, title: str, icon: QIcon | None = None) -> QMenu:
    """Return a new menu in another one, or in a menu bar, to be filled whenever it opens.

    PySide forgets its object for a menu that Qt has made, in the course of a run, but not for one
    that Python has.
    """
    menu = DirectedMenu(title, parent)
    if icon is not None:
        menu.setIcon(icon)
    parent.addMenu(menu)
    return menu


@cache
def split(position: str) -> tuple[str, float]:
    """Return menu and number of a position such as ``"Tools end 1"``."""
    menu, _, number = position.rpartition(" ")
    return menu, float(number)
