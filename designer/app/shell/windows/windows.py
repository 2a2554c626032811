"""The windows of the application and the pipelines in them; all share an engine."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from designer.app.shell.windows.pipeline_window import PipelineWindow, close_pages
from designer.app.shell.windows.tabbed_window import TabbedWindow

if TYPE_CHECKING:
    from designer.engine.engine import Engine


class Windows(QObject):
    """The pipelines that are open, in the order in which they were opened, and their windows.

    Parameters
    ----------
    make_window : callable
        Makes another pipeline, not shown yet: in a tab of the window of a given one, or in a
        window a little beside it.
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
        make_window: Callable[[PipelineWindow, bool], PipelineWindow],
        make_engine: Callable[[], Engine],
    ) -> None:
        super().__init__()
        self._make_window = make_window
        self._engine = SharedEngine(make_engine)
        self._windows: list[PipelineWindow] = []
        self._frames: list[TabbedWindow] = []

    def all(self) -> list[PipelineWindow]:
        """Return the pipelines that are open."""
        return list(self._windows)

    def add(self, window: PipelineWindow) -> None:
        """Count a pipeline in until it is closed."""
        self._windows.append(window)
        window.ended.connect(lambda: self._remove(window))

    def frames(self) -> list[TabbedWindow]:
        """Return the windows, each with a pipeline or more."""
        return list(self._frames)

    def frame_of(self, window: PipelineWindow) -> TabbedWindow:
        """Return the window around a pipeline."""
        return next(frame for frame in self._frames if frame is window.frame)

    def place(self, window: PipelineWindow, beside: PipelineWindow | None = None) -> TabbedWindow:
        """Put a pipeline into a new window, or into that of another one."""
        frame = self._make_frame() if beside is None else self.frame_of(beside)
        frame.take(window)
        return frame

    def new(self, beside: PipelineWindow) -> PipelineWindow:
        """Show another window, which has no pipeline yet, a little beside one."""
        return self._show(self._make_window(beside, False))

    def new_tab(self, beside: PipelineWindow) -> PipelineWindow:
        """Show another tab, which has no pipeline yet, in the window of a pipeline."""
        return self._show(self._make_window(beside, True))

    def move(self, window: PipelineWindow, frame: TabbedWindow | None = None) -> TabbedWindow:
        """Move a pipeline, with all that it does, to another window; by default to a new one."""
        target = frame or self._make_frame()
        self.frame_of(window).release(window)
        target.take(window)
        return target

    def with_file(self, path: Path) -> PipelineWindow | None:
        """Return the pipeline of a file, if it is open."""
        wanted = _identity(path)
        return next((w for w in self._windows if w.path and _identity(w.path) == wanted), None)

    def lend_engine(self) -> Engine:
        """Return the shared engine; it is closed once all who got it have closed it."""
        return self._engine.lend()

    def close_all(self) -> bool:
        """Close all windows, the active one first, unless the user wants to stay in one."""
        return close_pages(self._windows)

    def end(self) -> None:
        """Close all windows without a question."""
        for window in self.all():
            window.end()

    def _show(self, window: PipelineWindow) -> PipelineWindow:
        window.come_to_front()
        return window

    def _make_frame(self) -> TabbedWindow:
        frame = TabbedWindow()
        frame.tab_requested.connect(lambda page: self.new_tab(page))
        frame.emptied.connect(lambda: self._frames.remove(frame))
        self._frames.append(frame)
        return frame

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
