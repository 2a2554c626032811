"""Apply SQL Transformation."""

from __future__ import annotations

import difflib
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import DataTable, ModuleError, Script, module, warn
from modules.contract.context import sample_rows
from modules.contract.data_table import kind_of
from modules.tables.frames import free_name, without_categories

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 2_000
"""Maximum columns of an SQLite table."""

SAMPLE_SECONDS = 3.0
"""Time that a query may take at design time."""

SAMPLE_LENGTH = 1_000_000
"""Bytes that a value or row may have at design time."""

_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
_CHUNK = 50_000
_OFFSET = r"([+-]\d\d:\d\d)$"
_MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d)?"


@module(
    "Apply SQL Transformation",
    outputs=("result_dataset",),
    keywords=(
        "sqlite",
        "query",
        "select",
        "group by",
        "where",
        "filter",
        "aggregate",
        "join",
        "row filter",
        "math operation",
        "formula",
    ),
    requires=("pandas",),
    row="a query may combine all rows of a request",
)
def apply_sql_transformation(
    t1: DataTable,
    t2: DataTable | None = None,
    t3: DataTable | None = None,
    *,
    query: Annotated[str, Field(title="SQL query"), Script("sql")] = "select * from t1",
) -> DataTable:
    """Query up to three tables with SQL.

    The inputs are the tables t1, t2, and t3 of an in-memory database. Separate several
    statements with semicolons; the result is that of the last one that returns a table.

    Parameters
    ----------
    t1 : DataTable
        The table t1.
    t2 : DataTable, optional
        The table t2.
    t3 : DataTable, optional
        The table t3.
    query : str
        SQL in SQLite's dialect. Put names with spaces or special characters in double quotes or
        square brackets: ``select "fuel-type", avg(price) from t1 group by "fuel-type"``.

    Returns
    -------
    result_dataset : DataTable
        The rows of the result. Columns that keep their names keep their roles.

    Notes
    -----
    The database is isolated: statements that access other files (ATTACH, VACUUM INTO,
    loading extensions) are rejected. Booleans are 0 and 1 in SQL; dates and times are text,
    ``2024-05-31 14:30:00``, as SQLite's date functions expect. In the result, a column
    with the name and the values of a boolean column is boolean again, and text in this format
    is a date again if the input column was a date, in the same time zone. A time with a zone
    ends with the UTC offset, ``2024-05-31 14:30:00+02:00``. SQLite compares such texts
    character by character, so wrap both in ``datetime(…)``, which returns UTC, if zones or
    daylight saving time differ. Names aren't case-sensitive in SQLite.

    Division by 0 returns a missing value, and integer division drops the fraction:
    ``3 / 2`` is 1, ``3 / 2.0`` is 1.5. SQLite treats a double-quoted name that isn't a column
    as text; put text in single quotes.

    Unlike in Azure ML designer, columns keep the roles set with Edit Metadata, by name.
    """
    tables = {"t1": t1, "t2": t2, "t3": t3}
    given = {name: table for name, table in tables.items() if table is not None}
    _warn_of_misspelt_names(query, given.values())
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        for name, table in given.items():
            _fill(database, name, _needed(table, query))
        database.set_authorizer(_authorized)
        if sample_rows() is not None:
            _limit(database)
        names, rows = _result(database, query)
    frame = _frame(names, rows, given)
    roles: dict[str, str] = {}
    for table in reversed(given.values()):
        roles |= table.roles
    return DataTable(frame, roles, t1.scoring)


def _limit(database: sqlite3.Connection) -> None:
    """Bound the time and the size of values: a preview of the columns isn't worth more."""
    end = time.monotonic() + SAMPLE_SECONDS
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, SAMPLE_LENGTH)
    database.set_progress_handler(lambda: time.monotonic() > end, 10_000)


def _warn_of_misspelt_names(query: str, tables: Iterable[DataTable]) -> None:
    """Warn of a double-quoted name similar to a column; SQLite treats it as text."""
    names = {name.casefold(): name for table in tables for name in table.names}
    for quoted in dict.fromkeys(re.findall(r'"((?:[^"]|"")+)"', query)):
        name = quoted.replace('""', '"')
        if name.casefold() in names or re.search(rf'\bas\s+"{re.escape(quoted)}"', query, re.I):
            continue
        close = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.8)
        if close:
            warn(
                f"Column “{name}” doesn't exist, so SQLite treats it as text. Did you mean "
                f"“{names[close[0]]}”?"
            )


