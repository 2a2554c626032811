"""Times as numbers of periods, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

AUTO = "auto"
INTEGER = "integer"

_UNITS = {
    "minute": ("m", 1, 0),
    "hour": ("h", 1, 0),
    "day": ("D", 1, 0),
    # 1970 began on a Thursday; weeks begin on Monday.
    "week": ("D", 7, 3),
    "month": ("M", 1, 0),
    "quarter": ("M", 3, 0),
    "year": ("Y", 1, 0),
}
"""By frequency: numpy's unit, how many of them a period has, and by how many the first one of
the week or quarter precedes 1970."""

_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 30, "quarter": 91}

SEASONS = {"minute": 60, "hour": 24, "day": 7, "week": 52, "month": 12, "quarter": 4}
"""Periods of a season by frequency; 1 for others."""


@dataclass(frozen=True)
class Calendar:
    """How times are numbered.

    Parameters
    ----------
    frequency : str
        The length of a period, or ``integer`` for a time column of integers.
    offset : int
        Microseconds from the start of a period to its time; from the end if negative.
    """

    frequency: str
    offset: int = 0

    @property
    def season(self) -> int:
        """The usual number of periods of a season."""
        return SEASONS.get(self.frequency, 1)

    def numbers(self, column: pd.Series) -> np.ndarray:
        """Return the number of each time's period; without missing times."""
        if self.frequency == INTEGER:
            return column.to_numpy("int64")
        return self._numbers(instants(column))

    def times(self, numbers: np.ndarray) -> Any:
        """Return the times of periods, as a column's values."""
        if self.frequency == INTEGER:
            return numbers
        return self._starts(numbers + (self.offset < 0)) + self._microseconds(self.offset)

    def fitted(self, column: pd.Series) -> Calendar:
        """Return the calendar with the offset that all times have in common, if they have one.

        For monthly data at the ends of the months, that is a day before the next month.
        """
        import numpy as np

        if self.frequency == INTEGER or not len(column):
            return self
        found = instants(column)
        for after in (0, 1):
            offsets = np.unique(found - self._starts(self._numbers(found) + after))
            if len(offsets) == 1:
                return Calendar(self.frequency, int(offsets[0].astype("int64")))
        return self

    def _numbers(self, found: np.ndarray) -> np.ndarray:
        unit, size, shift = _UNITS[self.frequency]
        numbers: np.ndarray = found.astype(f"datetime64[{unit}]").astype("int64")
        # Divisions take longer than all the rest.
        return numbers if (shift, size) == (0, 1) else (numbers + shift) // size

    def _starts(self, numbers: np.ndarray) -> np.ndarray:
        import numpy as np

        unit, size, shift = _UNITS[self.frequency]
        starts: np.ndarray = np.asarray(numbers * size - shift).astype(f"datetime64[{unit}]")
        return starts.astype("datetime64[us]")

    def _microseconds(self, count: int) -> Any:
        import numpy as np

        return np.timedelta64(count, "us")


def instants(column: pd.Series) -> np.ndarray:
    """Return the times of a column as ``datetime64[us]``; those with a time zone in UTC."""
    moments = column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz else column
    values: np.ndarray = moments.to_numpy().astype("datetime64[us]")
    return values


def calendar_of(column: pd.Series, frequency: str, *, parameter: str = "time_column") -> Calendar:
    """Return the calendar of a time column.

    Parameters
    ----------
    frequency : str
        ``auto`` derives it from the median difference between times.

    Raises
    ------
    ModuleError
        If the column contains neither times nor integers, or nothing.
    """
    import numpy as np

    kind = kind_of(column.dtype)
    known = column.dropna()
    if kind == "number" and (known % 1 == 0).all():
        kind = "integer"
    if kind not in ("datetime", "integer"):
        raise ModuleError(
            "column-type",
            f"Column “{column.name}” contains {KIND_LABELS[kind]}; times or integers are needed.",
            "Choose another column, or change its type with Edit Metadata.",
            parameter=parameter,
            column=str(column.name),
        )
    if not len(known):
        raise ModuleError(
            "no-times",
            f"Column “{column.name}” contains no times.",
            "Choose another column, or check the input data.",
            parameter=parameter,
            column=str(column.name),
        )
    if kind == "integer":
        return Calendar(INTEGER)
    if frequency == AUTO:
        steps = np.diff(np.unique(instants(known)))
        days = float(np.median(steps.astype("int64"))) / 86_400e6 if len(steps) else 1.0
        fits = [name for name, length in _DAYS.items() if days < length * 1.5]
        frequency = fits[0] if fits else "year"
    return Calendar(frequency).fitted(known)


def check_time(column: pd.Series) -> None:
    """Check that a column can order rows.

    Raises
    ------
    ModuleError
        If it contains neither times nor numbers.
    """
    kind = kind_of(column.dtype)
    if kind not in ("datetime", "integer", "number"):
        raise ModuleError(
            "column-type",
            f"Column “{column.name}” contains {KIND_LABELS[kind]}; times or numbers are needed.",
            "Choose another column, or change its type with Edit Metadata.",
            parameter="time_column",
            column=str(column.name),
        )
