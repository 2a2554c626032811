"""Apply SQL Transformation."""

from __future__ import annotations

import difflib
import re
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Requires, Script, module, warn
from modules.contract.code import CodeStep, literal
from modules.contract.context import sample_rows
from modules.contract.normalize_frame import normalize_frame
from modules.tables.duckdb import query_with_duckdb
from modules.tables.sqlite import Result, execute, query_frames

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_SECONDS = 3.0
"""Time that a query may take at design time."""

SAMPLE_LENGTH = 1_000_000
"""Bytes that a value or row may have at design time."""

SAMPLE_MEMORY = "256MB"
"""Memory that DuckDB may use at design time."""


def _code(step: CodeStep) -> None:
    frames = ", ".join(f"{literal(port)}: {name}" for port, name in step.inputs.items())
    run = query_with_duckdb if step.value("engine") == "DuckDB" else query_frames
    queried = f"{step.helper(run)}({{{frames}}}, {step.source('query')})"
    # Names may repeat in a result, and types may be mixed.
    step.write(f"{step.outputs[0]} = {step.helper(normalize_frame)}({queried})")


@module(
    "Apply SQL Transformation",
    outputs=("result_dataset",),
    keywords=(
        "sqlite",
        "duckdb",
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
    engine: Annotated[
        Literal["SQLite", "DuckDB"], Field(title="Engine"), Requires(DuckDB="duckdb")
    ] = "SQLite",
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
        SQL in the dialect of the engine. Put names with spaces or special characters in double
        quotes: ``select "fuel-type", avg(price) from t1 group by "fuel-type"``.
    engine : str
        The database that runs the query. SQLite has the dialect of Azure ML designer. DuckDB is
        many times faster on large tables, and has more functions.

    Returns
    -------
    result_dataset : DataTable
        The rows of the result. Columns that keep their names keep their roles.

    Notes
    -----
    The database is isolated: statements that access other files (ATTACH, COPY, VACUUM INTO,
    loading extensions) are rejected.

    With SQLite, booleans are 0 and 1 in SQL; dates and times are text,
    ``2024-05-31 14:30:00``, as SQLite's date functions expect. In the result, a column
    with the name and the values of a boolean column is boolean again, and text in this format
    is a date again if the input column was a date, in the same time zone. A time with a zone
    ends with the UTC offset, ``2024-05-31 14:30:00+02:00``. SQLite compares such texts
    character by character, so wrap both in ``datetime(…)``, which returns UTC, if zones or
    daylight saving time differ. Names aren't case-sensitive in SQLite.

    Division by 0 returns a missing value, and integer division drops the fraction:
    ``3 / 2`` is 1, ``3 / 2.0`` is 1.5. SQLite treats a double-quoted name that isn't a column
    as text; put text in single quotes. Names may also be in square brackets.

    With DuckDB, every column keeps its type: booleans, and dates and times, which are UTC in SQL
    if they have a time zone, and are in the zone of the input column again in the result.
    ``3 / 2`` is 1.5, ``3 // 2`` is 1, and division by 0 is infinite. Decimals become numbers,
    dates become times at midnight, and lists, intervals, and other types become text. The input
    tables can't be changed; create tables from them. It runs on one thread, so that sums of
    numbers repeat to the last digit, and ``random()`` starts from a fixed seed. The order of rows
    is only defined by ORDER BY.

    Unlike in Azure ML designer, columns keep the roles set with Edit Metadata, by name, and the
    engine can be chosen.
    """
    tables = {"t1": t1, "t2": t2, "t3": t3}
    given = {name: table for name, table in tables.items() if table is not None}
    if engine == "DuckDB":
        frame = _queried_with_duckdb(given, query)
    else:
        _warn_of_misspelt_names(query, given.values())
        frames = {name: table.frame for name, table in given.items()}
        frame = query_frames(frames, query, run=_run, prepare=_isolate)
    roles: dict[str, str] = {}
    for table in reversed(given.values()):
        roles |= table.roles
    return DataTable(frame, roles, t1.scoring)


def _queried_with_duckdb(tables: Mapping[str, DataTable], query: str) -> pd.DataFrame:
    """Query with DuckDB, on a sample perhaps, and explain an error."""
    import duckdb

    rows = sample_rows()
    timers = []

    def limit(database: Any) -> None:
        if rows is None:
            return

        def interrupt() -> None:
            # The query may have ended in between.
            with suppress(duckdb.Error):
                database.interrupt()

        database.execute(f"SET memory_limit = '{SAMPLE_MEMORY}'").fetchall()
        timers.append(Timer(SAMPLE_SECONDS, interrupt))
        timers[-1].start()

    try:
        data = {name: table.arrow for name, table in tables.items()}
        return query_with_duckdb(data, query, rows=rows, prepare=limit)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException) as error:
        if rows is None:
            raise MemoryError(_first_sentence(error)) from error
        raise _not_sampled() from error
    except duckdb.PermissionException as error:
        raise _not_allowed(query) from error
    except duckdb.Error as error:
        reason = _first_sentence(error)
        hint = "Correct the query. Use DuckDB's syntax."
        if re.search(r"Table with name t\d does not exist", reason):
            hint = "Connect a dataset to that input."
        raise ModuleError(
            "sql-failed", f"DuckDB error: {reason}.", hint, parameter="query"
        ) from error
    finally:
        for timer in timers:
            timer.cancel()


def _first_sentence(error: Exception) -> str:
    text = re.split(r"\n\s*\n|\n?LINE \d+:", str(error))[0]
    return " ".join(text.split()).rstrip(".!")


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
        return _not_allowed(statement)
    if sample_rows() is not None and (reason == "interrupted" or "too big" in reason):
        return _not_sampled()
    hint = "Correct the query. Use SQLite's syntax."
    if "no such table: t" in reason:
        hint = "Connect a dataset to that input."
    elif "no such column" in reason:
        hint = "Put names with spaces or special characters in double quotes."
    return ModuleError("sql-failed", f"SQLite error: {reason}.", hint, parameter="query")


def _not_allowed(statement: str) -> ModuleError:
    first = statement.strip().split(None, 1)[0].upper()
    return ModuleError(
        "sql-not-allowed",
        f"The statement {first} isn't allowed, because it can access files.",
        "Use only statements on the tables t1, t2, and t3.",
        parameter="query",
    )


def _not_sampled() -> ModuleError:
    return ModuleError(
        "sql-not-sampled",
        "The query takes too long, or its values are too large, to find its columns on a sample.",
        "Check the query, or run it to see its columns.",
        parameter="query",
    )
