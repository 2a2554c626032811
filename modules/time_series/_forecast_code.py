"""Forecasting as code without this project: a forecaster is a partial call of what fits series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature

from modules.contract.code import CodeStep, TableFacts, literal
from modules.contract.data_table import Role
from modules.time_series._fitted_series import FittedSeries
from modules.time_series._series import series_of


@dataclass(frozen=True)
class ForecasterFacts:
    """What is known of a forecaster while code is written."""

    title: str


@dataclass(frozen=True)
class ForecastFacts:
    """What is known of a trained one: what it was made by, and what it forecasts."""

    title: str
    value: str | None


def write_forecaster(step: CodeStep, function: Callable[..., FittedSeries], title: str) -> None:
    """Write a forecaster: what fits series, with its parameters."""
    names = list(signature(function).parameters)[1:]
    given = ", ".join(f"{name}={step.source(name)}" for name in names)
    partial = step.name("functools", "partial")
    step.write(f"{step.outputs[0]} = {partial}({step.helper(function)}, {given})")
    step.know("untrained_model", ForecasterFacts(title))


def write_series(step: CodeStep) -> tuple[str, ForecastFacts]:
    """Write how the series of a dataset are read; return their variable and what is known."""
    learner, table = step.facts("untrained_model"), step.facts("dataset")
    if not isinstance(learner, ForecasterFacts) or not isinstance(table, TableFacts):
        step.refuse("its forecaster isn't known")
    series, frame = step.variable("series"), step.inputs["dataset"]
    if _is_chosen(step, "value_column"):
        names = step.names("value_column") if not step.is_bound("value_column") else None
        value, known = _column(step, "value_column"), names[0] if names else None
    else:
        labels = table.having_role(Role.LABEL)
        if len(labels) != 1:
            step.refuse("the column to forecast isn't known before the run; choose it by name")
        value, known = literal(labels[0]), labels[0]
    columns = f"{_column(step, 'time_column')}, {value}"
    groups = "[]"
    if _is_chosen(step, "series_columns"):
        groups = step.columns("series_columns", "dataset")
    options = ", ".join(
        f"{name}={step.source(name)}" for name in ("frequency", "aggregate", "missing")
    )
    step.write(f"{series} = {step.helper(series_of)}({frame}, {columns}, {groups}, {options})")
    return series, ForecastFacts(learner.title, known)


def _is_chosen(step: CodeStep, parameter: str) -> bool:
    return step.is_bound(parameter) or not step.value(parameter).is_empty


def _column(step: CodeStep, parameter: str) -> str:
    """Return the source of the name of the one column that a parameter selects."""
    names = None if step.is_bound(parameter) else step.names(parameter)
    return literal(names[0]) if names else f"{step.columns(parameter, 'dataset')}[0]"
