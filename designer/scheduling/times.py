"""Triggers by time: cron lines and intervals.

Moments are seconds since 1970 in UTC, so that neither a change to daylight saving time nor a move
to another time zone changes the order of two of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import Field

from designer.records import Moment, Record
from designer.scheduling.errors import ScheduleError

SHORTEST = 60
"""Seconds of the shortest interval."""

LONGEST = 366 * 86_400
"""Seconds of the longest interval."""


class Cron(Record):
    """Times that a cron line describes, on the clock of a time zone.

    Parameters
    ----------
    expression : str
        Minute, hour, day of the month, month, and day of the week, as in Debian's cron: days
        are numbered from Sunday, 0 and 7, and a day of the month *or* of the week is enough.
    timezone : str
        A name of the IANA database.
    """

    kind: Literal["cron"] = "cron"
    expression: str
    timezone: str

    def after(self, moment: float) -> float | None:
        """Return the first time later than a moment; None if there is none.

        A time that is left out when clocks are set forward becomes the first minute after it,
        one that comes twice when they are set back counts once.
        """
        for each in self._from(moment):
            seconds = each.timestamp()
            if seconds > moment:
                return seconds
        return None

    def upcoming(self, moment: float, count: int) -> list[float]:
        """Return the next times later than a moment, ``count`` at most."""
        found: list[float] = []
        while len(found) < count:
            following = self.after(found[-1] if found else moment)
            if following is None:
                break
            found.append(following)
        return found

    def description(self) -> str:
        """Return the times as a sentence, ``At 06:00 on Monday`` for example."""
        return str(self._from(0).explain())

    def clock_changes(self, moment: float, until: float) -> list[str]:
        """Return sentences about times that clocks leave out or repeat, up to a moment."""
        zone = ZoneInfo(self.timezone)
        if self._from(moment).fixup_tz is None:
            # “Every hour” means every hour that passes.
            return []
        sentences = []
        local = datetime.fromtimestamp(moment, zone).replace(tzinfo=None)
        for each in CronSim(_fields(self.expression), local):
            first, second = (each.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
            if first.timestamp() > until:
                break
            day, clock = each.strftime("%Y-%m-%d"), each.strftime("%H:%M")
            if first.utcoffset() == second.utcoffset():
                continue
            if not _exists(first):
                later = first
                while not _exists(later):
                    later += timedelta(minutes=1)
                sentences.append(
                    f"{clock} doesn't exist on {day}; the run starts at {later:%H:%M}."
                )
            else:
                sentences.append(f"{clock} comes twice on {day}; the run starts the first time.")
        return sentences

    def _from(self, moment: float) -> CronSim:
        start = datetime.fromtimestamp(math.floor(moment), ZoneInfo(self.timezone))
        return CronSim(_fields(self.expression), start)


class Interval(Record):
    """Every so many seconds, whatever the clocks on the wall show.

    Parameters
    ----------
    seconds : int
        From one time to the next.
    anchor : float
        One of the times.
    """

    kind: Literal["every"] = "every"
    seconds: Annotated[int, Field(ge=SHORTEST, le=LONGEST)]
    anchor: Moment

    def after(self, moment: float) -> float:
        """Return the first time later than a moment."""
        passed = math.floor((moment - self.anchor) / self.seconds)
        return self.anchor + (passed + 1) * self.seconds

    def upcoming(self, moment: float, count: int) -> list[float]:
        """Return the next times later than a moment."""
        first = self.after(moment)
        return [first + number * self.seconds for number in range(count)]

    def description(self) -> str:
        """Return the interval as words, ``Every 2 hours`` for example."""
        for name, size in reversed(_UNITS.items()):
            if self.seconds % size == 0:
                count = self.seconds // size
                one, many = _EVERY[name]
                return one if count == 1 else many.format(count=count)
        return f"Every {self.seconds} seconds"

    def clock_changes(self, moment: float, until: float) -> list[str]:
        """Return nothing: clocks that are set forward or back don't change an interval."""
        return []


