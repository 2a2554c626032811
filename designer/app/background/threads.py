"""Work that would keep the window waiting, on threads of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject

from designer.app.widgets.main_thread import Relay

THREADS = 6
"""A slow endpoint or a deployment must not keep the list of endpoints waiting."""


class Background(QObject):
    """Runs functions for the window; after :meth:`close` nobody hears of them.

    Attributes
    ----------
    stopping : threading.Event
        Set at the end; what runs long looks at it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stopping = threading.Event()
        self._relay = Relay(self)
        self._threads: ThreadPoolExecutor | None = None

    def run(
        self,
        function: Callable[[], Any],
        done: Callable[[Any], Any] = lambda result: None,
        failed: Callable[[BaseException], Any] = lambda error: None,
    ) -> None:
        """Call a function on a thread, and then one of the others in the window's thread."""
        if self.stopping.is_set():
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, "deployment")
        self._relay.when_done(self._threads.submit(function), done, failed)

    def post(self, function: Callable[[], Any]) -> None:
        """Have a function called in the window's thread; from any thread."""
        self._relay.post(function)

    def close(self) -> None:
        """Forget what is under way, and wait until its threads have ended."""
        self.stopping.set()
        self._relay.close()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._threads = None
