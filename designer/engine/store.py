"""The store: results of steps by fingerprint, kept within a size limit.

The entries are folders (see :mod:`designer.engine.entries`); beside them an
SQLite file holds what must be found quickly or shared between processes: which
entry is the latest of a fingerprint, when each was last used, which ones a run
needs just now, and the hashes of input files. It can be lost without harm.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable
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
    """

    def __init__(self, folder: Path, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = folder
        self.limit = limit
        self._lock = threading.RLock()
        self._checked: dict[str, Manifest] = {}
        self._database = self._open()
        self._remove_unfinished()

    def path(self, key: str) -> Path:
        """Return where the entry of a key is, or would be."""
        return entry_folder(self.folder, key)

    def find(self, base: str, owner: str) -> Manifest | None:
        """Return the latest sound entry of a fingerprint and keep it for a run.

        A damaged entry is removed, with a warning in the log.
        """
        with self._lock:
            row = self._query("SELECT key FROM latest WHERE base = ?", (base,)).fetchone()
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
        with self._lock, self._database:
            self._checked[key] = manifest
            self._query("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", (key, size, time.time()))
            self._query("INSERT OR REPLACE INTO latest VALUES (?, ?)", (base, key))

    def remove(self, key: str) -> None:
        """Take an entry away."""
        remove_entry(self.folder, key)
        self._forget(key)

    def pin(self, key: str, owner: str) -> None:
        """Keep an entry, present or yet to come, until :meth:`release` of its owner."""
        with self._lock, self._database:
            now = time.time()
            self._query(
                "INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", (key, owner, os.getpid(), now)
            )
            self._query("UPDATE entries SET used = ? WHERE key = ?", (now, key))

    def release(self, owner: str) -> None:
        """Let go of all entries that a run has kept."""
        with self._lock, self._database:
            self._query("DELETE FROM pins WHERE owner = ?", (owner,))

    def size(self) -> int:
        """Return the bytes that all entries take."""
        with self._lock:
            row = self._query("SELECT coalesce(sum(bytes), 0) FROM entries").fetchone()
        return int(row[0])

    def tidy(self) -> list[str]:
        """Remove what was used least recently until the store is within its limit.

        Returns
        -------
        list of str
            The keys of the entries removed.
        """
        removed: list[str] = []
        with self._lock:
            if self.size() <= self.limit:
                return removed
            # While the write lock is held, no process can begin to need an entry.
            self._query("BEGIN IMMEDIATE")
            try:
                pinned = {
                    key
                    for key, pid in self._query("SELECT key, pid FROM pins").fetchall()
                    if pid == os.getpid() or _alive(pid)
                }
                total = self.size()
                rows = self._query("SELECT key, bytes FROM entries ORDER BY used").fetchall()
                for key, size in rows:
                    if total <= self.limit:
                        break
                    if key in pinned:
                        continue
                    remove_entry(self.folder, key)
                    self._query("DELETE FROM entries WHERE key = ?", (key,))
                    self._query("DELETE FROM latest WHERE key = ?", (key,))
                    self._checked.pop(key, None)
                    total -= size
                    removed.append(key)
            finally:
                self._database.commit()
        return removed

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
        with self._lock:
            row = self._query("SELECT stamp, hash FROM files WHERE path = ?", (place,)).fetchone()
        if row and row[0] == stamp:
            return str(row[1])
        content = file_digest(path)
        # A file changed a moment ago may change again without its time showing it.
        if time.time() - state.st_mtime > 2:
            row = (place, stamp, content)
            with self._lock, self._database:
                self._query("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", row)
        return content

    def close(self) -> None:
        """Close the index; the store can't be used afterwards."""
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
        with self._lock, self._database:
            self._checked.pop(key, None)
            self._query("DELETE FROM entries WHERE key = ?", (key,))
            self._query("DELETE FROM latest WHERE key = ?", (key,))

    def _query(self, statement: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        return self._database.execute(statement, tuple(values))

    def _open(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "index.sqlite"
        try:
            return self._connect(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            _log.warning("The index of the store is damaged and is made anew. %s", error)
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return self._connect(path)

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
        with self._lock, self._database:
            for (pid,) in self._query("SELECT DISTINCT pid FROM pins").fetchall():
                if not _alive(pid):
                    self._query("DELETE FROM pins WHERE pid = ?", (pid,))


def _alive(pid: int) -> bool:
    import psutil

    return bool(psutil.pid_exists(pid))


_SCHEMA: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, bytes INTEGER, used REAL)",
    "CREATE TABLE IF NOT EXISTS latest (base TEXT PRIMARY KEY, key TEXT)",
    "CREATE INDEX IF NOT EXISTS latest_key ON latest (key)",
    "CREATE TABLE IF NOT EXISTS pins"
    " (key TEXT, owner TEXT, pid INTEGER, since REAL, PRIMARY KEY (key, owner))",
    "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT, hash TEXT)",
)
