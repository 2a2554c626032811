"""Makes schedules: everything that is wrong shows now, and not at night."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from designer.scheduling.consent import (
    ProblemsError,
    agree,
    check_script,
    check_writes,
    needed,
    read_pipeline,
)
from designer.scheduling.delivery import Notifications
from designer.scheduling.entry import Entry
from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import Schedule, azure_target, check_schedule
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import Cron, Interval
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.engine.accesses import Access
    from modules.contract import ModuleSpec


@dataclass(frozen=True)
class Created:
    """A schedule that was made.

    Parameters
    ----------
    agreed : sequence of Access
        What the user agreed to by making it: code that it runs, what it reads and writes outside.
    """

    entry: Entry
    agreed: Sequence[Access]


def create(schedule: Schedule, workspace: Workspace, specs: Mapping[str, ModuleSpec]) -> Created:
    """Check a schedule and store it.

    Raises
    ------
    ScheduleError
        With the first thing that is wrong; ``ProblemsError`` with all problems of the pipeline.
    """
    check_schedule(schedule)
    for name in schedule.notify or ():
        Notifications(workspace).get(name)
    if schedule.is_script:
        check_script(schedule, workspace)
    else:
        _check_pipeline(schedule, workspace, specs)
        check_writes(schedule, workspace, specs)
    mark = mark_of(schedule, workspace)
    entry = ScheduleStore(workspace).add(schedule, mark=mark or "", now=time.time())
    agreed = [] if schedule.is_script else needed(schedule, workspace, specs)
    agree(agreed, workspace, Path(schedule.file))
    return Created(entry, agreed)


def resume(name: str, workspace: Workspace) -> None:
    """Let a paused schedule run again; changes during the pause don't count.

    Raises
    ------
    ScheduleError
        If there is none of this name, or its trigger can't look for changes.
    """
    store = ScheduleStore(workspace)
    store.resume(name, mark=mark_of(store.entry(name).schedule, workspace))


def pause_all(workspace: Workspace) -> list[str]:
    """Pause every active schedule, and return their names."""
    store = ScheduleStore(workspace)
    names = [each.name for each in store.entries() if not each.paused]
    for name in names:
        store.pause(name)
    return names


def resume_all(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """Let schedules run again that still are paused; return those that can't."""
    paused = {each.name for each in ScheduleStore(workspace).entries() if each.paused}
    left = []
    for name in names:
        try:
            if name in paused:
                resume(name, workspace)
        except ScheduleError:
            left.append(name)
    return left


def mark_of(schedule: Schedule, workspace: Workspace) -> str | None:
    """Return what a trigger by change finds now; None for one by time.

    Raises
    ------
    ScheduleError
        If it can't look for changes.
    """
    trigger = schedule.trigger
    return None if isinstance(trigger, Cron | Interval) else trigger.observe(workspace).mark


def _check_pipeline(
    schedule: Schedule, workspace: Workspace, specs: Mapping[str, ModuleSpec]
) -> None:
    from designer.pipeline.validation import validate

    pipeline = read_pipeline(schedule, specs)
    if azure_target(schedule.target) is not None:
        # It may read what is there and not here; compiling checks that.
        return
    base = Path(schedule.file).parent
    found = validate(pipeline, specs, base=base, datasets=workspace.dataset_store.references())
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise ProblemsError(errors)
