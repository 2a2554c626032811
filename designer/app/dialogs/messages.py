"""Where the window tells the person something."""

from __future__ import annotations

from PySide6.QtWidgets import QStatusBar

from designer.app.dialogs.message_bar import MessageBar

SECONDS, WARNING_SECONDS = 5, 8


class Messages:
    """The status bar for what passes, the message bar for what needs an answer.

    Attributes
    ----------
    bar : MessageBar
        Shows what stays until it is answered or no longer true.
    """

    def __init__(self, status: QStatusBar, bar: MessageBar) -> None:
        self._status = status
        self.bar = bar

    def show(self, text: str, *, warning: bool = False) -> None:
        """Show a sentence in the status bar for a while."""
        self._status.showMessage(text, 1000 * (WARNING_SECONDS if warning else SECONDS))

    def warn(self, text: str) -> None:
        """Show a warning in the status bar for a while."""
        self.show(text, warning=True)

    def clear(self, text: str = "") -> None:
        """Take a sentence out of the status bar if it is still there; by default any."""
        if text in ("", self._status.currentMessage()):
            self._status.clearMessage()
