"""Read a Parquet file into a table."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.contract.context import sample_rows
from modules.data_input_output._appearance import not_of_format
from modules.data_input_output._formats.json_lines import as_json_text
from modules.data_input_output._typed_columns import EXACT, warn_kept_as_text

if TYPE_CHECKING:
    import pandas as pd

_MAGIC = b"PAR1"


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a file; lists and structs are converted to JSON text.

    Raises
    ------
    ModuleError
        If it isn't Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = sample_rows()
    try:
        with pq.ParquetFile(path) as file:
            if wanted is None:
                arrow = file.read(use_threads=False)
            else:
                batch = next(file.iter_batches(batch_size=wanted, use_threads=False), None)
                empty = file.schema_arrow.empty_table()
                arrow = empty if batch is None else pa.Table.from_batches([batch])
    except pa.ArrowException as error:
        raise _unreadable(path, error) from error
    for index, field in enumerate(arrow.schema):
        column = _plain(field.name, arrow.column(index))
        if column is not None:
            arrow = arrow.set_column(index, field.name, column)
    # Without pandas' own metadata: an index there is a column here.
    frame: pd.DataFrame = arrow.to_pandas(
        ignore_metadata=True, split_blocks=True, use_threads=False
    )
    unnamed = [name for name in frame if re.fullmatch(r"__index_level_\d+__", str(name))]
    return frame.drop(columns=unnamed) if unnamed else frame


def _unreadable(path: Path, error: Exception) -> ModuleError:
    with path.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            return not_of_format(path, "Parquet")
        stream.seek(-len(_MAGIC), os.SEEK_END)
        if stream.read() != _MAGIC:
            message = "The Parquet file is damaged: its end is missing."
        else:
            reason = str(error).strip().splitlines()[0].removesuffix(".")
            message = f"The Parquet file can't be read: {reason}."
    return ModuleError(
        "not-the-format", message, "Write or copy the file again.", parameter="format"
    )


def _plain(name: str, column: Any) -> Any:
    """Return a column converted to a type that a table supports, or None if it has one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_nested(column.type):
        return pa.array(as_json_text(name, column.to_pylist()), pa.string())
    if pa.types.is_integer(column.type) and column.null_count:
        ends = pc.min_max(column)
        largest = max(abs(ends[side].as_py() or 0) for side in ("min", "max"))
        if largest >= EXACT:
            warn_kept_as_text(name)
            return column.cast(pa.string())
    return None
