"""Automated ML for series: from the table to the best forecaster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from modules.automated_ml._back_testing import series_problem
from modules.automated_ml._learners import candidates
from modules.automated_ml._problem import Target
from modules.automated_ml._results import leaderboard, scored_rows
from modules.automated_ml._training import Budget, searched, trained, width_of
from modules.contract import DataTable, ModuleError, ModuleSpec, report_progress
from modules.contract.registry.automated import BackTest, ForecastTraining
from modules.contract.registry.discovery import automated_modules
from modules.values import TrainedModel
from modules.values.leaderboard import Leaderboard

TASK = "forecasting"


def train(
    dataset: DataTable, value: str, metric: str, series: Mapping[str, Any], options: Budget
) -> tuple[TrainedModel, Leaderboard, DataTable]:
    """Return the best forecaster's model, what was tried, and the forecasts of the past.

    Parameters
    ----------
    series : mapping
        Plain JSON parameters that describe the series, the horizon, and the number of folds.
    """
    report_progress(0.01, "Reading the series")
    back_test, training = _module(BackTest), _module(ForecastTraining)
    problem = series_problem(dataset, Target(TASK, value, [], "", 1.0, metric), back_test, series)
    numbers = dataset.frame[value].dropna().to_numpy("float64")
    width = width_of(numbers, value, "value_column")
    problem = replace(problem, target=replace(problem.target, width=width))
    entries = searched(problem, candidates(TASK, options.allowed, options.blocked), options)
    parameters = cast(ForecastTraining, training.automated).plan(series)
    arguments = training.read_parameters(parameters)
    entries, model = trained(entries, lambda learner: training(learner, dataset, **arguments)[0])
    best = entries[0]
    plan = {
        "left_out": [],
        "steps": [],
        "label": value,
        "positive": "",
        "validation": {
            "kind": "back test",
            "module": back_test.id,
            "parameters": cast(BackTest, back_test.automated).plan(series),
            "training": {"module": training.id, "parameters": parameters},
        },
    }
    scores = cast(Any, best.outcome.scores)
    scored = scored_rows(problem, problem.evaluated, scores, best.proposal.title)
    return model, leaderboard(entries, problem, plan), scored


def _module(declared: type) -> ModuleSpec:
    for spec in automated_modules():
        if isinstance(spec.automated, declared):
            return spec
    raise ModuleError(
        "not-installed",
        "No module that evaluates and trains forecasters is installed.",
        "Install the modules for time series.",
    )
