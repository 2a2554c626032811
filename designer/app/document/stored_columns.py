"""The columns of stored tables; called in a process that may load pyarrow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

Key = tuple[str, str]


def columns_of(folders: Mapping[Key, str]) -> dict[Key, list[tuple[str, str, str]]]:
    """Return name, kind, and role of each column by key; tables that can't be read are left out."""
    from designer.engine.stored_table import open_table
    from modules.contract.errors import ModuleError

    found = {}
    for key, folder in folders.items():
        try:
            columns = open_table(Path(folder)).columns
        except (ModuleError, OSError):
            continue
        found[key] = [(column.name, column.kind, column.role) for column in columns]
    return found
