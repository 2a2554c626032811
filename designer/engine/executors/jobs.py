"""Tasks of the workers of this computer, and which worker suits which."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from designer.engine.executors.base import Computed, Task, TaskListener
from designer.engine.executors.processes import WorkerProcess
from designer.engine.logs import LogFile
from designer.engine.store.entry import Manifest


@dataclass(eq=False)
class Job:
    """A task with what has become of it.

    ``unneeded`` means that no step will read its outputs from memory once they are stored.
    """

    task: Task
    log: Path
    listener: TaskListener
    future: Future[Manifest] = field(default_factory=Future)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    slot: WorkerSlot | None = None
    started: bool = False
    open_log: LogFile | None = None
    computed: Computed | None = None
    manifest: Manifest | None = None
    unstored: dict[str, Any] | None = None
    unneeded: bool = False
    attempts: int = 0


@dataclass(eq=False)
class WorkerSlot:
    """A slot for one worker: its process if there is one, its task, and its cached values.

    ``held`` has for each entry whose outputs it has in memory the token of the job that made
    it: an entry may be made again while the message to forget it is still on its way.
    """

    process: WorkerProcess | None = None
    ready: bool = False
    job: Job | None = None
    held: dict[str, str] = field(default_factory=dict)


def choose(
    waiting: Iterable[Job], unsaved: Iterable[Job], slots: Sequence[WorkerSlot]
) -> tuple[Job, WorkerSlot] | None:
    """Return the next job and the free worker that suits it best.

    Parameters
    ----------
    unsaved : iterable of Job
        Computed and not stored yet: only the worker that has such a value can continue with it.
    slots : sequence of WorkerSlot
        Those that are free.
    """
    if not slots:
        return None
    sources = {other.task.key: other.slot for other in unsaved}
    for job in waiting:
        needed = {source.key for source in job.task.inputs.values()}
        only = {sources[key] for key in needed & sources.keys()}
        if job.task.fresh_inputs and only:
            continue
        fit = [slot for slot in slots if only <= {slot}]
        if not fit:
            continue
        others = {
            source.key
            for other in islice(waiting, 64)
            if other is not job
            for source in other.task.inputs.values()
        }
        # Where its inputs are; else where nothing is that others wait for.
        return job, max(
            fit, key=lambda s: (len(s.held.keys() & needed), -len(s.held.keys() & others))
        )
    return None
