"""Tables as files: Arrow IPC, with roles, scoring and metrics in the metadata of the schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_FILE = "data.arrow"
"""The file of a stored table."""

METADATA = b"modeldesk"
"""The key of roles, scoring and metrics in the metadata of a stored table's schema."""


def write_table(data: pa.Table, extra: Mapping[str, Any], path: Path) -> None:
    """Write an Arrow table as an IPC file.

    Parameters
    ----------
    extra : mapping
        Plain JSON to store in the metadata of the schema.
    path : Path
        Overwritten if it exists; on Windows it must not be memory-mapped.
    """
    import pyarrow as pa

    schema = pa.schema(
        [field.remove_metadata() for field in data.schema],
        metadata={METADATA: json.dumps(extra).encode()},
    )
    data = data.cast(schema) if data.schema != schema else data
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in _batches(data.replace_schema_metadata(schema.metadata).combine_chunks()):
            writer.write_batch(batch)


def read_table(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    """Open a table by memory map: only the schema is read, and columns on access.

    Returns
    -------
    pyarrow.Table, dict
        The table and the JSON stored in its metadata.

    Raises
    ------
    OSError, ValueError
        If the table is missing or can't be read.
    """
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        data = pa.ipc.open_file(source).read_all()
    return data, json.loads((data.schema.metadata or {}).get(METADATA, b"{}"))


def _batches(data: pa.Table) -> list[pa.RecordBatch]:
    """Return at least one batch: an empty table's categories are in its columns."""
    import pyarrow as pa

    columns = [
        column.chunk(0) if column.num_chunks else pa.array([], column.type)
        for column in data.columns
    ]
    return data.to_batches() or [pa.RecordBatch.from_arrays(columns, schema=data.schema)]
