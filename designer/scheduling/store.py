"""The schedules of a workspace and their runs, in an SQLite file that several servers share.

A run passes through three transactions: a server claims a due time, the run's own process begins
it, and the same process ends it. Whatever is killed in between, each due time is begun at most
once, and a claim whose server is gone is taken over by another.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from designer.scheduling.database import ScheduleDatabase
from designer.scheduling.entry import Entry, Occurrence
from designer.scheduling.errors import ScheduleError
from designer.scheduling.processes import identity, is_alive
from designer.scheduling.schedule import Schedule
from designer.scheduling.times import Cron, Interval
from designer.workspace import Workspace

KEPT = 200
"""Runs of a schedule that are remembered."""


class ScheduleStore:
    """The schedules of a workspace.

    Can be used from several threads and processes at once.

    Parameters
    ----------
    workspace : Workspace
        It isn't changed before something is stored.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._database = ScheduleDatabase(workspace)
        self.folder = self._database.folder

    def add(self, schedule: Schedule, *, mark: str = "", now: float | None = None) -> Entry:
        """Store a schedule.

        Parameters
        ----------
        mark : str
            What a trigger by change has found last.

        Raises
        ------
        ScheduleError
            If there is one of this name.
        """
        now = time.time() if now is None else now
        due = schedule.trigger.after(now) if isinstance(schedule.trigger, Cron | Interval) else None
        with self._database.changing() as database:
            taken = database.execute(
                "SELECT name FROM schedules WHERE name = ? COLLATE NOCASE", (schedule.name,)
            ).fetchone()
            if taken:
                raise ScheduleError(
                    f"There is a schedule “{taken['name']}” already.",
                    "Choose another name, or remove that one.",
                )
            database.execute(
                "INSERT INTO schedules (name, definition, next_due, mark, checked) "
                "VALUES (?, ?, ?, ?, ?)",
                (schedule.name, schedule.model_dump_json(), due, mark, now),
            )
        return self.entry(schedule.name)

    def entries(
        self, on_damage: Callable[[ScheduleError], object] = lambda error: None
    ) -> list[Entry]:
        """Return all schedules by name.

        Parameters
        ----------
        on_damage : callable
            Receives the problem of each one that can't be used.
        """
        found = []
        with self._database.reading() as database:
            if database is None:
                return []
            rows = database.execute("SELECT * FROM schedules ORDER BY name COLLATE NOCASE")
            for row in rows.fetchall():
                try:
                    found.append(self._entry(database, row))
                except ScheduleError as error:
                    on_damage(error)
        return found

    def entry(self, name: str) -> Entry:
        """Return a schedule; ScheduleError if there is none of this name."""
        with self._database.reading() as database:
            row = (
                database
                and database.execute("SELECT * FROM schedules WHERE name = ?", (name,)).fetchone()
            )
            if database is None or row is None:
                raise _no_schedule(name)
            return self._entry(database, row)

    def remove(self, name: str) -> None:
        """Remove a schedule and what is remembered of its runs; one in progress finishes."""
        self._require(name)
        with self._database.changing() as database:
            database.execute("DELETE FROM schedules WHERE name = ?", (name,))
            database.execute("DELETE FROM occurrences WHERE schedule = ?", (name,))

    def pause(self, name: str) -> None:
        """Start no more runs of a schedule by itself."""
        self._require(name)
        with self._database.changing() as database:
            database.execute(
                "UPDATE schedules SET paused = 1, problem = '' WHERE name = ?", (name,)
            )

    def resume(self, name: str, *, mark: str | None = None, now: float | None = None) -> None:
        """Start runs of a paused schedule again; times during the pause aren't missed.

        Parameters
        ----------
        mark : str, optional
            What a trigger by change finds now.
        """
        now = time.time() if now is None else now
        trigger = self.entry(name).schedule.trigger
        due = trigger.after(now) if isinstance(trigger, Cron | Interval) else None
        with self._database.changing() as database:
            database.execute(
                "UPDATE schedules SET paused = 0, next_due = ?, mark = coalesce(?, mark), "
                "checked = ?, problem = '' WHERE name = ?",
                (due, mark, now, name),
            )

    def history(self, name: str, limit: int = KEPT) -> list[Occurrence]:
        """Return the runs of a schedule, latest first."""
        with self._database.reading() as database:
            if database is None:
                return []
            rows = database.execute(
                "SELECT * FROM occurrences WHERE schedule = ? ORDER BY id DESC LIMIT ?",
                (name, limit),
            )
            return [_occurrence(row) for row in rows.fetchall()]

    def ended_since(self, moment: float) -> list[Occurrence]:
        """Return the runs that ended later than a moment, earliest first."""
        with self._database.reading() as database:
            if database is None:
                return []
            rows = database.execute(
                "SELECT * FROM occurrences WHERE ended > ? ORDER BY ended", (moment,)
            )
            return [_occurrence(row) for row in rows.fetchall()]

    def occurrence(self, number: int) -> Occurrence | None:
        """Return a run; None if it is no longer remembered."""
        with self._database.reading() as database:
            row = (
                database
                and database.execute("SELECT * FROM occurrences WHERE id = ?", (number,)).fetchone()
            )
            return _occurrence(row) if row else None

    def claim(
        self,
        entry: Entry,
        *,
        due: float,
        now: float,
        next_due: float | None = None,
        mark: str | None = None,
        state: str = "waiting",
        reason: str = "",
        note: str = "",
    ) -> int | None:
        """Claim a due time, or a change, for this process.

        Parameters
        ----------
        entry : Entry
            As it was read: nothing is claimed if another server changed it since.
        next_due : float, optional
            The next due time; the present one stays if it is in the future.
        mark : str, optional
            What a trigger by change found.
        state : str
            ``waiting``, or ``skipped`` or ``attention`` if nothing is to run.
        reason : str
            Why nothing is to run.
        note : str
            What to remember about the run.

        Returns
        -------
        int or None
            The run's number; None if another process was faster, or one is in progress.
        """
        with self._database.changing() as database:
            row = database.execute(
                "SELECT next_due, mark, paused FROM schedules WHERE name = ?", (entry.name,)
            ).fetchone()
            if row is None or row["next_due"] != entry.next_due or row["mark"] != entry.mark:
                return None
            if row["paused"] and (next_due is not None or mark is not None):
                return None
            if state == "waiting" and self._active(database, entry.name):
                return None
            database.execute(
                "UPDATE schedules SET next_due = coalesce(?, next_due), mark = coalesce(?, mark), "
                "checked = ? WHERE name = ?",
                (next_due, mark, now, entry.name),
            )
            made = database.execute(
                "INSERT OR IGNORE INTO occurrences "
                "(schedule, due, state, server, claimed, ended, reason, note) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.name,
                    due,
                    state,
                    identity(),
                    now,
                    None if state == "waiting" else now,
                    reason,
                    note,
                ),
            )
            number = made.lastrowid if made.rowcount == 1 else None
            database.execute(
                "DELETE FROM occurrences WHERE schedule = ? AND state NOT IN ('waiting', 'running')"
                " AND id NOT IN (SELECT id FROM occurrences WHERE schedule = ?"
                " ORDER BY id DESC LIMIT ?)",
                (entry.name, entry.name, KEPT),
            )
            return number

    def reschedule(self, entry: Entry, following: Iterator[float]) -> None:
        """Set the next due time to the first of some that wasn't claimed before.

        Parameters
        ----------
        following : iterator of float
            Due times to come.
        """
        with self._database.changing() as database:
            for due in following:
                known = database.execute(
                    "SELECT 1 FROM occurrences WHERE schedule = ? AND due = ?", (entry.name, due)
                ).fetchone()
                if known is None:
                    database.execute(
                        "UPDATE schedules SET next_due = ? WHERE name = ? AND next_due IS ?",
                        (due, entry.name, entry.next_due),
                    )
                    return

    def note_check(self, name: str, now: float, problem: str, mark: str | None = None) -> None:
        """Remember when a trigger looked for changes last, and what kept it from that."""
        with self._database.changing() as database:
            database.execute(
                "UPDATE schedules SET checked = ?, problem = ?, mark = coalesce(?, mark) "
                "WHERE name = ?",
                (now, problem, mark, name),
            )

    def take_over(self) -> list[Occurrence]:
        """Claim for this process what servers that are gone had claimed and not begun."""
        taken = []
        for row in self._database.rows("SELECT * FROM occurrences WHERE state = 'waiting'"):
            if is_alive(row["server"]):
                continue
            with self._database.changing() as database:
                if database.execute(
                    "UPDATE occurrences SET server = ? "
                    "WHERE id = ? AND state = 'waiting' AND server = ?",
                    (identity(), row["id"], row["server"]),
                ).rowcount:
                    taken.append(_occurrence(row))
        return taken

    def interrupted(self, now: float) -> list[Occurrence]:
        """End the runs whose process is gone, and return them."""
        ended = []
        for row in self._database.rows("SELECT * FROM occurrences WHERE state = 'running'"):
            if is_alive(row["process"]):
                continue
            if self.end(row["id"], "interrupted", _INTERRUPTED, now=now):
                ended.append(_occurrence(row))
        return ended

    def begin(self, number: int, server: str, now: float) -> Occurrence | None:
        """Begin a run in this process; None if it isn't (any longer) its turn.

        Parameters
        ----------
        server : str
            The process that claimed it and started this one.
        """
        with self._database.changing() as database:
            if not database.execute(
                "UPDATE occurrences SET state = 'running', process = ?, started = ? "
                "WHERE id = ? AND state = 'waiting' AND server = ?",
                (identity(), now, number, server),
            ).rowcount:
                return None
            row = database.execute("SELECT * FROM occurrences WHERE id = ?", (number,)).fetchone()
            return _occurrence(row)

    def end(
        self, number: int, state: str, reason: str = "", *, run: str = "", now: float | None = None
    ) -> bool:
        """End a run; false if it has ended already."""
        with self._database.changing() as database:
            return bool(
                database.execute(
                    "UPDATE occurrences SET state = ?, reason = ?, run = ?, ended = ? "
                    "WHERE id = ? AND state IN ('waiting', 'running')",
                    (state, reason, run, time.time() if now is None else now, number),
                ).rowcount
            )

    def note_delivery(self, number: int, problem: str) -> None:
        """Remember which notifications about a run couldn't be sent."""
        with self._database.changing() as database:
            database.execute("UPDATE occurrences SET delivery = ? WHERE id = ?", (problem, number))

    def _require(self, name: str) -> None:
        """Raise ScheduleError if no schedule has this name; a damaged one counts."""
        with self._database.reading() as database:
            if (
                database is None
                or not database.execute(
                    "SELECT 1 FROM schedules WHERE name = ?", (name,)
                ).fetchone()
            ):
                raise _no_schedule(name)

    def _active(self, database: sqlite3.Connection, name: str) -> bool:
        return bool(
            database.execute(
                "SELECT 1 FROM occurrences WHERE schedule = ? AND state IN ('waiting', 'running')",
                (name,),
            ).fetchone()
        )

    def _entry(self, database: sqlite3.Connection, row: Any) -> Entry:
        last = database.execute(
            "SELECT * FROM occurrences WHERE schedule = ? ORDER BY id DESC LIMIT 1", (row["name"],)
        ).fetchone()
        try:
            schedule = Schedule.model_validate_json(row["definition"])
        except ValidationError as error:
            raise ScheduleError(
                f"The schedule “{row['name']}” in “{self._database.path}” is damaged: "
                f"{error.errors()[0]['msg']}.",
                "Remove it, and make it again.",
            ) from None
        return Entry(
            schedule,
            bool(row["paused"]),
            row["next_due"],
            row["mark"],
            row["checked"],
            row["problem"],
            _occurrence(last) if last else None,
            self._active(database, row["name"]),
        )


def _occurrence(row: Any) -> Occurrence:
    fields = dict(row)
    del fields["server"], fields["process"], fields["claimed"]
    return Occurrence(**fields)


def _no_schedule(name: str) -> ScheduleError:
    return ScheduleError(
        f"There is no schedule “{name}”.", "“designer schedules list” shows the names."
    )


_INTERRUPTED = "The run's process ended early: the computer was shut down, for example."
