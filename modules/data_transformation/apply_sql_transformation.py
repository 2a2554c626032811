"""Apply SQL Transformation."""

from __future__ import annotations

import difflib
import re
import sqlite3
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import DataTable, ModuleError, Script, module, warn
from modules.contract.code import CodeStep, literal
from modules.contract.context import sample_rows
from modules.contract.normalize_frame import normalize_frame
from modules.tables.sqlite import Result, execute, query_frames

if TYPE_CHECKING:
    pass


SAMPLE_SECONDS = 3.0
"""Time that a query may take at design time."""

SAMPLE_LENGTH = 1_000_000
"""Bytes that a value or row may have at design time."""


def _code(step: CodeStep) -> None:
    frames = ", ".join(f"{literal(port)}: {name}" for port, name in step.inputs.items())
    queried = f"{step.helper(query_frames)}({{{frames}}}, {step.source('query')})"
    # Names may repeat in a result, and types may be mixed.
    step.write(f"{step.outputs[0]} = {step.helper(normalize_frame)}({queried})")


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
    code=_code,
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
    frames = {name: table.frame for name, table in given.items()}
    frame = query_frames(frames, query, run=_run, prepare=_isolate)
    roles: dict[str, str] = {}
    for table in reversed(given.values()):
        roles |= table.roles
    return DataTable(frame, roles, t1.scoring)


def _isolate(database: sqlite3.Connection) -> None:
    database.set_authorizer(_authorized)
    if sample_rows() is not None:
        _limit(database)


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


def _run(database: sqlite3.Connection, statement: str) -> Result | None:
    """Execute a statement as :func:`execute` does, on a sample perhaps, and explain an error."""
    wanted = sample_rows()
    try:
        if wanted is None:
            return execute(database, statement)
        cursor = database.execute(statement)
        if cursor.description is None:
            return None
        names = [entry[0] for entry in cursor.description]
        rows = cursor.fetchmany(wanted)
        # One that isn't read to its end would keep its tables locked.
        cursor.close()
        return names, rows
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        raise _failed(statement, error) from error


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
