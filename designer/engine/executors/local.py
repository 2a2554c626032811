"""Runs steps on this computer, as many at once as there are workers.

A step that needs a value which is computed but not stored yet runs in the worker
that has it, or waits until it is stored. When a worker dies, the step that ran in it
fails, and those whose outputs were not stored yet can be run again.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future, InvalidStateError
from functools import partial
from pathlib import Path
from typing import Any

from designer.engine.executors import worker
from designer.engine.executors.base import Computed, Listener, StepError, Task
from designer.engine.executors.exit_errors import death, lost_input, lost_result
from designer.engine.executors.jobs import Job, Seat, choose
from designer.engine.executors.pool import ClosedPoolError
from designer.engine.executors.processes import GRACE, WorkerProcess
from designer.engine.executors.worker_listener import Door
from designer.engine.logs import LogFile
from designer.engine.store_entry import MANIFEST, Manifest, entry_folder


class LocalExecutor:
    """Worker processes of this computer.

    Parameters
    ----------
    store : Path
        The folder of the store.
    workers : int
        Steps that may run at once.
    packages : mapping of str to str, optional
        Folders of a person's own modules by the name of their package.
    """

    def __init__(
        self, store: Path, workers: int, packages: Mapping[str, str] | None = None
    ) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._door = Door()
        self._queue: list[Job] = []
        self._jobs: dict[str, Job] = {}
        self._unsaved: list[Job] = []
        self._seats = [
            Seat(
                WorkerProcess(
                    f"worker {number}",
                    self._door,
                    store,
                    on_message=self._on_message,
                    on_death=self._on_death,
                    packages=packages,
                )
            )
            for number in range(max(1, workers))
        ]
        self._closed = False

    def warm_up(self) -> list[Future[None]]:
        """Start all workers and import what steps need; returns at once."""
        return [seat.process.schedule(worker.warm_up) for seat in self._seats]

    def submit(self, task: Task, log: Path, listener: Listener) -> Future[Manifest]:
        """Run a task as soon as it can be; see :class:`Executor`."""
        job = Job(task, log, listener)
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if self._has_inputs(job):
                self._queue.append(job)
                self._jobs[job.token] = job
            else:
                job.future.set_exception(lost_input())
        job.future.add_done_callback(lambda future: self._on_end(job))
        self._dispatch()
        return job.future

    def forget(self, keys: frozenset[str]) -> None:
        """Drop values that were kept in memory and that no step will read any more.

        What is not stored yet is dropped when it is: a step of another run may need it.
        """
        for seat in self._seats:
            with self._lock:
                unsaved = {job.token: job for job in self._unsaved if job.task.key in keys}
                for job in unsaved.values():
                    job.unneeded = True
                held = {
                    key: seat.held.pop(key)
                    for key in keys & seat.held.keys()
                    if seat.held[key] not in unsaved
                }
            if held:
                seat.process.tell("forget", held)

    def close(self) -> None:
        """End all workers; steps that run are cancelled."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
            self._queue.clear()
        for job in jobs:
            job.future.cancel()
        for seat in self._seats:
            seat.process.close()
        self._door.close()

    def _dispatch(self) -> None:
        """Give free workers what they can do."""
        while True:
            with self._lock:
                choice = None if self._closed else choose(self._queue, self._unsaved, self._seats)
                if choice is None:
                    return
                job, seat = choice
                self._queue.remove(job)
                seat.job, job.seat = job, seat
                job.started = False
                try:
                    log = LogFile(job.log, partial(job.listener.line, "output"))
                except OSError as error:
                    self._fail(
                        job, {"code": "log", "message": f"The log can't be written: {error}"}
                    )
                    continue
                seat.process.log_to(job.token, log)
                job.open_log = log
                try:
                    job.inner = seat.process.schedule(worker.run_task, job.task, job.token)
                    job.generation = seat.process.generation
                except Exception as error:
                    seat.process.end_log(job.token)
                    self._fail(
                        job, {"code": "worker", "message": f"No worker can be started: {error}"}
                    )
                    continue
            job.inner.add_done_callback(partial(self._on_done, job))

    def _on_message(self, process: WorkerProcess, message: tuple[Any, ...]) -> None:
        kind, token, *content = message
        with self._lock:
            job = self._jobs.get(token)
        if job is None:
            return
        if kind == "running":
            job.started = True
            job.listener.running()
        elif kind == "progress":
            job.listener.progress(*content)
        elif kind == "stored":
            job.manifest = content[0]
            self._settle(job)
        elif kind == "unstored":
            job.unstored = content[0]
            self._settle(job)

    def _on_done(self, job: Job, done: Future[Any]) -> None:
        """Take the result of a step's function, on a thread of pebble's."""
        if job.inner is not done:
            return
        if done.cancelled() or job.future.cancelled():
            self._free(job)
        elif done.exception() is not None:
            self._on_broken(job, done.exception())
        elif isinstance(done.result(), Computed):
            self._on_computed(job, done.result())
        else:
            self._fail(job, done.result())
        self._dispatch()

    def _on_computed(self, job: Job, computed: Computed) -> None:
        with self._lock:
            job.computed = computed
            assert job.seat is not None
            if job.manifest is None and job.unstored is None:
                if job.seat.process.died >= job.generation:
                    # The process has ended meanwhile, and nobody will store this.
                    self._fail(job, lost_result())
                    return
                self._unsaved.append(job)
            job.seat.held[job.task.key] = job.token
        self._free(job)
        job.listener.computed(computed)
        self._settle(job)

    def _on_broken(self, job: Job, error: BaseException | None) -> None:
        """The worker ended with this job in it, or before it took the job."""
        if job.started and not isinstance(error, ClosedPoolError):
            self._fail(job, death(error))
            return
        if job.seat is not None:
            job.seat.process.end_log(job.token)
        self._free(job)
        # Another worker may take the place of one that this job had just been given to.
        job.attempts += not isinstance(error, ClosedPoolError)
        if job.attempts >= 3:
            self._fail(job, {"code": "worker", "message": "The workers end when they start."})
            return
        with self._lock:
            if not job.future.done():
                job.inner = None
                self._queue.insert(0, job)

    def _on_death(self, process: WorkerProcess) -> None:
        """A worker is gone, and with it what it had not stored."""
        with self._lock:
            seat = next(seat for seat in self._seats if seat.process is process)
            seat.away = True
            seat.held.clear()
            # A job that had only been given to it is not what it died of: it goes on in the
            # process that takes its place, and may have begun in one that pebble has started.
            running = seat.job if seat.job is not None and seat.job.started else None
        if running is not None and running.inner is not None:
            # pebble says how the process ended, but nothing if it ended with status 0.
            with contextlib.suppress(TimeoutError, CancelledError):
                running.inner.exception(timeout=GRACE)
            if seat.job is running:
                self._on_broken(running, None)
        with self._lock:
            # In one go: no step may start whose input is gone, and none may hear of that
            # before the step which has to give it again.
            lost = [job for job in self._unsaved if job.seat is seat and job.manifest is None]
            for job in lost:
                self._finish(job, lost_result())
            if lost:
                self._lose_inputs()
        process.renew()
        with self._lock:
            seat.away = False
        self._dispatch()

    def _lose_inputs(self) -> None:
        """End the jobs that wait for a worker and whose input is gone."""
        for job in [job for job in self._queue if not self._has_inputs(job)]:
            self._finish(job, lost_input())

    def _has_inputs(self, job: Job) -> bool:
        unsaved = {other.task.key for other in self._unsaved}
        return all(
            source.key in unsaved
            or os.path.isfile(entry_folder(self._store, source.key) / MANIFEST)
            for source in job.task.inputs.values()
        )

    def _settle(self, job: Job) -> None:
        """End a job whose function has returned and whose outputs have been written."""
        if job.unstored is not None:
            with self._lock:
                self._finish(job, StepError(job.unstored))
                self._lose_inputs()
        elif job.computed is not None and job.manifest is not None:
            self._finish(job, job.manifest)
            if job.unneeded:
                self.forget(frozenset({job.task.key}))
        self._dispatch()

    def _fail(self, job: Job, error: dict[str, Any] | StepError) -> None:
        self._free(job)
        self._finish(job, error if isinstance(error, StepError) else StepError(error))

    def _finish(self, job: Job, outcome: Manifest | StepError) -> None:
        with self._lock:
            self._take_out(job)
        if job.open_log is not None:
            # The end of what it printed comes by another way, a moment later.
            job.open_log.wait(1.0)
        with contextlib.suppress(InvalidStateError):
            if isinstance(outcome, StepError):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)

    def _take_out(self, job: Job) -> None:
        self._jobs.pop(job.token, None)
        for jobs in (self._unsaved, self._queue):
            if job in jobs:
                jobs.remove(job)

    def _free(self, job: Job) -> None:
        with self._lock:
            if job.seat is not None and job.seat.job is job:
                job.seat.job = None

    def _on_end(self, job: Job) -> None:
        """End the process of a job that was cancelled while it ran."""
        if not job.future.cancelled():
            return
        with self._lock:
            self._take_out(job)
            seat = job.seat if job.seat is not None and job.seat.job is job else None
        if seat is not None and not self._closed:
            threading.Thread(target=self._kill, args=(seat, job), name="engine kill").start()

    def _kill(self, seat: Seat, job: Job) -> None:
        # What is being stored for the steps before is let to its end, if that is near.
        force = time.monotonic() + GRACE
        while time.monotonic() < force - 0.2 and any(j.seat is seat for j in self._unsaved):
            time.sleep(0.01)
        if seat.job is job and not seat.process.kill(force - time.monotonic()):
            seat.process.end_log(job.token)
            self._free(job)
            self._dispatch()
