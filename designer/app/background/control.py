"""What a job does when the window cancels it, or closes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn, Protocol

from designer.app.background.wire import CANCEL

PATIENCE = 5.0
"""Seconds that a canceled job with nothing to roll back has to end."""


class Follower(Protocol):
    """Something that continues elsewhere: a run on Azure ML."""

    def cancel(self) -> None:
        """Cancel it. Returns at once."""

    def leave(self) -> None:
        """Stop following it. Returns at once."""


class Control:
    """What a job does when the window cancels or leaves it.

    A function gets it as its parameter ``control``. By default it is interrupted, as by Ctrl+C,
    and killed if that takes long.

    Parameters
    ----------
    on_force : callable
        Called before it is killed.

    Attributes
    ----------
    finished : bool
        Whether it is too late to interrupt the job.
    """

    def __init__(self, on_force: Callable[[], object] = lambda: None) -> None:
        self.finished = False
        self._on_force = on_force
        self._lock = threading.Lock()
        self._request = ""
        self._may_interrupt = True
        self._may_force = True
        self._follower: Follower | None = None

    def roll_back(self) -> None:
        """Let the job roll back what it makes, however long that takes."""
        self._may_force = False

    def hold(self) -> None:
        """Defer requests from now on: what is being sent elsewhere must be recorded here."""
        with self._lock:
            asked, self._may_interrupt = bool(self._request), False
        if asked:
            self.interrupt()

    def hand_to(self, follower: Follower) -> None:
        """Pass on requests, the one that was kept too."""
        with self._lock:
            self._follower, kept = follower, self._request
        if kept:
            self.take(kept)

    def take(self, request: str) -> None:
        """Follow a request of the window."""
        with self._lock:
            self._request = self._request or request
            follower, interrupt = self._follower, self._may_interrupt
        if follower is not None:
            follower.cancel() if request == CANCEL else follower.leave()
        elif interrupt:
            if self._may_force:
                timer = threading.Timer(PATIENCE, self._force)
                timer.daemon = True
                timer.start()
            _interrupt()

    def interrupt(self, *_: object) -> None:
        """Interrupt the job in its thread; once, so that rolling back isn't interrupted."""
        if self.finished:
            return
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        # Unlike SystemExit, no library treats this as its own error.
        raise KeyboardInterrupt

    def _force(self) -> NoReturn:
        self._on_force()
        os._exit(1)


def _interrupt() -> None:
    """Interrupt the main thread as Ctrl+C does, even while it waits."""
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        # Of a process, so that the system ends the wait of its main thread.
        os.kill(os.getpid(), signal.SIGTERM)
