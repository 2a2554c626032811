"""Durations, and whether they ended with the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.contract import ColumnSelector, DataTable, ModuleError, warn
from modules.contract.data_table import kind_of
from modules.tables.frames import wrong_kind

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def columns_of(
    dataset: DataTable, duration: ColumnSelector, event: ColumnSelector
) -> tuple[str, str]:
    """Return the names of the columns with the duration and the event."""
    return (
        duration.resolve_one(dataset.columns, parameter="duration_column"),
        event.resolve_one(dataset.columns, parameter="event_column"),
    )


def durations(
    frame: pd.DataFrame, duration: str, event: str, event_value: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the durations, whether each ended with the event, and which rows have both.

    Parameters
    ----------
    event_value : str
        The value of the event column that means it happened; empty for true or 1.

    Raises
    ------
    ModuleError
        If there are negative or infinite durations, or the event column has other values.
    """
    import numpy as np

    if kind_of(frame[duration].dtype) not in ("integer", "number"):
        raise wrong_kind(
            duration,
            kind_of(frame[duration].dtype),
            "durations must be numbers",
            parameter="duration_column",
        )
    known = (frame[duration].notna() & frame[event].notna()).to_numpy()
    skipped = int((~known).sum())
    if not known.any():
        raise ModuleError(
            "no-durations",
            f"No row has a value in both “{duration}” and “{event}”.",
            "Check the input data, or choose other columns.",
            port="dataset",
        )
    if skipped:
        warn(f"{skipped:,} of {len(frame):,} rows don't have a duration and an event; skipped.")
    time = frame.loc[known, duration].to_numpy("float64")
    if not np.isfinite(time).all() or time.min() < 0:
        raise ModuleError(
            "bad-duration",
            f"Column “{duration}” contains {time[~(np.isfinite(time) & (time >= 0))][0]:g}, but a "
            "duration is a number from 0 on.",
            "Remove these rows, or choose another column.",
            parameter="duration_column",
            column=duration,
        )
    return time, _happened(frame.loc[known, event], event_value), known


def _happened(column: pd.Series, event_value: str) -> np.ndarray:
    import numpy as np

    found: np.ndarray
    if event_value:
        texts = column.map(lambda value: _writing(value))
        found = (texts == event_value).to_numpy(bool)
        if not found.any():
            values = ", ".join(f"“{value}”" for value in list(dict.fromkeys(texts))[:5])
            raise ModuleError(
                "event-not-found",
                f"Column “{column.name}” doesn't contain “{event_value}”.",
                f"Choose one of {values}.",
                parameter="event_value",
                column=str(column.name),
            )
        return found
    if kind_of(column.dtype) not in ("boolean", "integer", "number") or not (
        column.isin([0, 1]).all()
    ):
        raise ModuleError(
            "bad-event",
            f"Column “{column.name}” contains values other than true, false, 1, and 0.",
            "Enter the value that means that the event happened.",
            parameter="event_value",
            column=str(column.name),
        )
    found = np.asarray(column.to_numpy("float64") == 1)
    return found


def _writing(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
