"""Export Data."""

from __future__ import annotations

import csv
import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    Effects,
    ModuleError,
    Needed,
    PathOf,
    Serving,
    When,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.columns import first_repeated
from modules.data_input_output._database import ConnectionText, PasswordName, connected
from modules.data_input_output._parsing import DELIMITERS
from modules.data_input_output._sheet import write_workbook

if TYPE_CHECKING:
    import pandas as pd

EXCEL_ROWS = 1_048_576
"""Maximum rows of an Excel sheet, including the header."""

_CHUNK = 50_000
_SUFFIXES = {
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "TSV",
    ".tab": "TSV",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".xlsx": "Excel",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
}


def _code(step: CodeStep) -> None:
    from modules.data_input_output._code.writing import write_export

    write_export(step, _SUFFIXES, json_lines=_write_json_lines, workbook=write_workbook)


@module(
    "Export Data",
    keywords=(
        "save",
        "write",
        "file",
        "csv",
        "sql",
        "database",
        "output",
        "convert to csv",
        "to_csv",
        "writer",
    ),
    requires=("pandas", "pyarrow", "openpyxl", "sqlalchemy"),
    effects=Effects.WRITES,
    code=_code,
    when_serving=Serving.DROP,
)
def export_data(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector, Field(title="Columns to save"), Columns(of="dataset")
    ] = ColumnSelector.all(),
    destination: Literal["file", "database"] = "file",
    path: Annotated[
        str,
        Field(title="File"),
        PathOf("write", suffixes=tuple(_SUFFIXES)),
        Needed(),
        When(destination="file"),
    ] = "",
    format: Annotated[
        Literal["auto", "CSV", "TSV", "Parquet", "Excel", "JSON lines"],
        Field(title="File format"),
        When(destination="file"),
    ] = "auto",
    header: Annotated[
        bool,
        Field(title="Write the names in the first row"),
        When(format=("auto", "CSV", "TSV", "Excel")),
    ] = True,
    delimiter: Annotated[
        Literal["comma", "semicolon", "tab", "pipe", "space"], When(format=("auto", "CSV"))
    ] = "comma",
    connection: Annotated[ConnectionText, Needed(), When(destination="database")] = "",
    password: Annotated[PasswordName, When(destination="database")] = "",
    table: Annotated[str, Needed(), When(destination="database")] = "",
    table_columns: Annotated[
        str, Field(title="Columns of the table"), When(destination="database")
    ] = "",
    existing: Annotated[
        Literal["replace", "append", "fail"],
        Field(title="If the table exists"),
        When(destination="database"),
    ] = "replace",
    rows_per_operation: Annotated[
        int, Field(title="Rows written at a time", ge=1), When(destination="database")
    ] = 50,
) -> None:
    """Write a dataset to a file or a database table.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to write, in the order of the selection if it keeps its order.
    destination : str
        A file, or a database.
    path : str
        The file, relative to the folder of the pipeline. An existing file is overwritten
        once the new one is complete.
    format : str
        The format of the file; auto uses the file extension.
    header : bool
        Write the names of the columns in the first row.
    delimiter : str
        The character between the values of a row in a CSV file.
    connection : str
        The SQLAlchemy URL of a database, without the password:
        ``postgresql://ann@db.example/sales`` or ``sqlite:///sales.db``.
    password : str
        The name of the secret that contains the password.
    table : str
        The database table; it is created if it doesn't exist.
    table_columns : str
        The names of the columns in the table, separated by commas, one for each column to save
        in their order. Empty to keep their names.
    existing : str
        What to do if the table exists: replace it, append the rows, or fail.
    rows_per_operation : int
        Number of rows per database statement.

    Notes
    -----
    Text is written as UTF-8, a missing value as an empty field, dates as ISO 8601. Excel
    supports neither time zones nor integers beyond 2**53, so such columns are written as
    text, with a warning; a text that starts with ``=`` isn't a formula. Either all rows
    are written to a database, or none.

    Unlike in Azure ML designer, which writes to the datastores of its workspace, it writes to
    local files and to any database that SQLAlchemy supports.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    frame = DataTable(dataset.frame[names]).frame
    if destination == "database":
        frame = _renamed(frame, table_columns)
        _to_database(frame, connection, password, table.strip(), existing, rows_per_operation)
    else:
        _to_file(frame, path.strip(), format, header, DELIMITERS[delimiter])


def _renamed(frame: pd.DataFrame, text: str) -> pd.DataFrame:
    if not text.strip():
        return frame
    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True))]
    if len(names) != frame.shape[1]:
        raise ModuleError(
            "names-do-not-match",
            f"{len(names)} names are entered for {frame.shape[1]} columns.",
            "Enter one name for each column to save, separated by commas.",
            parameter="table_columns",
        )
    twice = "" if "" in names else first_repeated(names)
    if twice is not None:
        raise ModuleError(
            "bad-name",
            f"Two columns have the name “{twice}”." if twice else "A name is empty.",
            "Enter a different name for each column.",
            parameter="table_columns",
        )
    return frame.set_axis(names, axis=1)


def _to_file(frame: pd.DataFrame, path: str, kind: str, header: bool, delimiter: str) -> None:
    if not path:
        raise ModuleError("no-file", "No file is entered.", "Enter a file name.", parameter="path")
    target = Path(path).expanduser()
    if kind == "auto":
        if target.suffix.lower() not in _SUFFIXES:
            raise ModuleError(
                "format-unknown",
                f"“{target.name}” has no file extension that indicates its format.",
                "Choose the file format, or enter a name such as result.csv.",
                parameter="format",
            )
        kind = _SUFFIXES[target.suffix.lower()]
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(frame, fresh, kind, header, delimiter)
        os.replace(fresh, target)
    except OSError as error:
        raise ModuleError(
            "file-not-writable",
            f"“{target.name}” can't be written: {error.strerror or error}.",
            "Choose a folder with write permission and enough space.",
            parameter="path",
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def _write(frame: pd.DataFrame, path: Path, kind: str, header: bool, delimiter: str) -> None:
    if kind in ("CSV", "TSV"):
        separator = "\t" if kind == "TSV" else delimiter
        frame.to_csv(
            path,
            index=False,
            header=header,
            sep=separator,
            lineterminator="\n",
            # In quotes, leading blanks belong to a value.
            quoting=csv.QUOTE_NONNUMERIC if _has_leading_blanks(frame) else csv.QUOTE_MINIMAL,
        )
    elif kind == "Parquet":
        frame.to_parquet(path, index=False, engine="pyarrow")
    elif kind == "JSON lines":
        _write_json_lines(frame, path)
    else:
        if len(frame) + header > EXCEL_ROWS:
            raise ModuleError(
                "too-many-rows",
                f"{len(frame):,} rows don't fit in an Excel sheet of {EXCEL_ROWS:,} rows.",
                "Write CSV or Parquet instead.",
                parameter="format",
            )
        write_workbook(frame, path, header)


def _has_leading_blanks(frame: pd.DataFrame) -> bool:
    import pandas as pd

    for _, column in frame.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.cat.categories.to_series()
        text = isinstance(column.dtype, pd.StringDtype)
        if text and column.str.startswith((" ", "\t"), na=False).any():
            return True
    return False


def _write_json_lines(frame: pd.DataFrame, path: Path) -> None:
    """Write one object per line. Unlike pandas' own writer this keeps every digit."""
    names = [str(name) for name in frame.columns]
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for start in range(0, len(frame), _CHUNK):
            part = frame.iloc[start : start + _CHUNK]
            columns = [_json_values(part.iloc[:, index]) for index in range(len(names))]
            for row in zip(*columns, strict=True):
                content = dict(zip(names, row, strict=True))
                stream.write(json.dumps(content, ensure_ascii=False) + "\n")


