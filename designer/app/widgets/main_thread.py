"""Runs calls from other threads in the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot


class MainThreadInvoker(QObject):
    """Runs functions in its own thread, from whichever thread they are posted.

    After :meth:`close` nothing posted is run anymore.
    """

    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        # Qt mustn't delete this while another thread is posting.
        self._lock = threading.Lock()
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, function: Callable[[], Any]) -> None:
        """Schedule a function. Can be called from any thread."""
        with self._lock:
            if self._closed:
                return
            try:
                self._posted.emit(function)
            except RuntimeError:
                # The window has gone while this thread was working.
                self._closed = True

    def when_done(
        self,
        future: Future[Any],
        done: Callable[[Any], Any],
        failed: Callable[[BaseException], Any] = lambda error: None,
    ) -> None:
        """Pass on the result of a future; a canceled one is ignored."""

        def deliver() -> None:
            try:
                result = future.result()
            except CancelledError:
                return
            except BaseException as error:
                failed(error)
                return
            done(result)

        future.add_done_callback(lambda _: self.post(deliver))

    def close(self) -> None:
        """Drop pending calls, and wait for threads that are posting."""
        with self._lock:
            self._closed = True

    @Slot(object)
    def _run(self, function: Any) -> None:
        if not self._closed:
            function()
