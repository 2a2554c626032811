"""Forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import DataTable, ModuleError, Tasks, module, warn
from modules.contract.code import CodeStep, ScoreFacts, TableFacts
from modules.contract.data_table import Role, Scoring
from modules.time_series._fitted_series import MOST_STEPS, FittedSeries
from modules.time_series._forecast_code import ForecastFacts
from modules.time_series._forecaster import TASK, ForecastModel
from modules.time_series._series import FORECAST, LOWER, UPPER
from modules.values import TrainedModel

if TYPE_CHECKING:
    import pandas as pd


def _code(step: CodeStep) -> None:
    model, level = step.inputs["trained_model"], step.source("level")
    facts, table = step.facts("trained_model"), step.facts("dataset")
    if not isinstance(facts, ForecastFacts):
        step.refuse("what its model forecasts isn't known before the run")
    scores = dict.fromkeys((FORECAST, LOWER, UPPER), Role.SCORE)
    if "dataset" not in step.inputs:
        step.write(f"{step.outputs[0]} = {model}.next_periods({step.source('horizon')}, {level})")
        step.know("forecast", TableFacts(scores))
        return
    call = f"{step.helper(with_forecast)}({step.inputs['dataset']}, {model}, {level})"
    step.write(f"{step.outputs[0]} = {call}")
    scored = ScoreFacts("regression", FORECAST, facts.value, facts.title)
    step.know("forecast", TableFacts({**table.roles, **scores}, scored))


@module(
    "Forecast",
    outputs=("forecast",),
    keywords=("time series", "future", "prediction interval", "horizon"),
    code=_code,
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
        The share of the values that the interval is expected to contain.

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
    scores = dict.fromkeys((FORECAST, LOWER, UPPER), Role.SCORE)
    if dataset is None:
        return DataTable(model.next_periods(horizon, level), scores)
    dataset.require((model.time, *model.groups), port="dataset")
    found = with_forecast(dataset.frame, model, level)
    label = model.label if model.label in found.columns else None
    scoring = Scoring("regression", FORECAST, label, learner=model.title)
    return DataTable(found, dict(dataset.roles) | scores, scoring)


def with_forecast(frame: pd.DataFrame, model: FittedSeries, level: float) -> pd.DataFrame:
    """Return a frame with forecasts as its last columns."""
    found, lost = model.at_times(frame, level)
    if lost:
        warn(
            f"{lost:,} of {len(frame):,} rows have no forecast: their time isn't after the "
            "training data, or their series is unknown."
        )
    return frame.drop(columns=list(found), errors="ignore").join(found)
