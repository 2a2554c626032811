"""Import Data."""

from __future__ import annotations

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
from modules.contract.context import sample_rows
from modules.data_input_output._database import ConnectionText, PasswordName, connected
from modules.data_input_output._parsing import (
    SUFFIXES,
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
) -> DataTable:
    """Read a table from a file, a folder of files, the web or a database.

    What is outside may change, so the data is read anew in each run unless the step is
    told to use its earlier result again.

    Parameters
    ----------
    source : str
        Where the data is.
    path : str
        A file, or a folder whose files are read in the order of their names and put
        together; they must have the same columns.
    pattern : str
        Which files of a folder to read: ``*.csv``, or ``**/*.csv`` for sub-folders too.
    url : str
        An address that begins with http:// or https://.
    connection : str
        The address of a database as SQLAlchemy writes it, without the password:
        ``postgresql://ann@db.example/sales`` or ``sqlite:///sales.db``.
    password : str
        The name of the secret that holds the password.
    query : str
        The SQL query whose result is the table.
    format : str
        The format of the files; auto goes by the suffix of the name, or by the type that
        the web server tells.
    delimiter : str
        What stands between the values of a row; auto finds it from the first rows.
    other_delimiter : str
        The delimiter, one character, when it is none of those listed.
    encoding : str
        The encoding of the text, such as utf-8 or cp1252; auto takes UTF-8 where that
        fits and guesses otherwise, with a warning.
    header : bool
        The first row holds the names of the columns; otherwise they are Col1, Col2, ...
    quote : str
        What encloses a text that holds the delimiter or a line break.
    decimal : str
        What separates the whole part of a number from its fraction.
    thousands : str
        What separates groups of three digits in a number, as in ``1,234,567``.
    missing_values : str
        Further texts that mean a missing value, separated by semicolons: ``?; unknown``.
    usual_missing : bool
        Empty fields are missing in any case; with this also NA, N/A, NaN, null, None and
        the like.
    skip_rows : int
        How many rows to leave out before the header or the first row.
    sheet : str
        The name or number (from 1) of the sheet of an Excel file; empty for the first.
    dates : str
        Which text columns become dates and times: those with nothing but ISO 8601 dates such
        as ``2024-05-31`` or ``2024-05-31 14:30``; also those written as ``31.05.2024`` (day
        first) or ``05/31/2024`` (month first); or none.
    ragged_rows : str
        What to do about a row with more or fewer values than the header: stop with an
        error that names the line, or skip the row with a warning.

    Returns
    -------
    dataset : DataTable
        The table.

    Notes
    -----
    A password is never part of the pipeline: a connection with a password in it is
    refused. It is read from the system's keyring or the environment while the step runs.

    Different from the original on purpose: it reads any database that SQLAlchemy knows and
    files of this computer, where the original has the datastores of its workspace; columns are
    left out with Select Columns in Dataset, not here.
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
    )
    if source == "URL":
        return _from_web(url.strip(), parsing)
    if source == "database":
        return _from_database(connection, password, query)
    return _from_files(path, pattern, parsing)


def _from_files(path: str, pattern: str, parsing: Parsing) -> DataTable:
    import pandas as pd

    from modules.data_input_output._reading import read_file, resolve

    place = resolve(path)
    if place.is_file():
        return read_file(place, parsing)
    files = _matching(place, pattern)
    tables = []
    for number, file in enumerate(files):
        report_progress(number / len(files), file.name)
        tables.append(read_file(file, parsing))
        if tables[-1].names != tables[0].names:
            raise ModuleError(
                "columns-differ",
                f"“{file.name}” has other columns than “{files[0].name}”.",
                "Put files with the same columns into the folder, or choose fewer.",
                parameter="pattern",
            )
        if sample_rows() is not None:
            break
    return DataTable(pd.concat([table.frame for table in tables], ignore_index=True))


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        found = sorted(file for file in folder.glob(pattern or "**/*") if file.is_file())
    except (ValueError, NotImplementedError, IndexError) as error:
        raise ModuleError(
            "bad-pattern",
            f"“{pattern}” is not a pattern of file names.",
            "Write *.csv, or **/*.csv for sub-folders too.",
            parameter="pattern",
        ) from error
    files = [file for file in found if not file.name.startswith((".", "_"))]
    if not files:
        raise ModuleError(
            "no-files",
            f"No file in “{folder.name}” matches “{pattern}”.",
            "Write another pattern, *.csv for example.",
            parameter="pattern",
        )
    return files


def _from_web(url: str, parsing: Parsing) -> DataTable:
    import dataclasses

    from modules.data_input_output._reading import read_file
    from modules.data_input_output._web import download

    with tempfile.TemporaryDirectory() as folder:
        target, kind = download(url, Path(folder))
        if parsing.format == "auto" and target.suffix.lower() not in SUFFIXES:
            parsing = dataclasses.replace(parsing, format=_CONTENT_TYPES.get(kind, "auto"))
        return read_file(target, parsing)


def _from_database(connection: str, password: str, query: str) -> DataTable:
    import pandas as pd

    from modules.data_input_output._typed_columns import exact

    if not query.strip():
        raise ModuleError(
            "no-query", "There is no query.", "Write a SELECT statement.", parameter="query"
        )
    with connected(connection, password, reading=True) as opened:
        import sqlalchemy

        # As it is written: a colon in a query is no parameter.
        result = opened.execute(sqlalchemy.text(query.replace(":", "\\:")))
        if not result.returns_rows:
            raise ModuleError(
                "no-result", "The query gives no table.", "Write a SELECT.", parameter="query"
            )
        names = list(result.keys())
        wanted = sample_rows()
        rows = result.fetchall() if wanted is None else result.fetchmany(wanted)
    columns = {
        place: pd.Series(exact(name, [row[place] for row in rows]), index=range(len(rows)))
        for place, name in enumerate(names)
    }
    frame = pd.DataFrame(columns, index=range(len(rows)))
    frame.columns = pd.Index([str(name) for name in names])
    return DataTable(frame)
