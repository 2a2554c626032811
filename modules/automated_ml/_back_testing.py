"""Evaluating forecasters from several points in time, by the module that declares to do it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from modules.automated_ml._outcome import Outcome
from modules.automated_ml._problem import Problem, Target
from modules.contract import DataTable, ModuleError, ModuleSpec, Role
from modules.contract.installed import module_functions
from modules.contract.registry.automated import BackTest
from modules.contract.specification import specification

if TYPE_CHECKING:
    from modules.values import UntrainedModel


def series_problem(
    table: DataTable, target: Target, spec: ModuleSpec, series: Mapping[str, Any]
) -> Problem:
    """Return the problem of forecasting the series of a table.

    Parameters
    ----------
    spec : ModuleSpec
        Declares a :class:`BackTest`.
    series : mapping
        Plain JSON parameters that describe the series, the horizon, and the number of folds.

    Raises
    ------
    ModuleError
        If the table has no such series, or they are too short for the folds.
    """
    declared = cast(BackTest, spec.automated)
    parameters = declared.plan(series)
    rows: DataTable = declared.rows(table, **spec.read_parameters(parameters))
    folds = rows.frame[rows.having_role(Role.FOLD)[0]].to_numpy("int64")
    back_test = {"module": spec.function.__module__, "parameters": parameters}
    return Problem(target, table, folds, rows, back_test)


def back_test(
    problem: Problem, learner: UntrainedModel, outcome: Outcome, limits: Sequence[float]
) -> None:
    """Evaluate a forecaster on one fold after the other, as long as it isn't hopeless.

    Parameters
    ----------
    limits : sequence of float
        See :meth:`modules.automated_ml._outcome.Outcome.stopped`.

    Raises
    ------
    ModuleError
        If it can't be trained, or what it forecasts isn't finite.
    """
    import numpy as np

    assert problem.back_test is not None
    (function, *_) = module_functions(problem.back_test["module"])
    spec, target = specification(function), problem.target
    arguments = spec.read_parameters(problem.back_test["parameters"])
    actual = target.actual(problem.evaluated)
    outcome.scores = np.zeros(len(actual))
    tested = cast(BackTest, spec.automated).folds(learner, problem.training, **arguments)
    for rows, (scored, metrics) in zip(problem.rows, tested, strict=True):
        scores = target.scores(scored)
        if not np.isfinite(scores).all():
            raise ModuleError("scores-infinite", "The forecasts aren't finite numbers.")
        outcome.scores[rows] = scores
        outcome.metrics.append(
            {name: value for name, value in metrics.items() if math.isfinite(value)}
        )
        outcome.values.append(target.metric.compute(actual[rows], scores))
        if outcome.stopped(limits, target.metric):
            return
