"""Stored tables, opened for viewing; nothing here needs pandas."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable

if TYPE_CHECKING:
    import pyarrow as pa


def open_table(folder: Path) -> DataTable:
    """Open the table in a folder of the store without reading its rows.

    Raises
    ------
    ModuleError
        If there is no table, or one that can't be read.
    """
    return DataTable.load(folder)


def python_rows(table: DataTable) -> list[tuple[Any, ...]]:
    """Return all rows of a short table as Python's values."""
    columns = [plain_values(column) for column in table.arrow.columns]
    return list(zip(*columns, strict=True))


def plain_values(column: pa.ChunkedArray) -> list[Any]:
    """Return Arrow's values as Python's, without pandas, which Arrow itself would import.

    A moment that Python's own don't reach, beyond the years 1 to 9999 or between two
    microseconds, becomes a text with all others of its column.
    """
    import pyarrow as pa

    try:
        if pa.types.is_timestamp(column.type):
            return _moments(column)
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        values = column.cast(pa.string()).to_pylist()
    return values


def _moments(column: pa.ChunkedArray) -> list[datetime.datetime | None]:
    import pyarrow as pa

    values: list[datetime.datetime | None] = column.cast(pa.timestamp("us")).to_pylist()
    if column.type.tz is None:
        return values
    zone = pa.lib.string_to_tzinfo(column.type.tz)
    return [value and value.replace(tzinfo=datetime.UTC).astimezone(zone) for value in values]
