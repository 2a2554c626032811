"""Runs everything that would block a window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject

from designer.app.background.job import Job
from designer.app.widgets.main_thread import MainThreadInvoker

THREADS = 6
"""A slow endpoint mustn't keep the list of endpoints waiting."""


class Background(QObject):
    """Runs work outside the window's thread; after :meth:`close` results are dropped.

    Quick work, such as a request to an endpoint, runs on a thread. Work that imports
    large libraries is a :class:`~designer.app.background.job.Job` in a separate process,
    or a call of the engine, whose workers have them.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._invoker = MainThreadInvoker(self)
        self._threads: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._jobs: set[Job[Any]] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the window is closing."""
        return self._closed

    def run(
        self,
        function: Callable[[], Any],
        done: Callable[[Any], object] = lambda result: None,
        failed: Callable[[BaseException], object] = lambda error: None,
    ) -> None:
        """Call a function on a thread, and then one of the others in the window's thread.

        Parameters
        ----------
        function : callable
            Returns the result, or its source: a job, or a future of the engine.
        """
        if self._closed:
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, "background")

        def work() -> Any:
            result = function()
            if isinstance(result, Job):
                self._keep(result)
            return result

        def finish(result: Any) -> None:
            if isinstance(result, (Job, Future)):
                self._deliver(result, done, failed)
            else:
                done(result)

        self._invoker.when_done(self._threads.submit(work), finish, failed)

    def follow(
        self,
        work: Job[Any] | Future[Any],
        done: Callable[[Any], object] = lambda result: None,
        failed: Callable[[BaseException], object] = lambda error: None,
    ) -> None:
        """Call one of the functions in the window's thread when a job or future is done."""
        if isinstance(work, Job):
            self._keep(work)
        self._deliver(work, done, failed)

    def post(self, function: Callable[[], object]) -> None:
        """Call a function in the window's thread; can be called from any thread."""
        self._invoker.post(function)

    def close(self) -> None:
        """Leave the jobs, ignore what else is in progress, and wait for the threads."""
        self._invoker.close()
        with self._lock:
            self._closed = True
            jobs = list(self._jobs)
        for job in jobs:
            job.leave()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._threads = None

    def _deliver(
        self,
        work: Job[Any] | Future[Any],
        done: Callable[[Any], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        self._invoker.when_done(work.future if isinstance(work, Job) else work, done, failed)

    def _keep(self, job: Job[Any]) -> None:
        with self._lock:
            self._jobs.add(job)
            closed = self._closed
        if closed:
            job.leave()
        job.future.add_done_callback(lambda _: self._forget(job))

    def _forget(self, job: Job[Any]) -> None:
        with self._lock:
            self._jobs.discard(job)
