"""A sheet of an Excel workbook to a table."""

from __future__ import annotations

import datetime
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from modules.contract import DataTable, ModuleError
from modules.contract.context import sample_rows
from modules.data_input_output._appearance import appearance, not_of_format
from modules.data_input_output._parsing import Parsing
from modules.data_input_output._typed_columns import parse_dates

if TYPE_CHECKING:
    import pandas as pd

_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
# What openpyxl raises of damaged archives, broken XML in them and unexpected values.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ElementTree.ParseError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


def read_workbook(path: Path, parsing: Parsing) -> pd.DataFrame:
    """Read a sheet; rows without any value are left out.

    Raises
    ------
    ModuleError
        If it is no workbook of the format .xlsx, or lacks the sheet.
    """
    import pandas as pd

    with path.open("rb") as stream:
        if stream.read(4) == _OLD_OR_LOCKED:
            raise ModuleError(
                "not-the-format",
                "The workbook is in the old format of Excel (.xls), or has a password.",
                "Save it as .xlsx without a password.",
                parameter="format",
            )
    wanted = sample_rows()
    try:
        with pd.ExcelFile(path, engine="openpyxl") as book:
            sheet = _sheet(parsing.sheet.strip(), [str(name) for name in book.sheet_names])
            frame = pd.read_excel(
                book,
                sheet_name=sheet,
                header=None,
                skiprows=parsing.skip_rows,
                nrows=None if wanted is None else wanted + 1,
                na_values=parsing.missing_texts,
                keep_default_na=False,
                # As the cells are: a text of digits is a text.
                dtype=object,
            )
    except _UNREADABLE as error:
        raise _unreadable(path) from error
    frame = frame.dropna(how="all").reset_index(drop=True)
    if not parsing.header:
        frame = frame.infer_objects()
        frame.columns = pd.Index([f"Col{place}" for place in range(1, frame.shape[1] + 1)])
    elif len(frame):
        names = [_name(value) for value in frame.iloc[0]]
        frame = frame.iloc[1:].infer_objects()
        frame.columns = pd.Index(names)
    return parse_dates(DataTable(frame).frame, parsing.dates)


def _name(value: Any) -> str:
    """Return the name of a column from its cell, as the sheet shows it."""
    import pandas as pd

    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return str(value.date())
    return str(value)


def _sheet(wanted: str, names: list[str]) -> str:
    if not wanted:
        return names[0]
    if wanted in names:
        return wanted
    if wanted.isdigit() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise ModuleError(
        "sheet-not-found",
        f"There is no sheet “{wanted}”.",
        f"The file has {', '.join(f'“{name}”' for name in names[:8])}.",
        parameter="sheet",
    )


def _unreadable(path: Path) -> ModuleError:
    """Return the error for a file that openpyxl does not read."""
    _, its_format = appearance(path)
    if its_format != "Excel":
        return not_of_format(path, "Excel")
    return ModuleError(
        "not-the-format",
        "The Excel workbook is damaged, or has something in it that can't be read.",
        "Open it in a spreadsheet program and save it anew, or as CSV.",
        parameter="format",
    )
