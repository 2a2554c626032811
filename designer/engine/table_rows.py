"""Rows of a stored table, sorted, searched, and exported. For a worker process."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from designer.engine.stored_table import open_table
from designer.engine.tables.row_filters import RowFilter, rows_that_meet
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError

if TYPE_CHECKING:
    import numpy as np


class RowQuery(NamedTuple):
    """Which rows to show, and in what order.

    Parameters
    ----------
    sort_by : str or None
        The column to sort by; rows that are equal in it keep their order, rows
        without a value come last.
    text : str
        Keep the rows in which a value contains it; upper and lower case are the same.
    within : str or None
        Search this column alone.
    filters : tuple of RowFilter
        Keep the rows that meet all of them.
    """

    sort_by: str | None = None
    descending: bool = False
    text: str = ""
    within: str | None = None
    filters: tuple[RowFilter, ...] = ()

    @property
    def selects(self) -> bool:
        """Whether it may leave rows out."""
        return bool(self.text or self.filters)


EXPORTS = {".csv": "CSV", ".tsv": "TSV", ".parquet": "Parquet"}
"""File extensions that :func:`export_table` writes, and their names."""


def find_rows(folder: Path, query: RowQuery) -> np.ndarray | None:
    """Return the positions of the rows that a query asks for, or None for all as they are.

    Raises
    ------
    ModuleError
        If the table can't be read.
    """
    return _find(open_table(folder), query)


def export_table(folder: Path, target: Path, query: RowQuery) -> int:
    """Write the rows that a query asks for to a file, in the format of its extension.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    ModuleError
        If the file extension isn't one of :data:`EXPORTS`, or the file can't be written.
    """
    import pyarrow.csv as csv
    import pyarrow.parquet as parquet

    suffix = target.suffix.lower()
    if suffix not in EXPORTS:
        raise ModuleError(
            "format-unknown",
            f"“{target.name}” has no supported file extension.",
            f"Use one of {', '.join(EXPORTS)}.",
        )
    stored = open_table(folder)
    rows = _find(stored, query)
    data = stored.arrow if rows is None else stored.arrow.take(rows)
    part = target.with_name(f".{target.name}.part")
    try:
        if suffix == ".parquet":
            parquet.write_table(data, part)
        else:
            separator = "," if suffix == ".csv" else "\t"
            options = csv.WriteOptions(delimiter=separator)
            csv.write_csv(_plain(data), part, options)
        os.replace(part, target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ModuleError(
            "file-not-written",
            f"“{target.name}” can't be written: {error.strerror or error}",
            "Choose another folder, or free some space.",
        ) from error
    return int(data.num_rows)


def _find(stored: DataTable, query: RowQuery) -> np.ndarray | None:
    import numpy as np
    import pyarrow.compute as pc

    kept = None
    if query.selects:
        mask = np.ones(len(stored), bool)
        if query.text:
            mask = _contains(stored, query.text, query.within)
        for each in query.filters:
            mask &= rows_that_meet(stored, each)
        kept = np.flatnonzero(mask).astype("uint32")
    if query.sort_by is None:
        return kept
    values = _decoded(_column(stored, query.sort_by))
    if kept is not None:
        values = values.take(kept)
    order = "descending" if query.descending else "ascending"
    ranked = pc.sort_indices(values, sort_keys=[("", order)]).to_numpy().astype("uint32")
    return cast("np.ndarray", ranked if kept is None else kept[ranked])


def _contains(stored: DataTable, text: str, within: str | None) -> np.ndarray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    mask = np.zeros(len(stored), bool)
    for index, column in enumerate(stored.columns):
        if within not in (None, column.name):
            continue
        # A number never contains a word: that saves writing out whole columns of them.
        if column.kind in ("integer", "number", "datetime") and not _NUMERIC.fullmatch(text):
            continue
        values = stored.arrow.column(index)
        if column.kind == "categorical":
            mask |= _in_categories(values, text)
            continue
        written = values.cast(pa.large_string())
        # In some languages, numbers are shown and typed with a comma.
        sought = text.replace(",", ".") if column.kind == "number" else text
        hits = pc.match_substring(written, sought, ignore_case=True).fill_null(False)
        mask |= hits.to_numpy()
    return mask


def _in_categories(values: Any, text: str) -> np.ndarray:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [np.zeros(0, bool)]
    for chunk in values.chunks:
        labels = chunk.dictionary.cast(pa.large_string())
        hits = pc.match_substring(labels, text, ignore_case=True)
        parts.append(hits.take(chunk.indices).fill_null(False).to_numpy(zero_copy_only=False))
    return np.concatenate(parts)


def _column(stored: DataTable, name: str) -> Any:
    stored.require([name])
    return stored.arrow.column(name)


def _decoded(values: Any) -> Any:
    import pyarrow.types as kinds

    return values.cast(values.type.value_type) if kinds.is_dictionary(values.type) else values


def _plain(data: Any) -> Any:
    """Return the table with categories as their values, as text formats require."""
    for index, field in enumerate(data.schema):
        column = data.column(index)
        decoded = _decoded(column)
        if decoded is not column:
            data = data.set_column(index, field.name, decoded)
    return data


_NUMERIC = re.compile(r"[-+0-9.,:eE \tTZ]+|[-+]?(nan|inf)", re.IGNORECASE)
