"""Automated Forecasting."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    Serving,
    Tasks,
    module,
)
from modules.contract.registry.discovery import automated_modules
from modules.learning.learner_parameters import Seed
from modules.values import TrainedModel
from modules.values.leaderboard import Leaderboard


@module(
    "Automated Forecasting",
    outputs=("best_model", "leaderboard", "scored_folds"),
    keywords=("automl", "automated ml", "time series", "forecast", "best model", "rolling origin"),
    requires=("numpy", "pandas", "scikit-learn", "optuna"),
    when_serving=Serving.AS_FITTED,
    code="it searches; run it, choose “Open as pipeline” for a trial, and export that",
    calls=automated_modules,
)
def automated_forecasting(
    dataset: DataTable,
    *,
    time_column: Annotated[
        ColumnSelector,
        Columns(of="dataset", single=True, kinds=("datetime", "integer")),
        Field(title="Time column"),
    ],
    value_column: Annotated[
        ColumnSelector,
        Columns(of="dataset", single=True, kinds=("integer", "number"), role="label"),
        Field(title="Value column"),
    ] = ColumnSelector(),
    series_columns: Annotated[
        ColumnSelector, Columns(of="dataset"), Field(title="Columns that identify a series")
    ] = ColumnSelector(),
    horizon: Annotated[int, Field(ge=1, le=10_000, title="Periods to forecast")] = 12,
    frequency: Literal[
        "auto", "minute", "hour", "day", "week", "month", "quarter", "year"
    ] = "auto",
    aggregate: Annotated[
        Literal["error", "sum", "mean", "last"], Field(title="Several values of a period")
    ] = "error",
    missing: Annotated[
        Literal["interpolate", "zero"], Field(title="Missing periods")
    ] = "interpolate",
    metric: Annotated[
        Literal[
            "Normalized root mean squared error",
            "R2 score",
            "Normalized mean absolute error",
            "Spearman correlation",
        ],
        Field(title="Primary metric"),
    ] = "Normalized root mean squared error",
    trials: Annotated[int, Field(ge=1, le=10_000, title="Number of trials")] = 20,
    minutes: Annotated[float, Field(ge=0, title="Time limit in minutes")] = 0.0,
    folds: Annotated[int, Field(ge=1, le=1_000, title="Number of folds")] = 3,
    allowed_learners: Annotated[str, Field(title="Allowed learners")] = "",
    blocked_learners: Annotated[str, Field(title="Blocked learners")] = "",
    ensemble: Annotated[
        Literal["weighted average", "none"], Field(title="Combine the best")
    ] = "weighted average",
    seed: Seed = 0,
) -> tuple[Annotated[TrainedModel, Tasks("forecasting")], Leaderboard, DataTable]:
    """Find the best forecaster and settings for one or many series, and train it.

    Each trial is evaluated by a rolling origin: it is trained on the values up to a point in time
    and forecasts the periods after it. Each can be opened as a pipeline.

    Parameters
    ----------
    dataset : DataTable
        One row per time, and per series if there are several. The order doesn't matter.
    time_column : ColumnSelector
        The times, or the integers that number the periods.
    value_column : ColumnSelector
        The numbers to forecast. By default the column with the label role.
    series_columns : ColumnSelector
        Columns whose values identify a series: the shop and the product, for example.
    horizon : int
        Number of periods that each fold forecasts: as many as will be needed at once.
    frequency : str
        The length of a period. Auto derives it from the median difference between times. Integers
        are periods themselves.
    aggregate : str
        How to combine several values of a series in one period; by default an error.
    missing : str
        How to fill periods without a value: linearly from their neighbors, or with 0.
    metric : str
        Decides which forecaster is the best, under Azure's name. Errors are divided by the range
        of the values.
    trials : int
        How many forecasters with settings are tried.
    minutes : float
        After that time no further trial is started; 0 for no limit. The first trial is always
        finished. A run that is ended by the time can't be repeated exactly.
    folds : int
        Number of points in time. The last fold ends with the data, each earlier one ``horizon``
        periods before.
    allowed_learners : str
        Try only these, separated by commas: Seasonal Naive, Exponential Smoothing, ARIMA, Boosted
        Trees. Empty for all.
    blocked_learners : str
        Don't try these.
    ensemble : str
        Average the forecasts of the best trials with weights, unless the best of them is clearly
        better.
    seed : int
        Determines the order of the search, and the learners' own seeds.

    Returns
    -------
    best_model : TrainedModel
        The best forecaster, trained on all values. For Forecast and for endpoints.
    leaderboard : Leaderboard
        A row for each trial, the best first. Each can be opened as a pipeline.
    scored_folds : DataTable
        The values that were held out with the forecasts of the best trial, for Evaluate Model.

    Notes
    -----
    Settings that are good for many series are tried first. What they leave of the budget is for
    the tree-structured Parzen estimator of Optuna (Bergstra et al. 2011), for the three best
    forecasters. The average is chosen greedily (Caruana et al. 2004); of three folds or more, its
    weights are the mean over selections that each leave out some of them. They are drawn to equal
    ones of the two best forecasters, the more the fewer values were forecast. It comes first on the
    leaderboard unless a trial is better by more than the standard error of the difference over the
    folds. A trial is stopped early if after some of the folds it is worse than the best
    one was there, by more than 10% of the difference between that and a constant prediction.

    Trials run in separate processes, as many at once as the step has threads, with one thread
    each. The outputs are the same for any number. A trial that ends its process, or fails
    unexpectedly, is tried again alone with the memory of all; if it fails again, its row of the
    leaderboard has the reason. The scores of the best trial are slightly too good, because it was
    chosen by them.
    """
    from modules.automated_ml._forecasting import train
    from modules.automated_ml._training import Budget
    from modules.learning.labels import label_to_predict
    from modules.learning.tuning.trials import warning_once

    value = label_to_predict(dataset, value_column, parameter="value_column")
    groups = series_columns.resolve_each(
        dataset.columns, parameter="series_columns", allow_empty=True
    )
    series = {
        "time_column": [time_column.resolve_one(dataset.columns, parameter="time_column")],
        "value_column": [value],
        "series_columns": list(groups),
        "frequency": frequency,
        "aggregate": aggregate,
        "missing": missing,
        "horizon": horizon,
        "folds": folds,
    }
    options = Budget(
        trials=trials,
        minutes=minutes,
        allowed=allowed_learners,
        blocked=blocked_learners,
        combine=ensemble,
        seed=seed,
    )
    with warning_once():
        return train(dataset, value, metric, series, options)
