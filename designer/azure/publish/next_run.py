"""When a schedule of Azure ML starts its next run: which the service itself doesn't return."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIXED = {"minute": 60, "hour": 3600}
"""Units whose length is always the same, in seconds."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Recurrence:
    """An interval, with the times and days that it is limited to.

    Parameters
    ----------
    frequency : str
        ``minute``, ``hour``, ``day``, ``week``, or ``month``.
    hours, minutes, month_days : sequence of int
        All combinations of them; empty for the time of the start.
    days : sequence of str
        Names of days of the week in lowercase.
    zone : str
        An IANA or Windows name of a time zone; empty for UTC.
    """

    frequency: str
    interval: int
    hours: Sequence[int] = ()
    minutes: Sequence[int] = ()
    days: Sequence[str] = ()
    month_days: Sequence[int] = ()
    zone: str = ""

    def next(self, start: float | None, now: float) -> float | None:
        """Return the first time after ``now``; None if that depends on an unknown start.

        Parameters
        ----------
        start, now : float
            Seconds since 1970; from the start, the intervals count.
        """
        if self.frequency in FIXED and not (self.hours or self.minutes or self.days):
            if start is None:
                return None
            step = FIXED[self.frequency] * self.interval
            return start if start > now else start + step * (math.floor((now - start) / step) + 1)
        if start is None and not (self.interval == 1 and (self.hours or self.minutes)):
            return None
        return self._next_by_calendar(now if start is None else start, now)

    def _next_by_calendar(self, start: float, now: float) -> float | None:
        from dateutil import rrule

        zone = zone_of(self.zone)
        if zone is None:
            return None
        at = bool(self.hours or self.minutes)
        rule = rrule.rrule(
            {"day": rrule.DAILY, "week": rrule.WEEKLY, "month": rrule.MONTHLY}.get(
                self.frequency, rrule.DAILY
            ),
            interval=self.interval,
            dtstart=datetime.datetime.fromtimestamp(start, zone),
            byhour=list(self.hours or [0]) if at else None,
            byminute=list(self.minutes or [0]) if at else None,
            bysecond=0 if at else None,
            byweekday=[DAYS.index(each) for each in self.days] or None,
            bymonthday=list(self.month_days) or None,
        )
        found = rule.after(datetime.datetime.fromtimestamp(now, zone))
        return None if found is None else float(found.timestamp())


def next_of_cron(expression: str, zone: str, now: float) -> float | None:
    """Return the first time of a cron expression after ``now``; None if it can't be read."""
    from cronsim import CronSim, CronSimError

    found = zone_of(zone)
    if found is None:
        return None
    try:
        times = CronSim(expression, datetime.datetime.fromtimestamp(now, found))
        return float(next(times).timestamp())
    except (CronSimError, StopIteration):
        return None


def zone_of(name: str) -> ZoneInfo | None:
    """Return a time zone by its IANA or Windows name, which Azure uses; None if it is unknown."""
    from tzlocal.windows_tz import win_tz

    try:
        return ZoneInfo(win_tz.get(name, name) or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return None


def seconds_of(moment: object) -> float | None:
    """Return a moment of an SDK, a datetime or ISO 8601 in UTC, in seconds since 1970."""
    if isinstance(moment, str):
        try:
            moment = datetime.datetime.fromisoformat(moment)
        except ValueError:
            return None
    if not isinstance(moment, datetime.datetime):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()
