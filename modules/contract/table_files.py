"""Tables as files: Arrow IPC, with roles, scoring and metrics in the metadata of the schema."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable, Scoring

if TYPE_CHECKING:
    import pandas as pd

TABLE_FILE = "data.arrow"
"""The file of a stored table."""

METADATA = b"modeldesk"
"""The key of roles, scoring and metrics in the metadata of a stored table's schema."""


def write_table(table: DataTable, path: Path) -> None:
    """Write a table as an Arrow IPC file with roles, scoring and metrics in the metadata."""
    import pyarrow as pa

    arrow = arrow_table(table.frame)
    # Metrics stand in the order in which they were made; nothing else has one that matters.
    extra: dict[str, Any] = {"metrics": dict(table.metrics)} if table.metrics else {}
    extra["roles"] = dict(sorted(table.roles.items()))
    if table.scoring:
        extra["scoring"] = dict(sorted(dataclasses.asdict(table.scoring).items()))
    schema = pa.schema(
        [field.remove_metadata() for field in arrow.schema],
        metadata={METADATA: json.dumps(extra).encode()},
    )
    arrow = arrow.cast(schema) if arrow.schema != schema else arrow
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in _batches(arrow.replace_schema_metadata(schema.metadata).combine_chunks()):
            writer.write_batch(batch)


def read_table(path: Path) -> DataTable:
    """Read a table by memory map; columns are shared with the file where they can be."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        arrow = pa.ipc.open_file(source).read_all()
    extra = json.loads((arrow.schema.metadata or {}).get(METADATA, b"{}"))
    frame = arrow.replace_schema_metadata(None).to_pandas(
        split_blocks=True, strings_to_categorical=False, use_threads=False
    )
    scoring = extra.get("scoring")
    if scoring:
        for name in ("classes", "probabilities"):
            scoring[name] = tuple(scoring[name])
        scoring = Scoring(**scoring)
    return DataTable(
        _restored(frame, arrow.schema),
        extra.get("roles", {}),
        scoring or None,
        extra.get("metrics", {}),
    )


def arrow_table(frame: pd.DataFrame) -> Any:
    """Return a frame as an Arrow table, without its index and made by one thread.

    As ``pyarrow.Table.from_pandas`` does it. That takes moments of a time zone out of pandas in
    a way that pandas warns of.
    """
    import pandas as pd
    import pyarrow as pa

    zoned = {
        name: dtype for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.DatetimeTZDtype)
    }
    if zoned:
        frame = frame.copy(deep=False)
        for name in zoned:
            frame[name] = frame[name].dt.tz_convert(None)
    arrow = pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)
    for name, dtype in zoned.items():
        place = arrow.schema.get_field_index(name)
        # Both count from the same moment, in UTC.
        moments = arrow.column(place).cast(pa.timestamp(dtype.unit, dtype.tz))
        arrow = arrow.set_column(place, name, moments)
    return arrow


def _batches(arrow: Any) -> list[Any]:
    """Return at least one batch: an empty table's categories live in its columns."""
    import pyarrow as pa

    columns = [
        column.chunk(0) if column.num_chunks else pa.array([], column.type)
        for column in arrow.columns
    ]
    return arrow.to_batches() or [pa.RecordBatch.from_arrays(columns, schema=arrow.schema)]


def _restored(frame: pd.DataFrame, schema: Any) -> pd.DataFrame:
    """Give back the dtypes that Arrow's conversion to pandas can't know of."""
    import pyarrow.types as kinds

    changed = {
        field.name: frame[field.name].astype("boolean")
        for field in schema
        if kinds.is_boolean(field.type) and frame[field.name].dtype == object
    }
    return frame.assign(**changed) if changed else frame
