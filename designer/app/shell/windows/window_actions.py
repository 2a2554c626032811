"""Commands of windows and tabs: another one, going to one, closing one, quitting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from designer.app.document.file_actions import FileActions
from designer.app.shell import window_layout
from designer.app.shell.commands import command
from designer.app.shell.commands.menus import add_menu
from designer.app.shell.windows.pipeline_window import PipelineWindow, close_pages
from designer.app.shell.windows.tabbed_window import TabbedWindow
from designer.app.shell.windows.windows import Windows
from designer.texts import tr


class WindowActions:
    """The commands of the Window menu and of tabs, and Quit.

    Parameters
    ----------
    window : PipelineWindow
        The pipeline whose menus it is in.
    close_result : callable
        Closes the result beside the canvas that has the focus; false if there is none.
    """

    def __init__(
        self,
        windows: Windows,
        window: PipelineWindow,
        files: FileActions,
        close_result: Callable[[], bool],
    ) -> None:
        self._windows = windows
        self._window = window
        self._files = files
        self._close_result = close_result

    @command(
        tr("New tab"),
        "Ctrl+T",
        help=tr("Open another tab, with its own pipeline, undo, and runs."),
        menus=("File 1.15", "Tab 1.1"),
    )
    def new_tab(self) -> None:
        """Open another tab in this window."""
        self._windows.new_tab(self._window)

    @command(
        tr("Open in new tab…"),
        help=tr("Open a pipeline file in another tab."),
        menus="File 1.25",
    )
    def open_in_new_tab(self) -> None:
        """Ask for a file, and open it in another tab."""
        chosen = self._files.choose()
        if chosen is not None:
            self.open_in_tab(chosen)

    @command(
        tr("Close tab"),
        "Ctrl+W",
        help=tr("Close this pipeline, or the result beside the canvas that you work with."),
        menus=("File 4.9", "Tab 3.1"),
    )
    def close_tab(self) -> None:
        """Close this tab; the window with the last one."""
        if not self._close_result():
            self._window.close()

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
        help=tr("Close this window with its tabs. Other windows stay open."),
        menus="Window 1.2",
    )
    def close_window(self) -> None:
        """Close this window."""
        self._frame.close()

    @command(
        tr("Next tab"),
        "Ctrl+PgDown Ctrl+Tab",
        help=tr("Go to the next tab."),
        needs="tabs",
        menus="Window 2.1",
    )
    def next_tab(self) -> None:
        """Show the next tab."""
        self._frame.step(1)

    @command(
        tr("Previous tab"),
        "Ctrl+PgUp Ctrl+Shift+Tab",
        help=tr("Go to the previous tab."),
        needs="tabs",
        menus="Window 2.2",
    )
    def previous_tab(self) -> None:
        """Show the previous tab."""
        self._frame.step(-1)

    @command(
        tr("Move tab right"),
        "Ctrl+Shift+PgDown",
        help=tr("Move this tab behind the next one."),
        needs="tabs",
        menus=("Window 2.3", "Tab 2.1"),
    )
    def move_tab_right(self) -> None:
        """Move the tab one position to the end."""
        self._frame.move_page(self._window, 1)

    @command(
        tr("Move tab left"),
        "Ctrl+Shift+PgUp",
        help=tr("Move this tab before the previous one."),
        needs="tabs",
        menus=("Window 2.4", "Tab 2.2"),
    )
    def move_tab_left(self) -> None:
        """Move the tab one position to the start."""
        self._frame.move_page(self._window, -1)

    @command(
        tr("Move tab to new window"),
        help=tr("Move this pipeline to another window; its run continues."),
        needs="tabs",
        menus=("Window 2.5", "Tab 2.3"),
    )
    def move_to_new_window(self) -> None:
        """Move the tab to a new window."""
        here = self._frame
        window_layout.put_beside(self._windows.move(self._window), here)
        self._window.come_to_front()

    @command(
        tr("Close other tabs"),
        help=tr("Close the other tabs of this window."),
        needs="tabs",
        menus=("Window 2.6", "Tab 3.2"),
    )
    def close_other_tabs(self) -> None:
        """Close the other tabs, or none if the user wants to stay in one."""
        close_pages([page for page in self._frame.pages() if page is not self._window])

    @command(tr("Quit"), "Ctrl+Q", help=tr("Close all windows."), menus="File 5")
    def quit(self) -> None:
        """Close all windows, asking about unsaved changes in each."""
        self._windows.close_all()

    def conditions(self) -> dict[str, bool]:
        """Return what commands need."""
        frame = self._window.frame
        return {"tabs": frame is not None and len(self._frame.pages()) > 1}

    def open_files(self, paths: Sequence[Path]) -> None:
        """Open a file here, or several in tabs; the first of them here if nothing is open."""
        tab = self._window.tab
        here = len(paths) == 1 or (tab.path is None and not tab.dirty)
        for path in paths:
            if here:
                self._files.open_path(path)
            else:
                self.open_in_tab(path)
            here = False

    def open_in_tab(self, path: Path) -> None:
        """Open a file in another tab, or show the one in which it is open."""
        found = self._windows.with_file(path)
        if found is not None:
            found.come_to_front()
        else:
            self._windows.new_tab(self._window).open_path(path)

    def list_windows(self, menu: QMenu) -> None:
        """Add the pipelines that are open to a menu, as they are whenever it is opened."""
        group = QActionGroup(menu)

        def fill() -> None:
            for action in group.actions():
                group.removeAction(action)
                menu.removeAction(action)
                action.deleteLater()
            for window in _in_order(self._windows):
                action = menu.addAction(window.tab.marked_title)
                action.setCheckable(True)
                action.setChecked(window is self._window)
                action.setStatusTip(str(window.path or ""))
                action.triggered.connect(partial(_show, window))
                group.addAction(action)

        menu.aboutToShow.connect(fill)

    def list_other_windows(self, menu: QMenu) -> None:
        """Add the windows to which the tab can be moved to a menu, each by what it shows."""
        others = add_menu(menu, tr("Move tab to window"))

        def fill() -> None:
            others.clear()
            for frame in self._windows.frames():
                shown = frame.current
                if frame is not self._frame and shown is not None:
                    action = others.addAction(shown.tab.marked_title)
                    action.triggered.connect(partial(self._move, frame))

        others.aboutToShow.connect(fill)
        menu.aboutToShow.connect(lambda: others.setEnabled(len(self._windows.frames()) > 1))

    @property
    def _frame(self) -> TabbedWindow:
        return self._windows.frame_of(self._window)

    def _move(self, frame: TabbedWindow, _: bool = False) -> None:
        self._windows.move(self._window, frame)
        self._window.come_to_front()


def _in_order(windows: Windows) -> Iterable[PipelineWindow]:
    """Return the pipelines window by window, as their tabs follow each other."""
    return (page for frame in windows.frames() for page in frame.pages())


def _show(window: PipelineWindow, _: bool = False) -> None:
    window.come_to_front()
