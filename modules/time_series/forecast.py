"""Forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import DataTable, ModuleError, Tasks, module, warn
from modules.contract.data_table import Role, Scoring
from modules.time_series._forecaster import MOST_STEPS, TASK, ForecastModel
from modules.time_series._series import FORECAST
from modules.values import TrainedModel

if TYPE_CHECKING:
    import pandas as pd


@module(
    "Forecast",
    outputs=("forecast",),
    keywords=("time series", "future", "prediction interval", "horizon"),
    code="forecasters are part of ModelDesk",
    requires=("numpy", "pandas"),
    row="forecasts of a request's rows are computed by series",
)
def forecast(
    trained_model: Annotated[TrainedModel, Tasks(TASK)],
    dataset: DataTable | None = None,
    *,
    horizon: Annotated[int, Field(ge=1, le=MOST_STEPS, title="Periods to forecast")] = 12,
    level: Annotated[float, Field(gt=0, lt=1, title="Coverage of the interval")] = 0.95,
) -> DataTable:
    """Forecast the next periods of every series, or those of a table's rows.

    Parameters
    ----------
    trained_model : TrainedModel
        From Train Forecasting Model.
    dataset : DataTable, optional
        Rows to forecast, with the time column and the columns that identify a series. Values to
        compare with may be there too. Without it, the next periods after the training data are
        forecast.
    horizon : int
        Number of periods, if no dataset is linked.
    level : float
        The interval is expected to contain as large a share of the values.

    Returns
    -------
    forecast : DataTable
        The times and series, or the columns of the dataset, with ``Scored Labels``,
        ``Lower Bound``, and ``Upper Bound``. With the values, Evaluate Model can use it.

    Notes
    -----
    There is no forecast for periods before the end of the training data, and for unknown series.
    """
    model = trained_model
    if not isinstance(model, ForecastModel):
        raise ModuleError(
            "wrong-model",
            f"{model.title} can't forecast a series.",
            "Link the output of Train Forecasting Model.",
            port="trained_model",
        )
    if dataset is None:
        return model.next_periods(horizon, level)
    found, lost = model.at_times(dataset, level)
    if lost:
        warn(
            f"{lost:,} of {len(dataset):,} rows have no forecast: their time isn't after the "
            "training data, or their series is unknown."
        )
    return with_forecast(dataset, found, model)


def with_forecast(table: DataTable, found: pd.DataFrame, model: ForecastModel) -> DataTable:
    """Return a table with forecasts as its last columns."""
    kept = table.frame.drop(columns=[name for name in found.columns if name in table.names])
    label = model.label if model.label in kept.columns else None
    scoring = Scoring("regression", FORECAST, label, learner=model.title)
    roles = dict(table.roles) | dict.fromkeys(found.columns, Role.SCORE)
    return DataTable(kept.assign(**{str(name): found[name] for name in found}), roles, scoring)
