"""The store: results of steps by fingerprint, kept within a size limit.

The entries are folders (see :mod:`designer.engine.entries`); beside them an
SQLite file holds what must be found quickly or shared between processes: which
entry is the latest of a fingerprint, when each was last used, which ones a run
needs just now, and the hashes of input files. It can be lost without harm, and a
run goes on where it can't be written any more.
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
import time
from pathlib import Path
from typing import Any

from designer.engine.entries import (
    MANIFEST,
    DamagedEntryError,
    Manifest,
    check_entry,
    entry_folder,
    file_digest,
    hashes,
    read_manifest,
    remove_entry,
)
from designer.engine.fingerprints import canonical, digest
from designer.workspace import WorkspaceError

DEFAULT_LIMIT = 20 * 1024**3
"""Bytes that the store may take unless the workspace's settings say otherwise."""

_log = logging.getLogger(__name__)


class Store:
    """A store of results; several processes may use the same folder.

    Parameters
    ----------
    limit : int
        Bytes; what was used least recently goes first. Entries that a run needs
        stay, even beyond the limit.

    Raises
    ------
    WorkspaceError
        If its folder can't be used.
    """

    def __init__(self, folder: Path, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = folder
        self.limit = limit
        self._lock = threading.RLock()
        self._checked: dict[str, Manifest] = {}
        self._database = self._open()
        self._remove_unfinished()
        self._remove_dead_pins()

    def path(self, key: str) -> Path:
        """Return where the entry of a key is, or would be."""
        return entry_folder(self.folder, key)

    def find(self, base: str, owner: str) -> Manifest | None:
        """Return the latest sound entry of a fingerprint and keep it for a run.

        A damaged entry is removed, with a warning in the log.
        """
        row = self._row("SELECT key FROM latest WHERE base = ?", (base,))
        return self.get(row[0], owner) if row else None

    def get(self, key: str, owner: str) -> Manifest | None:
        """Return the entry of a key, if it is there and sound, and keep it for a run."""
        self.pin(key, owner)
        try:
            return self._sound(key)
        except FileNotFoundError:
            self._forget(key)
        except DamagedEntryError as error:
            _log.warning("The stored result %s is damaged and was removed. %s", key, error)
            self.remove(key)
        return None

    def add(self, manifest: Manifest) -> None:
        """Take note of an entry that a worker of this process has just written."""
        key, base, size = manifest["key"], manifest["base"], int(manifest["bytes"])
        with self._lock:
            self._checked[key] = manifest
        self._write(
            ("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", (key, size, time.time())),
            ("INSERT OR REPLACE INTO latest VALUES (?, ?)", (base, key)),
        )

    def remove(self, key: str) -> None:
        """Take an entry away."""
        remove_entry(self.folder, key)
        self._forget(key)

    def pin(self, key: str, owner: str) -> None:
        """Keep an entry, present or yet to come, until :meth:`release` of its owner."""
        now = time.time()
        self._write(
            ("INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", (key, owner, os.getpid(), now)),
            ("UPDATE entries SET used = ? WHERE key = ?", (now, key)),
        )

    def release(self, owner: str) -> None:
        """Let go of all entries that a run has kept."""
        self._write(("DELETE FROM pins WHERE owner = ?", (owner,)))

    def size(self) -> int:
        """Return the bytes that all entries take."""
        row = self._row("SELECT coalesce(sum(bytes), 0) FROM entries")
        return int(row[0]) if row else 0

    def tidy(self) -> list[str]:
        """Remove what was used least recently until the store is within its limit.

        What writers that are no more have left behind goes in any case.

        Returns
        -------
        list of str
            The keys of the entries removed.
        """
        self._remove_unfinished()
        if self.size() <= self.limit:
            return []
        with self._lock:
            try:
                return self._remove_surplus()
            except sqlite3.OperationalError as error:
                _log.warning("The store can't be tidied up. %s", error)
                return []

    def content_digest(self, path: Path) -> str:
        """Return a hash of the content of a file or folder that a step reads.

        A file whose size and times are as they were is not read again.

        Raises
        ------
        OSError
            If it can't be read.
        """
        if path.is_dir():
            files = sorted(found for found in path.rglob("*") if found.is_file())
            names = [file.relative_to(path).as_posix() for file in files]
            contents = [self.content_digest(file) for file in files]
            return digest(canonical(dict(zip(names, contents, strict=True))))
        state = path.stat()
        stamp = f"{state.st_size}-{state.st_mtime_ns}-{state.st_ctime_ns}-{state.st_ino}"
        place = os.path.abspath(path)
        row = self._row("SELECT stamp, hash FROM files WHERE path = ?", (place,))
        if row and row[0] == stamp:
            return str(row[1])
        content = file_digest(path)
        # A file changed a moment ago may change again without its time showing it.
        if time.time() - state.st_mtime > 2:
            self._write(("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (place, stamp, content)))
        return content

    def close(self) -> None:
        """Close the index; the store can't be used afterwards."""
        self._remove_unfinished()
        with self._lock:
            self._database.close()

    def _sound(self, key: str) -> Manifest:
        folder = self.path(key)
        with self._lock:
            known = self._checked.get(key)
        manifest = read_manifest(folder)
        if known is not None and hashes(known) == hashes(manifest):
            check_entry(folder, known, contents=False)
            return manifest
        check_entry(folder, manifest, contents=True)
        # A store that was copied has other times than those that were written down.
        for name, file in manifest["files"].items():
            file["mtime"] = (folder / name).stat().st_mtime_ns
        with self._lock:
            self._checked[key] = manifest
        return manifest

    def _forget(self, key: str) -> None:
        with self._lock:
            self._checked.pop(key, None)
        self._write(
            ("DELETE FROM entries WHERE key = ?", (key,)),
            ("DELETE FROM latest WHERE key = ?", (key,)),
        )

    def _remove_surplus(self) -> list[str]:
        removed: list[str] = []
        # While the write lock is held, no process can begin to need an entry.
        self._database.execute("BEGIN IMMEDIATE")
        try:
            pinned = {
                key
                for key, pid in self._database.execute("SELECT key, pid FROM pins").fetchall()
                if pid == os.getpid() or _alive(pid)
            }
            total = self.size()
            rows = self._database.execute("SELECT key, bytes FROM entries ORDER BY used").fetchall()
            for key, size in rows:
                if total <= self.limit:
                    break
                if key in pinned:
                    continue
                remove_entry(self.folder, key)
                self._database.execute("DELETE FROM entries WHERE key = ?", (key,))
                self._database.execute("DELETE FROM latest WHERE key = ?", (key,))
                self._checked.pop(key, None)
                total -= size
                removed.append(key)
        finally:
            self._database.commit()
        return removed

    def _row(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        """Return the first row of a query; None too if the index can't be read just now."""
        with self._lock:
            try:
                return self._database.execute(statement, values).fetchone()
            except sqlite3.OperationalError as error:
                _log.warning("The index of the store can't be read. %s", error)
                return None

    def _write(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Change the index, wholly or not at all; it is not worth failing a run for."""
        with self._lock:
            try:
                with self._database:
                    for statement, values in statements:
                        self._database.execute(statement, values)
            except sqlite3.OperationalError as error:
                _log.warning("The index of the store can't be written. %s", error)

    def _open(self) -> sqlite3.Connection:
        path = self.folder / "index.sqlite"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                return self._connect(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                _log.warning("The index of the store is damaged and is made anew. %s", error)
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return self._connect(path)
        except OSError as error:
            raise WorkspaceError(self.folder.parent, error.strerror or str(error)) from error
        except sqlite3.OperationalError as error:
            raise WorkspaceError(self.folder.parent, _reason(error, self.folder)) from error

    def _connect(self, path: Path) -> sqlite3.Connection:
        database = sqlite3.connect(path, timeout=30, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")
            with database:
                database.execute("BEGIN IMMEDIATE")
                fresh = not database.execute(
                    "SELECT 1 FROM sqlite_master WHERE name = 'entries'"
                ).fetchone()
                for statement in _SCHEMA:
                    database.execute(statement)
                if fresh:
                    self._index(database)
        except BaseException:
            database.close()
            raise
        return database

    def _index(self, database: sqlite3.Connection) -> None:
        """List the entries that are there although the index doesn't know them."""
        for path in self.folder.glob(f"entries/*/*/{MANIFEST}"):
            try:
                manifest = read_manifest(path.parent)
                row = (manifest["key"], int(manifest["bytes"]), path.stat().st_mtime)
                base = manifest["base"]
            except (DamagedEntryError, OSError, KeyError, ValueError):
                shutil.rmtree(path.parent, ignore_errors=True)
                continue
            database.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", row)
            database.execute("INSERT OR REPLACE INTO latest VALUES (?, ?)", (base, row[0]))

    def _remove_unfinished(self) -> None:
        """Remove what writers that are no more have left behind."""
        for path in self.folder.glob("unfinished/*"):
            pid = path.name.split("-")[1:2]
            if not (pid and pid[0].isdigit() and _alive(int(pid[0]))):
                shutil.rmtree(path, ignore_errors=True)

    def _remove_dead_pins(self) -> None:
        with self._lock:
            owners = self._database.execute("SELECT DISTINCT pid FROM pins").fetchall()
        gone = [pid for (pid,) in owners if not _alive(pid)]
        self._write(*(("DELETE FROM pins WHERE pid = ?", (pid,)) for pid in gone))


def _reason(error: sqlite3.OperationalError, folder: Path) -> str:
    """Say why the index can't be opened; SQLite alone says little more than that it failed."""
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


def _alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


_SCHEMA: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, bytes INTEGER, used REAL)",
    "CREATE TABLE IF NOT EXISTS latest (base TEXT PRIMARY KEY, key TEXT)",
    "CREATE INDEX IF NOT EXISTS latest_key ON latest (key)",
    "CREATE TABLE IF NOT EXISTS pins"
    " (key TEXT, owner TEXT, pid INTEGER, since REAL, PRIMARY KEY (key, owner))",
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT, hash TEXT)",
)
