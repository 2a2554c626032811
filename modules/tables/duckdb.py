"""Query frames with DuckDB; used by Apply SQL Transformation, and in code without this project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.arrow_conversion import to_arrow, to_frame
from modules.tables.sqlite import distinct_names

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CONFIGURATION = {
    # Several threads add numbers in another order each time.
    "threads": "1",
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "temp_directory": "",
}
"""No file, network, extension, or variable of Python can be reached."""

_ALLOWED = (
    "SELECT",
    # PIVOT is one that first finds the values of a column.
    "MULTI",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE_INTO",
    "CREATE",
    "DROP",
    "ALTER",
    "TRANSACTION",
)

_RESULT = "result of the statement"
_EXACT = 2**53


def query_with_duckdb(
    frames: Mapping[str, pd.DataFrame | pa.Table],
    query: str,
    *,
    rows: int | None = None,
    prepare: Callable[[Any], None] | None = None,
) -> pd.DataFrame:
    """Return the result of the last statement that has one.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame or pyarrow.Table
        By table name.
    rows : int, optional
        How many rows of the result are needed; by default all.
    prepare : callable, optional
        Is called with the database before its configuration is locked.

    Raises
    ------
    duckdb.Error
        If a statement fails.
    """
    import duckdb

    found: tuple[list[str], pa.Table] | None = None
    with closing(duckdb.connect(":memory:", config=dict(CONFIGURATION))) as database:
        # Neither the time zone of this computer nor chance decides.
        database.execute("SET TimeZone = 'UTC'").fetchall()
        database.execute("SELECT setseed(0)").fetchall()
        tables = {name: _table(name, frame) for name, frame in frames.items()}
        for name, table in tables.items():
            database.register(name, table)
        if prepare is not None:
            prepare(database)
        database.execute("SET lock_configuration = true").fetchall()
        for statement in _statements(database, query):
            relation = database.sql(statement)
            if _returns_rows(statement):
                wanted = relation if rows is None else relation.limit(rows)
                found = relation.columns, wanted.to_arrow_table()
            else:
                relation.fetchall()
        if found is None:
            raise ModuleError(
                "no-result",
                "The query doesn't return a table.",
                "Enter a SELECT statement.",
                parameter="query",
            )
        return _frame(database, *found, tables)


def _table(name: str, frame: pd.DataFrame | pa.Table) -> pa.Table:
    import pyarrow as pa

    data = frame if isinstance(frame, pa.Table) else to_arrow(frame)
    if not data.num_columns:
        raise ModuleError(
            "bad-column-count",
            "The dataset has no columns.",
            "Connect a dataset with columns.",
            port=name,
        )
    return data.rename_columns(distinct_names(data.column_names))


def _statements(database: Any, query: str) -> Iterator[Any]:
    for statement in database.extract_statements(query):
        if statement.type.name not in _ALLOWED:
            first = statement.query.strip().split(None, 1)[0].upper().rstrip(";")
            raise ModuleError(
                "sql-not-allowed",
                f"The statement {first} isn't allowed, because it can access files.",
                "Use only statements on the tables t1, t2, and t3.",
                parameter="query",
            )
        yield statement


def _returns_rows(statement: Any) -> bool:
    return statement.type.name in ("SELECT", "MULTI") or "returning" in statement.query.casefold()


def _frame(
    database: Any, names: list[str], result: pa.Table, tables: Mapping[str, pa.Table]
) -> pd.DataFrame:
    import pandas as pd

    # Names may repeat.
    result = _in_plain_types(
        database, result.rename_columns([f"c{index}" for index in range(len(names))])
    )
    for name, column in zip(names, result.columns, strict=True):
        _warn_of_lost_digits(name, column)
    frame = to_frame(result)
    zones: dict[str, str] = {}
    for table in tables.values():
        for field in table.schema:
            if getattr(field.type, "tz", None) is not None:
                zones.setdefault(field.name, field.type.tz)
    # A time of another name is in the zone of all others, if they have the same.
    other = next(iter(zones.values())) if len(set(zones.values())) == 1 else "UTC"
    for index, name in enumerate(names):
        moments = frame.iloc[:, index]
        if getattr(moments.dtype, "tz", None) is not None:
            frame.isetitem(index, moments.dt.tz_convert(zones.get(name, other)))
    frame.columns = pd.Index(names)
    return frame


def _in_plain_types(database: Any, result: pa.Table) -> pa.Table:
    """Convert the columns to types that a dataset has."""
    import pyarrow as pa
    import pyarrow.types as kinds

    casts = {}
    for index, column in enumerate(result.columns):
        dtype = column.type
        if kinds.is_decimal(dtype):
            casts[index] = "DOUBLE"
            if dtype.scale == 0:
                # The sum of integers, for example. Beyond 64 bits it is a floating point number.
                with suppress(pa.ArrowInvalid):
                    result = result.set_column(index, f"c{index}", column.cast(pa.int64()))
                    del casts[index]
        elif kinds.is_null(dtype):
            result = result.set_column(index, f"c{index}", column.cast(pa.float64()))
        elif kinds.is_date(dtype):
            casts[index] = "TIMESTAMP"
        elif not _is_plain(dtype):
            casts[index] = "VARCHAR"
    if not casts:
        return result
    database.register(_RESULT, result)
    columns = [
        f"CAST(c{index} AS {casts[index]}) AS c{index}" if index in casts else f"c{index}"
        for index in range(result.num_columns)
    ]
    return database.sql(f'SELECT {", ".join(columns)} FROM "{_RESULT}"').to_arrow_table()


def _is_plain(dtype: pa.DataType) -> bool:
    import pyarrow.types as kinds

    return any(
        check(dtype)
        for check in (
            kinds.is_integer,
            kinds.is_floating,
            kinds.is_boolean,
            kinds.is_timestamp,
            kinds.is_string,
            kinds.is_large_string,
        )
    )


def _warn_of_lost_digits(name: str, column: pa.ChunkedArray) -> None:
    import pyarrow.compute as compute
    import pyarrow.types as kinds

    if not kinds.is_integer(column.type) or not column.null_count:
        return
    least, most = compute.min_max(column).values()
    if most.is_valid and max(most.as_py(), -least.as_py()) > _EXACT:
        warn(
            f"Column “{name}” contains integers beyond 2**53, which were rounded: it "
            "also has missing values. To keep them, use cast(… as text)."
        )
