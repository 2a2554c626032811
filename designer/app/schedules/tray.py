"""The icon in the system's notification area while the window serves schedules."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from designer import paths
from designer.texts import counted, tr

SHOWN = 8_000
"""Milliseconds that a message is shown, where the system lets the application decide."""


class Tray(QObject):
    """Shows that runs start by themselves, and reports those that have ended.

    Where the system has no notification area, nothing is shown.

    Parameters
    ----------
    parent : QWidget
        The window.

    Signals
    -------
    open_requested
        The user wants to see the window.
    pause_requested
        All schedules are to be paused.
    resume_requested
        Those that were paused by :attr:`pause_requested` are to run again.
    """

    open_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.menu = QMenu()
        self.open = self.menu.addAction(tr("Open ModelDesk"))
        self.pause = self.menu.addAction(tr("Pause all schedules"))
        self.resume = self.menu.addAction(tr("Resume all schedules"))
        self.menu.addSeparator()
        self.quit = self.menu.addAction(tr("Quit"))
        self.icon: QSystemTrayIcon | None = None
        """The icon; None as long as it isn't needed, or where the system shows none."""
        self.open.triggered.connect(self.open_requested)
        self.pause.triggered.connect(self.pause_requested)
        self.resume.triggered.connect(self.resume_requested)
        self.quit.triggered.connect(lambda: parent.window().close())
        self.resume.setVisible(False)

    def show_serving(self, serving: bool) -> None:
        """Show the icon while the window serves schedules."""
        if not serving or not QSystemTrayIcon.isSystemTrayAvailable():
            self.hide()
            return
        if self.icon is None:
            icon = self.icon = QSystemTrayIcon(
                QIcon(str(paths.resources() / "modeldesk.svg")), self
            )
            icon.setContextMenu(self.menu)
            icon.activated.connect(self._on_activated)
            icon.messageClicked.connect(self.open_requested)
        self.icon.show()

    def show_schedules(self, active: int, paused: Sequence[str]) -> None:
        """Show how many schedules are active, and offer what can be done.

        Parameters
        ----------
        paused : sequence of str
            The schedules that were paused by the menu.
        """
        self.pause.setEnabled(active > 0)
        self.pause.setVisible(not paused)
        self.resume.setVisible(bool(paused))
        if self.icon is not None:
            what = counted("{n} active schedule", "{n} active schedules", active)
            text = what if active else tr("schedules are paused")
            self.icon.setToolTip(tr("ModelDesk: {text}").format(text=text))

    def tell(self, title: str, details: str) -> None:
        """Report a run that needs the user, while they look at another program."""
        if self.icon is not None and not self._window.isActiveWindow():
            warning = QSystemTrayIcon.MessageIcon.Warning
            self.icon.showMessage(title, details, warning, SHOWN)

    def hide(self) -> None:
        """Hide the icon."""
        if self.icon is not None:
            self.icon.hide()
            self.icon.deleteLater()
            self.icon = None

    def close(self) -> None:
        """Hide the icon, and free the menu."""
        self.hide()
        self.menu.deleteLater()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        reasons = QSystemTrayIcon.ActivationReason
        if reason in (reasons.Trigger, reasons.DoubleClick):
            self.open_requested.emit()
