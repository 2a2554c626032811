"""Train Forecasting Model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from modules.contract import ColumnSelector, DataTable, Serving, Tasks, module
from modules.contract.code import CodeStep
from modules.contract.registry.automated import ForecastTraining
from modules.time_series._forecast_code import write_series
from modules.time_series._forecaster import TASK, forecaster
from modules.time_series._series import (
    Aggregate,
    Frequency,
    Missing,
    SeriesColumns,
    TimeColumn,
    ValueColumn,
    read_series,
)
from modules.values import TrainedModel, UntrainedModel


def _code(step: CodeStep) -> None:
    series, facts = write_series(step)
    step.write(f"{step.outputs[0]} = {step.inputs['untrained_model']}({series})")
    step.know("trained_model", facts)


def _plan(series: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in series.items() if name not in ("horizon", "folds")}


@module(
    "Train Forecasting Model",
    outputs=("trained_model",),
    keywords=("time series", "fit", "forecast", "predict the future"),
    code=_code,
    requires=("numpy", "pandas"),
    when_serving=Serving.AS_FITTED,
    automated=ForecastTraining(_plan),
)
def train_forecasting_model(
    untrained_model: Annotated[UntrainedModel, Tasks(TASK)],
    dataset: DataTable,
    *,
    time_column: TimeColumn,
    value_column: ValueColumn = ColumnSelector(),
    series_columns: SeriesColumns = ColumnSelector(),
    frequency: Frequency = "auto",
    aggregate: Aggregate = "error",
    missing: Missing = "interpolate",
) -> Annotated[TrainedModel, Tasks(TASK)]:
    """Train a forecaster on one or many series of values over time.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A forecaster, for example Seasonal Naive Forecaster.
    dataset : DataTable
        One row per time, and per series if there are several. The order doesn't matter.
    time_column : ColumnSelector
        The times, or the integers that number the periods.
    value_column : ColumnSelector
        The numbers to forecast. By default the column with the label role.
    series_columns : ColumnSelector
        Columns whose values identify a series: the shop and the product, for example.
    frequency : str
        The length of a period. Auto derives it from the median difference between times. Integers
        are periods themselves.
    aggregate : str
        How to combine several values of a series in one period; by default an error.
    missing : str
        How to fill periods without a value: linearly from their neighbors, or with 0.

    Returns
    -------
    trained_model : TrainedModel
        For Forecast.

    Notes
    -----
    Times with a time zone are converted to UTC. Weeks begin on Monday. Missing values at the ends
    of a series are cut off.
    """
    data = read_series(
        dataset,
        time_column,
        value_column,
        series_columns,
        frequency=frequency,
        aggregate=aggregate,
        missing=missing,
    )
    return forecaster(untrained_model).train(dataset, data)
