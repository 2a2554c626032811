"""Switches the retraining of an endpoint on and off, with the schedules that do it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

from designer.retraining import switching
from designer.retraining.loop import Loop, Loops
from designer.scheduling.creating import create
from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import Schedule, Trigger
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import Cron, Interval, local_timezone, read_cron
from designer.scheduling.triggers import RetrainingDue
from designer.workspace import Workspace


def switch_on(
    workspace: Workspace, loop: Loop, *, cron: str | None = None, trigger: Trigger | None = None
) -> list[str]:
    """Store a loop and its schedules, and return what the user should know.

    Parameters
    ----------
    cron : str, optional
        Times of rounds that wait for no new data.
    trigger : Trigger, optional
        What else begins such a round: a file that changes, a query, drift, another dataset.

    Raises
    ------
    ServingError, ScheduleError
        With the first thing that is wrong.
    """
    triggers: dict[str, Trigger] = {_due(loop.endpoint): RetrainingDue(endpoint=loop.endpoint)}
    if cron is not None:
        triggers[_by_time(loop.endpoint)] = read_cron(cron, local_timezone())
    if trigger is not None:
        triggers[_by_change(loop.endpoint)] = trigger
        # What can't be looked at must not end the schedules that there are.
        if not isinstance(trigger, Cron | Interval):
            trigger.observe(workspace)
    is_new = loop.endpoint not in Loops(workspace).names()
    notes = switching.switch_on(workspace, loop)
    try:
        _schedule(workspace, loop, triggers)
    except ScheduleError:
        if is_new:
            switch_off(workspace, loop.endpoint)
        raise
    return notes


def cron_of(workspace: Workspace, endpoint: str) -> str:
    """Return the cron line of the rounds by time; empty if there are none."""
    with suppress(ScheduleError):
        trigger = ScheduleStore(workspace).entry(_by_time(endpoint)).schedule.trigger
        if isinstance(trigger, Cron):
            return trigger.expression
    return ""


def trigger_of(workspace: Workspace, endpoint: str) -> Trigger | None:
    """Return what else begins a round; None if nothing does."""
    with suppress(ScheduleError):
        return ScheduleStore(workspace).entry(_by_change(endpoint)).schedule.trigger
    return None


def _schedule(workspace: Workspace, loop: Loop, triggers: Mapping[str, Trigger]) -> None:
    from designer.catalog import load_catalog

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
    for name in (_due(endpoint), _by_time(endpoint), _by_change(endpoint)):
        with suppress(ScheduleError):
            store.remove(name)


def _due(endpoint: str) -> str:
    return f"retraining {endpoint}"


def _by_time(endpoint: str) -> str:
    return f"retraining {endpoint} by time"


def _by_change(endpoint: str) -> str:
    return f"retraining {endpoint} by change"
