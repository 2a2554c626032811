"""Commands of windows: another one, closing one, quitting."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from designer.app.shell.commands import command
from designer.app.shell.windows import PipelineWindow, Windows
from designer.texts import tr


class WindowActions:
    """The commands of the Window menu, and Quit.

    Parameters
    ----------
    window : PipelineWindow
        The window whose menu it is.
    """

    def __init__(self, windows: Windows, window: PipelineWindow) -> None:
        self._windows = windows
        self._window = window

    @command(
        tr("New window"),
        "Ctrl+Shift+N",
        help=tr("Open another window, with its own pipeline, undo, and runs."),
        menus="Window 1.1",
    )
    def new_window(self) -> None:
        """Open another window."""
        self._windows.new(self._window)

    @command(
        tr("Close window"),
        "Ctrl+Shift+W",
        help=tr("Close this window. Other windows stay open."),
        menus="Window 1.2",
    )
    def close_window(self) -> None:
        """Close this window."""
        self._window.close()

    @command(tr("Quit"), "Ctrl+Q", help=tr("Close all windows."), menus="File 5")
    def quit(self) -> None:
        """Close all windows, asking about unsaved changes in each."""
        self._windows.close_all()

    def list_windows(self, menu: QMenu) -> None:
        """Add the windows that are open to a menu, as they are whenever it is opened."""
        group = QActionGroup(menu)

        def fill() -> None:
            for action in group.actions():
                group.removeAction(action)
                menu.removeAction(action)
                action.deleteLater()
            for window in self._windows.all():
                title = window.windowTitle().removesuffix(" – ModelDesk")
                action = menu.addAction(title.replace("&", "&&"))
                action.setCheckable(True)
                action.setChecked(window is self._window)
                action.setStatusTip(str(window.path or ""))
                action.triggered.connect(partial(_show, window))
                group.addAction(action)

        menu.aboutToShow.connect(fill)


def _show(window: PipelineWindow, _: bool = False) -> None:
    window.come_to_front()
