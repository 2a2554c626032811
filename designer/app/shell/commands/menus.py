"""The menus that commands are listed in; the commands say themselves where."""

from __future__ import annotations

MENU_BAR = ("&File", "&Edit", "&View", "&Pipeline", "&Deploy", "&Help")

SUBMENUS = {"Panels": "View 2.1", "Theme": "View 2.2", "Run on": "Pipeline 2.5"}
"""Where menus are that are part of others."""

TOOLS, TOOLS_END = "Tools", "Tools end"
"""The tool bar, and what is at its right end."""

NODE, GROUP, NOTE, CANVAS = "Node", "Group", "Note", "Canvas"
"""Context menus of the canvas."""

RECENT, OUTPUTS, COMPUTE_TARGET = "recent", "outputs", "compute target"

SPECIAL = {RECENT: "File 1.3", OUTPUTS: "Node 1.2", COMPUTE_TARGET: "Tools 3.2"}
"""Where something is that isn't a command: recent files, outputs, the drop-down of targets."""


def split(position: str) -> tuple[str, float]:
    """Return menu and number of a position such as ``"Tools end 1"``."""
    menu, _, number = position.rpartition(" ")
    return menu, float(number)
