"""Read a sheet of an Excel workbook into a table."""

from __future__ import annotations

import dataclasses
import datetime
import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from modules.contract import DataTable, ModuleError, warn
from modules.contract.context import sample_rows
from modules.contract.normalize_frame import set_columns, unique_names
from modules.data_input_output._appearance import appearance, not_of_format
from modules.data_input_output._dates import parse_dates
from modules.data_input_output._parsing import Parsing
from modules.data_input_output._typed_columns import warn_of_words

if TYPE_CHECKING:
    import pandas as pd

_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
# An empty text is a stored result too; its cell has the type text.
_FORMULA_ALONE = re.compile(
    rb'<c r="(?P<column>[A-Z]+)(?P<row>\d+)"(?P<more>[^>]*)>\s*'
    rb"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
# Errors of openpyxl for damaged archives, invalid XML in them and unexpected values.
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
    """Read a sheet; rows without any value are skipped.

    Raises
    ------
    ModuleError
        If it isn't an .xlsx workbook, or the sheet doesn't exist.
    """
    import pandas as pd

    with path.open("rb") as stream:
        if stream.read(4) == _OLD_OR_LOCKED:
            raise ModuleError(
                "not-the-format",
                "The workbook is in the legacy Excel format (.xls), or has a password.",
                "Save it as .xlsx without a password.",
                parameter="format",
            )
    wanted = sample_rows()
    try:
        with pd.ExcelFile(path, engine="openpyxl") as book:
            sheet = _sheet(parsing.sheet.strip(), [str(name) for name in book.sheet_names])
            part = getattr(book.book[sheet], "_worksheet_path", "")
            frame = pd.read_excel(
                book,
                sheet_name=sheet,
                header=None,
                skiprows=parsing.skip_rows,
                nrows=None if wanted is None else wanted + 1,
                # Words that mean a missing value are found below, where they can be counted.
                na_values=[""],
                keep_default_na=False,
                # Keep the cell types: a text of digits is a text.
                dtype=object,
            )
    except _UNREADABLE as error:
        raise _unreadable(path) from error
    lacking = _without_results(path, part, parsing.skip_rows) if wanted is None else []
    frame = frame.dropna(how="all")
    names = [f"Col{index}" for index in range(1, frame.shape[1] + 1)]
    if parsing.header and len(frame):
        names = unique_names(_name(value) for value in frame.iloc[0])
        frame = frame.iloc[1:]
    frame.columns = pd.Index(names)
    frame = _without_words(frame, parsing).reset_index(drop=True).infer_objects()
    _warn_of_formulas([index for index in lacking if index < frame.shape[1]], frame)
    return parse_dates(DataTable(frame).frame, parsing)


def _without_words(frame: pd.DataFrame, parsing: Parsing) -> pd.DataFrame:
    """Return cells without the texts that mean a missing value."""
    own = dataclasses.replace(parsing, usual_missing=False).missing_texts
    result, told = {}, {}
    for name, column in frame.items():
        name = str(name)
        result[name] = column.mask(column.isin(own))
        if not parsing.keeps_text(name):
            words = result[name].isin(parsing.usual_words)
            told[name] = result[name][words]
            result[name] = result[name].mask(words)
    warn_of_words(told)
    return set_columns(frame, result)


def _name(value: Any) -> str:
    """Return the name of a column from its cell, as displayed in the sheet."""
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
        f"Sheet “{wanted}” doesn't exist.",
        f"The file has {', '.join(f'“{name}”' for name in names[:8])}.",
        parameter="sheet",
    )


def _without_results(path: Path, part: str, skipped: int) -> list[int]:
    """Return the indices of columns with formulas without stored results."""
    from openpyxl.utils import column_index_from_string

    with zipfile.ZipFile(path) as archive:
        content = archive.read(part) if part in archive.namelist() else b""
    letters = {
        match["column"].decode()
        for match in _FORMULA_ALONE.finditer(content)
        if b't="str"' not in match["more"] and int(match["row"]) > skipped
    }
    return sorted(column_index_from_string(letter) - 1 for letter in letters)


def _warn_of_formulas(indices: list[int], frame: pd.DataFrame) -> None:
    if not indices:
        return
    named = [f"“{frame.columns[index]}”" for index in indices]
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    warn(
        f"Formulas without stored results were read as missing: {', '.join(named[:3])}{more}. "
        "Open the workbook in a spreadsheet program and save it."
    )


def _unreadable(path: Path) -> ModuleError:
    """Return the error for a file that openpyxl can't read."""
    _, its_format = appearance(path)
    if its_format != "Excel":
        return not_of_format(path, "Excel")
    return ModuleError(
        "not-the-format",
        "The Excel workbook is damaged, or contains something that can't be read.",
        "Open it in a spreadsheet program and save it again, or as CSV.",
        parameter="format",
    )
