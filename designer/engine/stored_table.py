"""A stored table read by memory map: opening one reads its schema, not its rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.contract.columns import Column
from modules.contract.data_table import Role
from modules.contract.errors import ModuleError
from modules.contract.table_files import METADATA, TABLE_FILE


@dataclass(frozen=True, eq=False)
class StoredTable:
    """A table as it lies in its file.

    Parameters
    ----------
    data : pyarrow.Table
        Memory-mapped; a column is read when its values are.
    columns : tuple of Column
        Name, kind and role of each column.
    """

    data: Any
    columns: tuple[Column, ...]


def open_table(folder: Path) -> StoredTable:
    """Open the table in a folder of the store without reading its rows.

    Raises
    ------
    ModuleError
        If there is no table, or one that can't be read.
    """
    import pyarrow as pa

    path = folder / TABLE_FILE
    if not path.is_file():
        raise ModuleError(
            "value-missing", "The stored table is gone.", "Run the step that made it again."
        )
    try:
        with pa.memory_map(str(path)) as source:
            data = pa.ipc.open_file(source).read_all()
        metadata = data.schema.metadata or {}
        roles = json.loads(metadata.get(METADATA, b"{}")).get("roles", {})
        columns = tuple(
            Column(field.name, kind_of_arrow(field.type), roles.get(field.name, Role.FEATURE))
            for field in data.schema
        )
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModuleError(
            "value-damaged",
            "The stored table is damaged and can't be read.",
            "Run the step that made it again.",
        ) from error
    return StoredTable(data.replace_schema_metadata(None), columns)


def kind_of_arrow(dtype: Any) -> str:
    """Return the kind of a column from its Arrow type; see ``columns.KINDS``."""
    import pyarrow.types as kinds

    if kinds.is_integer(dtype):
        return "integer"
    if kinds.is_floating(dtype) or kinds.is_decimal(dtype):
        return "number"
    if kinds.is_boolean(dtype):
        return "boolean"
    if kinds.is_timestamp(dtype) or kinds.is_date(dtype):
        return "datetime"
    return "categorical" if kinds.is_dictionary(dtype) else "string"
