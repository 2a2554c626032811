"""Dataset."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from pydantic import Field

from modules.contract import DataTable, PathOf, Serving, module
from modules.contract.code import CodeStep
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


def _code(step: CodeStep) -> None:
    from modules.data_input_output._code.reading import write_file

    names = [each.name for each in dataclasses.fields(Parsing)]
    parsing = Parsing(**{name: step.value(name) for name in names})
    write_file(step, step.outputs[0], "path", parsing)


@module(
    "Dataset",
    outputs=("dataset",),
    keywords=(
        "file",
        "csv",
        "tsv",
        "parquet",
        "arff",
        "json",
        "excel",
        "read",
        "load",
        "open",
        "reader",
    ),
    requires=("pandas", "pyarrow", "liac-arff", "openpyxl", "charset-normalizer"),
    when_serving=Serving.DROP,
    code=_code,
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
    strip_blanks: StripBlanks = True,
    column_types: ColumnTypes = None,
) -> DataTable:
    """Read a file, or a registered dataset, as a table.

    Reads CSV, TSV, Parquet, ARFF, JSON lines, and Excel. Column types are inferred from
    the values: integers, numbers, booleans, dates, or text.

    Parameters
    ----------
    path : str
        The file, relative to the folder of the pipeline, or a registered dataset:
        ``dataset:NAME`` for its latest version, ``dataset:NAME@3`` for version 3 only.
    format : str
        The format of the file; auto uses the file extension.
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
        The content of the file.

    Notes
    -----
    Numbers are parsed like ``pandas.read_csv`` does. A column with a value such as ``01067``,
    a zero and another digit first, is read as text, with a warning. A column with integers and
    missing values becomes float64; if some have 16 or more digits, it is read as text. A few
    dates that don't exist, such as ``2024-02-30``, are missing, with a warning that names the
    first row. Columns without a name are named by their position and
    repeated names are numbered, each with a warning.

    Lists and objects in JSON lines and Parquet are converted to JSON text. In Excel, the
    first of merged cells has the value and the others are missing; a formula is read as its
    stored result, and as missing if there is none, with a warning; empty rows are skipped.
    Delimiters at the end of
    rows are ignored; with the delimiter space, several blanks between aligned values are one.
    In a text with one column, an empty line between others is a missing value; otherwise
    empty lines are skipped. In ARFF, nominal attributes become categories.

    Azure ML designer uses datasets registered in its workspace; here a file is sufficient.
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
        strip_blanks=strip_blanks,
        column_types=column_types,
    )
    return read_file(resolve(path), parsing)
