"""Back-Test Forecast."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import (
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    Serving,
    Tasks,
    module,
    warn,
)
from modules.contract.code import CodeStep, ScoreFacts, TableFacts
from modules.contract.context import part_of_progress
from modules.contract.data_table import Scoring
from modules.contract.registry.automated import BackTest
from modules.time_series._fitted_series import MOST_STEPS, FittedSeries
from modules.time_series._forecast_code import write_series
from modules.time_series._forecaster import TASK, forecaster
from modules.time_series._series import (
    FOLD,
    FORECAST,
    LOWER,
    STEP,
    UPPER,
    Aggregate,
    Frequency,
    Missing,
    Series,
    SeriesColumns,
    SeriesTable,
    TimeColumn,
    ValueColumn,
    read_series,
)
from modules.values import UntrainedModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd


def _code(step: CodeStep) -> None:
    series, facts = write_series(step)
    given = ", ".join(f"{name}={step.source(name)}" for name in ("horizon", "folds", "level"))
    call = f"{step.helper(back_tested)}({step.inputs['untrained_model']}, {series}, {given})"
    step.write(f"{', '.join(step.outputs)} = {call}")
    roles = dict.fromkeys((FORECAST, LOWER, UPPER), Role.SCORE) | {FOLD: Role.FOLD}
    scores = None
    if facts.value is not None:
        roles[facts.value] = Role.LABEL
        scores = ScoreFacts("regression", FORECAST, facts.value, facts.title)
    step.know("scored_results", TableFacts(roles, scores))
    step.know("metrics", TableFacts(are_metrics=True))


def _plan(series: Mapping[str, Any]) -> dict[str, Any]:
    return dict(series)


def _rows(dataset: DataTable, *, horizon: int, folds: int, **given: Any) -> DataTable:
    """Return the rows that the folds forecast, with their values; see :class:`BackTest`."""
    import pandas as pd

    given.pop("level")
    data = read_series(dataset, **given)
    parts = [
        pd.DataFrame(_held_out(data, trained, series, cut, horizon, fold))
        for fold, cut in enumerate(_cuts(data, horizon, folds))
        for trained, series in _pairs(data, cut, fold)
    ]
    return DataTable(pd.concat(parts, ignore_index=True), {data.value: Role.LABEL, FOLD: Role.FOLD})


def _each_fold(
    untrained_model: UntrainedModel,
    dataset: DataTable,
    *,
    horizon: int,
    folds: int,
    level: float,
    **given: Any,
) -> Iterator[tuple[DataTable, Mapping[str, float]]]:
    """Yield the scored rows and the metrics of one fold after the other; see :class:`BackTest`."""
    learner, data = forecaster(untrained_model), read_series(dataset, **given)
    for scored, metrics in _tested(learner.method, data, horizon, folds, level):
        numbers = {name: float(value) for name, value in metrics.items() if name != FOLD}
        yield _with_roles(scored, data, learner.title), numbers


@module(
    "Back-Test Forecast",
    outputs=("scored_results", "metrics"),
    keywords=("cross validation", "rolling origin", "backtest", "mase", "time series", "evaluate"),
    code=_code,
    requires=("numpy", "pandas"),
    when_serving=Serving.DROP,
    automated=BackTest(_plan, _rows, _each_fold),
)
def back_test_forecast(
    untrained_model: Annotated[UntrainedModel, Tasks(TASK)],
    dataset: DataTable,
    *,
    time_column: TimeColumn,
    value_column: ValueColumn = ColumnSelector(),
    series_columns: SeriesColumns = ColumnSelector(),
    frequency: Frequency = "auto",
    aggregate: Aggregate = "error",
    missing: Missing = "interpolate",
    horizon: Annotated[int, Field(ge=1, le=MOST_STEPS, title="Periods to forecast")] = 12,
    folds: Annotated[int, Field(ge=1, le=1_000, title="Number of folds")] = 3,
    level: Annotated[float, Field(gt=0, lt=1, title="Coverage of the interval")] = 0.95,
) -> tuple[DataTable, DataTable]:
    """Measure how well a forecaster would have predicted the past, from several points in time.

    Each fold trains on the values up to a point and forecasts the periods after it. A random cross
    validation would let the model see the future.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A forecaster, for example Exponential Smoothing.
    dataset : DataTable
        One row per time, and per series if there are several.
    time_column : ColumnSelector
        The times, or the integers that number the periods.
    value_column : ColumnSelector
        The numbers to forecast. By default the column with the label role.
    series_columns : ColumnSelector
        Columns whose values identify a series.
    frequency : str
        The length of a period. Auto derives it from the median difference between times.
    aggregate : str
        How to combine several values of a series in one period; by default an error.
    missing : str
        How to fill periods without a value: linearly from their neighbors, or with 0.
    horizon : int
        Number of periods that each fold forecasts.
    folds : int
        Number of folds. The last one ends with the data, each earlier one ``horizon`` periods
        before.
    level : float
        The share of the values that the interval is expected to contain.

    Returns
    -------
    scored_results : DataTable
        One row per fold, series, and period: the value, its forecast with bounds, and the
        ``Step`` from 1. Evaluate Model can use it.
    metrics : DataTable
        One row per fold, and one with the ``Fold Number`` ``Mean``.

    Notes
    -----
    MAE and RMSE are the mean absolute and the root mean squared error. MAPE is the mean of
    ``|error| / |value|``, missing if a value is 0. MASE is the MAE of each series divided by that
    of the seasonal naive forecast in its training data (Hyndman and Koehler 2006), averaged over
    the series; below 1 is better than naive. Coverage is the share of values within the bounds.

    A series without any value for a fold's training, or after it, is left out of that fold.
    """
    learner = forecaster(untrained_model)
    data = read_series(
        dataset,
        time_column,
        value_column,
        series_columns,
        frequency=frequency,
        aggregate=aggregate,
        missing=missing,
    )
    scored, metrics = back_tested(learner.method, data, horizon=horizon, folds=folds, level=level)
    mean = metrics.iloc[-1].drop(FOLD)
    found = {str(name): float(value) for name, value in mean.items() if math.isfinite(value)}
    return _with_roles(scored, data, learner.title), DataTable(metrics, metrics=found)


def _with_roles(scored: pd.DataFrame, data: SeriesTable, title: str) -> DataTable:
    roles = dict.fromkeys((FORECAST, LOWER, UPPER), Role.SCORE)
    roles |= {data.value: Role.LABEL, FOLD: Role.FOLD}
    return DataTable(scored, roles, Scoring("regression", FORECAST, data.value, learner=title))


def back_tested(
    method: Callable[[SeriesTable], FittedSeries],
    data: SeriesTable,
    *,
    horizon: int,
    folds: int,
    level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the forecasts of each fold beside the values, and the metrics by fold."""
    import pandas as pd

    parts, rows = zip(*_tested(method, data, horizon, folds, level), strict=True)
    metrics = pd.DataFrame(rows).astype({FOLD: "str"})
    mean = metrics.drop(columns=FOLD).mean(skipna=False)
    metrics = pd.concat([metrics, pd.DataFrame([{FOLD: "Mean", **mean}])], ignore_index=True)
    return pd.concat(parts, ignore_index=True), metrics.astype({FOLD: "str"})


