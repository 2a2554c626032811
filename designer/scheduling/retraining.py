"""Switches the retraining of an endpoint on and off, with the schedules that do it."""

from __future__ import annotations

import time
from contextlib import suppress

from designer.retraining import switching
from designer.retraining.loop import Loop
from designer.scheduling.creating import create
from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import Schedule, Trigger
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import local_timezone, read_cron
from designer.scheduling.triggers import RetrainingDue
from designer.workspace import Workspace


def switch_on(workspace: Workspace, loop: Loop, *, cron: str | None = None) -> list[str]:
    """Store a loop and its schedules, and return what the user should know.

    Parameters
    ----------
    cron : str, optional
        Times of rounds that wait for no new data.

    Raises
    ------
    ServingError, ScheduleError
        With the first thing that is wrong.
    """
    from designer.catalog import load_catalog

    triggers: dict[str, Trigger] = {_due(loop.endpoint): RetrainingDue(endpoint=loop.endpoint)}
    if cron is not None:
        triggers[_by_time(loop.endpoint)] = read_cron(cron, local_timezone())
    notes = switching.switch_on(workspace, loop)
    _remove(workspace, loop.endpoint)
    specs = load_catalog(*workspace.own_modules)
    for name, trigger in triggers.items():
        schedule = Schedule(
            name=name,
            file=loop.pipeline,
            trigger=trigger,
            retraining=loop.endpoint,
            created=time.time(),
        )
        create(schedule, workspace, specs)
    return notes


def switch_off(workspace: Workspace, endpoint: str) -> None:
    """Switch a loop off, and remove its schedules.

    Raises
    ------
    ServingError
        If the endpoint isn't retrained.
    """
    switching.switch_off(workspace, endpoint)
    _remove(workspace, endpoint)


def _remove(workspace: Workspace, endpoint: str) -> None:
    store = ScheduleStore(workspace)
    for name in (_due(endpoint), _by_time(endpoint)):
        with suppress(ScheduleError):
            store.remove(name)


def _due(endpoint: str) -> str:
    return f"retraining {endpoint}"


def _by_time(endpoint: str) -> str:
    return f"retraining {endpoint} by time"
