"""ARIMA."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import ModuleError, Serving, Sweep, Tasks, When, module, report_progress, warn
from modules.contract.code import CodeStep
from modules.contract.sheet import MOST_ROWS, Sheet
from modules.time_series._arima_order import FEWEST, best_order, fitted_order
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
