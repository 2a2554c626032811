"""Schedules of pipelines: at an interval, at fixed times, or when data changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from designer.azure.errors import AzureError

UNITS = ("minute", "hour", "day", "week", "month")


@dataclass(frozen=True)
class Schedule:
    """The schedule of a pipeline; one of ``frequency``, ``cron`` and ``path`` is set.

    Parameters
    ----------
    frequency : str
        One of :data:`UNITS`.
    interval : int
        Every so many of these.
    cron : str
        Set times, as five fields of cron; in UTC.
    path : str
        The folder of the default datastore that is watched.
    polling : int
        Minutes between two checks of that folder.
    """

    frequency: str = ""
    interval: int = 1
    cron: str = ""
    path: str = ""
    polling: int = 5


def read_schedule(every: str = "", cron: str = "", on_change: str = "") -> Schedule:
    """Return the schedule that a user has written in one of three ways.

    Parameters
    ----------
    every : str
        A number and a unit, ``"2 hours"`` for example.
    cron : str
        Five fields, ``"0 6 * * 1-5"`` for example.
    on_change : str
        A folder of the default datastore.

    Raises
    ------
    AzureError
        If none or several are passed, or one is invalid.
    """
    given = [text for text in (every, cron, on_change) if text.strip()]
    if len(given) != 1:
        raise AzureError(
            "A schedule needs an interval, fixed times, or a folder to watch.",
            "Use --every, --cron, or --on-change.",
        )
    if on_change.strip():
        folder = on_change.strip().strip("/")
        if not folder or ".." in folder.split("/") or "://" in folder:
            raise AzureError(
                f"“{on_change.strip()}” isn't a folder of the default datastore.",
                "Write it as incoming/today.",
            )
        return Schedule(path=folder)
    if cron.strip():
        fields_of(cron)
        return Schedule(cron=" ".join(cron.split()))
    found = re.fullmatch(rf"\s*(\d{{1,4}})\s*({'|'.join(UNITS)})s?\s*", every)
    if not found or not int(found[1]):
        raise AzureError(
            f"The interval needs a number and a unit, not “{every.strip()}”.",
            "Units are minutes, hours, days, weeks, and months.",
        )
    return Schedule(found[2], int(found[1]))


def check_schedule(when: Schedule, target: str) -> None:
    """Raise AzureError if an SDK has no schedule of this kind: before anything is sent."""
    if when.path and target == "azureml-v2":
        raise AzureError(
            "SDK v2 has no schedule that starts when data changes.",
            "Use SDK v1 (--to azureml-v1), or a schedule by time (--every or --cron).",
        )
    if when.cron and target == "azureml-v1":
        recurrence_of(when.cron)


def recurrence_of(cron: str) -> Mapping[str, Any]:
    """Return the recurrence of SDK v1 that starts at the times of a cron expression.

    SDK v1 supports hours and minutes of every day, or of days of the week.

    Raises
    ------
    AzureError
        If it has none for it.
    """
    fields = fields_of(cron)
    minute, hour, day, month, weekday = fields
    every_minutes = re.fullmatch(r"\*/(\d+)", cron.split()[0])
    if every_minutes and 60 % int(every_minutes[1]) == 0 and not any((hour, day, month, weekday)):
        return {"frequency": "Minute", "interval": int(every_minutes[1])}
    if minute is None or hour is None or day is not None or month is not None:
        raise AzureError(
            f"SDK v1 has no schedule for “{cron.strip()}”: it supports only fixed times "
            "on every day, or on days of the week.",
            "Use SDK v2 (--to azureml-v2), or --every.",
        )
    times = {"interval": 1, "hours": hour, "minutes": minute}
    if weekday is None:
        return {"frequency": "Day", **times}
    names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    days = sorted({each % 7 for each in weekday}, key=lambda each: (each - 1) % 7)
    return {"frequency": "Week", **times, "week_days": [names[each] for each in days]}


def fields_of(cron: str) -> list[list[int] | None]:
    """Return the numbers of the five fields of a cron expression; None for every one.

    Raises
    ------
    AzureError
        If it isn't one.
    """
    fields = cron.split()
    try:
        if len(fields) != len(_FIELDS):
            raise ValueError
        return [_numbers(field, *limits) for field, limits in zip(fields, _FIELDS, strict=True)]
    except ValueError:
        raise AzureError(
            f"“{cron.strip()}” isn't a cron expression.",
            "It has five fields: minute, hour, day, month, day of the week; "
            "“0 6 * * 1-5” is 6:00 UTC on working days.",
        ) from None


_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def _numbers(word: str, low: int, high: int) -> list[int] | None:
    if word == "*":
        return None
    found: set[int] = set()
    for part in word.split(","):
        match = re.fullmatch(r"(\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?", part)
        if match is None:
            raise ValueError
        first, last = (low, high) if match[1] == "*" else (int(match[2]), int(match[3] or match[2]))
        step = int(match[4] or 1)
        if not (low <= first <= last <= high) or not step:
            raise ValueError
        if match[4] and match[3] is None and match[1] != "*":
            last = high
        found.update(range(first, last + 1, step))
    return sorted(found)
