"""Recovery files: unsaved work, in case the application ends unexpectedly.

A session that is ended from outside, by logging out for example, leaves one as well.

One JSON file per open document, written atomically by one background thread,
beside a lock that distinguishes a file in use from one left behind by a crash.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from designer.private_files import make_folder, private

FORMAT = "modeldesk-recovery"


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
    """

    file: Path
    path: Path | None
    saved_at: float
    text: str
    crashed: bool = True

    def discard(self) -> None:
        """Delete the recovery file."""
        self.file.unlink(missing_ok=True)
        _lock_path(self.file).unlink(missing_ok=True)


def find_recoveries(folder: Path) -> list[Recovery]:
    """Return the recovery files of ended sessions in a folder, latest first.

    Files of sessions that still run are left out; so are damaged ones.
    """
    found = []
    for file in sorted(folder.glob("*.recovery.json")):
        lock = QLockFile(str(_lock_path(file)))
        lock.setStaleLockTime(0)
        if not lock.tryLock(0):
            continue
        try:
            recovery = _read(file)
        finally:
            lock.unlock()
        if recovery is not None:
            found.append(recovery)
    return sorted(found, key=lambda recovery: -recovery.saved_at)


class RecoveryFile:
    """The recovery file of one open document.

    Calls return at once; a separate thread writes, in the order of the calls.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"{uuid.uuid4().hex}.recovery.json"
        self._lock: QLockFile | None = None
        self._thread: ThreadPoolExecutor | None = None

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
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def _submit(self, work: Callable[[], None]) -> Future[None]:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "recovery")
        return self._thread.submit(work)

    def _write(self, path: Path | None, text: str, ending: bool) -> None:
        make_folder(self.file.parent)
        if self._lock is None:
            self._lock = QLockFile(str(_lock_path(self.file)))
            self._lock.setStaleLockTime(0)
            self._lock.tryLock(0)
        data = {
            "format": FORMAT,
            "path": str(path) if path else None,
            "saved_at": time.time(),
            "crashed": not ending,
            "pipeline": text,
        }
        temporary = self.file.with_suffix(".tmp")
        try:
            with open(temporary, "w", encoding="utf-8", opener=private) as stream:
                json.dump(data, stream)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, self.file)
        finally:
            temporary.unlink(missing_ok=True)

    def _remove(self) -> None:
        self.file.unlink(missing_ok=True)


def _read(file: Path) -> Recovery | None:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return None
    text, path, saved_at = data.get("pipeline"), data.get("path"), data.get("saved_at")
    if not isinstance(text, str) or not isinstance(saved_at, (int, float)):
        return None
    return Recovery(
        file,
        Path(path) if isinstance(path, str) else None,
        float(saved_at),
        text,
        data.get("crashed") is not False,
    )


def _lock_path(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(".json") + ".lock")
