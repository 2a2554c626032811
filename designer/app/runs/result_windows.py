"""Where results are shown: each in a window or beside the canvas, as the user likes best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAccessible, QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAccessibleWidget,
    QApplication,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.shell.commands import command
from designer.app.shell.settings import Settings
from designer.app.shell.window_layout import FRAME
from designer.app.shell.workbench import Workbench
from designer.app.widgets.accessible import register
from designer.app.widgets.text_scale import scaled
from designer.engine.results import Output
from designer.texts import tr
from modules.contract import ModuleSpec

if TYPE_CHECKING:
    from designer.app.views.opening import ResultView
    from designer.app.views.registry import KeptChart, OpenTrial, StoredModel
    from designer.engine.engine import Engine

STEP = 28
"""Pixels between one window and the next."""

STEPS = 8
"""After so many, the first position is used again."""


class ResultWindow(QWidget):
    """The view of a result, in a window or beside the canvas; Ctrl+W closes it, Esc a window.

    Parameters
    ----------
    subject : str
        What its lineage is found by, ``result:RUN/STEP.PORT``; empty if the run isn't known.

    Signals
    -------
    lineage_requested : str
        Show what it comes from.
    moved : bool
        The user wants it beside the canvas, or in a window.
    closed
        It was closed.
    """

    moved = Signal(bool)
    closed = Signal()
    lineage_requested = Signal(str)

    def __init__(self, view: ResultView, title: str, path: Path, subject: str = "") -> None:
        super().__init__()
        self.path = path
        self.title = title
        self.docked = False
        self.setWindowTitle(f"{title} – ModelDesk")
        self.subject = subject
        self.lineage = QToolButton()
        self.lineage.setAutoRaise(True)
        self.lineage.setIcon(theme.icon("link"))
        self.lineage.setToolTip(tr("Show the data and code that this result comes from"))
        self.lineage.setAccessibleName(tr("Lineage"))
        self.lineage.setVisible(bool(subject))
        self.lineage.clicked.connect(lambda: self.lineage_requested.emit(self.subject))
        self._move = QToolButton()
        self._move.setAutoRaise(True)
        self._move.clicked.connect(lambda: self.moved.emit(not self.docked))
        view.add_at_end(self.lineage)
        view.add_at_end(self._move)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)
        self.setFocusProxy(view)
        self._close_key = QShortcut(QKeySequence("Ctrl+W"), self, self.close)
        self.resize(scaled(1080), scaled(720))
        register(self, _WindowInterface(self))
        self.set_docked(False)

    def set_docked(self, docked: bool) -> None:
        """Show which way it can be moved."""
        self.docked = docked
        # Beside the canvas, the command that closes tabs closes it.
        self._close_key.setEnabled(not docked)
        text = tr("Show in a window") if docked else tr("Show beside the canvas")
        self._move.setIcon(theme.icon("window" if docked else "dock"))
        self._move.setToolTip(text)
        self._move.setAccessibleName(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc, where the view has no other use for it."""
        if event.key() == Qt.Key.Key_Escape and not self.docked:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Report it."""
        super().closeEvent(event)
        self.closed.emit()


class _WindowInterface(QAccessibleWidget):
    """A window to a screen reader, which would ignore what is in anything else on the screen."""

    def role(self) -> QAccessible.Role:
        """Return a window, unless it is beside the canvas."""
        alone = self.widget().isWindow()
        return QAccessible.Role.Window if alone else QAccessible.Role.Grouping


class ResultWindows(QObject):
    """The results that one main window shows.

    Signals
    -------
    changed
        One was opened or closed.
    lineage_requested : str
        Show what a result comes from.

    Parameters
    ----------
    settings : Settings
        Where the user's choice between windows and the workbench is kept.
    workbench : Workbench
        Has the canvas, beside which results can be shown.
    """

    changed = Signal()
    lineage_requested = Signal(str)

    def __init__(
        self,
        main: QWidget,
        specs: Callable[[], Mapping[str, ModuleSpec]],
        settings: Settings,
        workbench: Workbench,
    ) -> None:
        super().__init__(main)
        self._main = main
        self._specs = specs
        self._settings = settings
        self._workbench = workbench
        self._windows: list[ResultWindow] = []
        self._opened = 0

    def all(self) -> list[ResultWindow]:
        """Return those that are open."""
        return list(self._windows)

    @command(
        tr("Results beside the canvas"),
        help=tr("Open results beside the canvas instead of in windows."),
        menus="View 2.3",
        checked=lambda self: self._settings.results_beside,
    )
    def results_beside(self) -> None:
        """Switch between results beside the canvas and in windows, for those that are open too."""
        beside = not self._settings.results_beside
        self._settings.results_beside = beside
        for window in self.all():
            self._put(window, beside)

    def show(
        self,
        output: Output,
        title: str,
        engine: Engine,
        inputs: Mapping[str, str] | None = None,
        open_trial: OpenTrial | None = None,
        models: Sequence[StoredModel] = (),
        chart: KeptChart | None = None,
        subject: str = "",
    ) -> None:
        """Show an output; a window that shows it already comes to the front.

        ``inputs`` has what the user calls the data at inputs of the module, ``open_trial`` opens
        a trial of a leaderboard as a pipeline, ``models`` can be asked about rows of a table,
        ``chart`` keeps the chart that the user makes of it, ``subject`` finds its lineage.
        """
        for window in self.all():
            if window.path == output.path:
                window.subject = subject or window.subject
                self._put(window, window.docked)
                return
        from designer.app.views import open_result

        view = open_result(output, title, engine, self._specs(), inputs, open_trial, models, chart)
        window = ResultWindow(view, title, output.path, subject)
        window.lineage_requested.connect(self.lineage_requested)
        window.moved.connect(lambda beside: self._move(window, beside))
        window.closed.connect(lambda: self._forget(window))
        self._windows.append(window)
        self._put(window, self._settings.results_beside)
        self.changed.emit()

    def close_focused(self) -> bool:
        """Close the one beside the canvas that has the focus; false if none has."""
        focus = QApplication.focusWidget()
        for window in self.all():
            if window.docked and focus is not None and window.isAncestorOf(focus):
                window.close()
                return True
        return False

    def close(self) -> None:
        """Close all of them."""
        for window in self.all():
            window.close()

    def _move(self, window: ResultWindow, beside: bool) -> None:
        """Show a result elsewhere, and those that are opened later."""
        self._settings.results_beside = beside
        self._put(window, beside)

    def _put(self, window: ResultWindow, beside: bool) -> None:
        """Bring a result to the front, beside the canvas or in a window."""
        if beside:
            window.set_docked(True)
            # The name in parentheses and the port are in the tooltip.
            self._workbench.dock(window, window.title.partition(" (")[0], window.title)
            window.show()
        elif window.docked or not window.isVisible():
            if window.docked:
                self._workbench.release(window)
                window.setParent(None)
                window.set_docked(False)
            self._position(window)
            window.show()
        else:
            window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
            window.raise_()
            window.activateWindow()
            return
        window.setFocus()

    def _forget(self, window: ResultWindow) -> None:
        self._windows.remove(window)
        if window.docked:
            self._workbench.release(window)
        window.deleteLater()
        self.changed.emit()

    def _position(self, window: ResultWindow) -> None:
        """Put a window over the middle of the main window, a little off the previous one."""
        off = self._opened % STEPS * STEP
        self._opened += 1
        screen = self._main.screen()
        room = screen.availableGeometry() if screen is not None else None
        if room is not None:
            window.resize(window.size().boundedTo(room.size() - FRAME))
        middle = self._main.window().frameGeometry().center()
        corner = middle - QPoint(window.width() // 2, window.height() // 2)
        if room is not None:
            # On a small screen the title bar stays within reach.
            corner.setX(max(corner.x(), room.left()))
            corner.setY(max(corner.y(), room.top()))
        window.move(corner + QPoint(off, off))
