"""Seasonal Naive Forecaster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from modules.contract import Serving, Tasks, module
from modules.contract.code import CodeStep
from modules.time_series._fitted_series import (
    FittedSeries,
    normal_quantile,
    root_mean_square,
    season_of,
    too_short,
)
from modules.time_series._forecast_code import write_forecaster
from modules.time_series._forecaster import TASK, Forecaster, ForecastModel
from modules.time_series._learner import NAIVE_TRIALS, Season
from modules.values import UntrainedModel

if TYPE_CHECKING:
    import numpy as np

    from modules.time_series._series import SeriesTable

TITLE = "Seasonal Naive Forecaster"


def _code(step: CodeStep) -> None:
    write_forecaster(step, fit_seasonal_naive, TITLE)


@module(
    TITLE,
    outputs=("untrained_model",),
    keywords=("baseline", "benchmark", "last season", "random walk", "time series"),
    code=_code,
    requires=("numpy", "pandas"),
    when_serving=Serving.DROP,
    automated=NAIVE_TRIALS,
)
def seasonal_naive_forecaster(
    *, season: Season = None, drift: bool = False
) -> Annotated[UntrainedModel, Tasks(TASK)]:
    """Forecast each period with the value of the same period of the last season.

    The baseline that every other forecaster has to beat.

    Parameters
    ----------
    season : int, optional
        Number of periods after which a pattern repeats; 1 repeats the last value. By default that
        of the frequency: 60 minutes, 24 hours, 7 days, 52 weeks, 12 months, 4 quarters, or 1.
    drift : bool
        Also continue the mean change from season to season.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Forecasting Model and Back-Test Forecast.

    Notes
    -----
    Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd edition), sections 5.2 and
    5.5. With m periods per season, T values, and k the integer part of (h - 1) / m, the forecast of
    step h is ``y[T + h - m (k + 1)]``, plus ``(k + 1) d`` with the mean change d. The interval
    assumes normal errors with the standard deviation ``s sqrt(k + 1)``, or with drift
    ``s sqrt((k + 1) (1 + (k + 1) m / (T - m)))``; s is the root of the mean squared error of the
    seasonal differences; with drift, of those less their mean, with one degree of freedom less.
    """
    parameters = {"season": season, "drift": drift}
    return SeasonalNaive(title=TITLE, task=TASK, learner=__name__, parameters=parameters)


def fit_seasonal_naive(data: SeriesTable, *, season: int | None, drift: bool) -> SeasonalNaiveFit:
    """Return the last season of each series, with the spread of the changes."""
    import numpy as np

    season = season_of(data, season)
    last, changes, spread, lengths = [], [], [], []
    for series in data.series:
        values = series.values
        if len(values) < season + drift:
            raise too_short(data, series, season + drift, f"a season of {season} periods")
        difference = values[season:] - values[:-season]
        change = float(difference.mean()) if drift else 0.0
        last.append(values[-season:])
        changes.append(change)
        spread.append(root_mean_square(difference - change, lost=int(drift)))
        lengths.append(len(difference))
    return SeasonalNaiveFit(
        **data.facts(),
        drift=drift,
        last=np.asarray(last),
        changes=changes,
        spread=spread,
        lengths=lengths,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class SeasonalNaiveFit(FittedSeries):
    """The last season of each series.

    Parameters
    ----------
    drift : bool
        The mean change continues.
    last : numpy.ndarray, shape (series, periods of a season)
        Its values.
    changes : list of float
        The mean change from season to season; 0 without drift.
    spread : list of float
        The standard deviation of the changes.
    lengths : list of int
        The number of the changes.
    """

    drift: bool
    last: np.ndarray
    changes: list[float]
    spread: list[float]
    lengths: list[int]

    def ahead(self, index: int, steps: int, level: float) -> np.ndarray:
        """Return forecasts and bounds; see :class:`FittedSeries`."""
        import numpy as np

        season = self.last.shape[1]
        seasons = np.arange(steps) // season + 1.0
        mean = np.resize(self.last[index], steps) + seasons * self.changes[index]
        variance = seasons.copy()
        if self.drift:
            variance *= 1 + seasons * season / self.lengths[index]
        reach = normal_quantile(level) * self.spread[index] * np.sqrt(variance)
        return np.stack([mean, mean - reach, mean + reach])


@dataclass(frozen=True, eq=False, kw_only=True)
class SeasonalNaiveModel(SeasonalNaiveFit, ForecastModel):
    """The fit as a model."""


@dataclass(frozen=True, eq=False)
class SeasonalNaive(Forecaster):
    """The learner."""

    function = staticmethod(fit_seasonal_naive)
    model = SeasonalNaiveModel
