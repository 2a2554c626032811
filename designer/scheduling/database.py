"""The SQLite file of a workspace's schedules, which several processes share."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

from designer.private_files import make_file, make_folder
from designer.workspace import Workspace, WorkspaceError


class ScheduleDatabase:
    """The file; each use opens and closes it, so that nothing is locked for long.

    Parameters
    ----------
    workspace : Workspace
        It isn't changed before something is stored.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.folder = workspace.folder / "schedules"
        self.path = self.folder / "schedules.sqlite"

    def rows(self, statement: str) -> list[Any]:
        """Return all rows of a query; none if there is no file yet."""
        with self.reading() as database:
            return [] if database is None else database.execute(statement).fetchall()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Open the file for reading; None if there is none yet."""
        if not self.path.exists():
            yield None
            return
        with self._connected() as database:
            yield database

    @contextlib.contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Open the file and keep all others from changing it until the block ends."""
        try:
            make_folder(self.folder)
            make_file(self.path)
        except OSError as error:
            raise self.workspace.trouble(error) from error
        with self._connected() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.rollback()
                raise
            database.commit()

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            database = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            try:
                database.row_factory = sqlite3.Row
                for statement in _SCHEMA:
                    database.execute(statement)
                yield database
            finally:
                database.close()
        except sqlite3.DatabaseError as error:
            raise WorkspaceError(
                self.workspace.folder, f"the schedules in “{self.path.name}”: {error}"
            ) from error


_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS schedules (name TEXT PRIMARY KEY, definition TEXT NOT NULL,"
    " paused INTEGER NOT NULL DEFAULT 0, next_due REAL, mark TEXT NOT NULL DEFAULT '',"
    " checked REAL NOT NULL DEFAULT 0, problem TEXT NOT NULL DEFAULT '')",
    "CREATE TABLE IF NOT EXISTS occurrences (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " schedule TEXT NOT NULL, due REAL NOT NULL, state TEXT NOT NULL,"
    " server TEXT NOT NULL DEFAULT '', process TEXT NOT NULL DEFAULT '',"
    " claimed REAL, started REAL, ended REAL, run TEXT NOT NULL DEFAULT '',"
    " reason TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',"
    " delivery TEXT NOT NULL DEFAULT '', UNIQUE (schedule, due))",
    "CREATE TABLE IF NOT EXISTS servers (process TEXT PRIMARY KEY, kind TEXT, since REAL)",
)
