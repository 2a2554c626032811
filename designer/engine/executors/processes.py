"""Worker processes of this computer, each in a pebble pool of its own.

A pool of one worker is what makes it certain which process a step runs in, so
that values can be handed on inside it and a cancelled step can be ended with
everything that it has started.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

from pebble import ProcessPool

from designer.engine.executors import worker
from designer.engine.logs import LogFile

GRACE = 0.5
"""Seconds between asking a step's processes to end and ending them by force."""


class Door:
    """Where worker processes report after they have started.

    Every process gets a connection of its own, so that one that is killed in the
    middle of a word can't confuse what the next one says.
    """

    def __init__(self) -> None:
        self.secret = secrets.token_bytes(32)
        family = "AF_PIPE" if os.name == "nt" else "AF_UNIX"
        self._listener = Listener(None, family, backlog=16, authkey=self.secret)
        self.address = self._listener.address
        self._waiting: dict[str, WorkerProcess] = {}
        self._closed = False
        threading.Thread(target=self._accept, name="engine door", daemon=True).start()

    def expect(self, process: WorkerProcess) -> None:
        """Pass on whoever comes with this worker's name."""
        self._waiting[process.name] = process

    def close(self) -> None:
        """Let nobody in any more."""
        if not self._closed:
            self._closed = True
            # What waits in accept() doesn't notice that its socket is closed.
            with contextlib.suppress(Exception):
                multiprocessing.connection.Client(self.address, authkey=self.secret).close()
            self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
                if self._closed:
                    return
                _, name, generation, pid = connection.recv()
            except (OSError, EOFError, ValueError, multiprocessing.AuthenticationError):
                if self._closed:
                    return
                continue
            process = self._waiting.get(name)
            if process is not None:
                process.arrived(connection, generation, pid)


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
    ) -> None:
        self.name = name
        self._door = door
        self._store = store
        self._on_message = on_message
        self._on_death = on_death
        self._warm_up = warm_up
        self._nice = nice
        self._pool: Any = None
        self._generation = 0
        self._connection: Connection | None = None
        self._pid: int | None = None
        self._lock = threading.Lock()
        self._logs: dict[str, LogFile] = {}
        self._closed = False
        self._output: tuple[Connection, Connection] | None = None
        self.died = 0
        door.expect(self)

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
            future: Future[Any] = self._pool.schedule(function, args=arguments)
            return future

    def log_to(self, token: str, log: LogFile) -> None:
        """Let what is printed after a mark go to a log file."""
        self._logs[token] = log

    def end_log(self, token: str) -> None:
        """Close the log file of a mark that will not be printed."""
        log = self._logs.pop(token, None)
        if log is not None:
            log.close()

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
        pid = self._pid
        if pid is None:
            # It has not even reported: there is no step that could go on.
            self.renew()
            return False
        family = _Family(pid)
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
            self._connection, self._pid = None, None
            self._new_pool()
            self._pool.schedule(self._warm_up)

    def close(self) -> None:
        """End the worker for good."""
        with self._lock:
            self._closed = True
            pid, pool, self._pool = self._pid, self._pool, None
        if pid is not None:
            _Family(pid).kill()
        if pool is not None:
            _end_pool(pool)
        if self._output is not None:
            # Wakes the reader, which closes its own end.
            self._print(_FAREWELL)
            self._output[1].close()

    def arrived(self, connection: Connection, generation: int, pid: int) -> None:
        """Take note of a new process; called by the door."""
        with self._lock:
            current = generation == self._generation and not self._closed
            if current:
                self._connection, self._pid = connection, pid
        if not current:
            _Family(pid).kill()
            connection.close()
            return
        threading.Thread(
            target=self._read,
            args=(connection, generation, pid),
            name=f"engine {self.name}",
            daemon=True,
        ).start()

    def _read(self, connection: Connection, generation: int, pid: int) -> None:
        try:
            while True:
                message = connection.recv()
                if self._on_message is not None:
                    self._on_message(self, message)
        except (EOFError, OSError):
            pass
        # What the process has started must not outlive it.
        _Family(pid).kill()
        with self._lock:
            if self._closed or self._connection is not connection:
                connection.close()
                return
            self._connection, self._pid = None, None
            self.died = generation
        connection.close()
        # Whatever it printed is in the pipe already; this ends its step's log.
        self._print(worker.MARK + b"0" * 32 + b"\n")
        if self._on_death is not None:
            self._on_death(self)
        else:
            self.renew()

    def _new_pool(self) -> None:
        context = multiprocessing.get_context("spawn")
        if self._output is None:
            self._output = context.Pipe(duplex=False)
            threading.Thread(
                target=self._read_output,
                args=(self._output[0],),
                name=f"engine output {self.name}",
                daemon=True,
            ).start()
        self._generation += 1
        settings = worker.Settings(
            self._door.address,
            self._door.secret,
            self.name,
            self._generation,
            str(self._store),
            self._output[1],
            self._nice,
        )
        old, self._pool = (
            self._pool,
            ProcessPool(
                max_workers=1, initializer=worker.start, initargs=(settings,), context=context
            ),
        )
        if old is not None:
            threading.Thread(target=_end_pool, args=(old,), daemon=True).start()

    def _print(self, content: bytes) -> None:
        if self._output is None:
            return
        with contextlib.suppress(OSError):
            if os.name == "nt":
                self._output[1].send_bytes(content)
            else:
                os.write(self._output[1].fileno(), content)

    def _read_output(self, reader: Connection) -> None:
        """Send what the process prints to the log of the step that prints it."""
        log: LogFile | None = None
        rest = b""
        while True:
            try:
                if os.name == "nt":
                    content = reader.recv_bytes()
                else:
                    content = os.read(reader.fileno(), 1 << 18)
            except (EOFError, OSError):
                break
            if not content:
                break
            content = rest + content
            rest = b""
            while (at := content.find(worker.MARK)) >= 0:
                mark = content[at : at + worker.MARK_SIZE]
                if len(mark) < worker.MARK_SIZE:
                    break
                if log is not None:
                    log.write(content[:at])
                    log.close()
                token = mark[len(worker.MARK) : -1].decode("ascii", "replace")
                log = self._logs.pop(token, None)
                content = content[at + worker.MARK_SIZE :]
            if at < 0:
                # The beginning of a mark may be at the end.
                at = content.rfind(b"\x00", max(0, len(content) - worker.MARK_SIZE))
                if at >= 0 and not worker.MARK.startswith(content[at : at + len(worker.MARK)]):
                    at = -1
            if at >= 0:
                content, rest = content[:at], content[at:]
            if self._closed and rest == _FAREWELL:
                break
            if log is not None and content:
                log.write(content)
        if log is not None:
            log.close()
        reader.close()


class _Family:
    """A process that leads a group, and all that it has started."""

    def __init__(self, pid: int) -> None:
        import psutil

        self._pid = pid
        self._psutil = psutil
        self._members: list[Any] = []
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            # Children that left the group are found by their parents.
            self._members = [process, *process.children(recursive=True)]

    def signal(self, number: int) -> None:
        self._to_group(number)
        for member in self._members:
            with contextlib.suppress(self._psutil.Error):
                member.send_signal(number)

    def alive(self) -> bool:
        for member in self._members:
            with contextlib.suppress(self._psutil.Error):
                if member.is_running() and member.status() != self._psutil.STATUS_ZOMBIE:
                    return True
        return False

    def kill(self) -> None:
        with contextlib.suppress(self._psutil.Error):
            if self._members:
                self._members += self._members[0].children(recursive=True)
        self._to_group(getattr(signal, "SIGKILL", signal.SIGTERM))
        for member in self._members:
            with contextlib.suppress(self._psutil.Error):
                member.kill()

    def _to_group(self, number: int) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._pid, number)


def _end_pool(pool: Any) -> None:
    pool.stop()
    with contextlib.suppress(Exception):
        pool.join()


_FAREWELL = b"\x00modeldesk"
