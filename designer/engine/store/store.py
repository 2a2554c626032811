"""The store: results of steps by fingerprint, kept within a size limit.

The entries are folders (see :mod:`designer.engine.store.entry`); beside them an index
(see :mod:`designer.engine.store.index`) contains what must be found quickly or shared
between processes.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.content_hash import file_digest
from designer.engine.fingerprints import canonical, digest
from designer.engine.store.entry import (
    Manifest,
    check_entry,
    computer,
    discard,
    entry_folder,
    is_untouched,
    read_manifest,
    remove_entry,
    rewrite_manifest,
    with_times,
)
from designer.engine.store.errors import DamagedEntryError
from designer.engine.store.index import StoreIndex

DEFAULT_LIMIT = 20 * 1024**3
"""Default storage limit in bytes, unless the workspace's settings set another."""

Files = dict[str, dict[str, Any]]
"""The files of an entry by name: ``size``, ``blake3``, ``mtime`` and ``ctime``."""

_ABANDONED = 24 * 3600
"""Seconds after which an unfinished entry of another computer in a shared store is dropped."""

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
        self._lock = threading.Lock()
        self._checked: dict[str, _Checked] = {}
        self._index = StoreIndex(folder)
        self._remove_unfinished()
        self._remove_dead_pins()

    def path(self, key: str) -> Path:
        """Return where the entry of a key is, or would be."""
        return entry_folder(self.folder, key)

    def find(
        self, base: str, owner: str, on_damage: Callable[[DamagedEntryError], None] | None = None
    ) -> Manifest | None:
        """Return the latest sound entry of a fingerprint and keep it for a run.

        Parameters
        ----------
        on_damage : callable, optional
            Receives problems of an entry, which is removed; by default they are logged.
        """
        row = self._index.row("SELECT key FROM latest WHERE base = ?", (base,))
        return self.get(row[0], owner, on_damage) if row else None

    def get(
        self, key: str, owner: str, on_damage: Callable[[DamagedEntryError], None] | None = None
    ) -> Manifest | None:
        """Return the entry of a key, if it is there and sound, and keep it; see :meth:`find`."""
        self.pin(key, owner)
        try:
            return self._sound(key)
        except FileNotFoundError:
            self._forget(key)
        except DamagedEntryError as damage:
            if on_damage is not None:
                on_damage(damage)
            else:
                _log.warning("The stored result %s is damaged and was removed. %s", key, damage)
            self.remove(key)
        return None

    def compare(self, key: str, port: str) -> None:
        """Check the content of an output, once for this process, before a step reads it.

        Parameters
        ----------
        key : str
            Of an entry that :meth:`get` or :meth:`find` has returned.

        Raises
        ------
        FileNotFoundError
            If the entry is gone.
        DamagedEntryError
            If it isn't what was written.
        """
        folder = self.path(key)
        manifest = self._sound(key)
        with self._lock:
            known = self._checked.get(key)
        done = known.compared if known is not None else set()
        files = {
            name: file
            for name, file in manifest["files"].items()
            if name.startswith(f"{port}/") and name not in done
        }
        check_entry(folder, {"files": files}, contents=True)
        done.update(files)

    def add(self, manifest: Manifest) -> None:
        """Add an entry that a worker of this process has just written to the index."""
        key, base, size = manifest["key"], manifest["base"], int(manifest["bytes"])
        with self._lock:
            self._checked[key] = _Checked(
                manifest["files"], manifest["files"], set(manifest["files"])
            )
        self._index.write(
            ("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", (key, size, time.time())),
            ("INSERT OR REPLACE INTO latest VALUES (?, ?)", (base, key)),
        )

    def remove(self, key: str) -> None:
        """Remove an entry."""
        remove_entry(self.folder, key)
        self._forget(key)

    def pin(self, key: str, owner: str) -> None:
        """Keep an entry, present or yet to come, until :meth:`release` of its owner."""
        now = time.time()
        self._index.write(
            ("INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", (key, owner, os.getpid(), now)),
            ("UPDATE entries SET used = ? WHERE key = ?", (now, key)),
        )

    def release(self, owner: str) -> None:
        """Release all entries that a run has pinned."""
        self._index.write(("DELETE FROM pins WHERE owner = ?", (owner,)))

    def size(self) -> int:
        """Return the bytes that all entries use."""
        row = self._index.row("SELECT coalesce(sum(bytes), 0) FROM entries")
        return int(row[0]) if row else 0

    def tidy(self) -> list[str]:
        """Remove what was used least recently until the store is within its limit.

        What exited writers have left behind is removed in any case.

        Returns
        -------
        list of str
            The keys of the entries removed.
        """
        self._remove_unfinished()
        if self.size() <= self.limit:
            return []
        try:
            return self._remove_surplus(self.limit)
        except sqlite3.DatabaseError as error:
            _log.warning("The store can't be tidied up. %s", error)
            return []

    def clear(self) -> int:
        """Remove every entry that no run needs.

        Returns
        -------
        int
            The bytes that became free.

        Raises
        ------
        sqlite3.DatabaseError
            If the index can't be used.
        """
        before = self.size()
        self._remove_unfinished()
        self._remove_surplus(-1)
        return before - self.size()

    def content_digest(self, path: Path, check: Callable[[], None] | None = None) -> str:
        """Return a hash of the content of a file or folder that a step reads.

        A file whose size and times are as they were isn't read again.

        Parameters
        ----------
        check : callable, optional
            Called again and again; what it raises ends the reading.

        Raises
        ------
        OSError
            If it can't be read, isn't a file with an end, or changes meanwhile.
        """
        if path.is_dir():
            files = []
            for found in path.rglob("*"):
                if check is not None:
                    check()
                if found.is_file():
                    files.append(found)
            files.sort()
            names = [file.relative_to(path).as_posix() for file in files]
            contents = [self.content_digest(file, check) for file in files]
            return digest(canonical(dict(zip(names, contents, strict=True))))
        state = path.stat()
        stamp = f"{state.st_size}-{state.st_mtime_ns}-{state.st_ctime_ns}-{state.st_ino}"
        absolute = os.path.abspath(path)
        row = self._index.row("SELECT stamp, hash FROM files WHERE path = ?", (absolute,))
        if row and row[0] == stamp:
            return str(row[1])
        content = file_digest(path, check)
        # A file changed a moment ago may change again without its time showing it.
        if time.time() - state.st_mtime > 2:
            self._index.write(
                ("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (absolute, stamp, content))
            )
        return content

    def close(self) -> None:
        """Close the index; the store can't be used afterwards."""
        self._remove_unfinished()
        self._index.close()

    def _sound(self, key: str) -> Manifest:
        folder = self.path(key)
        with self._lock:
            known = self._checked.get(key)
        manifest = read_manifest(folder)
        # Another process may have removed the entry and made it again.
        if known is not None and manifest["files"] == known.listed:
            check_entry(folder, {"files": known.real}, contents=False)
            return manifest
        known = _Checked(manifest["files"], manifest["files"], set())
        if not is_untouched(folder, manifest):
            check_entry(folder, manifest, contents=True)
            # A store that was copied has other times than those that were written down.
            manifest = with_times(folder, manifest)
            known.real = manifest["files"]
            known.compared.update(known.real)
            # One that can't be written is compared again by the next process.
            with contextlib.suppress(OSError):
                rewrite_manifest(folder, manifest)
                known.listed = known.real
        check_entry(folder, manifest, contents=False)
        with self._lock:
            self._checked[key] = known
        return manifest

    def _forget(self, key: str) -> None:
        with self._lock:
            self._checked.pop(key, None)
        self._index.write(*_without(self.path(key)))

    def _remove_surplus(self, limit: int) -> list[str]:
        removed: list[str] = []
        # While the write lock is held, no process can begin to need an entry.
        with self._index.locked() as database:
            pinned = {
                key
                for key, pid in database.execute("SELECT key, pid FROM pins").fetchall()
                if pid == os.getpid() or _alive(pid)
            }
            total = self.size()
            rows = database.execute("SELECT key, bytes FROM entries ORDER BY used").fetchall()
            for key, size in rows:
                if total <= limit:
                    break
                if key in pinned:
                    continue
                remove_entry(self.folder, key)
                for statement, values in _without(self.path(key)):
                    database.execute(statement, values)
                with self._lock:
                    self._checked.pop(key, None)
                if not self.path(key).exists():
                    total -= size
                    removed.append(key)
        return removed

    def _remove_unfinished(self) -> None:
        """Remove what exited writers have left behind."""
        for path in self.folder.glob("unfinished/*"):
            if not _is_being_written(path):
                discard(path)

    def _remove_dead_pins(self) -> None:
        owners = self._index.rows("SELECT DISTINCT pid FROM pins")
        gone = [pid for (pid,) in owners if not _alive(pid)]
        self._index.write(*(("DELETE FROM pins WHERE pid = ?", (pid,)) for pid in gone))


@dataclass
class _Checked:
    """An entry known to this process.

    Parameters
    ----------
    listed, real : Files
        The files as its manifest has them, and with the times that they really have.
    compared : set of str
        The files whose content is known to be what was written.
    """

    listed: Files
    real: Files
    compared: set[str]


def _without(folder: Path) -> list[tuple[str, tuple[str]]]:
    """Return what makes the index forget an entry.

    Windows keeps files that a process has mapped. What couldn't be removed still uses
    room, and is tried again whenever room is needed.
    """
    statements = [("DELETE FROM latest WHERE key = ?", (folder.name,))]
    if not folder.exists():
        statements.append(("DELETE FROM entries WHERE key = ?", (folder.name,)))
    return statements


def _is_being_written(unfinished: Path) -> bool:
    """Return whether another process may still be writing or removing an entry."""
    _, where, pid, *_ = [*unfinished.name.split("-"), "", "", ""]
    if where == computer():
        return pid.isdigit() and _alive(int(pid))
    try:
        # Whether a process of another computer is alive can't be known here.
        return time.time() - unfinished.stat().st_mtime < _ABANDONED
    except OSError:
        return False


def _alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
