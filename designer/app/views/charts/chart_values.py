"""What makes a widget that paints a chart reachable: role, focus, and the key of its table."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from designer.app.widgets.accessible import set_role
from designer.app.widgets.focus_ring import FocusRing
from designer.texts import tr

KEY = "T"
HINT = tr("{key} shows the values as a table.").format(key=KEY)


def make_readable(chart: QWidget, show: Callable[[], object]) -> None:
    """Let a widget that paints a chart be reached by Tab, and its values by a key.

    Parameters
    ----------
    show : callable
        Shows the values as a table.
    """
    set_role(chart, QAccessible.Role.Chart, show)
    chart.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    FocusRing(chart)
    describe(chart, "")
    shortcut = QShortcut(QKeySequence(KEY), chart)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(lambda: show())


def describe(chart: QWidget, text: str) -> None:
    """Set what a screen reader reads after a chart's name: a text, and the key."""
    text = text.strip()
    stop = "" if not text or text.endswith((".", "?", "!", "…")) else "."
    chart.setAccessibleDescription(f"{text}{stop} {HINT}".strip())