def _authorized(action: int, first: str | None, second: str | None, *_: Any) -> int:
    """Allow actions that stay inside the database."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() == "load_extension":
        return sqlite3.SQLITE_DENY
    # Some pragmas access folders and files, and queries don't need any.
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() != "table_info":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _needed(table: DataTable, query: str) -> DataTable:
    """Drop the columns that the query can't refer to; filling SQLite is the slow part."""
    text = re.sub(r"count\s*\(\s*\*\s*\)", "", query.casefold())
    if re.search(r"\*|\bnatural\b|\b(insert|replace|update|create|alter|pragma)\b", text):
        return table
    named = [name for name in table.names if '"' in name or name.casefold() in text]
    return table.with_frame(table.frame[named or table.names[:1]])


def _fill(database: sqlite3.Connection, name: str, table: DataTable) -> None:
    columns = table.columns
    if not columns or len(columns) > MOST_COLUMNS:
        raise ModuleError(
            "bad-column-count",
            f"The dataset has {len(columns):,} columns; SQLite supports 1 to {MOST_COLUMNS:,}.",
            "Select fewer columns first.",
            port=name,
        )
    taken: set[str] = set()
    declared = []
    for column in columns:
        unique, tried = column.name, {other.name for other in columns}
        while unique.casefold() in taken:
            unique = free_name(column.name, tried)
            tried.add(unique)
        if unique != column.name:
            warn(
                f"“{column.name}” differs from another column only by case; "
                f"it was renamed to “{unique}”."
            )
        taken.add(unique.casefold())
        declared.append(f"{_quoted(unique)} {_TYPES.get(column.kind, 'TEXT')}")
    database.execute(f"CREATE TABLE {name} ({', '.join(declared)})")
    parameters = ", ".join("?" * len(columns))
    database.execute("BEGIN")
    database.executemany(f"INSERT INTO {name} VALUES ({parameters})", _rows(table.frame))
    database.execute("COMMIT")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(frame), _CHUNK):
        part = frame.iloc[start : start + _CHUNK]
        yield from zip(*(_values(part.iloc[:, at]) for at in range(part.shape[1])), strict=True)


def _values(column: pd.Series) -> list[Any]:
    """Return the values in SQLite's types: int, float, str or None."""
    kind = kind_of(column.dtype)
    if kind == "datetime":
        form = "%Y-%m-%d %H:%M:%S.%f" if (column.dt.microsecond > 0).any() else "%Y-%m-%d %H:%M:%S"
        texts = column.dt.strftime(form)
        if column.dt.tz is not None:
            texts = texts + _offsets(column)
        column = texts
    elif kind == "integer" and column.dtype.kind == "u" and len(column) and column.max() >= 2**63:
        column = column.astype("float64")
    elif kind == "boolean":
        column = column.astype("float64" if column.isna().any() else "int64")
    elif kind == "categorical":
        return _values(without_categories(column))
    values = column.to_list()
    if column.isna().any():
        return [None if value is None or value != value else value for value in values]
    return values


