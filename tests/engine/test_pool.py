"""Tasks that come just when a pool's process has ended are given up, too."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import pytest
from pebble.pool.base_pool import Task, TaskPayload

from designer.engine.executors.pool import WorkerPool
from designer.engine.executors.processes import WorkerProcess
from designer.engine.executors.worker_listener import Door


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    """A pool that has its channels, and no process: as if that had just ended."""
    made = WorkerPool(print, None, multiprocessing.get_context("spawn"))
    made._pool_manager.worker_manager.create_channels()
    yield made
    made._pool_manager.worker_manager.close_channels()


def task() -> Task:
    return Task(1, Future(), None, TaskPayload(print, (), {}))


def breaks(pool: WorkerPool) -> None:
    pool._pool_manager.handle_broken_pool(BrokenProcessPool("All workers expired"))


def known_before(pool: WorkerPool, late: Task) -> None:
    pool._context.task_queue.put(late)
    pool._pool_manager.schedule(pool._context.task_queue.get())
    breaks(pool)


def taken_from_the_queue_after(pool: WorkerPool, late: Task) -> None:
    pool._context.task_queue.put(late)
    taken = pool._context.task_queue.get()
    breaks(pool)
    pool._pool_manager.schedule(taken)


def left_in_the_queue(pool: WorkerPool, late: Task) -> None:
    pool._context.task_queue.put(late)
    breaks(pool)


@pytest.mark.parametrize("order", [known_before, taken_from_the_queue_after, left_in_the_queue])
def test_no_task_waits_for_ever(
    pool: WorkerPool, order: Callable[[WorkerPool, Task], None]
) -> None:
    late = task()
    order(pool, late)
    assert isinstance(late.future.exception(timeout=0), BrokenProcessPool)


def test_the_word_to_end_stays_in_the_queue(pool: WorkerPool) -> None:
    late = task()
    for each in (late, None):
        pool._context.task_queue.put(each)
    breaks(pool)
    assert isinstance(late.future.exception(timeout=0), BrokenProcessPool)
    assert pool._context.task_queue.get_nowait() is None


def test_nobody_waits_for_a_task_of_a_worker_that_was_closed(tmp_path: Path) -> None:
    """However far the process has come: at once, and when it has just reported."""
    door = Door()
    try:
        for reported in (False, False, False, True, True):
            arrived = threading.Event()
            worker = WorkerProcess(f"closed {reported}", door, tmp_path)
            worker.arrived = partial(_then, worker.arrived, arrived)
            futures = [worker.schedule(os.getpid) for _ in range(3)]
            if reported:
                assert arrived.wait(60)
            worker.close()
            for future in futures:
                with contextlib.suppress(BrokenProcessPool, CancelledError):
                    future.result(timeout=30)
    finally:
        door.close()


def _then(call: Callable[..., None], event: threading.Event, *arguments: object) -> None:
    call(*arguments)
    event.set()
