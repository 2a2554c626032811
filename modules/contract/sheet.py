"""A small table of plain values, passed between processes without a library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 10_000


@dataclass(frozen=True)
class Sheet:
    """A small table for display.

    Parameters
    ----------
    headers : tuple of str
    rows : tuple of tuple
        Texts, numbers, or None for missing values.
    note : str
        An explanation for the reader.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""

    @classmethod
    def of(cls, frame: pd.DataFrame, note: str = "") -> Sheet:
        """Return the first 10,000 rows of a frame."""
        rows = tuple(
            tuple(_plain(value) for value in row)
            for row in frame.head(MOST_ROWS).itertuples(index=False, name=None)
        )
        if len(frame) > MOST_ROWS:
            note = f"{note} The first {MOST_ROWS:,} of {len(frame):,} rows.".strip()
        return cls(tuple(str(name) for name in frame.columns), rows, note)

    def to_json(self) -> dict[str, Any]:
        """Return the sheet as plain JSON; infinite numbers as text, NaN as null."""
        rows = [[json_value(value) for value in row] for row in self.rows]
        return {"columns": list(self.headers), "rows": rows, "note": self.note}


def json_value(value: Any) -> Any:
    """Return a number, text or datetime as JSON; NaN as null, infinity as text."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None if value != value else str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value != value:
        return None
    return value if isinstance(value, (bool, int, float, str)) else str(value)
