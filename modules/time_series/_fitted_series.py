"""What all fits of series have in common; tables are frames here, for scripts too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.contract.data_table import kind_of
from modules.time_series._calendar import Calendar
from modules.time_series._series import FORECAST, LOWER, UPPER, Series, SeriesTable, keys_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_STEPS = 10_000
"""Maximum number of periods to forecast."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedSeries:
    """Fitted series. A subclass implements :meth:`ahead`.

    Parameters
    ----------
    time : str
        The column of the times.
    groups : list of str
        The columns that identify a series.
    frequency, offset
        As in :class:`Calendar`.
    keys : list of list
        The values that identify each series.
    ends : list of int
        The number of the first period after the training data of each series.
    """

    time: str
    groups: list[str]
    frequency: str
    offset: int
    keys: list[list[Any]]
    ends: list[int]

    def ahead(self, index: int, steps: int, level: float) -> np.ndarray:
        """Return forecasts with lower and upper bounds, of shape (3, steps).

        Parameters
        ----------
        index : int
            The position of the series in ``keys``.
        level : float
            The probability that the interval covers the value.
        """
        raise NotImplementedError

    @property
    def calendar(self) -> Calendar:
        """How times are numbered."""
        return Calendar(self.frequency, self.offset)

    def next_periods(self, steps: int, level: float) -> pd.DataFrame:
        """Return the forecasts of the next periods of every series."""
        import numpy as np
        import pandas as pd

        found = [self.ahead(index, steps, level) for index in range(len(self.keys))]
        numbers = np.concatenate([end + np.arange(steps) for end in self.ends])
        columns: dict[str, Any] = {self.time: self.calendar.times(numbers)}
        for at, name in enumerate(self.groups):
            columns[name] = pd.Series([key[at] for key in self.keys]).repeat(steps).to_numpy()
        columns |= dict(zip((FORECAST, LOWER, UPPER), np.hstack(found), strict=True))
        return pd.DataFrame(columns)

    def at_times(self, frame: pd.DataFrame, level: float) -> tuple[pd.DataFrame, int]:
        """Return the forecasts for the rows of a frame, and for how many there is none.

        There is none for periods before the end of the training data, for unknown series, and for
        missing times.
        """
        import numpy as np
        import pandas as pd

        column = frame[self.time]
        self._check_time(column)
        known = column.notna().to_numpy()
        numbers = np.full(len(frame), -1, dtype="int64")
        numbers[known] = self.calendar.numbers(column[known])
        index = {tuple(key): at for at, key in enumerate(self.keys)}
        codes, keys = keys_of(frame, self.groups)
        series = np.array([*(index.get(key, -1) for key in keys), -1], int)[codes]
        ends = np.asarray(self.ends)[series] if len(series) else series
        steps = np.where(known & (series >= 0), numbers - ends, -1)
        if steps.max(initial=0) >= MOST_STEPS:
            raise ModuleError(
                "too-far-ahead",
                f"Column “{self.time}” has a time {steps.max():,} periods after the training data; "
                f"at most {MOST_STEPS:,} can be forecast.",
                "Check the times, or train the model on newer data.",
                port="dataset",
                column=self.time,
            )
        found = np.full((3, len(frame)), np.nan)
        for at in np.unique(series[steps >= 0]):
            rows = (series == at) & (steps >= 0)
            found[:, rows] = self.ahead(int(at), int(steps[rows].max()) + 1, level)[:, steps[rows]]
        columns = dict(zip((FORECAST, LOWER, UPPER), found, strict=True))
        return pd.DataFrame(columns), int((steps < 0).sum())

    def _check_time(self, column: pd.Series) -> None:
        wanted = ("integer", "number") if self.frequency == "integer" else ("datetime",)
        if kind_of(column.dtype) not in wanted and column.notna().any():
            what = "integers" if self.frequency == "integer" else "times"
            raise ModuleError(
                "column-type-changed",
                f"Column “{self.time}” contained {what} in training, and here it doesn't.",
                "Change its type with Edit Metadata.",
                port="dataset",
                column=self.time,
            )


def too_short(data: SeriesTable, series: Series, needed: int, why: str) -> ModuleError:
    """Return the error for a series with too few periods."""
    return ModuleError(
        "series-too-short",
        f"Series “{data.label(series.key)}” has {len(series.values)} periods; {why} needs at "
        f"least {needed}.",
        "Remove short series, set a shorter season, or add rows.",
        port="dataset",
    )


def normal_quantile(level: float) -> float:
    """Return how many standard deviations the interval of a normal distribution extends."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)


def season_of(data: SeriesTable, season: int | None) -> int:
    """Return the periods of a season: those given, or the usual ones of the frequency."""
    return data.calendar.season if season is None else season


def root_mean_square(values: Sequence[float] | np.ndarray, lost: int = 0) -> float:
    """Return the root of the mean square, with fewer degrees of freedom; 0 without values."""
    import numpy as np

    count = len(values) - lost
    return float(np.sqrt(np.square(values).sum() / count)) if count > 0 else 0.0