def read_cron(expression: str, timezone: str) -> Cron:
    """Return the times of a cron line.

    Parameters
    ----------
    expression : str
        Five fields, or a name such as ``@daily``.

    Raises
    ------
    ScheduleError
        If it isn't one, or no such time exists.
    """
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ScheduleError(
            f"“{timezone}” isn't a time zone.", "Use a name such as Europe/Paris or UTC."
        ) from None
    plain = " ".join(expression.split())
    fields = _fields(plain)
    if len(fields.split()) != 5:
        raise _not_cron(plain, f"it has {len(plain.split())} fields, not five")
    try:
        made = Cron(expression=plain, timezone=timezone)
        first = next(CronSim(fields, datetime(2000, 1, 1)), None)
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        raise _not_cron(plain, _PROBLEMS.get(name, "its fields can't be read")) from None
    if first is None:
        raise _not_cron(plain, "there is no such day")
    return made


def read_interval(text: str, anchor: float) -> Interval:
    """Return the interval that a text such as ``2h`` or ``30 minutes`` means.

    Raises
    ------
    ScheduleError
        If it isn't one.
    """
    found = re.fullmatch(r"\s*(\d{1,6})\s*([a-z]+)\s*", text.casefold())
    size = _SHORT.get(found[2]) or _UNITS.get(found[2].removesuffix("s")) if found else None
    if found is None or size is None:
        raise ScheduleError(
            f"“{text.strip()}” isn't an interval.",
            "Enter a number and a unit: 30m, 2h, 1d, or 1w.",
        )
    seconds = int(found[1]) * size
    if not SHORTEST <= seconds <= LONGEST:
        raise ScheduleError(
            f"The interval “{text.strip()}” isn't between a minute and a year.",
            "Enter a number and a unit: 30m, 2h, 1d, or 1w.",
        )
    return Interval(seconds=seconds, anchor=anchor)


def write_interval(seconds: float) -> str:
    """Return an interval as :func:`read_interval` reads it: ``2h``; in minutes, rounded up."""
    minutes = max(1, -int(-seconds // 60))
    for unit, size in sorted(_SHORT.items(), key=lambda each: -each[1]):
        if minutes * 60 % size == 0:
            return f"{minutes * 60 // size}{unit}"
    return f"{minutes}m"


def times_between(trigger: Cron | Interval, first: float, last: float) -> Iterator[float]:
    """Yield the times of a trigger later than one moment, up to another and with it."""
    following = trigger.after(first)
    while following is not None and following <= last:
        yield following
        following = trigger.after(following)


def local_timezone() -> str:
    """Return the name of this computer's time zone; UTC if it isn't known."""
    from tzlocal import get_localzone_name

    try:
        return str(get_localzone_name() or "UTC")
    except (ZoneInfoNotFoundError, LookupError, OSError, ValueError):
        return "UTC"


def _exists(local: datetime) -> bool:
    """Return whether clocks show a time, or leave it out when they are set forward."""
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(fold=0) == local


def _fields(expression: str) -> str:
    return _NAMED.get(expression.strip().casefold(), expression)


def _not_cron(expression: str, reason: str) -> ScheduleError:
    return ScheduleError(
        f"“{expression}” isn't a cron line: {reason}.",
        "Enter minute, hour, day of the month, month, and day of the week: "
        "“0 6 * * 1-5” is 6:00 from Monday to Friday.",
    )


_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

_PROBLEMS = {
    "minute": "the minute must be from 0 to 59",
    "hour": "the hour must be from 0 to 23",
    "day-of-month": "the day of the month must be from 1 to 31, and one that the month has",
    "month": "the month must be from 1 to 12, or JAN to DEC",
    "day-of-week": "the day of the week must be from 0 to 7, or SUN to SAT",
}

_EVERY = {
    "minute": ("Every minute", "Every {count} minutes"),
    "hour": ("Every hour", "Every {count} hours"),
    "day": ("Every day", "Every {count} days"),
    "week": ("Every week", "Every {count} weeks"),
}
"""Intervals in words."""

_UNITS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 7 * 86_400}
_SHORT = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
