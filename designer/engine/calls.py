"""Calls of functions in a helper process, for views: one after the other, each can be dropped."""

from __future__ import annotations

import contextlib
import pickle
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from designer.engine.executors import processes
from designer.engine.executors.memory_watch import default_limit
from designer.engine.executors.processes import WorkerProcess

PATIENCE = 2.0
"""Seconds that a dropped call may continue. A process that isn't forked takes as long to start."""


class MemoryLimitError(RuntimeError):
    """A call was ended because it used more memory than ``limit``, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"This needed more than {limit / 1e9:.3g} GB of memory.")
        self.limit = limit


class Calls:
    """Calls functions in a separate process.

    Parameters
    ----------
    name : str
        For the names of threads.
    store : Path
        The folder of the store.
    packages : mapping of str to str, optional
        Folders of the user's own modules by the name of their package.
    nice : int
        Lowered priority of the process.
    patience : float
        Seconds that a dropped call may continue.
    memory_limit : int, optional
        Bytes that a call may use; default: most of the computer's memory.
    """

    def __init__(
        self,
        name: str,
        store: Path,
        packages: Mapping[str, str] | None = None,
        *,
        nice: int = 0,
        patience: float = PATIENCE,
        memory_limit: int | None = None,
    ) -> None:
        self.name = f"{name} {secrets.token_hex(3)}"
        self._store = store
        self._packages = packages
        self._nice = nice
        self._patience = patience
        self._memory_limit = memory_limit or default_limit()
        self._lock = threading.RLock()
        self._waiting: dict[str, _Call] = {}
        self._current: _Call | None = None
        self._process: WorkerProcess | None = None
        self._ready = False
        self._closed = False
        processes.own_workers(self)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function.

        Returns
        -------
        Future
            Can be cancelled at any time. A call that runs then may continue for a
            moment, and is ended with its process if it takes longer. ``RuntimeError`` if the
            process ended.
        """
        call = _Call(pickle.dumps((function, arguments)))
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            self._waiting[call.token] = call
        call.future.add_done_callback(lambda future: self._on_dropped(call))
        self._next()
        return call.future

    def close(self) -> None:
        """Cancel all calls and end the process."""
        with self._lock:
            self._closed = True
            calls = [*self._waiting.values(), *([self._current] if self._current else [])]
            self._waiting.clear()
            self._current = None
            process = self._process
        for call in calls:
            call.over.set()
            call.future.cancel()
        if process is not None:
            process.close()

    def _next(self) -> None:
        """Send the process the next call if it has none."""
        with self._lock:
            if self._closed or self._current is not None or not self._waiting:
                return
            if self._process is None:
                self._process = WorkerProcess(
                    self.name,
                    self._store,
                    self._on_message,
                    self._on_end,
                    nice=self._nice,
                    packages=self._packages,
                    memory_limit=self._memory_limit,
                )
            elif self._ready:
                call = self._current = self._waiting.pop(next(iter(self._waiting)))
                self._process.send("call", call.token, call.content)

    def _on_message(self, process: WorkerProcess, message: tuple[Any, ...]) -> None:
        kind, *content = message
        if kind == "ready":
            self._ready = True
            self._next()
            return
        with self._lock:
            call, self._current = self._current, None
        if call is not None:
            value = pickle.loads(content[1])  # noqa: S301 - from the engine's own process
            _finish(call, **({"result": value} if kind == "returned" else {"error": value}))
        self._next()

    def _on_end(self, process: WorkerProcess) -> None:
        """Fail the call that ran; if the process didn't even start, those that wait too."""
        with self._lock:
            calls = [self._current] if self._current else []
            if not self._ready:
                calls += self._waiting.values()
                self._waiting.clear()
            self._process, self._current, self._ready = None, None, False
        error = RuntimeError("The process that handled this request has ended.")
        if process.exceeded is not None:
            error = MemoryLimitError(process.exceeded)
        for call in calls:
            _finish(call, error=error)
        self._next()

    def _on_dropped(self, call: _Call) -> None:
        """End the process if a call that was cancelled blocks the others."""
        if not call.future.cancelled():
            return
        with self._lock:
            self._waiting.pop(call.token, None)
            continues = self._current is call and not self._closed
        if continues:
            threading.Thread(
                target=self._end, args=(call,), name="engine call", daemon=True
            ).start()

    def _end(self, call: _Call) -> None:
        if call.over.wait(self._patience):
            return
        with self._lock:
            process = self._process if self._current is call else None
        if process is not None:
            process.kill()


@dataclass(eq=False)
class _Call:
    content: bytes
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    future: Future[Any] = field(default_factory=Future)
    over: threading.Event = field(default_factory=threading.Event)


def _finish(call: _Call, *, result: Any = None, error: BaseException | None = None) -> None:
    call.over.set()
    with contextlib.suppress(InvalidStateError):
        if error is not None:
            call.future.set_exception(error)
        else:
            call.future.set_result(result)
