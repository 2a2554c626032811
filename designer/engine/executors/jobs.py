"""Tasks on their way through the workers of this computer, and which worker suits which."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from designer.engine.executors.base import Computed, Listener, Task
from designer.engine.executors.processes import WorkerProcess
from designer.engine.logs import LogFile
from designer.engine.store_entry import Manifest


@dataclass(eq=False)
class Job:
    """A task with what has become of it.

    ``future`` is what the runner sees, ``inner`` what pebble knows of the present attempt.
    ``unneeded`` tells that no step will read its outputs from memory once they are stored.
    """

    task: Task
    log: Path
    listener: Listener
    future: Future[Manifest] = field(default_factory=Future)
    seat: Seat | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    inner: Future[Any] | None = None
    generation: int = 0
    started: bool = False
    open_log: LogFile | None = None
    computed: Computed | None = None
    manifest: Manifest | None = None
    unstored: dict[str, Any] | None = None
    unneeded: bool = False
    attempts: int = 0


@dataclass(eq=False)
class Seat:
    """A worker, what it does, and the entries whose outputs it has in memory.

    ``held`` has for each such entry the token of the job that made it: an entry may be made
    again while the word to forget it is still on its way.
    """

    process: WorkerProcess
    job: Job | None = None
    away: bool = False
    held: dict[str, str] = field(default_factory=dict)


def choose(
    waiting: Sequence[Job], unsaved: Sequence[Job], seats: Sequence[Seat]
) -> tuple[Job, Seat] | None:
    """Return the next job and the free worker that suits it best.

    Parameters
    ----------
    unsaved : sequence of Job
        Computed and not stored yet: only the worker that has such a value can go on with it.
    """
    free = [seat for seat in seats if seat.job is None and not seat.away]
    if not free:
        return None
    for job in waiting:
        needed = {source.key for source in job.task.inputs.values()}
        only = {other.seat for other in unsaved if other.task.key in needed}
        if job.task.fresh_inputs and only:
            continue
        fit = [seat for seat in free if only <= {seat}]
        if not fit:
            continue
        others = {
            source.key
            for other in waiting[:64]
            if other is not job
            for source in other.task.inputs.values()
        }
        # Where its inputs are; else where nothing is that others wait for.
        return job, max(
            fit, key=lambda s: (len(s.held.keys() & needed), -len(s.held.keys() & others))
        )
    return None