def _tested(
    method: Callable[[SeriesTable], FittedSeries],
    data: SeriesTable,
    horizon: int,
    folds: int,
    level: float,
) -> Iterator[tuple[pd.DataFrame, dict[str, Any]]]:
    """Yield the scored rows and the metrics of one fold after the other."""
    for fold, cut in enumerate(_cuts(data, horizon, folds)):
        with part_of_progress(fold / folds, (fold + 1) / folds, f"fold {fold + 1} of {folds}"):
            scored, scaled = _fold(method, data, cut, horizon, level, fold)
        yield scored, _metrics(scored, data.value, scaled, fold)


def _fold(
    method: Callable[[SeriesTable], FittedSeries],
    data: SeriesTable,
    cut: int,
    horizon: int,
    level: float,
    fold: int,
) -> tuple[pd.DataFrame, list[float]]:
    """Return the scored rows of a fold, and the scaled error of each series."""
    import numpy as np
    import pandas as pd

    pairs = _pairs(data, cut, fold)
    if len(pairs) < len(data.series) and fold == 0:
        warn(f"{len(data.series) - len(pairs):,} series are too short for every fold.")
    known = replace(data, series=tuple(each for each, _ in pairs))
    model = method(known)
    frames, scaled = [], []
    for index, (trained, series) in enumerate(pairs):
        columns = _held_out(data, trained, series, cut, horizon, fold)
        actual = columns[data.value]
        found = model.ahead(index, len(actual), level)
        columns |= dict(zip((FORECAST, LOWER, UPPER), found, strict=True))
        frames.append(pd.DataFrame(columns))
        season = min(data.calendar.season, len(trained.values) - 1) or 1
        naive = np.abs(trained.values[season:] - trained.values[:-season])
        if len(naive) and naive.mean() > 0:
            scaled.append(float(np.abs(found[0] - actual).mean() / naive.mean()))
    return pd.concat(frames, ignore_index=True), scaled


def _cuts(data: SeriesTable, horizon: int, folds: int) -> list[int]:
    """Return the first period that each fold forecasts."""
    end = max(series.end for series in data.series)
    return [end - (folds - fold) * horizon for fold in range(folds)]


def _pairs(data: SeriesTable, cut: int, fold: int) -> list[tuple[Series, Series]]:
    """Return the series that a fold forecasts: up to the cut, and whole.

    Raises
    ------
    ModuleError
        If there is none.
    """
    pairs = [(each.before(cut), each) for each in data.series if each.start < cut < each.end]
    if not pairs:
        raise ModuleError(
            "series-too-short",
            f"There are no values to train on before fold {fold + 1}, or none after it.",
            "Set fewer folds, or a shorter horizon.",
            parameter="folds",
        )
    return pairs


def _held_out(
    data: SeriesTable, trained: Series, series: Series, cut: int, horizon: int, fold: int
) -> dict[str, Any]:
    """Return the rows of a series that a fold forecasts, as columns."""
    import numpy as np

    actual = series.values[cut - series.start :][:horizon]
    return {
        FOLD: fold,
        data.time: data.calendar.times(cut + np.arange(len(actual))),
        **dict(zip(data.groups, trained.key, strict=True)),
        STEP: np.arange(1, len(actual) + 1),
        data.value: actual,
    }


def _metrics(scored: pd.DataFrame, value: str, scaled: list[float], fold: int) -> dict[str, Any]:
    import numpy as np

    actual = scored[value].to_numpy()
    errors = np.abs(scored[FORECAST].to_numpy() - actual)
    inside = (actual >= scored[LOWER].to_numpy()) & (actual <= scored[UPPER].to_numpy())
    relative = (errors / np.abs(actual)).mean() if (actual != 0).all() else math.nan
    return {
        FOLD: str(fold),
        "MAE": errors.mean(),
        "RMSE": np.sqrt(np.square(errors).mean()),
        "MAPE": relative,
        "MASE": np.mean(scaled) if scaled else math.nan,
        "Coverage": inside.mean(),
    }
