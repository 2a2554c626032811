"""A table as series of values at regular times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import ColumnSelector, DataTable, ModuleError, warn
from modules.contract.data_table import kind_of
from modules.contract.markers import Columns
from modules.contract.messages import KIND_LABELS
from modules.time_series._calendar import Calendar, calendar_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_PERIODS = 5_000_000
"""Maximum number of periods of all series together."""

FORECAST = "Scored Labels"
LOWER = "Lower Bound"
UPPER = "Upper Bound"
FOLD = "Fold Number"
STEP = "Step"

_LARGEST = 1e100
"""Sums of squares of larger values would overflow."""

TimeColumn = Annotated[
    ColumnSelector,
    Columns(of="dataset", single=True, kinds=("datetime", "integer")),
    Field(title="Time column"),
]
ValueColumn = Annotated[
    ColumnSelector,
    Columns(of="dataset", single=True, kinds=("integer", "number"), role="label"),
    Field(title="Value column"),
]
SeriesColumns = Annotated[
    ColumnSelector, Columns(of="dataset"), Field(title="Columns that identify a series")
]
Frequency = Literal["auto", "minute", "hour", "day", "week", "month", "quarter", "year"]
Aggregate = Annotated[
    Literal["error", "sum", "mean", "last"], Field(title="Several values of a period")
]
Missing = Annotated[Literal["interpolate", "zero"], Field(title="Missing periods")]


@dataclass(frozen=True)
class Series:
    """The values of one series in successive periods.

    Parameters
    ----------
    key : tuple
        The values that identify it, as JSON scalars; empty if there is only one series.
    start : int
        The number of the first period.
    values : numpy.ndarray
        One finite value per period.
    """

    key: tuple[Any, ...]
    start: int
    values: np.ndarray

    @property
    def end(self) -> int:
        """The number of the period after the last."""
        return self.start + len(self.values)

    def before(self, number: int) -> Series:
        """Return the series up to a period, exclusive."""
        return Series(self.key, self.start, self.values[: max(number - self.start, 0)])


@dataclass(frozen=True)
class SeriesTable:
    """All series of a table, and the columns that they come from.

    Parameters
    ----------
    time, value : str
        The columns of the times and the values.
    groups : list of str
        The columns that identify a series.
    calendar : Calendar
        How the times are numbered.
    series : tuple of Series
        In the order of their keys.
    """

    time: str
    value: str
    groups: list[str]
    calendar: Calendar
    series: tuple[Series, ...]

    def facts(self) -> dict[str, Any]:
        """Return what every fit of the series keeps, as keyword arguments."""
        return {
            "time": self.time,
            "groups": self.groups,
            "frequency": self.calendar.frequency,
            "offset": self.calendar.offset,
            "keys": [list(each.key) for each in self.series],
            "ends": [each.end for each in self.series],
        }

    def label(self, key: Sequence[Any]) -> str:
        """Return how a series is named in messages."""
        return ", ".join(str(part) for part in key) or self.value


def read_series(
    table: DataTable,
    time_column: ColumnSelector,
    value_column: ColumnSelector,
    series_columns: ColumnSelector,
    *,
    frequency: str,
    aggregate: str,
    missing: str,
) -> SeriesTable:
    """Return the series of a table; see :func:`series_of`.

    Raises
    ------
    ModuleError
        As :func:`series_of`; or if a column can't be chosen.
    """
    time = time_column.resolve_one(table.columns, parameter="time_column")
    value = _value_column(table, value_column)
    groups = series_columns.resolve_each(
        table.columns, parameter="series_columns", allow_empty=True
    )
    return series_of(
        table.frame,
        time,
        value,
        list(groups),
        frequency=frequency,
        aggregate=aggregate,
        missing=missing,
    )


def series_of(
    frame: pd.DataFrame,
    time: str,
    value: str,
    groups: list[str],
    *,
    frequency: str,
    aggregate: str,
    missing: str,
) -> SeriesTable:
    """Return the series of a frame, in the order of their keys.

    Rows without a time, or without a value that identifies the series, are left out with a warning.
    Missing values within a series are filled, those at its ends cut off.

    Raises
    ------
    ModuleError
        If a column is of the wrong kind, a period has several values, a value is infinite, or no
        value is left.
    """
    names = [time, *groups]
    _reject_taken([*names, value])
    _require_numbers(frame[value])
    calendar = calendar_of(frame[time], frequency)
    known = frame[names].notna().all(axis=1).to_numpy()
    if not known.all():
        warn(f"{int((~known).sum()):,} rows without a time or series were left out.")
    frame = frame.take(known.nonzero()[0])
    numbers = calendar.numbers(frame[time])
    values = frame[value].to_numpy("float64", na_value=float("nan"))
    _reject_infinite(values, value)
    series, total = [], 0
    for key, rows in _grouped(frame, groups):
        found, start = _regular(
            numbers[rows], values[rows], aggregate, missing, time, calendar, total
        )
        total += len(found)
        if len(found):
            series.append(Series(key, start, found))
    if not series:
        raise ModuleError(
            "too-few-rows",
            f"Column “{value}” has no value with a time.",
            "Check the input data: an earlier filter or join may drop every row.",
            port="dataset",
            column=value,
        )
    series.sort(key=lambda each: tuple((str(type(part)), part) for part in each.key))
    return SeriesTable(time, value, groups, calendar, tuple(series))


def keys_of(frame: pd.DataFrame, groups: Sequence[str]) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
    """Return the series of each row, -1 if it has none, and the keys of the series."""
    import numpy as np
    import pandas as pd

    codes = np.zeros(len(frame), dtype="int64")
    missing = np.zeros(len(frame), dtype=bool)
    for place, name in enumerate(groups):
        its, known = pd.factorize(frame[name])
        missing |= its < 0
        # Numbered again for each column, so that products of counts don't overflow.
        pairs = codes * (len(known) + 1) + its
        codes = pd.factorize(pairs, sort=True)[0] if place else its
    codes[missing] = -1
    there = np.flatnonzero(~missing)
    if len(groups) > 1:
        codes[there] = pd.factorize(codes[there], sort=True)[0]
    first = np.zeros(int(codes.max(initial=-1)) + 1, dtype="int64")
    first[codes[there[::-1]]] = there[::-1]
    rows = frame[list(groups)].iloc[first]
    columns = [map(_scalar, rows[name].to_numpy(dtype=object)) for name in groups]
    keys = list(zip(*columns, strict=True)) if groups else [()] * len(first)
    return codes, keys


def _scalar(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _value_column(table: DataTable, selector: ColumnSelector) -> str:
    if selector.is_empty:
        labels = table.having_role("label")
        if len(labels) != 1:
            raise ModuleError(
                "no-value-column",
                "No column of values is selected.",
                "Choose the column to forecast, or mark it as the label with Edit Metadata.",
                parameter="value_column",
            )
        return str(labels[0])
    return selector.resolve_one(table.columns, parameter="value_column")


def _require_numbers(column: pd.Series) -> None:
    kind = kind_of(column.dtype)
    if kind not in ("integer", "number"):
        raise ModuleError(
            "column-type",
            f"Column “{column.name}” contains {KIND_LABELS[kind]}; only numbers can be forecast.",
            "Choose another column, or change its type with Edit Metadata.",
            parameter="value_column",
            column=str(column.name),
        )


def _reject_taken(names: Sequence[str]) -> None:
    for name in names:
        if name in (FORECAST, LOWER, UPPER, FOLD, STEP):
            raise ModuleError(
                "column-name-taken",
                f"Column “{name}” has the name of a column of forecasts.",
                "Rename it with Edit Metadata.",
                column=name,
            )


def _reject_infinite(values: np.ndarray, name: str) -> None:
    import numpy as np

    if not np.abs(values[~np.isnan(values)]).max(initial=0) < _LARGEST:
        raise ModuleError(
            "infinite-value",
            f"Column “{name}” contains infinite values, or values beyond {_LARGEST:g}.",
            "Limit them with Clip Values.",
            parameter="value_column",
            column=name,
        )


def _grouped(
    frame: pd.DataFrame, groups: Sequence[str]
) -> list[tuple[tuple[Any, ...], np.ndarray]]:
    """Return the positions of the rows of each series."""
    import numpy as np

    codes, keys = keys_of(frame, groups)
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(codes, minlength=len(keys)))[:-1])
    return list(zip(keys, parts, strict=True)) if keys else []


def _regular(
    numbers: np.ndarray,
    values: np.ndarray,
    aggregate: str,
    missing: str,
    time: str,
    calendar: Calendar,
    used: int,
) -> tuple[np.ndarray, int]:
    """Return one value per period, and the number of the first."""
    import numpy as np
    import pandas as pd

    known = ~np.isnan(values)
    numbers, values = numbers[known], values[known]
    if not len(numbers):
        return values, 0
    by_number = pd.Series(values).groupby(numbers)
    if aggregate == "error" and (by_number.size() > 1).any():
        repeated = by_number.size().idxmax()
        shown = _shown(np.asarray(calendar.times(np.array([repeated])))[0])
        raise ModuleError(
            "repeated-time",
            f"Column “{time}” has several rows in the {_noun(calendar)} {shown}.",
            "Choose how to combine their values, a shorter frequency, or the columns that "
            "identify a series.",
            parameter="aggregate",
            column=time,
        )
    combined = by_number.agg("last" if aggregate == "error" else aggregate)
    start, end = int(combined.index[0]), int(combined.index[-1])
    if end - start + used >= MOST_PERIODS:
        raise ModuleError(
            "too-many-periods",
            f"Column “{time}” spans more than {MOST_PERIODS:,} periods.",
            "Choose a longer frequency, or check the first and the last time.",
            parameter="frequency",
            column=time,
        )
    whole = np.full(end - start + 1, np.nan)
    whole[combined.index.to_numpy() - start] = combined.to_numpy()
    holes = np.isnan(whole)
    if holes.any():
        at = np.arange(len(whole))
        whole[holes] = 0.0 if missing == "zero" else np.interp(at[holes], at[~holes], whole[~holes])
    return whole, start


def _noun(calendar: Calendar) -> str:
    return "period" if calendar.frequency == "integer" else calendar.frequency


def _shown(time: Any) -> str:
    """Return the beginning of a period for a message; a time only if it isn't midnight."""
    import numpy as np

    if not isinstance(time, np.datetime64):
        return str(time)
    return str(time.astype("datetime64[s]")).removesuffix("T00:00:00").replace("T", " ")
