"""Worker processes of this computer, each with one pipe for requests and responses.

On Linux workers are forked from a template that has imported the libraries (``template.py``);
elsewhere each is a new interpreter (``forking.py``).
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import multiprocessing
import multiprocessing.util
import signal
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from multiprocessing import connection
from pathlib import Path
from typing import Any, Protocol

from designer.engine.executors import worker
from designer.engine.executors.forking import FORKS, environment, new_interpreter, prepare
from designer.engine.executors.memory_watch import Watched, memory_watch
from designer.engine.executors.output_capture import OutputCapture
from designer.engine.executors.process_tree import ProcessTree
from designer.engine.logs import LogFile

GRACE = 0.5
"""Seconds between asking a step's processes to end and ending them by force."""

_log = logging.getLogger(__name__)


class WorkerProcess:
    """One process, and all that it starts.

    Starts at once, on a separate thread; the callbacks are called on that thread.

    Parameters
    ----------
    name : str
        For the names of its threads.
    store : Path
        The folder of the store.
    on_message : callable
        Called with (process, message) for each message; the first is ``("ready",)``.
    on_end : callable
        Called with the process after it has ended, with all that it started.
    nice : int
        Lowered priority.
    packages : mapping of str to str, optional
        See :class:`worker.Settings`.
    fork : bool
        Whether it is forked, or a new interpreter.
    memory_limit : int, optional
        Bytes that it and all it starts may use for one message; then it is ended.

    Attributes
    ----------
    exitcode : int or None
        Known when the process has ended: negative for a signal, None if it never started.
    exceeded : int or None
        The limit in bytes, if it was ended because it used more memory.
    """

    def __init__(
        self,
        name: str,
        store: Path,
        on_message: Callable[[WorkerProcess, tuple[Any, ...]], None],
        on_end: Callable[[WorkerProcess], None],
        *,
        nice: int = 0,
        packages: Mapping[str, str] | None = None,
        fork: bool = FORKS,
        memory_limit: int | None = None,
    ) -> None:
        self._fork = fork
        self.exitcode: int | None = None
        self.exceeded: int | None = None
        self._memory_limit = memory_limit
        self._watched: Watched | None = None
        self._on_message = on_message
        self._on_end = on_end
        self._connection, theirs = multiprocessing.Pipe()
        self._output = OutputCapture(name)
        self._sending = threading.Lock()
        self._lock = threading.Lock()
        self._tree: ProcessTree | None = None
        self._closed = False
        settings = worker.Settings(str(store), environment(), nice, dict(packages or {}))
        threading.Thread(
            target=self._run, args=(theirs, settings), name=f"engine {name}", daemon=True
        ).start()

    def send(self, *message: Any) -> None:
        """Send the process a message; one that has ended gets none."""
        if message[0] in _WORK and self._watched is not None:
            memory_watch.begin(self._watched)
        with self._sending, contextlib.suppress(OSError):
            self._connection.send(message)

    @property
    def peak(self) -> int:
        """The most bytes that it has written since the last message with something to do."""
        return self._watched.final_peak() if self._watched is not None else 0

    def log_to(self, token: str, log: LogFile) -> None:
        """Send what is printed after a mark to a log file."""
        self._output.log_to(token, log)

    def kill(self, grace: float = GRACE) -> None:
        """End the process and all it has started: with a request first, then by force.

        Parameters
        ----------
        grace : float
            Seconds between the two.
        """
        with self._lock:
            tree = self._tree
            if tree is None:
                self._closed = True
                return
        tree.signal(signal.SIGTERM)
        deadline = time.monotonic() + grace
        while tree.alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        tree.kill()

    def close(self) -> None:
        """End the process and all it has started by force."""
        with self._lock:
            self._closed = True
            tree = self._tree
        if tree is not None:
            tree.kill()

    def _run(self, theirs: connection.Connection, settings: worker.Settings) -> None:
        process = None
        try:
            process = _start(self._fork, theirs, self._output.writer, settings)
        except Exception as error:
            _log.warning("A worker can't be started: %s", error)
        theirs.close()
        if process is not None:
            tree = ProcessTree(process.pid)
            limit = self._memory_limit
            if limit is not None:
                self._watched = Watched(process.pid, limit, self._on_excess)
            with self._lock:
                self._tree = tree
                closed = self._closed
            if closed:
                tree.kill()
            self._read()
            watched, self._watched = self._watched, None
            if watched is not None:
                memory_watch.end(watched)
            # What the process has started must not outlive it.
            tree.kill()
            self.exitcode = _exitcode(process)
        self._connection.close()
        self._output.close()
        self._on_end(self)

    def _read(self) -> None:
        """Pass on what the process sends, until it ends."""
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                return
            if message[0] in _DONE and self._watched is not None:
                memory_watch.end(self._watched)
            self._on_message(self, message)

    def _on_excess(self, limit: int) -> None:
        """End the process by force: until it heeds a request it needs more and more."""
        self.exceeded = limit
        if self._tree is not None:
            self._tree.kill()


class Owner(Protocol):
    """The owners of workers."""

    @property
    def name(self) -> str:
        """Begins the names of its workers."""

    def close(self) -> None:
        """End the workers."""


def own_workers(owner: Owner) -> None:
    """End an owner's workers if the program exits without doing so."""
    owners.add(owner)


def _start(fork: bool, *arguments: Any) -> Any:
    """Start a process; waits until it runs."""
    if fork:
        prepare()
    context: Any = multiprocessing.get_context("forkserver" if fork else "spawn")
    process = context.Process(target=worker.main, args=arguments, daemon=True)
    # One at a time: multiprocessing polls all others when it starts one.
    with _starting, contextlib.nullcontext() if fork else new_interpreter():
        process.start()
    return process


def _exitcode(process: Any) -> int | None:
    """Return how a process has ended that is about to."""
    connection.wait([process.sentinel], GRACE)
    with _starting:
        code: int | None = process.exitcode
    return code


def _close_all() -> None:
    """End the workers of a program that exits without closing its engine."""
    for owner in list(owners):
        owner.close()


_WORK = ("run", "call")
"""Messages to a process that give it something to do."""

_DONE = ("ended", "returned", "raised")
"""Messages of a process that has done it."""

owners: weakref.WeakSet[Owner] = weakref.WeakSet()
_starting = threading.Lock()

# After multiprocessing's own, so that it is called before that, which would wait for them.
atexit.register(_close_all)
