"""Runs steps on this computer, as many at once as there are workers.

A step that needs a value which is computed but not stored yet runs in the worker
that has it, or waits until it is stored. When a worker dies, the step that ran in it
fails, and those whose outputs weren't stored yet can be run again.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from designer.engine.executors import processes
from designer.engine.executors.base import Computed, StepError, Task, TaskListener
from designer.engine.executors.exit_errors import (
    exit_error,
    lost_input,
    lost_result,
    memory_error,
    no_worker,
)
from designer.engine.executors.forking import FORKS
from designer.engine.executors.jobs import Job, WorkerSlot, choose
from designer.engine.executors.memory_watch import default_limit
from designer.engine.executors.processes import GRACE, WorkerProcess
from designer.engine.logs import LogFile
from designer.engine.store.entry import MANIFEST, Manifest, entry_folder

ATTEMPTS = 3
"""How often workers that end at once are started before their steps fail."""


class LocalExecutor:
    """Worker processes of this computer; the first steps start them.

    Parameters
    ----------
    store : Path
        The folder of the store.
    workers : int
        Steps that may run at once.
    packages : mapping of str to str, optional
        Folders of the user's own modules by the name of their package.
    fork : bool
        Whether workers may be forked, where the system can.
    memory_limit : int, optional
        Bytes that a step may use; default: most of the computer's memory.
    """

    def __init__(
        self,
        store: Path,
        workers: int,
        packages: Mapping[str, str] | None = None,
        *,
        fork: bool = True,
        memory_limit: int | None = None,
    ) -> None:
        self.name = f"workers {secrets.token_hex(3)}"
        self._store = store
        self._packages = packages
        self._fork = FORKS and fork
        self._memory_limit = memory_limit or default_limit()
        self._lock = threading.RLock()
        # By their tokens: all that aren't over, those that wait, those that aren't stored.
        self._jobs: dict[str, Job] = {}
        self._queue: dict[str, Job] = {}
        self._unsaved: dict[str, Job] = {}
        self._slots = [WorkerSlot() for _ in range(max(1, workers))]
        self._failed_starts = 0
        self._closed = False
        processes.own_workers(self)

    def warm_up(self) -> None:
        """Start a worker, or all where each takes long; returns at once."""
        with self._lock:
            for slot in self._slots[: 1 if self._fork else None]:
                if slot.process is None:
                    self._start(slot)

    def submit(self, task: Task, log: Path, listener: TaskListener) -> Future[Manifest]:
        """Run a task as soon as it can be; see :class:`Executor`."""
        job = Job(task, log, listener)
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if self._has_inputs(job):
                self._jobs[job.token] = self._queue[job.token] = job
            else:
                job.future.set_exception(lost_input())
        job.future.add_done_callback(lambda future: self._on_settled(job))
        self._dispatch()
        return job.future

    def forget(self, keys: frozenset[str]) -> None:
        """Drop values that were kept in memory and that no step will read any more.

        What isn't stored yet is dropped when it is: a step of another run may need it.
        """
        with self._lock:
            for job in self._unsaved.values():
                job.unneeded = job.unneeded or job.task.key in keys
            for slot in self._slots:
                held = {
                    key: slot.held.pop(key)
                    for key in keys & slot.held.keys()
                    if slot.held[key] not in self._unsaved
                }
                if held and slot.process is not None:
                    slot.process.send("forget", held)

    def close(self) -> None:
        """End all workers; steps that run are cancelled."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
            self._queue.clear()
        for job in jobs:
            job.future.cancel()
        for slot in self._slots:
            if slot.process is not None:
                slot.process.close()

    def _dispatch(self) -> None:
        """Assign tasks to free workers; start one if there is more to do than they can."""
        with self._lock:
            while not self._closed:
                free = [slot for slot in self._slots if slot.ready and slot.job is None]
                choice = choose(self._queue.values(), self._unsaved.values(), free)
                if choice is None:
                    break
                self._give(*choice)
            if not self._closed:
                self._start_another()

    def _start_another(self) -> None:
        """Start a worker if steps wait that it could do and that those starting won't."""
        missing = [slot for slot in self._slots if slot.process is None]
        starting = sum(slot.process is not None and not slot.ready for slot in self._slots)
        # A fork takes a moment; a new interpreter is worth starting for each step that waits.
        if starting < min(len(self._queue), 1 if self._fork else len(self._slots)) and choose(
            self._queue.values(), self._unsaved.values(), missing[:1]
        ):
            self._start(missing[0])

    def _start(self, slot: WorkerSlot) -> None:
        slot.ready = False
        slot.process = WorkerProcess(
            f"{self.name}.{self._slots.index(slot)}",
            self._store,
            partial(self._on_message, slot),
            partial(self._on_end, slot),
            packages=self._packages,
            fork=self._fork,
            memory_limit=self._memory_limit,
        )

    def _give(self, job: Job, slot: WorkerSlot) -> None:
        del self._queue[job.token]
        assert slot.process is not None
        try:
            log = LogFile(job.log, partial(job.listener.line, "output"))
        except OSError as error:
            message = f"The log can't be written: {error}"
            self._finish(job, StepError({"code": "log", "message": message}))
            return
        if job.open_log is not None:
            # Of a worker that had ended before it could begin the job.
            job.open_log.close()
        slot.job, job.slot, job.open_log, job.started = job, slot, log, False
        slot.process.log_to(job.token, log)
        slot.process.send("run", job.token, job.task)

    def _on_message(
        self, slot: WorkerSlot, process: WorkerProcess, message: tuple[Any, ...]
    ) -> None:
        kind, *content = message
        if kind == "ready":
            with self._lock:
                slot.ready = True
                self._failed_starts = 0
            self._dispatch()
            return
        token, *content = content
        with self._lock:
            job = self._jobs.get(token)
        if kind == "ended":
            outcome = content[0]
            if isinstance(outcome, Computed):
                outcome = replace(outcome, memory=process.peak)
            self._on_ended(slot, token, job, outcome)
        elif job is None:
            return
        elif kind == "running":
            job.started = True
            job.listener.running(str(self._slots.index(slot) + 1))
        elif kind == "progress":
            job.listener.progress(*content)
        elif kind == "trial":
            job.listener.trial(*content)
        elif kind == "stored":
            job.manifest = content[0]
            self._settle(job)
        elif kind == "unstored":
            job.unstored = content[0]
            self._settle(job)

    def _on_ended(
        self, slot: WorkerSlot, token: str, job: Job | None, outcome: Computed | dict[str, Any]
    ) -> None:
        """Take the result of a step's function."""
        with self._lock:
            own, slot.job = slot.job, None
            if isinstance(outcome, Computed):
                assert own is not None
                if outcome.key:
                    own.task = replace(own.task, key=outcome.key)
                slot.held[own.task.key] = token
                if job is None:
                    # It was cancelled.
                    self.forget(frozenset({own.task.key}))
                else:
                    job.computed = outcome
                    if job.manifest is None and job.unstored is None:
                        self._unsaved[token] = job
        if job is None:
            self._dispatch()
        elif isinstance(outcome, Computed):
            job.listener.computed(outcome)
            self._settle(job)
        else:
            self._finish(job, StepError(outcome))
            self._dispatch()

    def _on_end(self, slot: WorkerSlot, process: WorkerProcess) -> None:
        """A worker has exited, and its unstored values are lost."""
        with self._lock:
            job, slot.job = slot.job, None
            was_ready, slot.ready, slot.process = slot.ready, False, None
            slot.held.clear()
            if self._closed:
                return
            if job is not None and job.token in self._jobs:
                if job.started:
                    self._finish(job, StepError(_ending(process, job)))
                else:
                    # It isn't what the worker died of.
                    self._try_again(job)
            # In one go: no step may start whose input is gone, and none may hear of that
            # before the step which has to compute it again.
            lost = [
                job for job in self._unsaved.values() if job.slot is slot and job.manifest is None
            ]
            for job in lost:
                self._finish(job, lost_result())
            if lost:
                self._fail_lost_inputs()
            if was_ready:
                self._start(slot)
            else:
                self._on_failed_start()
        self._dispatch()

    def _try_again(self, job: Job) -> None:
        job.attempts += 1
        if job.attempts < ATTEMPTS:
            self._queue = {job.token: job, **self._queue}
        else:
            self._finish(job, no_worker())

    def _on_failed_start(self) -> None:
        self._failed_starts += 1
        if self._failed_starts >= ATTEMPTS:
            self._failed_starts = 0
            for job in list(self._queue.values()):
                self._finish(job, no_worker())

    def _fail_lost_inputs(self) -> None:
        """End the jobs that wait for a worker and whose input is gone."""
        for job in [job for job in self._queue.values() if not self._has_inputs(job)]:
            self._finish(job, lost_input())

    def _has_inputs(self, job: Job) -> bool:
        unsaved = {other.task.key for other in self._unsaved.values()}
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
                self._fail_lost_inputs()
        elif job.computed is not None and job.manifest is not None:
            self._finish(job, job.manifest)
            if job.unneeded:
                self.forget(frozenset({job.task.key}))
        self._dispatch()

    def _finish(self, job: Job, outcome: Manifest | StepError) -> None:
        self._drop(job)
        if job.open_log is not None:
            # The end of its output arrives by another channel, a moment later.
            job.open_log.wait(1.0)
        with contextlib.suppress(InvalidStateError):
            if isinstance(outcome, StepError):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)

    def _drop(self, job: Job) -> None:
        with self._lock:
            for jobs in (self._jobs, self._queue, self._unsaved):
                jobs.pop(job.token, None)

    def _on_settled(self, job: Job) -> None:
        """End the process of a job that was cancelled while it ran."""
        if not job.future.cancelled():
            return
        with self._lock:
            self._drop(job)
            slot = job.slot if job.slot is not None and job.slot.job is job else None
        if slot is not None and not self._closed:
            threading.Thread(target=self._kill, args=(slot, job), name="engine kill").start()

    def _kill(self, slot: WorkerSlot, job: Job) -> None:
        # What is being stored for the steps before may end, if that is near.
        force = time.monotonic() + GRACE
        while time.monotonic() < force - 0.2 and any(
            other.slot is slot for other in list(self._unsaved.values())
        ):
            time.sleep(0.01)
        with self._lock:
            process = slot.process if slot.job is job else None
        if process is not None:
            process.kill(force - time.monotonic())


def _ending(process: WorkerProcess, job: Job) -> dict[str, Any]:
    """Return why a step ended with its process."""
    if process.exceeded is not None:
        return memory_error(job.task.node, process.exceeded)
    return exit_error(process.exitcode)
