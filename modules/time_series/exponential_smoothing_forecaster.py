"""Exponential Smoothing."""

from __future__ import annotations

import itertools
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import ModuleError, Serving, Sweep, Tasks, module, report_progress, warn
from modules.contract.code import CodeStep
from modules.contract.sheet import MOST_ROWS, Sheet
from modules.time_series._fitted_series import (
    FittedSeries,
    normal_quantile,
    season_of,
    too_short,
)
from modules.time_series._forecast_code import write_forecaster
from modules.time_series._forecaster import TASK, Forecaster, ForecastModel
from modules.time_series._learner import SMOOTHING_TRIALS, Season
from modules.values import UntrainedModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np

    from modules.time_series._series import Series, SeriesTable

TITLE = "Exponential Smoothing"

_FEWEST = 10
"""Fewest periods for which the initial states can be estimated."""


def _code(step: CodeStep) -> None:
    write_forecaster(step, fit_exponential_smoothing, TITLE)


@module(
    TITLE,
    outputs=("untrained_model",),
    keywords=("ets", "holt-winters", "holt", "trend", "seasonality", "time series"),
    code=_code,
    requires=("numpy", "pandas", "statsmodels"),
    when_serving=Serving.DROP,
    automated=SMOOTHING_TRIALS,
)
def exponential_smoothing_forecaster(
    *,
    trend: Annotated[
        Literal["auto", "none", "additive", "damped"], Sweep("none", "additive", "damped")
    ] = "auto",
    seasonality: Annotated[Literal["auto", "none", "additive"], Sweep("none", "additive")] = "auto",
    season: Season = None,
    logarithm: Annotated[bool, Field(title="Forecast the logarithm")] = False,
) -> Annotated[UntrainedModel, Tasks(TASK)]:
    """Forecast the level, trend, and seasonality of a series, giving recent values more weight.

    Robust and quick on short series, such as monthly sales.

    Parameters
    ----------
    trend : str
        None continues the level, additive the slope, and damped a slope that levels off. Auto
        chooses for each series.
    seasonality : str
        Whether a pattern repeats every season. Auto chooses for each series.
    season : int, optional
        Number of periods after which the pattern repeats. By default that of the frequency: 60
        minutes, 24 hours, 7 days, 52 weeks, 12 months, 4 quarters, or 1.
    logarithm : bool
        For values above 0 whose fluctuations grow with their level.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Forecasting Model and Back-Test Forecast.

    Notes
    -----
    The state space models ETS(A, N or A or Ad, N or A) of Hyndman et al. (2008), fitted by maximum
    likelihood with statsmodels' ``ETSModel``. Auto takes the model with the smallest corrected
    Akaike criterion. The intervals are exact for normal errors: with the smoothing parameters
    alpha, beta, gamma, damping phi, and the variance s² of the errors of one step, the variance of
    step h is ``s² (1 + sum of c_j²)`` over j from 1 to h - 1, with
    ``c_j = alpha + beta (phi + ... + phi^j) + gamma [m divides j]``. With the logarithm, the
    forecast is the median.
    """
    parameters = {
        "trend": trend,
        "seasonality": seasonality,
        "season": season,
        "logarithm": logarithm,
    }
    return ExponentialSmoothing(title=TITLE, task=TASK, learner=__name__, parameters=parameters)


def fit_exponential_smoothing(
    data: SeriesTable, *, trend: str, seasonality: str, season: int | None, logarithm: bool
) -> SmoothingFit:
    """Return the final state and the parameters of each series."""
    season = season_of(data, season)
    states: list[dict[str, Any]] = []
    for series in data.series:
        report_progress(len(states) / len(data.series), f"series {data.label(series.key)}")
        values = _values(data, series, season, seasonality == "additive", logarithm)
        if values.min() == values.max():
            states.append({"level": float(values[0]), "spread": 0.0, "model": "constant"})
            continue
        kinds = _kinds(len(values), trend, seasonality, season)
        best, converged = min(
            (_fitted(values, *kind) for kind in kinds), key=lambda each: each[0].aicc
        )
        if not converged:
            warn(
                f"The smoothing of series “{data.label(series.key)}” didn't converge, so it isn't "
                "optimal."
            )
        states.append(_state_of(best))
    return SmoothingFit(**data.facts(), season=season, states=states, logarithm=logarithm)


