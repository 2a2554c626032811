"""Series as features for a learner of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.time_series._calendar import INTEGER, Calendar

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class LagFeatures:
    """How the features of a period are computed from the values before it.

    Parameters
    ----------
    lags : tuple of int
        How many periods back the values are.
    season : int
        Periods of a season.
    calendar : Calendar
        How the periods are numbered.
    """

    lags: tuple[int, ...]
    season: int
    calendar: Calendar

    @property
    def history(self) -> int:
        """How many values before a period are needed."""
        return max(*self.lags, 2 * self.season)

    def table(self, values: np.ndarray, start: int, code: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the features and the target of every period that has enough values before it.

        Parameters
        ----------
        values : numpy.ndarray
            The series, from the period ``start`` on.
        code : int
            The number of the series.
        """
        import numpy as np

        first = self.history
        windows = np.lib.stride_tricks.sliding_window_view(values[:-1], first)
        numbers = start + np.arange(first, len(values))
        return self._features(windows, numbers, code), values[first:] - values[
            first - self.season : -self.season
        ]

    def forecast(
        self, estimator: Any, tail: np.ndarray, start: int, steps: int, code: int
    ) -> np.ndarray:
        """Return the next values, each of which sees the ones before.

        Parameters
        ----------
        estimator : object
            Predicts the target of :meth:`table`.
        tail : numpy.ndarray
            The last ``history`` values before the period ``start``.
        """
        import numpy as np

        values = np.concatenate([tail, np.zeros(steps)])
        length = len(tail)
        calendar = self._calendar_features(start + np.arange(steps))
        for step in range(steps):
            at = length + step
            window = values[at - length : at][None, :]
            features = np.hstack([self._lag_features(window), calendar[step : step + 1], [[code]]])
            values[at] = values[at - self.season] + estimator.predict(features)[0]
        return values[length:]

    def _features(self, windows: np.ndarray, numbers: np.ndarray, code: int) -> np.ndarray:
        import numpy as np

        codes = np.full((len(numbers), 1), float(code))
        parts = (self._lag_features(windows), self._calendar_features(numbers), codes)
        return np.hstack(parts)

    def _lag_features(self, windows: np.ndarray) -> np.ndarray:
        """Return lags and means relative to the value one season before; windows are rows."""
        import numpy as np

        base = windows[:, -self.season]
        columns = [windows[:, -lag] - base for lag in self.lags]
        columns.append(windows[:, -2 * self.season] - base)
        columns.append(windows[:, -self.season :].mean(axis=1) - base)
        return np.column_stack(columns)

    def _calendar_features(self, numbers: np.ndarray) -> np.ndarray:
        import numpy as np

        columns = [numbers % self.season]
        if self.calendar.frequency != INTEGER:
            times = self.calendar.times(numbers)
            months = times.astype("datetime64[M]")
            days = times.astype("datetime64[D]")
            columns += [
                months.astype("int64") % 12,
                (days - months).astype("int64"),
                (days.astype("int64") + 3) % 7,
                (times - days).astype("timedelta64[h]").astype("int64"),
            ]
        return np.column_stack(columns).astype(float)
