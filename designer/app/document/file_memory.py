"""Stored values of each pipeline file: its compute target, parameter values, consent.

None of it belongs in the file itself, which other people may get. A pipeline that
has no file yet keeps its values until another one is opened; saved, the file gets
them.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from designer.private_files import make_folder
from designer.records import DamagedRecordError, Record, read_record, write_record
from designer.texts import tr
from designer.workspace import Workspace


class FileMemory:
    """Values by name, for the file that is open.

    Attributes
    ----------
    damage : DamagedRecordError or None
        Why the values of the file that was opened last can't be read.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.folder / "files"
        self._path: Path | None = None
        self._values: dict[str, Any] = {}
        self.damage: DamagedRecordError | None = None

    def open(self, path: Path | None) -> None:
        """Remember what belongs to a file from now on; None for a new pipeline."""
        self._path = path
        self._values = {} if path is None else self._read(path)

    def saved_as(self, path: Path) -> None:
        """Continue under another name, with the stored values."""
        if path != self._path:
            self._path = path
            self._write()

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, plain JSON."""
        return self._values.get(name, default)

    def set(self, name: str, value: Any) -> None:
        """Remember a value, plain JSON; a workspace that can't be written forgets it."""
        if self._values.get(name) != value:
            self._values[name] = value
            self._write()

    def _read(self, path: Path) -> dict[str, Any]:
        self.damage = None
        try:
            record = read_record(
                self._memory_file(path),
                _Shape,
                tr("Choose its compute target and parameter values again."),
            )
        except DamagedRecordError as error:
            self.damage = error
            return {}
        return record.values if record else {}

    def _write(self) -> None:
        if self._path is None or not self._values:
            return
        try:
            make_folder(self._folder)
            write_record(
                self._memory_file(self._path), {"file": str(self._path), "values": self._values}
            )
        except OSError:
            return

    def _memory_file(self, path: Path) -> Path:
        name = os.path.normcase(os.path.realpath(path))
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"


class _Shape(Record):
    values: dict[str, Any]
