"""Notifications by name, and sending them; one that fails never breaks a run."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from designer.private_files import make_folder
from designer.records import DamagedRecordError, Record, read_record, write_record
from designer.scheduling.channels import Channel, When
from designer.scheduling.errors import ScheduleError
from designer.scheduling.news import News, news_of
from designer.scheduling.store import ScheduleStore
from designer.workspace import Workspace, WorkspaceError

NONE = "none"
"""Means no notification, where names are chosen."""

_log = logging.getLogger(__name__)


class Notification(Record):
    """Who is notified, and of what.

    Parameters
    ----------
    name : str
        Identifies it in its workspace.
    when : tuple of str
        Of what; see :data:`designer.scheduling.channels.When`.
    default : bool
        Whether schedules use it that choose none.
    """

    name: str
    channel: Channel
    when: tuple[When, ...] = Field(default=("completed", "failed", "attention"), strict=False)
    default: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return self.model_dump(mode="json")


class Notifications:
    """The notifications of a workspace, in one file."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._path = workspace.folder / "schedules" / "notifications.json"

    def all(self) -> list[Notification]:
        """Return all by name.

        Raises
        ------
        DamagedRecordError
            If the file can't be read.
        """
        record = read_record(self._path, _File, "Correct it, or delete it.")
        return sorted(record.notifications if record else (), key=lambda each: each.name)

    def put(self, notification: Notification) -> None:
        """Add a notification, or replace the one of its name."""
        others = [each for each in self.all() if each.name != notification.name]
        self._write([*others, notification])

    def remove(self, name: str) -> None:
        """Remove a notification.

        Raises
        ------
        ScheduleError
            If there is none of this name.
        """
        self.get(name)
        self._write([each for each in self.all() if each.name != name])

    def get(self, name: str) -> Notification:
        """Return a notification; ScheduleError if there is none of this name."""
        for each in self.all():
            if each.name == name:
                return each
        raise ScheduleError(
            f"There is no notification “{name}”.", "“designer notifications list” shows the names."
        )

    def chosen(self, names: Sequence[str] | None) -> list[Notification]:
        """Return those of some names, or the default ones."""
        return [
            each for each in self.all() if (each.default if names is None else each.name in names)
        ]

    def _write(self, found: Sequence[Notification]) -> None:
        try:
            make_folder(self._path.parent)
            write_record(self._path, {"notifications": [each.to_json() for each in found]})
        except OSError as error:
            raise self._workspace.trouble(error) from error


def check_name(name: str) -> None:
    """Check a name for a notification; ScheduleError if it can't be one."""
    if not re.fullmatch(r"\w[\w .-]{0,59}", name) or name == NONE:
        raise ScheduleError(
            f"“{name}” can't be the name of a notification.",
            "Use at most 60 letters, digits, spaces, periods, and hyphens.",
        )


def notify(store: ScheduleStore, number: int) -> None:
    """Send the notifications about a run that has ended; what can't be sent is remembered."""
    try:
        occurrence = store.occurrence(number)
        if occurrence is None:
            return
        schedule = store.entry(occurrence.schedule).schedule
        news = news_of(occurrence, schedule.file)
        problems = send(news, Notifications(store.workspace).chosen(schedule.notify))
        if problems:
            store.note_delivery(number, " ".join(problems))
    except ScheduleError as error:
        _log.info("No notification of run %d: %s", number, error)
    except (DamagedRecordError, WorkspaceError) as error:
        _log.warning("%s %s", error.message, error.hint)
        store.note_delivery(number, f"{error.message} {error.hint}")


def send(news: News, notifications: Sequence[Notification]) -> list[str]:
    """Send a notification on all channels that want it, and return what went wrong."""
    wanted = "failed" if news.status == "interrupted" else news.status
    problems = []
    for each in notifications:
        if wanted not in each.when:
            continue
        try:
            each.channel.send(news)
        except ScheduleError as error:
            problems.append(f"“{each.name}” wasn't notified: {error.message} {error.hint}".strip())
        except Exception as error:
            _log.warning("A notification failed.", exc_info=error)
            problems.append(f"“{each.name}” wasn't notified ({type(error).__name__}).")
    return problems


class _File(Record):
    notifications: list[Notification] = Field(default_factory=list)
