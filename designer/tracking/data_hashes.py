"""What data a run has read: a hash of each file, as it was when the run read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.content_hash import content_hash, files_in
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
    dataset : str
        ``NAME@VERSION`` of a registered dataset; empty for another file.
    """

    key: str
    path: Path
    hash: str
    of: str
    rows: int | None = None
    dataset: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {"path": str(self.path), "hash": self.hash, "of": self.of, "rows": self.rows}
        return plain | ({"dataset": self.dataset} if self.dataset else {})


def data_read(
    record: RunRecord, specs: Mapping[str, ModuleSpec], workspace: Workspace
) -> list[DataRead]:
    """Return what a run has read, with hashes."""
    found = []
    for key, about in record.plain.get("datasets", {}).items():
        # A version never changes, whatever the name means now.
        dataset = f"{about['name']}@{about['version']}"
        try:
            path = workspace.dataset(dataset)
        except KeyError:
            path = Path(dataset)
        rows = _rows(record, key)
        found.append(DataRead(key, path, about["hash"], "file", rows, dataset))
    for key, about in record.plain.get("data", {}).items():
        # Of a script: as it was when the script started.
        dataset = about.get("dataset", "")
        found.append(DataRead(key, Path(about["path"]), about["hash"], "file", None, dataset))
    for key, path in record.files_read(specs, workspace).items():
        outputs = _outputs(record, key)
        if not outputs:
            continue
        rows = _rows(record, key)
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


def _outputs(record: RunRecord, key: str) -> Mapping[str, Any]:
    node = key.rpartition(".")[0]
    outputs: Mapping[str, Any] = (record.nodes.get(node) or {}).get("outputs", {})
    return outputs


def _rows(record: RunRecord, key: str) -> int | None:
    outputs = _outputs(record, key).values()
    return next((output["rows"] for output in outputs if "rows" in output), None)


def _content_hash(path: Path, started: float) -> str:
    """Return the hash of a file or folder; empty if it has changed since a run began."""
    try:
        states = [file.stat() for file in files_in(path)]
        if not states or sum(state.st_size for state in states) > LARGEST:
            return ""
        if started and max(state.st_mtime for state in states) > started:
            return ""
        return content_hash(path)
    except OSError:
        return ""
