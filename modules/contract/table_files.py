"""Tables as files: Arrow IPC, with roles, scoring and metrics in the metadata of the schema."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.arrow_conversion import to_arrow
from modules.contract.data_table import DataTable, Scoring
from modules.contract.errors import ModuleError

if TYPE_CHECKING:
    import pyarrow as pa

TABLE_FILE = "data.arrow"
"""The file of a stored table."""

METADATA = b"modeldesk"
"""The key of roles, scoring and metrics in the metadata of a stored table's schema."""


def write_table(table: DataTable, path: Path) -> None:
    """Write a table as an Arrow IPC file with roles, scoring and metrics in the metadata.

    Parameters
    ----------
    path : Path
        Overwritten if it exists; on Windows it must not be mapped.
    """
    import pyarrow as pa

    # Metrics stand in the order in which they were made; nothing else has one that matters.
    extra: dict[str, Any] = {"metrics": dict(table.metrics)} if table.metrics else {}
    extra["roles"] = dict(sorted(table.roles.items()))
    if table.scoring:
        extra["scoring"] = dict(sorted(dataclasses.asdict(table.scoring).items()))
    # Not kept by the table: what is made of a frame in one piece takes as much memory again.
    data = to_arrow(table.frame) if table._arrow is None else table._arrow
    schema = pa.schema(
        [field.remove_metadata() for field in data.schema],
        metadata={METADATA: json.dumps(extra).encode()},
    )
    data = data.cast(schema) if data.schema != schema else data
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in _batches(data.replace_schema_metadata(schema.metadata).combine_chunks()):
            writer.write_batch(batch)


def read_table(path: Path) -> DataTable:
    """Open a table by memory map: its schema is read, and a column when its values are.

    Raises
    ------
    ModuleError
        If there is no table, or one that can't be read.
    """
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            data = pa.ipc.open_file(source).read_all()
        extra = json.loads((data.schema.metadata or {}).get(METADATA, b"{}"))
        if scoring := extra.get("scoring"):
            for name in ("classes", "probabilities"):
                scoring[name] = tuple(scoring[name])
            scoring = Scoring(**scoring)
        return DataTable.from_arrow(
            data, extra.get("roles", {}), scoring or None, extra.get("metrics", {})
        )
    except FileNotFoundError as error:
        raise ModuleError(
            "value-missing", "The stored table is gone.", "Run the step that made it again."
        ) from error
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ModuleError(
            "value-damaged",
            "The stored table is damaged and can't be read.",
            "Run the step that made it again.",
        ) from error


def _batches(data: pa.Table) -> list[pa.RecordBatch]:
    """Return at least one batch: an empty table's categories live in its columns."""
    import pyarrow as pa

    columns = [
        column.chunk(0) if column.num_chunks else pa.array([], column.type)
        for column in data.columns
    ]
    return data.to_batches() or [pa.RecordBatch.from_arrays(columns, schema=data.schema)]
