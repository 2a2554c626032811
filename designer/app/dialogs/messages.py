"""The messages of the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from PySide6.QtWidgets import QStatusBar

from designer.app.dialogs.message_bar import MessageBar
from designer.app.dialogs.message_history import MessageHistory, PastMessage
from designer.app.shell.commands import command
from designer.app.widgets.announcer import Announcer
from designer.texts import tr

SECONDS, WARNING_SECONDS = 5, 8

KEPT = 200
"""Messages that can be read again."""


class Messages:
    """Short messages go to the status bar, messages with choices to the message bar.

    Parameters
    ----------
    announcer : Announcer
        Reads out what the status bar shows; the message bar does so itself.
    status : callable
        Returns the status bar. PySide forgets its object in the course of a run although
        the bar is still there, so that it can't be kept.

    Attributes
    ----------
    bar : MessageBar
        Shows what stays until it is answered or no longer true.
    """

    def __init__(
        self, status: Callable[[], QStatusBar], bar: MessageBar, announcer: Announcer
    ) -> None:
        self._announcer = announcer
        self._shown: deque[PastMessage] = deque(maxlen=KEPT)
        self._status = status
        self.bar = bar
        bar.added.connect(lambda text, severity: self._keep(text, severity != "info"))

    def show(self, text: str, *, warning: bool = False) -> None:
        """Show a sentence in the status bar for a while."""
        self._status().showMessage(text, 1000 * (WARNING_SECONDS if warning else SECONDS))
        self._announcer.say(text, urgent=warning)
        self._keep(text, warning)

    def warn(self, text: str) -> None:
        """Show a warning in the status bar for a while."""
        self.show(text, warning=True)

    @command(
        tr("Recent messages"),
        "Ctrl+Shift+H",
        icon="info",
        help=tr("List the messages that were shown."),
        menus="View 3.5",
    )
    def recent_messages(self) -> None:
        """List the messages that were shown, the last one first."""
        MessageHistory(self._shown, self._status().window()).exec()

    def clear(self, text: str = "") -> None:
        """Remove a message from the status bar if it is still there; by default any."""
        status = self._status()
        if text in ("", status.currentMessage()):
            status.clearMessage()

    def _keep(self, text: str, warning: bool) -> None:
        self._shown.appendleft(PastMessage(text, datetime.now(), warning))