def _values(
    data: SeriesTable, series: Series, season: int, seasonal: bool, logarithm: bool
) -> np.ndarray:
    """Return the values to smooth.

    Raises
    ------
    ModuleError
        If there are too few, or some have no logarithm.
    """
    import numpy as np

    values = series.values
    if logarithm:
        if values.min() <= 0:
            raise ModuleError(
                "not-positive",
                f"Series “{data.label(series.key)}” contains {values.min():g}; the logarithm "
                "needs values above 0.",
                "Turn the logarithm off, or add a constant to the values.",
                port="dataset",
            )
        values = np.log(values)
    if len(values) < _FEWEST:
        raise too_short(data, series, _FEWEST, "exponential smoothing")
    varies = values.min() < values.max()
    if varies and seasonal and (season < 2 or len(values) < 2 * season):
        raise too_short(data, series, 2 * max(season, 2), f"a season of {season} periods")
    return values


def _kinds(length: int, trend: str, seasonality: str, season: int) -> Iterator[tuple[str, int]]:
    """Yield the models to try: trend, and periods of the season or 0."""
    trends = ("none", "additive", "damped") if trend == "auto" else (trend,)
    seasons = {"none": [0], "additive": [season], "auto": [0]}[seasonality]
    if seasonality == "auto" and season > 1 and length >= 2 * season:
        seasons.append(season)
    yield from itertools.product(trends, seasons)


def _fitted(values: np.ndarray, trend: str, season: int) -> tuple[Any, bool]:
    """Return statsmodels' results, and whether they converged."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    model = ETSModel(
        values,
        trend=None if trend == "none" else "add",
        damped_trend=trend == "damped",
        seasonal="add" if season else None,
        seasonal_periods=season or None,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = model.fit(disp=False)
    return results, bool(results.mle_retvals.get("converged", True))


def _state_of(results: Any) -> dict[str, Any]:
    """Return the final state and the parameters as plain numbers."""
    import numpy as np

    model = results.model
    state = {
        "model": f"ETS({model.short_name})",
        "level": float(np.asarray(results.level)[-1]),
        "alpha": float(results.alpha),
        "spread": math.sqrt(float(results.mse)),
    }
    if model.has_trend:
        state |= {"trend": float(np.asarray(results.slope)[-1]), "beta": float(results.beta)}
    if model.damped_trend:
        state["phi"] = float(results.phi)
    if model.has_seasonal:
        seasonal = np.asarray(results.season)[-model.seasonal_periods :]
        state |= {"gamma": float(results.gamma), "seasonal": seasonal.tolist()}
    return state


@dataclass(frozen=True, eq=False, kw_only=True)
class SmoothingFit(FittedSeries):
    """The final state of each series.

    Parameters
    ----------
    season : int
        Periods of a season.
    states : list of dict
        ``level``, ``trend``, ``seasonal`` (by period of the next season), ``alpha``, ``beta``,
        ``gamma``, ``phi``, ``spread`` of the errors, and the name of the ``model``.
    logarithm : bool
        They forecast the logarithm.
    """

    season: int
    states: list[dict[str, Any]]
    logarithm: bool

    def ahead(self, index: int, steps: int, level: float) -> np.ndarray:
        """Return forecasts and bounds; see :class:`FittedSeries`."""
        import numpy as np

        state: dict[str, Any] = {
            "trend": 0.0,
            "alpha": 0.0,
            "beta": 0.0,
            "gamma": 0.0,
            "phi": 1.0,
            "seasonal": [],
        }
        state |= self.states[index]
        damping = np.cumsum(state["phi"] ** np.arange(1, steps + 1))
        mean = state["level"] + state["trend"] * damping
        if state["seasonal"]:
            mean += np.resize(state["seasonal"], steps)
        ends_season = np.arange(1, steps) % self.season == 0
        weights = state["alpha"] + state["beta"] * damping[:-1] + state["gamma"] * ends_season
        variance = np.concatenate([[1.0], 1 + np.cumsum(np.square(weights))])
        reach = normal_quantile(level) * state["spread"] * np.sqrt(variance)
        found = np.stack([mean, mean - reach, mean + reach])
        return np.exp(found) if self.logarithm else found


@dataclass(frozen=True, eq=False, kw_only=True)
class SmoothingModel(SmoothingFit, ForecastModel):
    """The fit as a model."""

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the parameters of each series."""
        names = ("model", "level", "trend", "alpha", "beta", "gamma", "phi", "spread")
        rows = tuple(
            (self.label_of(at), *(state.get(name) for name in names))
            for at, state in enumerate(self.states[:MOST_ROWS])
        )
        return {"Smoothing": Sheet(("Series", *(name.capitalize() for name in names)), rows)}


@dataclass(frozen=True, eq=False)
class ExponentialSmoothing(Forecaster):
    """The learner."""

    function = staticmethod(fit_exponential_smoothing)
    model = SmoothingModel
    libraries = ("numpy", "pandas", "statsmodels")
