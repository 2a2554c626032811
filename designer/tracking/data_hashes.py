"""What data a run has read: a hash of each file, as it was when the run read it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.tracking.run_records import RunRecord
from designer.workspace import Workspace
from modules.contract import ModuleSpec

LARGEST = 4 * 1024**3
"""Bytes of a file up to which it is hashed again; a larger one is identified by its output."""


@dataclass(frozen=True)
class DataRead:
    """Data that a run has read.

    Parameters
    ----------
    key : str
        ``NODE.PARAMETER`` that names it.
    hash : str
        Of the content, in hexadecimal; empty if it isn't known.
    of : str
        What was hashed: ``file``, or ``output`` (the node's result, where the file has
        changed since or is gone).
    rows : int or None
        Of the table that came of it.
    """

    key: str
    path: Path
    hash: str
    of: str
    rows: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {"path": str(self.path), "hash": self.hash, "of": self.of, "rows": self.rows}


def data_read(
    record: RunRecord, specs: Mapping[str, ModuleSpec], workspace: Workspace
) -> list[DataRead]:
    """Return what a run has read, with hashes."""
    found = []
    for key, path in record.files_read(specs, workspace).items():
        node = key.rpartition(".")[0]
        outputs = (record.nodes.get(node) or {}).get("outputs", {})
        if not outputs:
            continue
        rows = next((output["rows"] for output in outputs.values() if "rows" in output), None)
        content = _content_hash(path, record.started)
        if content:
            found.append(DataRead(key, path, content, "file", rows))
        else:
            made = output_hash(Path(next(iter(outputs.values()))["path"]))
            found.append(DataRead(key, path, made, "output" if made else "", rows))
    return found


def output_hash(folder: Path) -> str:
    """Return the hash of an output in the store, from its entry; empty if there is none."""
    from designer.engine.store.entry import output_digest, read_manifest
    from designer.engine.store.errors import DamagedEntryError

    try:
        return output_digest(read_manifest(folder.parent), folder.name)
    except (DamagedEntryError, OSError):
        return ""


def summary(data: list[DataRead]) -> dict[str, str]:
    """Return the hashes by key."""
    return {each.key: each.hash for each in data if each.hash}


def _content_hash(path: Path, started: float) -> str:
    """Return the hash of a file or folder; empty if it has changed since a run began."""
    from designer.engine.fingerprints import canonical, digest
    from designer.engine.store.entry import file_digest

    try:
        files = sorted(_files(path))
        states = [file.stat() for file in files]
        if not files or sum(state.st_size for state in states) > LARGEST:
            return ""
        if started and max(state.st_mtime for state in states) > started:
            return ""
        hashes = {
            file.relative_to(path).as_posix() if file != path else "": file_digest(file)
            for file in files
        }
    except OSError:
        return ""
    return hashes[""] if "" in hashes else digest(canonical(hashes))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.is_file() else []
    return [Path(top) / name for top, _, names in os.walk(path) for name in names]
