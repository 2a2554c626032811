"""Recovery files: unsaved work, in case the application ends unexpectedly.

A session that is ended from outside, by logging out for example, leaves one as well.

One JSON file per open document, written atomically by one background thread,
beside a lock that distinguishes a file in use from one left behind by a crash.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from designer.private_files import make_folder
from designer.records import DamagedRecordError, Moment, Record, read_record, write_record
from designer.texts import tr

FORMAT = "modeldesk-recovery"

STALE = 60.0
"""Seconds after which a lock without a file is one that a crash has left."""


@dataclass(frozen=True)
class Recovery:
    """Unsaved work of a session that crashed or was ended from outside.

    Parameters
    ----------
    file : Path
        The recovery file.
    path : Path or None
        The pipeline file that was open; None if it was never saved.
    saved_at : float
        Seconds since the epoch.
    text : str
        The pipeline in the form of a pipeline file.
    crashed : bool
        The session ended unexpectedly.
    damaged : tuple of str
        Entries of the file that can't be read, without which it is restored.
    """

    file: Path
    path: Path | None
    saved_at: float
    text: str
    crashed: bool = True
    damaged: tuple[str, ...] = ()

    def discard(self) -> None:
        """Delete the recovery file."""
        discard(self.file)


def discard(file: Path) -> None:
    """Delete a recovery file that no session uses, damaged or not."""
    for path in (file, _lock_path(file)):
        # A folder that has its name stays.
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def find_recoveries(
    folder: Path, on_damage: Callable[[DamagedRecordError], object] = lambda error: None
) -> list[Recovery]:
    """Return the recovery files of ended sessions in a folder, latest first.

    Files of sessions that still run are left out. Locks that crashes have left without a file
    are removed.

    Parameters
    ----------
    on_damage : callable
        Receives each file that can't be read.
    """
    found = []
    for file in sorted(folder.glob("*.recovery.json")):
        lock = _Lock(_lock_path(file))
        if not lock.acquire():
            continue
        try:
            record = read_record(file, _Shape, tr("Delete it: its changes can't be restored."))
        except DamagedRecordError as error:
            on_damage(error)
            continue
        finally:
            lock.release()
        if record is not None:
            found.append(_recovery(file, record.plain()))
    _remove_stray_locks(folder)
    return sorted(found, key=lambda recovery: -recovery.saved_at)


def _recovery(file: Path, content: Mapping[str, Any]) -> Recovery:
    """Return what a recovery file contains, with defaults for damaged entries."""
    damaged = []
    known: dict[str, Any] = {"path": None, "saved_at": 0.0, "crashed": True}
    for name in known:
        try:
            known[name] = _ENTRIES[name].validate_python(content[name], strict=True)
        except (KeyError, ValidationError):
            damaged.append(name)
    path = Path(known["path"]) if known["path"] else None
    return Recovery(
        file, path, known["saved_at"], content["pipeline"], known["crashed"], tuple(damaged)
    )


def _remove_stray_locks(folder: Path) -> None:
    for path in folder.glob("*.recovery.lock"):
        with contextlib.suppress(OSError):
            # A younger one may be that of a session that is just about to write.
            old = time.time() - path.stat().st_mtime > STALE
            lock = _Lock(path)
            if old and not path.with_suffix(".json").exists() and lock.acquire():
                lock.release()
                path.unlink(missing_ok=True)


class RecoveryFile:
    """The recovery file of one open document.

    Calls return at once; a separate thread writes. What waits while it writes is replaced
    by the next call, so that slow disks don't let it fall behind.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"{uuid.uuid4().hex}.recovery.json"
        self._lock = _Lock(_lock_path(self.file))
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None

    def write(
        self, path: Path | None, text: Callable[[], str], *, ending: bool = False
    ) -> Future[None]:
        """Write the document; ``text`` is called on the writing thread.

        Parameters
        ----------
        ending : bool
            The session is about to end normally: the file isn't from a crash.
        """
        return self._submit(lambda: self._write(path, text(), ending))

    def discard(self) -> None:
        """Delete the file: there is no unsaved work."""
        if self._thread is not None:
            self._submit(self._remove)

    def close(self, *, keep: bool = False) -> None:
        """Wait for what is being written; delete the file unless it is to be kept."""
        if self._thread is None:
            return
        if not keep:
            self._submit(self._remove)
        self._thread.shutdown(wait=True)
        self._thread = None
        self._lock.release()

    def _submit(self, work: Callable[[], None]) -> Future[None]:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "recovery")
        if self._last is not None:
            self._last.cancel()
        self._last = self._thread.submit(work)
        return self._last

    def _write(self, path: Path | None, text: str, ending: bool) -> None:
        make_folder(self.file.parent)
        self._lock.acquire()
        data = {
            "format": FORMAT,
            "path": str(path) if path else None,
            "saved_at": time.time(),
            "crashed": not ending,
            "pipeline": text,
        }
        write_record(self.file, data, indent=None)

    def _remove(self) -> None:
        self.file.unlink(missing_ok=True)


class _Lock:
    """A lock that the system releases with its process, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def acquire(self) -> bool:
        """Take it, unless another process or session has it."""
        if self._database is not None:
            return True
        try:
            database = sqlite3.connect(
                self._path, timeout=0, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError:
            # In a folder that is read-only, for example: no session has it.
            return True
        try:
            # Nothing is stored in it: no second file appears beside the lock.
            database.execute("PRAGMA journal_mode = MEMORY")
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            database.close()
            return not error.sqlite_errorname.startswith("SQLITE_BUSY")
        self._database = database
        return True

    def release(self) -> None:
        """Leave it to others, and remove its file."""
        if self._database is not None:
            self._database.close()
            self._database = None
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


class _Shape(Record):
    format: Literal["modeldesk-recovery"]
    pipeline: str


_ENTRIES: dict[str, TypeAdapter[Any]] = {
    "path": TypeAdapter(str | None),
    "saved_at": TypeAdapter(Moment),
    "crashed": TypeAdapter(bool),
}


def _lock_path(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(".json") + ".lock")