def _result(database: sqlite3.Connection, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    names: list[str] | None = None
    rows: list[tuple[Any, ...]] = []
    for statement in _statements(query):
        try:
            cursor = database.execute(statement)
            if cursor.description is not None:
                names = [entry[0] for entry in cursor.description]
                wanted = sample_rows()
                rows = cursor.fetchall() if wanted is None else cursor.fetchmany(wanted)
                # One that isn't read to its end would keep its tables locked.
                cursor.close()
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            raise _failed(statement, error) from error
    if names is None:
        raise ModuleError(
            "no-result",
            "The query doesn't return a table.",
            "Enter a SELECT statement.",
            parameter="query",
        )
    return names, rows


def _failed(statement: str, error: Exception) -> ModuleError:
    reason = str(error)
    if any(word in reason for word in ("not authorized", "authorization", "prohibited")):
        first = statement.strip().split(None, 1)[0].upper()
        return ModuleError(
            "sql-not-allowed",
            f"The statement {first} isn't allowed, because it can access files.",
            "Use only statements on the tables t1, t2, and t3.",
            parameter="query",
        )
    if sample_rows() is not None and (reason == "interrupted" or "too big" in reason):
        return ModuleError(
            "sql-not-sampled",
            "The query takes too long, or its values are too large, to find its columns on a "
            "sample.",
            "Check the query, or run it to see its columns.",
            parameter="query",
        )
    hint = "Correct the query. Use SQLite's syntax."
    if "no such table: t" in reason:
        hint = "Connect a dataset to that input."
    elif "no such column" in reason:
        hint = "Put names with spaces or special characters in double quotes."
    return ModuleError("sql-failed", f"SQLite error: {reason}.", hint, parameter="query")


def _statements(query: str) -> Iterator[str]:
    """Split at semicolons that end a statement, not those in strings or triggers."""
    statement = ""
    parts = query.split(";")
    for part in parts[:-1]:
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip() != ";":
                yield statement
            statement = ""
    statement += parts[-1]
    if statement.strip():
        yield statement


def _frame(
    names: list[str], rows: list[tuple[Any, ...]], tables: dict[str, DataTable]
) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=range(len(names)))
    for index, name in enumerate(names):
        if frame[index].dtype.kind == "f" and frame[index].isna().any():
            _warn_of_lost_digits(name, [row[index] for row in rows])
    kinds: dict[str, str] = {}
    zones: dict[str, Any] = {}
    for table in tables.values():
        for column in table.columns:
            kinds.setdefault(column.name, column.kind)
            zone = getattr(table.frame[column.name].dtype, "tz", None)
            if zone is not None:
                zones.setdefault(column.name, zone)
    restored = {}
    for index, name in enumerate(names):
        values = _restored(frame[index], kinds.get(name))
        if values.dtype.kind == "M" and name in zones:
            values = values.dt.tz_localize(zones[name])
        if "datetime" in kinds.values() and values.dtype == "str":
            own = [zones[name]] if name in zones else []
            values = _moments(name, values, [*own, *zones.values()])
        restored[index] = values
    frame = pd.DataFrame(restored, index=frame.index)
    frame.columns = pd.Index(names)
    return frame


def _warn_of_lost_digits(name: str, values: list[Any]) -> None:
    if any(isinstance(value, int) and abs(value) > 2**53 for value in values):
        warn(
            f"Column “{name}” contains integers beyond 2**53, which were rounded: it "
            "also has missing values. To keep them, use cast(… as text)."
        )


def _restored(column: pd.Series, kind: str | None) -> pd.Series:
    """Convert a result column to the type of the input column, if its values allow."""
    known = column.dropna()
    if not len(known):
        empty: Any = {"string": "str", "datetime": "datetime64[us]", "boolean": "boolean"}
        if not len(column):
            # Nothing is missing, so a type with missing values isn't needed.
            empty |= {"integer": "int64", "boolean": "bool", "categorical": "str"}
        return column.astype(empty.get(kind, "float64"))
    if kind == "boolean" and known.isin([0, 1]).all():
        return column.astype("float64").astype("boolean" if len(known) < len(column) else "bool")
    return column


def _moments(name: str, texts: pd.Series, zones: Iterable[Any]) -> pd.Series:
    """Return texts as datetimes in the first zone that matches, or unchanged."""
    import pandas as pd

    known = texts.dropna()
    if not len(known) or not known.str.fullmatch(_MOMENT).all():
        return texts
    offsets = known.str.extract(_OFFSET, expand=False)
    if offsets.notna().any() and offsets.isna().any():
        warn(f"Column “{name}” mixes times with and without a zone; they were kept as text.")
        return texts
    try:
        moments = pd.to_datetime(texts, format="ISO8601", utc=bool(offsets.notna().all()))
    except ValueError:
        # A text in date format that isn't a calendar date.
        return texts
    if offsets.isna().all():
        return moments
    for zone in zones:
        there = moments.dt.tz_convert(zone)
        if (_offsets(there)[known.index] == offsets).all():
            return there
    if offsets.nunique() > 1:
        warn(f"Column “{name}” mixes times of different zones; all were converted to UTC.")
        return moments
    return pd.to_datetime(texts, format="ISO8601")


def _offsets(moments: pd.Series) -> pd.Series:
    """Return the UTC offset of each datetime, as +01:00."""
    offsets = moments.dt.strftime("%z")
    written: pd.Series = offsets.str[:3] + ":" + offsets.str[3:]
    return written
