"""The index of the store: an SQLite file that several processes share.

It can be lost without harm. One that is damaged is rebuilt from the entries, and
the store keeps working if it can't be read or written.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from designer.engine.store.entry import MANIFEST, discard, read_manifest
from designer.engine.store.errors import DamagedEntryError
from designer.private_files import make_file, make_folder
from designer.workspace import WorkspaceError

_log = logging.getLogger(__name__)


class StoreIndex:
    """The index of one store.

    Its tables: ``entries`` (bytes, last use), ``latest`` (the entry of each fingerprint),
    ``pins`` (what a run needs just now) and ``files`` (hashes of input files).

    Parameters
    ----------
    folder : Path
        The store's, made if needed.

    Raises
    ------
    WorkspaceError
        If it can't be used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._database = self._open()

    def row(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        """Return the first row of a query; None too if the index can't be read just now."""
        with self._lock:
            try:
                return self._database.execute(statement, values).fetchone()
            except sqlite3.DatabaseError as error:
                _log.warning("The index of the store can't be read. %s", error)
                return None

    def rows(self, statement: str) -> list[Any]:
        """Return all rows of a query; none if the index can't be read just now."""
        with self._lock:
            try:
                return self._database.execute(statement).fetchall()
            except sqlite3.DatabaseError as error:
                _log.warning("The index of the store can't be read. %s", error)
                return []

    def write(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Change the index, wholly or not at all; it isn't worth failing a run for."""
        with self._lock:
            try:
                with self._database:
                    for statement, values in statements:
                        self._database.execute(statement, values)
            except sqlite3.DatabaseError as error:
                _log.warning("The index of the store can't be written. %s", error)

    @contextlib.contextmanager
    def locked(self) -> Iterator[sqlite3.Connection]:
        """Keep all others, in other processes too, from changing the index meanwhile.

        Raises
        ------
        sqlite3.DatabaseError
            If that can't be had.
        """
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            finally:
                self._database.commit()

    def close(self) -> None:
        """Close it; it can't be used afterwards."""
        with self._lock:
            self._database.close()

    def _open(self) -> sqlite3.Connection:
        path = self._folder / "index.sqlite"
        try:
            make_folder(self._folder)
            try:
                return self._connect(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                _log.warning("The index of the store is damaged and is rebuilt. %s", error)
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return self._connect(path)
        except OSError as error:
            raise WorkspaceError(self._folder.parent, error.strerror or str(error)) from error
        except sqlite3.OperationalError as error:
            raise WorkspaceError(self._folder.parent, _reason(error, self._folder)) from error

    def _connect(self, path: Path) -> sqlite3.Connection:
        database = sqlite3.connect(make_file(path), timeout=30, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            # What a power cut does to it is seen below.
            database.execute("PRAGMA synchronous = OFF")
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            with database:
                database.execute("BEGIN IMMEDIATE")
                fresh = not database.execute(
                    "SELECT 1 FROM sqlite_master WHERE name = 'entries'"
                ).fetchone()
                for statement in _SCHEMA:
                    database.execute(statement)
                # A file that is read-only lets a change begin, and objects to what is changed.
                database.execute("DELETE FROM pins WHERE pid IS NULL")
                if fresh:
                    self._list_entries(database)
        except BaseException:
            database.close()
            raise
        return database

    def _list_entries(self, database: sqlite3.Connection) -> None:
        """List the entries that are there but missing from the index."""
        for folder in self._folder.glob("entries/*/*"):
            try:
                manifest = read_manifest(folder)
                used = (folder / MANIFEST).stat().st_mtime
                row = (manifest["key"], int(manifest["bytes"]), used)
                base = manifest["base"]
            except (DamagedEntryError, OSError, KeyError, ValueError):
                discard(folder)
                continue
            database.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", row)
            database.execute("INSERT OR REPLACE INTO latest VALUES (?, ?)", (base, row[0]))


def _reason(error: sqlite3.OperationalError, folder: Path) -> str:
    """Return why the index can't be opened; SQLite alone reports little."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_BUSY"):
        return "another program keeps its index locked"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        if sys.platform != "win32" and os.statvfs(folder).f_flag & os.ST_RDONLY:
            return os.strerror(errno.EROFS)
        return os.strerror(errno.EACCES)
    with contextlib.suppress(OSError):
        # A file for shared memory that finds no room is an error of input and output.
        if name.startswith("SQLITE_FULL") or shutil.disk_usage(folder).free < 1 << 16:
            return os.strerror(errno.ENOSPC)
    return str(error)


_SCHEMA: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, bytes INTEGER, used REAL)",
    "CREATE TABLE IF NOT EXISTS latest (base TEXT PRIMARY KEY, key TEXT)",
    "CREATE INDEX IF NOT EXISTS latest_key ON latest (key)",
    "CREATE TABLE IF NOT EXISTS pins"
    " (key TEXT, owner TEXT, pid INTEGER, since REAL, PRIMARY KEY (key, owner))",
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT, hash TEXT)",
)
