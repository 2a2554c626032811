"""A pebble pool that loses no task, however early its worker ends."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from pebble import ProcessPool
from pebble.pool.base_pool import PoolStatus
from pebble.pool.process import PoolManager


class ClosedPoolError(BrokenProcessPool):
    """A task was not done because its pool was closed, which says nothing against the task."""


class WorkerPool(ProcessPool):
    """A pool of one process.

    If it ends before it has taken a task, pebble gives up the pool and the tasks that it knows
    just then. One that is on its way at that moment would be neither done nor given up.
    """

    def __init__(self, initializer: Callable[..., None], settings: Any, context: Any) -> None:
        super().__init__(
            max_workers=1, initializer=initializer, initargs=(settings,), context=context
        )
        self._manager = _Manager(self._context, context)
        self._pool_manager = self._manager

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in the process."""
        future = self.schedule(function, arguments)
        self._manager.give_up_if_broken()
        return future

    def end(self) -> None:
        """End the process and every task; nobody may wait for one that will not be done."""
        self.stop()  # type: ignore[no-untyped-call]
        with contextlib.suppress(Exception):
            self.join()
        self._manager.give_up(ClosedPoolError("The pool has been closed."))


class _Manager(PoolManager):
    def schedule(self, task: Any) -> None:
        super().schedule(task)
        self.give_up_if_broken()

    def handle_broken_pool(self, error: BrokenProcessPool) -> None:
        super().handle_broken_pool(error)
        self.give_up_if_broken()

    def give_up_if_broken(self) -> None:
        """End the tasks that came after the pool was given up."""
        if self.context.status == PoolStatus.ERROR:
            self.give_up(BrokenProcessPool("The process ended before its task."))

    def give_up(self, error: BrokenProcessPool) -> None:
        """End all tasks that are not done."""
        with contextlib.suppress(queue.Empty):
            while (task := self.context.task_queue.get_nowait()) is not None:
                self.task_manager.register(task)
            # It tells pebble's own thread to end.
            self.context.task_queue.put(None)
        self.task_manager.tasks_abort(error)
