"""Boosted Trees Forecaster."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import ModuleError, Numbers, Serving, Sweep, Tasks, module
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
from modules.time_series._lag_matrix import LagFeatures
from modules.time_series._learner import BOOSTED_TREES_TRIALS, Season
from modules.values import UntrainedModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from modules.time_series._series import Series, SeriesTable

TITLE = "Boosted Trees Forecaster"

_HELD_OUT = 0.2
"""Share of each series that the width of the intervals is measured on."""


def _code(step: CodeStep) -> None:
    write_forecaster(step, fit_boosted_trees, TITLE)


@module(
    TITLE,
    outputs=("untrained_model",),
    keywords=("gradient boosting", "lightgbm", "lag", "global model", "machine learning"),
    code=_code,
    requires=("numpy", "pandas", "lightgbm", "scikit-learn"),
    when_serving=Serving.DROP,
    automated=BOOSTED_TREES_TRIALS,
)
def boosted_trees_forecaster(
    *,
    lags: Annotated[str, Numbers(), Field(title="Lags")] = "1, 2, 3",
    season: Season = None,
    trees: Annotated[int, Field(ge=1, title="Number of trees"), Sweep(50, 100, 200)] = 100,
    leaves: Annotated[
        int, Field(ge=2, le=131_072, title="Maximum leaves per tree"), Sweep(4, 8, 16, 31)
    ] = 8,
    min_leaf_rows: Annotated[int, Field(ge=1, title="Minimum rows to form a leaf")] = 5,
    learning_rate: Annotated[float, Field(gt=0, le=1), Sweep(0.025, 0.05, 0.1, 0.2)] = 0.1,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random number seed")] = 0,
) -> Annotated[UntrainedModel, Tasks(TASK)]:
    """Forecast all series with one model of boosted trees on their latest values and the calendar.

    It learns patterns that the series share, so it suits many series, or long ones.

    Parameters
    ----------
    lags : str
        How many periods back the values are that the trees see, separated by commas. The last
        two seasons are always included.
    season : int, optional
        Number of periods after which a pattern repeats. By default that of the frequency: 60
        minutes, 24 hours, 7 days, 52 weeks, 12 months, 4 quarters, or 1.
    trees : int
        Number of trees, built one after the other.
    leaves : int
        Maximum number of leaves per tree. More leaves fit finer patterns, and noise.
    min_leaf_rows : int
        Minimum number of periods in a leaf.
    learning_rate : float
        Weight of each tree's correction. Smaller values need more trees.
    seed : int
        Seed of the trees.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Forecasting Model and Back-Test Forecast.

    Notes
    -----
    LightGBM predicts the change from the value one season before, relative to the mean absolute
    value of the series; trees alone can't continue a trend. The features are, relative to the same
    value: the lags, the value two seasons before, and the mean of the last season; and the month,
    the day of the month, the weekday, the hour, the position in the season, and the series. Later
    steps see the forecasts of earlier ones (recursive strategy).

    For the intervals, a second model is trained without the last 20 % of each series and forecasts
    them: from each of their periods on, or of long series from a few dozen, evenly spaced. The
    interval of a step is the normal quantile times the root of the mean squared error of forecasts
    as many steps ahead (never less than that of fewer steps, and growing with the square root
    beyond those measured).
    """
    parameters = {
        "lags": lags,
        "season": season,
        "trees": trees,
        "leaves": leaves,
        "min_leaf_rows": min_leaf_rows,
        "learning_rate": learning_rate,
        "seed": seed,
    }
    _lags(lags)
    return BoostedTrees(title=TITLE, task=TASK, learner=__name__, parameters=parameters)


def fit_boosted_trees(
    data: SeriesTable,
    *,
    lags: str,
    season: int | None,
    trees: int,
    leaves: int,
    min_leaf_rows: int,
    learning_rate: float,
    seed: int,
) -> BoostedTreesFit:
    """Return the trees, the end of each series, and the errors by step."""
    import numpy as np

    season, chosen = season_of(data, season), _lags(lags)
    scales = [float(np.abs(each.values).mean()) or 1.0 for each in data.series]
    features = LagFeatures(chosen, season, data.calendar)
    needed = features.history + 10
    for series in data.series:
        if len(series.values) < needed:
            raise too_short(data, series, needed, "boosting with these lags")
    held_out = [max(int(len(each.values) * _HELD_OUT), 1) for each in data.series]
    shorter = [
        series.before(series.end - count)
        for series, count in zip(data.series, held_out, strict=True)
    ]
    parameters = {
        "trees": trees,
        "leaves": leaves,
        "min_leaf_rows": min_leaf_rows,
        "learning_rate": learning_rate,
        "seed": seed,
    }
    measured = _fitted(features, shorter, scales, parameters)
    spread = _spread(features, measured, data.series, held_out, scales)
    fitted = _fitted(features, data.series, scales, parameters)
    return BoostedTreesFit(
        **data.facts(),
        lags=list(chosen),
        season=season,
        scales=scales,
        tails=np.stack([each.values[-features.history :] for each in data.series]),
        trees=fitted.model_,
        width=fitted.n_features_in_,
        spread=spread,
    )


def _fitted(
    features: LagFeatures,
    series: Sequence[Series],
    scales: Sequence[float],
    parameters: Mapping[str, Any],
) -> Any:
    """Return one model for all series."""
    import numpy as np

    from modules.learning.lightgbm_trees import LightGBMRegressor

    found = [
        features.table(each.values / scale, each.start, code)
        for code, (each, scale) in enumerate(zip(series, scales, strict=True))
    ]
    matrix, target = (np.concatenate(parts) for parts in zip(*found, strict=True))
    with warnings.catch_warnings():
        # No split is right if the changes are constant.
        warnings.simplefilter("ignore")
        return LightGBMRegressor(**parameters).fit(matrix, target)


def _spread(
    features: LagFeatures,
    measured: Any,
    series: Sequence[Series],
    held_out: Sequence[int],
    scales: Sequence[float],
) -> list[float]:
    """Return the root of the mean squared error of each step, in scales."""
    import numpy as np

    errors: list[list[float]] = [[] for _ in range(max(held_out))]
    for code, (each, count, scale) in enumerate(zip(series, held_out, scales, strict=True)):
        values = each.values / scale
        # A few dozen origins are sufficient, and one at least.
        for left in range(count, 0, -max(count // 24, 1)):
            history, actual = values[: len(values) - left], values[len(values) - left :]
            tail = history[-features.history :]
            found = features.forecast(measured, tail, each.end - left, left, code)
            for step, error in enumerate(found - actual):
                errors[step].append(float(error))
    growing = np.maximum.accumulate([root_mean_square(found) for found in errors])
    return [float(error) for error in growing]


def _lags(text: str) -> tuple[int, ...]:
    """Return the lags of a list.

    Raises
    ------
    ModuleError
        If it isn't a list of integers from 1.
    """
    try:
        found = sorted({int(part) for part in text.split(",") if part.strip()})
    except ValueError:
        found = []
    if not found or found[0] < 1 or found[-1] > 10_000:
        raise ModuleError(
            "bad-lags",
            f"“{text}” isn't a list of lags.",
            "Enter integers from 1 to 10,000, for example 1, 2, 7.",
            parameter="lags",
        )
    return tuple(found)


@dataclass(frozen=True, eq=False, kw_only=True)
class BoostedTreesFit(FittedSeries):
    """Trees on lags.

    Parameters
    ----------
    lags, season
        As in the learner.
    scales : list of float
        The mean absolute value of each series.
    tails : numpy.ndarray, shape (series, periods)
        The last values of each series.
    trees : str
        The trees, as LightGBM writes them.
    width : int
        The number of features.
    spread : list of float
        The root of the mean squared error by step, in scales.
    """

    lags: list[int]
    season: int
    scales: list[float]
    tails: np.ndarray
    trees: str
    width: int
    spread: list[float]

    def ahead(self, index: int, steps: int, level: float) -> np.ndarray:
        """Return forecasts and bounds; see :class:`FittedSeries`."""
        import numpy as np

        features = LagFeatures(tuple(self.lags), self.season, self.calendar)
        scale = self.scales[index]
        mean = features.forecast(
            self._estimator(), self.tails[index] / scale, self.ends[index], steps, index
        )
        known = np.asarray(self.spread)
        beyond = np.sqrt(np.arange(1, steps + 1) / len(known)).clip(min=1.0)
        spread = np.resize(np.append(known, [known[-1]] * steps), steps) * beyond
        reach = normal_quantile(level) * spread
        return np.stack([mean, mean - reach, mean + reach]) * scale

    def _estimator(self) -> Any:
        from modules.learning.lightgbm_trees import LightGBMRegressor

        estimator = LightGBMRegressor()
        estimator.model_, estimator.n_features_in_ = self.trees, self.width
        return estimator


@dataclass(frozen=True, eq=False, kw_only=True)
class BoostedTreesModel(BoostedTreesFit, ForecastModel):
    """The fit as a model."""


@dataclass(frozen=True, eq=False)
class BoostedTrees(Forecaster):
    """The learner."""

    function = staticmethod(fit_boosted_trees)
    model = BoostedTreesModel
    libraries = ("numpy", "pandas", "lightgbm")
