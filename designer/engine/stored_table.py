"""Stored tables, opened for viewing; nothing here needs pandas."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable

if TYPE_CHECKING:
    import pyarrow as pa


FIRST_ROWS = 100_000
MOST_VALUES = 50
"""Values that are offered for a column."""


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


def frequent_values(folder: str, name: str) -> list[str]:
    """Return the most frequent values of a column as text, in their order.

    They are those of the first rows, 100,000 at most, and written as they are typed.

    Raises
    ------
    ModuleError
        If there is no table, or one that can't be read.
    """
    table = open_table(Path(folder))
    if name not in table.names:
        return []
    return frequent_in(table.slice(0, FIRST_ROWS).arrow.column(name))


def frequent_in(column: pa.ChunkedArray) -> list[str]:
    """Return the most frequent values of an Arrow column as text, in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    counts = pc.value_counts(column.drop_null())
    order = pc.array_sort_indices(counts.field("counts"), order="descending")[:MOST_VALUES]
    values = counts.field("values").take(order)
    typed = plain_values(pa.chunked_array([values.sort()]))
    return [
        {True: "true", False: "false"}[value]
        if isinstance(value, bool)
        else value.isoformat()
        if hasattr(value, "isoformat")
        else str(value)
        for value in typed
    ]


def _moments(column: pa.ChunkedArray) -> list[datetime.datetime | None]:
    import pyarrow as pa

    values: list[datetime.datetime | None] = column.cast(pa.timestamp("us")).to_pylist()
    if column.type.tz is None:
        return values
    zone = pa.lib.string_to_tzinfo(column.type.tz)
    return [value and value.replace(tzinfo=datetime.UTC).astimezone(zone) for value in values]
