"""Import Data."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from modules.contract import (
    DataTable,
    Effects,
    ModuleError,
    Needed,
    PathOf,
    Script,
    Serving,
    When,
    module,
    report_progress,
)
from modules.contract.code import CodeStep
from modules.contract.context import sample_rows
from modules.data_input_output._database import ConnectionText, PasswordName, connected
from modules.data_input_output._folders import matching, no_files
from modules.data_input_output._parsing import (
    SUFFIXES,
    ColumnTypes,
    Dates,
    Decimal,
    Delimiter,
    Encoding,
    Format,
    Header,
    MissingValues,
    OtherDelimiter,
    Parsing,
    Quote,
    RaggedRows,
    Sheet,
    SkipRows,
    StripBlanks,
    Thousands,
    UsualMissing,
)

_CONTENT_TYPES = {
    "text/csv": "CSV",
    "text/plain": "CSV",
    "text/tab-separated-values": "TSV",
    "application/vnd.apache.parquet": "Parquet",
    "application/x-ndjson": "JSON lines",
    "application/jsonl": "JSON lines",
    "application/json": "JSON lines",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
}


def _code(step: CodeStep) -> None:
    from modules.data_input_output._code.importing import write_import

    names = [each.name for each in dataclasses.fields(Parsing)]
    parsing = Parsing(**{name: step.value(name) for name in names})
    write_import(step, parsing)


@module(
    "Import Data",
    outputs=("dataset",),
    keywords=("url", "http", "sql", "database", "folder", "download", "web", "read"),
    requires=(
        "pandas",
        "pyarrow",
        "liac-arff",
        "openpyxl",
        "charset-normalizer",
        "sqlalchemy",
    ),
    deterministic=False,
    effects=Effects.READS,
    code=_code,
    when_serving=Serving.DROP,
)
def import_data(
    *,
    source: Annotated[
        Literal["file or folder", "URL", "database"], Field(title="Data source")
    ] = "file or folder",
    path: Annotated[
        str,
        Field(title="File or folder"),
        PathOf("read", suffixes=tuple(SUFFIXES)),
        Needed(),
        When(source="file or folder"),
    ] = "",
    pattern: Annotated[
        str, Field(title="Files of the folder"), When(source="file or folder")
    ] = "**/*",
    url: Annotated[str, Field(title="URL"), Needed(), When(source="URL")] = "",
    connection: Annotated[ConnectionText, Needed(), When(source="database")] = "",
    password: Annotated[PasswordName, When(source="database")] = "",
    query: Annotated[str, Script("sql"), Needed(), When(source="database")] = "",
    format: Annotated[Format, When(source=("file or folder", "URL"))] = "auto",
    delimiter: Delimiter = "auto",
    other_delimiter: OtherDelimiter = "",
    encoding: Encoding = "auto",
    header: Header = True,
    quote: Quote = "double quote",
    decimal: Decimal = "point",
    thousands: Thousands = "none",
    missing_values: MissingValues = "",
    usual_missing: UsualMissing = True,
    skip_rows: SkipRows = 0,
    sheet: Sheet = "",
    dates: Dates = "ISO dates",
    ragged_rows: RaggedRows = "error",
    strip_blanks: StripBlanks = True,
    column_types: ColumnTypes = None,
) -> DataTable:
    """Read a table from a file, a folder of files, the web, or a database.

    External data may change, so it is read again in each run unless you turn off
    Regenerate output.

    Parameters
    ----------
    source : str
        Location of the data.
    path : str
        A file, or a folder whose files are read in the order of their names and
        concatenated; they must have the same columns.
    pattern : str
        Which files of a folder to read: ``*.csv``, or ``**/*.csv`` to include subfolders.
    url : str
        A URL that starts with http:// or https://.
    connection : str
        The SQLAlchemy URL of a database, without the password:
        ``postgresql://ann@db.example/sales`` or ``sqlite:///sales.db``.
    password : str
        The name of the secret that contains the password.
    query : str
        The SQL query whose result is the table.
    format : str
        The format of the files; auto uses the file extension, or the content type from
        the web server.
    delimiter : str
        The character between the values of a row; auto detects it from the first rows.
    other_delimiter : str
        The delimiter, one character, if it isn't listed.
    encoding : str
        The encoding of the text, such as utf-8 or cp1252; auto uses UTF-8 if valid, and
        otherwise cp1252 (Western European), or another one on strong evidence, with a warning.
    header : bool
        The first row contains the names of the columns; otherwise they are Col1, Col2, ...
    quote : str
        The character around a text that contains the delimiter or a line break.
    decimal : str
        The character between the integer part and the fraction of a number.
    thousands : str
        The character between groups of three digits in a number, as in ``1,234,567``.
    missing_values : str
        Additional texts that mean a missing value, separated by semicolons: ``?; unknown``.
    usual_missing : bool
        Also treat NA, N/A, NaN, null, None, and so on as missing, with a warning that counts
        them, except in columns whose chosen type is String. Empty fields are always missing.
    skip_rows : int
        Number of rows to skip before the header or the first row.
    sheet : str
        The name or number (from 1) of the sheet of an Excel file; empty for the first.
    dates : str
        Which text columns to convert to dates and times: those with only dates such as
        ``2024-05-31``, ``2024-05-31 14:30``, or ``2024/05/31``; also those such as
        ``31.05.2024`` (day first) or ``05/31/2024`` (month first); or none.
    ragged_rows : str
        What to do with a row that has more or fewer values than the header: fail with an
        error that names the line, or skip the row with a warning.
    strip_blanks : bool
        Remove blanks after the delimiter, as in ``39, Private``, with a warning. Blanks in
        quotes are kept.
    column_types : dict of str to str, optional
        The types of columns, by name, instead of the inferred ones. String keeps a value as it
        is in the file; only empty fields and your own missing texts are missing there. Of the
        other types, values that can't be converted are missing, with a warning.

    Returns
    -------
    dataset : DataTable
        The table.

    Notes
    -----
    A password is never part of the pipeline: a connection that contains one is rejected.
    It is read from the system keyring or the environment while the step runs.

    Unlike in Azure ML designer, which reads from the datastores of its workspace, it reads
    local files and any database that SQLAlchemy supports; remove columns with Select
    Columns in Dataset.
    """
    parsing = Parsing(
        format=format,
        delimiter=delimiter,
        other_delimiter=other_delimiter,
        encoding=encoding,
        header=header,
        quote=quote,
        decimal=decimal,
        thousands=thousands,
        missing_values=missing_values,
        usual_missing=usual_missing,
        skip_rows=skip_rows,
        sheet=sheet,
        dates=dates,
        ragged_rows=ragged_rows,
        strip_blanks=strip_blanks,
        column_types=column_types,
    )
    if source == "URL":
        return _from_web(url.strip(), parsing)
    if source == "database":
        return _from_database(connection, password, query, parsing)
    return _from_files(path, pattern, parsing)


def _from_files(path: str, pattern: str, parsing: Parsing) -> DataTable:
    import pandas as pd

    from modules.data_input_output._reading import read_file, resolve

    target = resolve(path)
    if not target.is_dir():
        return read_file(target, parsing)
    every = matching(target, pattern)
    files = [file for file in every if not file.name.startswith((".", "_"))]
    if not files:
        raise no_files(target, pattern)
    tables = []
    for number, file in enumerate(files):
        report_progress(number / len(files), file.name)
        tables.append(read_file(file, parsing))
        if tables[-1].names != tables[0].names:
            raise ModuleError(
                "columns-differ",
                f"“{file.name}” doesn't have the same columns as “{files[0].name}”.",
                "Use files with the same columns, or choose fewer files.",
                parameter="pattern",
            )
        if sample_rows() is not None:
            break
    return DataTable(pd.concat([table.frame for table in tables], ignore_index=True))


def _from_web(url: str, parsing: Parsing) -> DataTable:
    import dataclasses

    from modules.data_input_output._reading import read_file
    from modules.data_input_output._web import download

    with tempfile.TemporaryDirectory() as folder:
        target, kind = download(url, Path(folder))
        if parsing.format == "auto" and target.suffix.lower() not in SUFFIXES:
            parsing = dataclasses.replace(parsing, format=_CONTENT_TYPES.get(kind, "auto"))
        return read_file(target, parsing)


def _from_database(connection: str, password: str, query: str, parsing: Parsing) -> DataTable:
    import pandas as pd

    from modules.data_input_output._typed_columns import exact, with_chosen_types

    if not query.strip():
        raise ModuleError(
            "no-query", "No query is entered.", "Enter a SELECT statement.", parameter="query"
        )
    with connected(connection, password, reading=True) as opened:
        import sqlalchemy

        # Unchanged: a colon in a query isn't a parameter.
        result = opened.execute(sqlalchemy.text(query.replace(":", "\\:")))
        if not result.returns_rows:
            raise ModuleError(
                "no-result",
                "The query doesn't return a table.",
                "Enter a SELECT statement.",
                parameter="query",
            )
        names = list(result.keys())
        wanted = sample_rows()
        rows = result.fetchall() if wanted is None else result.fetchmany(wanted)
    columns = {
        index: pd.Series(exact(name, [row[index] for row in rows]), index=range(len(rows)))
        for index, name in enumerate(names)
    }
    frame = pd.DataFrame(columns, index=range(len(rows)))
    frame.columns = pd.Index([str(name) for name in names])
    table = DataTable(frame)
    return table.with_frame(with_chosen_types(table.frame, parsing))
