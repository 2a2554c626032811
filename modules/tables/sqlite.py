"""Query frames with SQLite; used by Apply SQL Transformation, and in code without this project."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.data_table import kind_of
from modules.tables.frames import free_name, without_categories

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 2_000
"""Maximum columns of an SQLite table."""

Result = tuple[list[str], list[tuple[Any, ...]]]
"""Names and rows."""

_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}

_CHUNK = 50_000

_OFFSET = r"([+-]\d\d:\d\d)$"

_MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d)?"


def query_frames(
    frames: Mapping[str, pd.DataFrame],
    query: str,
    *,
    run: Callable[[sqlite3.Connection, str], Result | None] | None = None,
    prepare: Callable[[sqlite3.Connection], None] | None = None,
) -> pd.DataFrame:
    """Return the result of the last statement that has one.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        By table name.
    run : callable, optional
        Returns the names and rows of a statement.
    prepare : callable, optional
        Is called with the database once it is filled.
    """
    found: Result | None = None
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        for name, frame in frames.items():
            _fill(database, name, _needed(frame, query))
        if prepare is not None:
            prepare(database)
        for statement in _statements(query):
            found = (run or execute)(database, statement) or found
    if found is None:
        raise ModuleError(
            "no-result",
            "The query doesn't return a table.",
            "Enter a SELECT statement.",
            parameter="query",
        )
    return _frame(*found, frames)


def execute(database: sqlite3.Connection, statement: str) -> Result | None:
    """Return the names and rows of a statement's result; None without one."""
    cursor = database.execute(statement)
    if cursor.description is None:
        return None
    return [entry[0] for entry in cursor.description], cursor.fetchall()


def distinct_names(columns: Iterable[str]) -> list[str]:
    """Return the names of columns, those numbered that differ from another only by case."""
    taken: set[str] = set()
    names = []
    for column in columns:
        unique, tried = column, {*columns}
        while unique.casefold() in taken:
            unique = free_name(column, tried)
            tried.add(unique)
        if unique != column:
            warn(
                f"“{column}” differs from another column only by case; "
                f"it was renamed to “{unique}”."
            )
        taken.add(unique.casefold())
        names.append(unique)
    return names


def _needed(frame: pd.DataFrame, query: str) -> pd.DataFrame:
    """Drop the columns that the query can't refer to; filling SQLite is the slow part."""
    text = re.sub(r"count\s*\(\s*\*\s*\)", "", query.casefold())
    if re.search(r"\*|\bnatural\b|\b(insert|replace|update|create|alter|pragma)\b", text):
        return frame
    named = [name for name in frame.columns if '"' in name or name.casefold() in text]
    return frame[named or list(frame.columns[:1])]


def _fill(database: sqlite3.Connection, name: str, frame: pd.DataFrame) -> None:
    columns = list(frame.columns)
    if not columns or len(columns) > MOST_COLUMNS:
        raise ModuleError(
            "bad-column-count",
            f"The dataset has {len(columns):,} columns; SQLite supports 1 to {MOST_COLUMNS:,}.",
            "Select fewer columns first.",
            port=name,
        )
    declared = [
        f"{_quoted(unique)} {_TYPES.get(kind_of(frame[column].dtype), 'TEXT')}"
        for column, unique in zip(columns, distinct_names(columns), strict=True)
    ]
    database.execute(f"CREATE TABLE {name} ({', '.join(declared)})")
    parameters = ", ".join("?" * len(columns))
    database.execute("BEGIN")
    database.executemany(f"INSERT INTO {name} VALUES ({parameters})", _rows(frame))
    database.execute("COMMIT")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    parts = (frame.iloc[start : start + _CHUNK] for start in range(0, len(frame), _CHUNK))
    return chain.from_iterable(
        zip(*(_values(part.iloc[:, at]) for at in range(part.shape[1])), strict=True)
        for part in parts
    )


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
    names: list[str], rows: list[tuple[Any, ...]], tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=range(len(names)))
    for index, name in enumerate(names):
        if frame[index].dtype.kind == "f" and frame[index].isna().any():
            _warn_of_lost_digits(name, [row[index] for row in rows])
    kinds: dict[str, str] = {}
    zones: dict[str, Any] = {}
    for table in tables.values():
        for column, dtype in table.dtypes.items():
            kinds.setdefault(str(column), kind_of(dtype))
            zone = getattr(dtype, "tz", None)
            if zone is not None:
                zones.setdefault(str(column), zone)
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
