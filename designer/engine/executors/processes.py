"""Worker processes of this computer, each in a pebble pool of its own.

A pool of one worker is what makes it certain which process a step runs in, so
that values can be handed on inside it and a cancelled step can be ended with
everything that it has started.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from designer.engine.executors import worker
from designer.engine.executors.output_capture import Printed
from designer.engine.executors.pool import WorkerPool
from designer.engine.executors.process_tree import Family
from designer.engine.executors.worker_listener import Door
from designer.engine.logs import LogFile

GRACE = 0.5
"""Seconds between asking a step's processes to end and ending them by force."""


class WorkerProcess:
    """One worker; a new process takes the place of one that died.

    Parameters
    ----------
    on_message : callable
        Told (worker, message) on a thread of the worker's.
    on_death : callable
        Told the worker after its process has ended, with all it started; has to
        :meth:`renew` it.
    warm_up : callable
        What a new process that takes the place of another does first.
    nice : int
        Lowered priority.
    packages : mapping of str to str
        See :class:`worker.Settings`.
    """

    def __init__(
        self,
        name: str,
        door: Door,
        store: Path,
        *,
        on_message: Callable[[WorkerProcess, tuple[Any, ...]], None] | None = None,
        on_death: Callable[[WorkerProcess], None] | None = None,
        warm_up: Callable[[], None] = worker.warm_up,
        nice: int = 0,
        packages: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._door = door
        self._store = store
        self._on_message = on_message
        self._on_death = on_death
        self._warm_up = warm_up
        self._nice = nice
        self._packages = dict(packages or {})
        self._pool: Any = None
        self._generation = 0
        self._connection: Connection | None = None
        self._family: Family | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._printed = Printed(name)
        self.died = 0
        door.expect(self)
        _living.add(self)

    @property
    def generation(self) -> int:
        """Counts the pools: a process of an older one is of no account any more.

        ``died`` is the generation of the process that has ended last.
        """
        return self._generation

    def schedule(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in the worker.

        Returns
        -------
        Future
            ``pebble.ProcessExpired`` is its exception if the process ended.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if self._pool is None or not self._pool.active:
                self._new_pool()
            with _deaf_to_interrupts():
                future: Future[Any] = self._pool.call(function, *arguments)
            return future

    def log_to(self, token: str, log: LogFile) -> None:
        """Let what is printed after a mark go to a log file."""
        self._printed.log_to(token, log)

    def end_log(self, token: str) -> None:
        """Close the log file of a mark that will not be printed."""
        self._printed.end_log(token)

    def tell(self, kind: str, content: Any) -> None:
        """Send the process a message, if there is one."""
        connection = self._connection
        if connection is not None:
            with self._lock, contextlib.suppress(OSError):
                connection.send((kind, content))

    def kill(self, grace: float = GRACE) -> bool:
        """End the process and all it has started: asked first, then by force.

        Parameters
        ----------
        grace : float
            Seconds between the two.

        Returns
        -------
        bool
            Whether there was one; then ``on_death`` follows.
        """
        family = self._family
        if family is None:
            # It has not even reported: there is no step that could go on.
            self.renew()
            return False
        family.signal(signal.SIGTERM)
        deadline = time.monotonic() + grace
        while family.alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        family.kill()
        return True

    def renew(self) -> None:
        """Have a new process take the place of the present one, ready for the next step."""
        with self._lock:
            if self._closed:
                return
            self._connection, self._family = None, None
            self._new_pool()
            with _deaf_to_interrupts():
                self._pool.call(self._warm_up)

    def close(self) -> None:
        """End the worker for good."""
        with self._lock:
            self._closed = True
            family, pool, self._pool = self._family, self._pool, None
        if family is not None:
            family.kill()
        if pool is not None:
            pool.end()
        self._printed.close()

    def arrived(self, connection: Connection, generation: int, pid: int) -> None:
        """Take note of a new process; called by the door."""
        family = Family(pid)
        with self._lock:
            current = generation == self._generation and not self._closed
            if current:
                self._connection, self._family = connection, family
        if not current:
            family.kill()
            connection.close()
            return
        threading.Thread(
            target=self._read,
            args=(connection, generation, family),
            name=f"engine {self.name}",
            daemon=True,
        ).start()

    def _read(self, connection: Connection, generation: int, family: Family) -> None:
        try:
            while True:
                message = connection.recv()
                if self._on_message is not None:
                    self._on_message(self, message)
        except (EOFError, OSError):
            pass
        # What the process has started must not outlive it.
        family.kill()
        with self._lock:
            if self._closed or self._connection is not connection:
                connection.close()
                return
            self._connection, self._family = None, None
            self.died = generation
        connection.close()
        # Whatever it printed is in the pipe already; this ends its step's log.
        self._printed.end_step()
        if self._on_death is not None:
            self._on_death(self)
        else:
            self.renew()

    def _new_pool(self) -> None:
        context: Any = multiprocessing.get_context("spawn")
        self._generation += 1
        settings = worker.Settings(
            self._door.address,
            self._door.secret,
            self.name,
            self._generation,
            str(self._store),
            self._printed.writer,
            self._nice,
            self._packages,
        )
        old, self._pool = (
            self._pool,
            WorkerPool(worker.start, settings, context),
        )
        if old is not None:
            threading.Thread(target=old.end, daemon=True).start()


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that don't hear the Ctrl+C of a terminal, which is for its command alone.

    A new process is in the terminal's group until it can leave it, and would end with a
    traceback there. What a thread blocks, the processes and threads that it starts block too.
    """
    if sys.platform == "win32":
        yield
        return
    # Where multiprocessing has to start it first, that ends the blocking.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _close_all() -> None:
    """End the workers of a program that ends without closing its engine.

    Otherwise multiprocessing ends them, and new ones would be started in their place.
    """
    for process in list(_living):
        process.close()


_living: weakref.WeakSet[WorkerProcess] = weakref.WeakSet()

# After multiprocessing's own, so that it is called before that.
atexit.register(_close_all)