def _json_values(column: pd.Series) -> list[Any]:
    import numpy as np
    import pandas as pd

    if column.dtype.kind == "M":
        column = column.map(lambda moment: moment.isoformat(), na_action="ignore")
    missing = column.isna()
    if column.dtype.kind == "f":
        # JSON doesn't have infinity.
        missing |= np.isinf(column)
    if isinstance(column.dtype, pd.CategoricalDtype):
        # Through objects, because integers don't support missing values.
        column = pd.Series(column.to_list(), dtype=object)
        missing = missing.reset_index(drop=True)
    values = column.astype(object)
    return values.where(~missing, None).tolist() if missing.any() else values.tolist()


def _to_database(
    frame: pd.DataFrame, connection: str, password: str, table: str, existing: str, rows: int
) -> None:
    if not table:
        raise ModuleError(
            "no-table", "No table is entered.", "Enter a table name.", parameter="table"
        )
    schema, _, name = table.rpartition(".")
    with connected(connection, password) as opened:
        try:
            frame.to_sql(
                name,
                opened,
                schema=schema or None,
                if_exists=existing,  # type: ignore[arg-type]
                index=False,
                chunksize=rows,
            )
        except ValueError as error:
            raise ModuleError(
                "table-exists",
                f"The table “{table}” can't be written: {error}",
                "Choose to replace it or to append.",
                parameter="existing",
            ) from error
