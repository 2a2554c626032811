"""The interface to what is published and scheduled in an Azure ML workspace."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from designer.azure.compile.steps import Description
from designer.azure.publish.schedule import Schedule


@dataclass(frozen=True)
class AzureSchedule:
    """A schedule in an Azure ML workspace.

    Parameters
    ----------
    id : str
        Identifies it in the workspace; with SDK v2 this is its name.
    target : str
        The SDK that it belongs to: ``azureml-v1`` or ``azureml-v2``.
    status : str
        ``active``, ``paused``, or what Azure calls it, in lowercase.
    when : str
        When it starts, in words.
    experiment : str
        What its runs are listed under; empty if Azure doesn't return it.
    next : float or None
        When it starts the next run, in seconds since 1970; None if that isn't known, or depends
        on data.
    last : float or None
        When it started the last one; None if there was none.
    last_status : str
        How that one went: ``completed``, for example.
    """

    id: str
    name: str
    target: str
    status: str
    when: str
    experiment: str = ""
    next: float | None = None
    last: float | None = None
    last_status: str = ""

    def to_json(self) -> dict[str, str | None]:
        """Return plain data, with moments in ISO 8601."""
        return asdict(self) | {"next": _iso(self.next), "last": _iso(self.last)}


@dataclass(frozen=True)
class PublishedEndpoint:
    """A published pipeline in an Azure ML workspace.

    Parameters
    ----------
    id : str
        Identifies it in the workspace; with SDK v2 this is its name.
    target : str
        The SDK that it belongs to: ``azureml-v1`` or ``azureml-v2``.
    kind : str
        ``endpoint``, or ``pipeline`` for one of SDK v1 that belongs to no endpoint: that of a
        schedule, for example.
    status : str
        ``active``, or what Azure calls it, in lowercase.
    url : str
        Where requests that start it are sent.
    version : str
        The version that a request starts; empty if there is none.
    """

    id: str
    name: str
    target: str
    kind: str
    status: str
    url: str
    version: str = ""

    def to_json(self) -> dict[str, str]:
        """Return plain data."""
        return asdict(self)


class Published(Protocol):
    """The endpoints and schedules of one SDK in a workspace; its methods raise AzureError."""

    def publish(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        name: str,
        text: str,
    ) -> dict[str, Any]:
        """Publish the pipeline as an endpoint; return its name and URL."""

    def schedule(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        experiment: str,
        name: str,
        when: Schedule,
    ) -> dict[str, Any]:
        """Schedule the pipeline; return the schedule."""

    def schedules(self) -> list[AzureSchedule]:
        """Return the schedules of pipelines, by name."""

    def set_paused(self, schedule: AzureSchedule, paused: bool) -> None:
        """Let a schedule start nothing for now, or start runs again."""

    def run_now(self, schedule: AzureSchedule) -> str:
        """Start a run of a schedule besides its times; return the run's id."""

    def end_schedule(self, schedule: AzureSchedule) -> None:
        """End a schedule, so that it starts nothing more; runs in progress continue."""

    def endpoints(self) -> list[PublishedEndpoint]:
        """Return what is published, by name."""

    def end_endpoint(self, endpoint: PublishedEndpoint) -> None:
        """Remove an endpoint or a published pipeline, so that it can no longer be started."""


def _iso(moment: float | None) -> str | None:
    if moment is None:
        return None
    found = datetime.datetime.fromtimestamp(moment).astimezone()
    return found.isoformat(timespec="seconds")


def every(frequency: str, interval: int) -> str:
    """Return an interval in words: ``every 2 days``."""
    one, many = _EVERY[frequency.lower()]
    return one if interval == 1 else many.format(count=interval)


def at_times(
    frequency: str,
    interval: int,
    hours: list[int] | None,
    minutes: list[int] | None,
    days: list[str] | None = None,
    zone: str = "",
) -> str:
    """Return a recurrence in words: ``every week on Monday at 06:30 (UTC)``."""
    text = every(frequency, interval)
    if days:
        text += f" on {', '.join(each.capitalize() for each in days)}"
    if hours or minutes:
        times = [f"{hour:02}:{minute:02}" for hour in hours or [0] for minute in minutes or [0]]
        text += f" at {', '.join(times)} ({zone or 'UTC'})"
    return text


def by_name(found: list[Any]) -> list[Any]:
    """Return schedules or endpoints in order of their names."""
    return sorted(found, key=lambda each: (each.name.lower(), each.id))


def plain_values(enumeration: Any) -> list[str]:
    """Return the values of a list of an SDK's enumeration members or texts."""
    return [str(getattr(each, "value", each)) for each in enumeration or ()]


_EVERY = {
    "minute": ("every minute", "every {count} minutes"),
    "hour": ("every hour", "every {count} hours"),
    "day": ("every day", "every {count} days"),
    "week": ("every week", "every {count} weeks"),
    "month": ("every month", "every {count} months"),
}
"""Intervals in words."""
