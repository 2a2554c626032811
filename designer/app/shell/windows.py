"""The windows of the application: each has its pipeline, all share an engine."""

from __future__ import annotations

import os
import threading
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from designer.app.document.recovery import Recovery

if TYPE_CHECKING:
    from designer.engine.engine import Engine


class PipelineWindow(QMainWindow):
    """A window with a pipeline, as the other windows know it.

    Signals
    -------
    ended
        It was closed, and no background work is left.
    """

    ended = Signal()

    @property
    @abstractmethod
    def path(self) -> Path | None:
        """The file that is open; None for a pipeline that was never saved."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether it was closed."""

    @abstractmethod
    def may_leave(self) -> bool:
        """Ask about unsaved changes and a run that would end; false to stay."""

    @abstractmethod
    def leave(self) -> None:
        """Close without a question, once it was answered."""

    @abstractmethod
    def end(self) -> None:
        """Close without a question; changes that aren't saved are offered at the next start."""

    @abstractmethod
    def restore(self, recovery: Recovery) -> None:
        """Open the work of an earlier session."""

    def come_to_front(self) -> None:
        """Show it over the other windows, with the keyboard."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()


class Windows(QObject):
    """The windows of the application that are open, in the order in which they were opened.

    Parameters
    ----------
    make_window : callable
        Makes another window beside a given one, not shown yet.
    make_engine : callable
        Makes the engine that all of them share.

    Signals
    -------
    ended
        The last one was closed.
    """

    ended = Signal()

    def __init__(
        self,
        make_window: Callable[[PipelineWindow], PipelineWindow],
        make_engine: Callable[[], Engine],
    ) -> None:
        super().__init__()
        self._make_window = make_window
        self._engine = SharedEngine(make_engine)
        self._windows: list[PipelineWindow] = []

    def all(self) -> list[PipelineWindow]:
        """Return those that are open."""
        return list(self._windows)

    def add(self, window: PipelineWindow) -> None:
        """Count a window in until it is closed."""
        self._windows.append(window)
        window.ended.connect(lambda: self._remove(window))

    def new(self, beside: PipelineWindow) -> PipelineWindow:
        """Show another window, which has no pipeline yet, a little beside one."""
        window = self._make_window(beside)
        window.come_to_front()
        return window

    def with_file(self, path: Path) -> PipelineWindow | None:
        """Return the window in which a file is open."""
        wanted = _identity(path)
        return next((w for w in self._windows if w.path and _identity(w.path) == wanted), None)

    def lend_engine(self) -> Engine:
        """Return the shared engine; it is closed once all who got it have closed it."""
        return self._engine.lend()

    def close_all(self) -> bool:
        """Close all windows, the active one first, unless the user wants to stay in one."""
        windows = sorted(self._windows, key=lambda window: not window.isActiveWindow())
        for window in windows:
            if len(windows) > 1 and not window.isActiveWindow():
                window.come_to_front()
            if not window.may_leave():
                return False
        for window in windows:
            window.leave()
        return True

    def end(self) -> None:
        """Close all windows without a question."""
        for window in self.all():
            window.end()

    def _remove(self, window: PipelineWindow) -> None:
        if window in self._windows:
            self._windows.remove(window)
            if self._windows:
                window.deleteLater()
            else:
                # Whoever started the application takes the last one apart.
                self.ended.emit()


class SharedEngine:
    """An engine that several windows use: made for the first, closed by the last.

    Parameters
    ----------
    make : callable
        Makes the engine; called on the thread of the first one who needs it.
    """

    def __init__(self, make: Callable[[], Engine]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._users = 0

    def lend(self) -> Engine:
        """Return the engine; who gets it closes it."""
        with self._lock:
            if self._engine is None:
                self._engine = self._make()
            self._users += 1
            return cast("Engine", _LentEngine(self._engine, self._give_back))

    def _give_back(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users:
                return
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()


class _LentEngine:
    """The engine as one of its users has it: all but closing is the engine's own."""

    def __init__(self, engine: Engine, give_back: Callable[[], None]) -> None:
        self._engine = engine
        self._give_back = give_back

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def close(self) -> None:
        """Leave the engine to the others."""
        self._give_back()


def _identity(path: Path) -> str:
    """Return the same text for the same file, whatever it was called."""
    return os.path.normcase(os.path.realpath(path))
