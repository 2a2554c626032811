"""Convert tables between Arrow and pandas, and map Arrow types to kinds of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def kind_of_arrow(dtype: pa.DataType) -> str:
    """Return the kind of a column from its Arrow type; see ``columns.KINDS``."""
    import pyarrow.types as kinds

    if kinds.is_integer(dtype):
        return "integer"
    if kinds.is_floating(dtype):
        return "number"
    if kinds.is_boolean(dtype):
        return "boolean"
    if kinds.is_timestamp(dtype):
        return "datetime"
    return "categorical" if kinds.is_dictionary(dtype) else "string"


def has_plain_types(data: pa.Table) -> bool:
    """Return whether a frame made from an Arrow table has columns of the same kinds."""
    return all(
        _is_plain(column.type) and not (column.null_count and _is_integer(column.type))
        for column in data.columns
    )


def to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table, without its index, converted by one thread.

    As ``pyarrow.Table.from_pandas`` does, which converts datetimes with a time zone in
    a way that pandas warns about.
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
    data = pa.Table.from_pandas(frame, preserve_index=False, nthreads=1)
    for name, dtype in zoned.items():
        index = data.schema.get_field_index(name)
        # Both count from the same instant, in UTC.
        moments = data.column(index).cast(pa.timestamp(dtype.unit, dtype.tz))
        data = data.set_column(index, name, moments)
    return data.replace_schema_metadata(None)


def to_frame(data: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a frame that shares the columns which it can share."""
    import pyarrow.types as kinds

    frame: pd.DataFrame = data.replace_schema_metadata(None).to_pandas(
        split_blocks=True, strings_to_categorical=False, use_threads=False
    )
    # Booleans with missing values become objects.
    booleans = [
        index
        for index, field in enumerate(data.schema)
        if kinds.is_boolean(field.type) and frame.dtypes.iloc[index].kind == "O"
    ]
    for index in booleans:
        frame.isetitem(index, frame.iloc[:, index].astype("boolean").array)
    return frame


def _is_integer(dtype: pa.DataType) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_integer(dtype))


def _is_plain(dtype: pa.DataType) -> bool:
    """Return whether pandas has the type, and the contract allows its pandas dtype."""
    import pyarrow.types as kinds

    if kinds.is_dictionary(dtype):
        return kinds.is_null(dtype.value_type) or _is_plain(dtype.value_type)
    return any(
        check(dtype)
        for check in (
            kinds.is_integer,
            kinds.is_float32,
            kinds.is_float64,
            kinds.is_boolean,
            kinds.is_timestamp,
            kinds.is_string,
            kinds.is_large_string,
        )
    )
