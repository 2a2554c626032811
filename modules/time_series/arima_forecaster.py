"""ARIMA."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import ModuleError, Serving, Sweep, Tasks, When, module, report_progress, warn
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
from modules.time_series._learner import ARIMA_TRIALS, Season
from modules.values import UntrainedModel

if TYPE_CHECKING:
    import numpy as np

    from modules.time_series._series import SeriesTable

TITLE = "ARIMA"
FEWEST = 10
"""Fewest periods beside those that differences use up."""

LONGEST_SEASON = 24
"""Auto tries seasonal terms up to this: the time grows with the cube of the season."""

_STRONG_SEASON = 0.64
_SEARCH = 30  # Iterations while orders are compared.

_COMPARED = 200
"""Last periods on which they are compared, at least; the chosen one is fitted to all."""

_CHOSEN = "chosen"


def _code(step: CodeStep) -> None:
    write_forecaster(step, fit_arima, TITLE)


def _order(title: str) -> Any:
    return Field(ge=0, le=12, title=title)


@module(
    "ARIMA Forecaster",
    outputs=("untrained_model",),
    keywords=("sarima", "box-jenkins", "autoregressive", "moving average", "time series"),
    code=_code,
    requires=("numpy", "pandas", "statsmodels"),
    when_serving=Serving.DROP,
    automated=ARIMA_TRIALS,
)
def arima_forecaster(
    *,
    order: Annotated[Literal["auto", "chosen"], Field(title="Order")] = "auto",
    most: Annotated[int, Field(ge=1, le=5, title="Largest order to try"), When(order="auto")] = 3,
    autoregression: Annotated[
        int, _order("Autoregressive terms (p)"), When(order=_CHOSEN), Sweep(0, 1, 2)
    ] = 1,
    differences: Annotated[
        int, Field(ge=0, le=2, title="Differences (d)"), When(order=_CHOSEN), Sweep(0, 1)
    ] = 1,
    moving_average: Annotated[
        int, _order("Moving average terms (q)"), When(order=_CHOSEN), Sweep(0, 1, 2)
    ] = 1,
    seasonal_autoregression: Annotated[
        int, Field(ge=0, le=3, title="Seasonal autoregressive terms (P)"), When(order=_CHOSEN)
    ] = 0,
    seasonal_differences: Annotated[
        int, Field(ge=0, le=1, title="Seasonal differences (D)"), When(order=_CHOSEN)
    ] = 0,
    seasonal_moving_average: Annotated[
        int, Field(ge=0, le=3, title="Seasonal moving average terms (Q)"), When(order=_CHOSEN)
    ] = 0,
    season: Season = None,
    constant: Annotated[bool, Field(title="Mean or drift")] = True,
    logarithm: Annotated[bool, Field(title="Forecast the logarithm")] = False,
) -> Annotated[UntrainedModel, Tasks(TASK)]:
    """Forecast a series from its own last values and the last errors, after differences.

    For series whose values depend on each other over short distances, with or without a season.

    Parameters
    ----------
    order : str
        Auto chooses the order for each series.
    most : int
        Auto tries p and q up to this, and P and Q up to 1.
    autoregression : int
        On how many previous values a value depends.
    differences : int
        How often the series is replaced with its changes: once for a series that wanders.
    moving_average : int
        On how many previous errors a value depends.
    seasonal_autoregression : int
        On how many values of the same period in previous seasons a value depends.
    seasonal_differences : int
        Once to replace the series with its changes from season to season.
    seasonal_moving_average : int
        On how many errors of the same period in previous seasons a value depends.
    season : int, optional
        Number of periods after which a pattern repeats. By default that of the frequency: 60
        minutes, 24 hours, 7 days, 52 weeks, 12 months, 4 quarters, or 1 for no season.
    constant : bool
        Fit a mean, or with one difference a drift. With two there is none.
    logarithm : bool
        For values above 0 whose fluctuations grow with their level.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Forecasting Model and Back-Test Forecast.

    Notes
    -----
    Box and Jenkins (1970), by maximum likelihood with statsmodels' ``SARIMAX``. Auto follows
    Hyndman and Khandakar (2008): a seasonal difference if the season of an STL decomposition has a
    strength above 0.64, differences until the seasonally adjusted series passes the KPSS test at 5
    %, at most two, or one with a seasonal difference; then from four orders on, p, q, P and Q
    change by 1 as long as the corrected Akaike criterion gets smaller. Orders are compared on the
    last 200 periods, or eight seasons if these are longer. P and Q stay 0 for seasons longer than
    24 periods. The variance of the errors is that of the residuals with the degrees of freedom that
    the parameters leave; otherwise the intervals treat the parameters as known, and are exact for
    normal errors. With the logarithm, the forecast is the median.
    """
    parameters = {
        "order": order,
        "most": most,
        "autoregression": autoregression,
        "differences": differences,
        "moving_average": moving_average,
        "seasonal_autoregression": seasonal_autoregression,
        "seasonal_differences": seasonal_differences,
        "seasonal_moving_average": seasonal_moving_average,
        "season": season,
        "constant": constant,
        "logarithm": logarithm,
    }
    return Arima(title=TITLE, task=TASK, learner=__name__, parameters=parameters)


def fit_arima(
    data: SeriesTable,
    *,
    order: str,
    most: int,
    autoregression: int,
    differences: int,
    moving_average: int,
    seasonal_autoregression: int,
    seasonal_differences: int,
    seasonal_moving_average: int,
    season: int | None,
    constant: bool,
    logarithm: bool,
) -> ArimaFit:
    """Return the state space of each series at its end."""
    import numpy as np

    season = season_of(data, season)
    seasonal = season > 1
    chosen = (
        autoregression,
        differences,
        moving_average,
        seasonal_autoregression * seasonal,
        seasonal_differences * seasonal,
        seasonal_moving_average * seasonal,
    )
    states = []
    for number, series in enumerate(data.series):
        label = data.label(series.key)
        report_progress(number / len(data.series), f"series {label}")
        values = series.values
        if logarithm and values.min() <= 0:
            raise ModuleError(
                "not-positive",
                f"Series “{label}” contains {values.min():g}; the logarithm needs values above 0.",
                "Turn the logarithm off, or add a constant to the values.",
                port="dataset",
            )
        values = np.log(values) if logarithm else values
        lost = 0 if order == "auto" else chosen[1] + season * chosen[4]
        if len(values) < FEWEST + lost:
            raise too_short(data, series, FEWEST + lost, "ARIMA")
        if values.min() == values.max():
            states.append({"order": "constant", "level": float(values[0])})
            continue
        best = best_order(values, season, most, constant) if order == "auto" else chosen
        fitted, converged = fitted_order(values, best, season, constant)
        if fitted is None or not converged:
            warn(f"ARIMA of series “{label}” didn't converge, so it isn't optimal.")
        if fitted is None:
            states.append({"order": "constant", "level": float(values[-1])})
            continue
        states.append(state_of(fitted, best, season, float(values.std())))
    return ArimaFit(**data.facts(), states=states, logarithm=logarithm)


def fitted_order(
    values: np.ndarray,
    order: tuple[int, ...],
    season: int,
    constant: bool,
    iterations: int = 200,
) -> tuple[Any, bool]:
    """Return statsmodels' results for a scaled series, or None, and whether they converged.

    With few iterations, for a search, differences are taken before: their state is small.
    """
    import numpy as np
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    p, d, q, sp, sd, sq = order
    model = SARIMAX(
        values / values.std(),
        order=(p, d, q),
        seasonal_order=(sp, sd, sq, season if season > 1 else 0),
        trend="c" if constant and d + sd < 2 else "n",
        simple_differencing=iterations == _SEARCH,
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            results = model.fit(disp=False, maxiter=iterations)
        except (ValueError, np.linalg.LinAlgError):
            return None, False
    if not np.isfinite(results.llf):
        return None, False
    return results, bool(results.mle_retvals.get("converged", True))


def best_order(values: np.ndarray, season: int, most: int, constant: bool) -> tuple[int, ...]:
    """Return the order that a stepwise search finds (Hyndman and Khandakar 2008)."""
    import math

    d, sd = needed_differences(values, season)
    values = values[-max(_COMPARED, 8 * season) :]
    if values.min() == values.max():
        return (0, d, 0, 0, sd, 0)
    seasonal = int(1 < season <= LONGEST_SEASON and len(values) > 3 * season)
    found: dict[tuple[int, ...], float] = {}

    def worth(order: tuple[int, ...]) -> float:
        if order not in found:
            p, q, sp, sq = order
            order_of_all = (p, d, q, sp, sd, sq)
            results, _ = fitted_order(values, order_of_all, season, constant, _SEARCH)
            found[order] = math.inf if results is None else float(results.aicc)
        return found[order]

    starts = [(2, 2, 1, 1), (0, 0, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1)]
    tried = [(min(p, most), min(q, most), sp * seasonal, sq * seasonal) for p, q, sp, sq in starts]
    best: tuple[int, ...] = min(tried, key=worth)
    limits = (most, most, seasonal, seasonal)
    while True:
        around = [
            tuple(best[i] + (step if i in which else 0) for i in range(4))
            for which in ((0,), (1,), (2,), (3,), (0, 1), (2, 3))
            for step in (-1, 1)
        ]
        allowed = [
            each
            for each in around
            if all(0 <= value <= limit for value, limit in zip(each, limits, strict=True))
        ]
        nearest = min(allowed, key=worth, default=best)
        if worth(nearest) >= worth(best):
            return (best[0], d, best[1], best[2], sd, best[3])
        best = nearest


def needed_differences(values: np.ndarray, season: int) -> tuple[int, int]:
    """Return how often a series should be differenced, and whether by seasons."""
    import numpy as np
    from statsmodels.tsa.seasonal import STL
    from statsmodels.tsa.stattools import kpss

    seasonal, changed = 0, values
    if season > 1 and len(values) >= 2 * season + 1:
        parts = STL(values, period=season, seasonal=7).fit()
        joint = np.var(parts.seasonal + parts.resid)
        strength = 1 - np.var(parts.resid) / joint if joint > 0 else 0.0
        seasonal = int(strength > _STRONG_SEASON and len(values) > season + FEWEST)
        if seasonal:
            # Not its seasonal differences: those of a random walk are stationary.
            changed = values - parts.seasonal
    count = 0
    while count < 2 and len(changed) > FEWEST and changed.std() > 1e-12 * np.abs(values).max():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if kpss(changed, regression="c", nlags="auto")[1] >= 0.05:
                break
        changed, count = np.diff(changed), count + 1
    return (min(count, 1) if seasonal else count), seasonal


def state_of(results: Any, order: tuple[int, ...], season: int, scale: float) -> dict[str, Any]:
    """Return the state space at the end of a series as plain numbers, in the scale of the fit."""
    import numpy as np

    space = results.model.ssm
    selection = np.asarray(space["selection"])
    noise = selection @ np.asarray(space["state_cov"]) @ selection.T
    p, d, q, sp, sd, sq = order
    used = int(results.nobs) - d - season * sd
    # Of the residuals, as in a regression: the estimated parameters fit them too closely.
    spread = used / max(used - len(results.params) + 1, 1)
    name = f"({p},{d},{q})" + (f"({sp},{sd},{sq})[{season}]" if season > 1 else "")
    return {
        "order": name,
        "scale": scale,
        "parameters": dict(zip(results.model.param_names, map(float, results.params), strict=True)),
        "aicc": float(results.aicc),
        "state": results.predicted_state[:, -1].tolist(),
        "covariance": (results.predicted_state_cov[:, :, -1] * spread).tolist(),
        "transition": np.asarray(space["transition"]).tolist(),
        "design": np.ravel(space["design"]).tolist(),
        "intercept": np.reshape(space["state_intercept"], (len(noise), -1))[:, 0].tolist(),
        "noise": (noise * spread).tolist(),
    }


@dataclass(frozen=True, eq=False, kw_only=True)
class ArimaFit(FittedSeries):
    """The state space of each series at its end.

    Parameters
    ----------
    states : list of dict
        The ``order`` as text; ``state``, ``covariance``, ``transition``, ``design``,
        ``intercept`` and ``noise`` of the prediction of the first period, divided by ``scale``;
        or the ``level`` of a constant series.
    logarithm : bool
        They forecast the logarithm.
    """

    states: list[dict[str, Any]]
    logarithm: bool

    def ahead(self, index: int, steps: int, level: float) -> np.ndarray:
        """Return forecasts and bounds; see :class:`FittedSeries`."""
        import numpy as np

        given = self.states[index]
        mean, variance = np.full(steps, given.get("level", 0.0)), np.zeros(steps)
        if "state" in given:
            state, covariance, transition, design, intercept, noise = (
                np.asarray(given[name])
                for name in (
                    "state",
                    "covariance",
                    "transition",
                    "design",
                    "intercept",
                    "noise",
                )
            )
            for step in range(steps):
                mean[step], variance[step] = design @ state, design @ covariance @ design
                state = transition @ state + intercept
                covariance = transition @ covariance @ transition.T + noise
            mean, variance = mean * given["scale"], variance * given["scale"] ** 2
        reach = normal_quantile(level) * np.sqrt(np.maximum(variance, 0.0))
        found = np.stack([mean, mean - reach, mean + reach])
        return np.exp(found) if self.logarithm else found


@dataclass(frozen=True, eq=False, kw_only=True)
class ArimaModel(ArimaFit, ForecastModel):
    """The fit as a model."""

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the order and the parameters of each series."""
        rows = tuple(
            (
                self.label_of(at),
                state["order"],
                state.get("aicc"),
                ", ".join(
                    f"{name} {value:.4g}" for name, value in state.get("parameters", {}).items()
                ),
            )
            for at, state in enumerate(self.states[:MOST_ROWS])
        )
        note = "The parameters are those of the series divided by its standard deviation."
        return {"ARIMA": Sheet(("Series", "Order", "AICc", "Parameters"), rows, note)}


@dataclass(frozen=True, eq=False)
class Arima(Forecaster):
    """The learner."""

    function = staticmethod(fit_arima)
    model = ArimaModel
    libraries = ("numpy", "pandas", "statsmodels")
