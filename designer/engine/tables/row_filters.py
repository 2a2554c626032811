"""Conditions on the values of one column of a stored table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from designer.engine.stored_table import open_table, plain_values
from modules.contract.data_table import DataTable

if TYPE_CHECKING:
    import numpy as np


class RowFilter(NamedTuple):
    """A condition on a column; rows that don't meet it aren't shown.

    Parameters
    ----------
    test : str
        ``in`` and ``not in``: the value is, or isn't, one of ``values``, of which None means
        missing. ``between``: two numbers or None, both included; of dates, seconds since 1970.
        ``contains``: one text, upper and lower case are the same.
    """

    column: str
    test: Literal["in", "not in", "between", "contains"]
    values: tuple[Any, ...]


def rows_that_meet(stored: DataTable, filter_: RowFilter) -> np.ndarray:
    """Return for each row whether it meets a condition.

    Raises
    ------
    ModuleError
        If the table has no such column.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    stored.require([filter_.column])
    kind = next(each.kind for each in stored.columns if each.name == filter_.column)
    values = stored.arrow.column(filter_.column)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    missing = pc.is_null(values, nan_is_null=kind == "number")
    if filter_.test == "contains":
        written = values.cast(pa.large_string())
        text = str(filter_.values[0])
        found = pc.match_substring(written, text, ignore_case=True).fill_null(False)
    elif filter_.test == "between":
        found = _between(values, *(_bound(end, values.type) for end in filter_.values))
        found = pc.and_not(found.fill_null(False), missing)
    else:
        wanted = [value for value in filter_.values if value is not None]
        try:
            known = pa.array(wanted, type=values.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            # Moments beyond Python's own are shown, and come back, as text.
            known = pa.array([str(value) for value in wanted]).cast(values.type)
        found = pc.is_in(values, value_set=known, skip_nulls=True)
        if None in filter_.values:
            found = pc.or_(found, missing)
        if filter_.test == "not in":
            found = pc.invert(found)
    return np.asarray(found.to_numpy(), dtype=bool)


MOST_VALUES = 200
"""Values that are offered for a condition."""


def column_values(folder: Path, name: str) -> list[tuple[Any, int]]:
    """Return the most frequent values of a column with their counts, None for missing ones.

    Raises
    ------
    ModuleError
        If there is no table, or no such column.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    stored = open_table(folder)
    stored.require([name])
    values = stored.arrow.column(name)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    counts = pc.value_counts(values)
    order = pc.array_sort_indices(counts.field("counts"), order="descending")[:MOST_VALUES]
    chosen = pa.chunked_array([counts.field("values").take(order)])
    return list(
        zip(plain_values(chosen), counts.field("counts").take(order).to_pylist(), strict=True)
    )


def _between(values: Any, low: Any, high: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.is_valid(values)
    if not isinstance(found, pa.ChunkedArray):
        found = pa.chunked_array([found])
    if low is not None:
        found = pc.and_(found, pc.greater_equal(values, low))
    if high is not None:
        found = pc.and_(found, pc.less_equal(values, high))
    return found


def _bound(end: float | None, dtype: Any) -> Any:
    import datetime

    import pyarrow as pa

    if end is None or not pa.types.is_timestamp(dtype):
        return end
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=end)
    plain = moment if dtype.tz is not None else moment.replace(tzinfo=None)
    return pa.scalar(plain, pa.timestamp("us", dtype.tz))
