"""A stored schedule with its state, and what is remembered of its runs."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from typing import Any

from designer.scheduling.schedule import Schedule

ACTIVE = ("waiting", "running")
"""States of a run that hasn't ended."""

LABELS = {
    "waiting": "Starting",
    "running": "Running",
    "completed": "Completed",
    "failed": "Failed",
    "attention": "Needs attention",
    "interrupted": "Interrupted",
    "skipped": "Skipped",
}
"""The states of a run: what has ``attention`` never started, because something is missing."""


@dataclass(frozen=True)
class Occurrence:
    """One due time of a schedule, or one change, and its run.

    Parameters
    ----------
    due, started, ended : float
        Seconds since 1970.
    state : str
        See :data:`LABELS`.
    run : str
        The id of the run; empty if there was none.
    reason : str
        Why it failed or was skipped.
    note : str
        What started it, where that isn't only the time.
    delivery : str
        Which notifications couldn't be sent, and why.
    """

    id: int
    schedule: str
    due: float
    state: str
    started: float | None = None
    ended: float | None = None
    run: str = ""
    reason: str = ""
    note: str = ""
    delivery: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain data, with moments in ISO 8601."""
        moments = {name: iso(getattr(self, name)) for name in ("due", "started", "ended")}
        return asdict(self) | moments


@dataclass(frozen=True)
class Server:
    """A process that serves the schedules.

    Parameters
    ----------
    process : str
        Its number and start.
    kind : str
        ``service``, ``window``, or ``command``.
    since : float
        Seconds since 1970.
    """

    process: str
    kind: str
    since: float

    @property
    def pid(self) -> int:
        """The number of the process."""
        return int(self.process.partition(":")[0])


@dataclass(frozen=True)
class Entry:
    """A schedule and its state.

    Parameters
    ----------
    next_due : float or None
        The next time; None for a trigger by change.
    mark : str
        What a trigger by change found last.
    checked : float
        When it looked last.
    problem : str
        What keeps the trigger from looking.
    last : Occurrence or None
        The latest run.
    active : bool
        Whether a run hasn't ended yet.
    """

    schedule: Schedule
    paused: bool
    next_due: float | None
    mark: str
    checked: float
    problem: str
    last: Occurrence | None
    active: bool

    @property
    def name(self) -> str:
        """The name of the schedule."""
        return self.schedule.name

    def to_json(self) -> dict[str, Any]:
        """Return plain data, with moments in ISO 8601."""
        return self.schedule.model_dump(mode="json") | {
            "created": iso(self.schedule.created),
            "description": self.schedule.trigger.description(),
            "paused": self.paused,
            "next": None if self.paused else iso(self.next_due),
            "problem": self.problem,
            "running": self.active,
            "last": self.last.to_json() if self.last else None,
        }


def iso(moment: float | None) -> str | None:
    """Return a moment in ISO 8601 with the offset of this computer's time zone."""
    if moment is None:
        return None
    return datetime.datetime.fromtimestamp(moment).astimezone().isoformat(timespec="seconds")
