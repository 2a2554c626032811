"""Calls of functions in a helper process, for views: one after the other, each can be dropped."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pebble import ProcessExpired

from designer.engine.executors import worker
from designer.engine.executors.processes import GRACE, WorkerProcess
from designer.engine.executors.worker_listener import Door
from modules.runtime.step import preload

PATIENCE = 2.0
"""Seconds that a dropped call may go on: a new process takes about as long to be ready."""


class Calls:
    """Calls functions in a process of its own."""

    def __init__(
        self,
        door: Door,
        store: Path,
        packages: Mapping[str, str] | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._lock = threading.RLock()
        self._waiting: deque[_Call] = deque()
        self._current: _Call | None = None
        self._closed = False
        self._process = WorkerProcess(
            "helper",
            door,
            store,
            on_death=self._on_death,
            warm_up=preload,
            packages=packages,
        )

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function.

        Returns
        -------
        Future
            Can be cancelled at any time. A call that goes on then may do so for a
            moment, and is ended with its process if it takes longer.
        """
        call = _Call(function, arguments)
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            self._waiting.append(call)
        call.future.add_done_callback(lambda future: self._on_dropped(call))
        self._next()
        return call.future

    def close(self) -> None:
        """Cancel all calls and end the process."""
        with self._lock:
            self._closed = True
            calls = [*self._waiting, *([self._current] if self._current else [])]
            self._waiting.clear()
            self._current = None
        for call in calls:
            call.gone.set()
            call.future.cancel()
        self._process.close()

    def _next(self) -> None:
        """Give the process the next call if it has none."""
        with self._lock:
            if self._closed or self._current is not None:
                return
            while self._waiting and self._waiting[0].future.cancelled():
                self._waiting.popleft()
            if not self._waiting:
                return
            call = self._current = self._waiting.popleft()
            try:
                inner = self._process.schedule(worker.call, call.function, *call.arguments)
            except Exception as error:
                self._finish(call, error=error)
                return
            call.inner, call.generation = inner, self._process.generation
        inner.add_done_callback(lambda done: self._on_done(call, done))

    def _on_done(self, call: _Call, done: Future[Any]) -> None:
        error = _ended() if done.cancelled() else done.exception()
        if isinstance(error, ProcessExpired):
            self._renew(call.generation)
        if error is not None:
            self._finish(call, error=error)
        else:
            self._finish(call, result=done.result())

    def _renew(self, generation: int) -> None:
        """Have a new process in place of one of this generation, once.

        What is scheduled in a pool whose process has ended gets lost.
        """
        with self._lock:
            if self._process.generation == generation:
                self._process.renew()

    def _finish(
        self, call: _Call, result: Any = None, *, error: BaseException | None = None
    ) -> None:
        with self._lock:
            if call.gone.is_set():
                return
            call.gone.set()
            if self._current is call:
                self._current = None
        with contextlib.suppress(InvalidStateError):
            if error is not None:
                call.future.set_exception(error)
            else:
                call.future.set_result(result)
        self._next()

    def _on_dropped(self, call: _Call) -> None:
        """End the process if a call that was cancelled holds up the others."""
        with self._lock:
            goes_on = call.future.cancelled() and self._current is call and not self._closed
        if goes_on:
            threading.Thread(
                target=self._end, args=(call,), name="engine call", daemon=True
            ).start()

    def _end(self, call: _Call) -> None:
        if call.gone.wait(self._patience):
            return
        with self._lock:
            if self._closed or self._current is not call:
                return
        if not self._process.kill():
            # It had not even begun, and a new process has taken its place.
            self._finish(call, error=_ended())

    def _on_death(self, process: WorkerProcess) -> None:
        """Let a new process go on with the next call."""
        with self._lock:
            call = self._current
        ours = call is not None and call.generation == process.died
        if call is not None and call.inner is not None and ours:
            # pebble says how the process ended, if it is asked before its pool ends.
            with contextlib.suppress(BaseException):
                call.inner.exception(timeout=GRACE)
        self._renew(process.died)
        if call is not None and ours:
            self._finish(call, error=_ended())


@dataclass(eq=False)
class _Call:
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    future: Future[Any] = field(default_factory=Future)
    inner: Future[Any] | None = None
    generation: int = 0
    gone: threading.Event = field(default_factory=threading.Event)


def _ended() -> RuntimeError:
    return RuntimeError("The process that worked on this has ended.")
