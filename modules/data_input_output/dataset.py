"""Dataset: a file, or a dataset of the workspace, as a table."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import DataTable, PathOf, Serving, module
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


@module(
    "Dataset",
    outputs=("dataset",),
    keywords=("file", "csv", "tsv", "parquet", "arff", "json", "excel", "read", "load", "open"),
    requires=("pandas", "pyarrow", "liac-arff", "openpyxl", "charset-normalizer"),
    when_serving=Serving.DROP,
)
def dataset(
    *,
    path: Annotated[
        str,
        Field(title="File"),
        PathOf("read", tuple(SUFFIXES), decides="format", formats=tuple(SUFFIXES.items())),
    ],
    format: Format = "auto",
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
    """Bring a file, or a registered dataset, into the pipeline as a table.

    Reads CSV, TSV, Parquet, ARFF, JSON lines and Excel. The type of every column is
    found from its values: integers, numbers, booleans, dates, or text.

    Parameters
    ----------
    path : str
        The file, relative to the folder of the pipeline, or ``dataset:NAME`` for a
        dataset of the workspace.
    format : str
        The format of the file; auto goes by the suffix of its name.
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
        The content of the file.

    Notes
    -----
    Numbers are read as ``pandas.read_csv`` reads them. A column with whole numbers and
    missing values holds numbers (float64); whole numbers too long for that, keys of 16 digits
    for example, stay text, and a warning says so. Columns without a name are named by their
    position, repeated names are numbered, and both are said in a warning.

    Lists and objects in JSON lines and Parquet are kept as JSON text. Of merged cells in Excel
    the first has the value and the others are missing; a formula counts with the result that
    Excel stored last, and one without a result is missing, with a warning; empty rows are left
    out. In a text with one column an empty line between others is a missing value; else empty
    lines are left out. In ARFF, nominal attributes become categories.

    The original has datasets of its workspace in this place; here a file is enough.
    """
    from modules.data_input_output._reading import read_file, resolve

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
    return read_file(resolve(path), parsing)
