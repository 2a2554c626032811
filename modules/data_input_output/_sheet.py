"""Write a table to an Excel workbook without changing any value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import warn
from modules.contract.normalize_frame import set_columns
from modules.data_input_output._typed_columns import EXACT

if TYPE_CHECKING:
    import pandas as pd


def write_workbook(frame: pd.DataFrame, path: Path, header: bool) -> None:
    """Write a frame as the only sheet of a workbook.

    Values without an Excel type, times with a zone and long integers, are converted to text.
    Text is written as text, so one that starts with ``=`` isn't a formula.
    """
    import pandas as pd

    with path.open("wb") as stream, pd.ExcelWriter(stream, engine="openpyxl") as book:
        _storable(frame).to_excel(book, index=False, header=header)
        for row in book.book.active.iter_rows():
            for cell in row:
                if cell.data_type in ("f", "e"):
                    cell.data_type = "s"


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    changed = {}
    for name in frame:
        column = frame[name]
        written = _as_text(column)
        if written is not None:
            reason, write = written
            warn(f"Column “{name}” was written as text: {reason}.")
            changed[str(name)] = column.astype(object).map(write, na_action="ignore")
    return set_columns(frame, changed) if changed else frame


def _as_text(column: pd.Series) -> tuple[str, Any] | None:
    """Return why and how a column is written as text, or None if it isn't."""
    import pandas as pd

    values = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return "Excel doesn't support time zones", lambda moment: moment.isoformat()
    whole = values.dtype.kind in "iu" and len(values) > 0
    if whole and max(int(values.max()), -int(values.min())) > EXACT:
        return "Excel can't store integers beyond 2**53 exactly", str
    return None
