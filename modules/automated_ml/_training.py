"""Automated ML from the table to the best model: checks, preparation, search, final fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from modules.automated_ml import _combining as combining
from modules.automated_ml._learners import candidates
from modules.automated_ml._metrics import Metric
from modules.automated_ml._outcome import HOPELESS, Outcome
from modules.automated_ml._pool import Here, Pool
from modules.automated_ml._preparation import Prepared, prepare
from modules.automated_ml._problem import Problem, Target
from modules.automated_ml._results import Entry, leaderboard, outcome_of, scored_rows
from modules.automated_ml._search import Search, Trial, spread
from modules.automated_ml._trial import reason
from modules.automated_ml._validation import Validation
from modules.contract import DataTable, ModuleError, ModuleSpec, report_progress, warn
from modules.contract.context import part_of_progress, threads, using_threads
from modules.contract.data_table import kind_of
from modules.learning.preparation.model import with_preparation
from modules.values import TrainedModel, UntrainedModel
from modules.values.leaderboard import Leaderboard

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_FEW_ROWS = 50
"""On fewer rows, the standard error of an AUC of 0.8 is more than 0.06."""

_FEW_NUMBERS = 20
"""A label of at most this many different integers is taken for classes."""


@dataclass(frozen=True)
class Budget:
    """The parameters of the modules that decide what is tried."""

    trials: int
    minutes: float
    allowed: str
    blocked: str
    combine: str
    seed: int


@dataclass(frozen=True)
class Options(Budget):
    """The parameters of Automated ML."""

    task: str
    classification_metric: str
    regression_metric: str
    positive: str
    balance: bool


def train(
    dataset: DataTable,
    validation_dataset: DataTable | None,
    label: str,
    validation: Validation,
    options: Options,
) -> tuple[TrainedModel, Leaderboard, DataTable]:
    """Return the best model, what was tried, and the scores of rows that were held out."""
    dataset.require([label], parameter="label_column")
    dataset.require_rows(1, port="dataset")
    target = _target(dataset, label, options)
    balance = options.balance and target.task != "regression"
    report_progress(0.01, "Preparing the table")
    prepared = prepare(dataset, label, balance=balance, time=validation.time)
    divided = validation.divide(dataset, prepared, validation_dataset, target, options.seed)
    problem = Problem(target, divided.training, divided.fold_of_row, divided.validation)
    if len(problem.evaluated) < _FEW_ROWS:
        warn(
            f"Only {len(problem.evaluated)} rows are evaluated, so scores on new rows may be far "
            "from those of the leaderboard."
        )
    specs = candidates(target.task, options.allowed, options.blocked)
    entries = searched(problem, specs, options)
    entries, model = trained(
        entries, lambda learner: learner.fit(divided.whole, label, positive=target.positive)
    )
    best = entries[0]
    features = [name for name in prepared.features if name != label]
    model = with_preparation(model, prepared.steps, dataset, features)
    plan = _plan(prepared, divided.described, target)
    scored = scored_rows(
        problem, divided.shown, cast(Any, best.outcome.scores), best.proposal.title
    )
    return model, leaderboard(entries, problem, plan), scored


def searched(problem: Problem, specs: list[ModuleSpec], options: Budget) -> list[Entry]:
    """Return what was tried and combined, the best first.

    Raises
    ------
    ModuleError
        If there is no result at all.
    """
    search = Search(
        problem, specs, trials=options.trials, minutes=options.minutes, seed=options.seed
    )
    workers = min(threads(), options.trials)
    pool = Pool(problem, workers) if options.trials > 1 else Here(problem)
    with pool:
        trials = search.run(pool)
        combinations = _combined(problem, trials, pool, options)
    entries = [Entry(trial.proposal, trial.settings, trial.outcome) for trial in trials]
    entries = _ranked(entries + combinations, problem)
    _check(entries, trials, problem, search)
    return entries


def trained(
    entries: list[Entry], fit: Callable[[UntrainedModel], TrainedModel]
) -> tuple[list[Entry], TrainedModel]:
    """Train the best on all rows, or the next best if that fails.

    Parameters
    ----------
    entries : list of Entry
        The best first.

    Returns
    -------
    list of Entry
        Those that couldn't be trained are last, with the reason.
    TrainedModel
        That of the first.

    Raises
    ------
    Exception
        That of the last one if none can be trained.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    failed: list[Entry] = []
    while True:
        best, *others = entries
        title = best.proposal.title
        try:
            # As in the trials, so that the model doesn't depend on the number of threads.
            with (
                part_of_progress(0.95, 1.0, f"Training {title}"),
                using_threads(1),
                threadpool_limits(1),
            ):
                return [*entries, *failed], fit(best.proposal.made())
        except Exception as error:
            if not others or others[0].outcome.problem:
                raise
            why = reason(error)
        warn(f"{title} was the best, but training it on all rows failed: {why}")
        outcome = replace(best.outcome, problem=f"Training on all rows failed: {why}")
        failed.append(replace(best, outcome=outcome))
        entries = others


def _combined(
    problem: Problem, trials: list[Trial], pool: Pool | Here, options: Budget
) -> list[Entry]:
    """Return the combinations of the best trials."""
    usable = combining.useful(problem, trials)
    found: list[Entry] = []
    if len(usable) < 2 or options.combine == "none":
        return found
    spec = combining.combination("weights", problem.target.task)
    if spec is not None:
        report_progress(0.95, "Weighting the best")
        members = combining.weighted(problem, usable, combining.most_members(spec))
        if len(members) > 1:
            chosen, weights = zip(*members, strict=True)
            title = f"Weighted average of {len(members)}"
            proposal = combining.combining(spec, chosen, list(weights), options.seed, title)
            parts = [f"{weight} × trial {trial.proposal.number}" for trial, weight in members]
            if problem.back_test is None:
                outcome = outcome_of(problem, combining.average(members))
            else:
                outcome = pool.run([proposal], lambda *_: None, lambda: True)[0]
            found.append(Entry(proposal, ", ".join(parts), outcome))
    spec = combining.combination("stack", problem.target.task)
    if spec is not None and options.combine == "stacked models":
        report_progress(0.96, "Stacking the best")
        stacked = combining.diverse(problem, usable, combining.most_members(spec))
        if len(stacked) > 1:
            title = f"Stack of {len(stacked)}"
            proposal = combining.combining(spec, stacked, [], options.seed, title)
            outcomes = pool.run([proposal], lambda *_: None, lambda: True)
            numbers = ", ".join(f"trial {trial.proposal.number}" for trial in stacked)
            found.append(Entry(proposal, numbers, outcomes[0]))
    return found


def _ranked(entries: list[Entry], problem: Problem) -> list[Entry]:
    """Return the entries, the best first; of equal ones the simpler, then the earlier.

    The score of the best of many trials is too good, because it was chosen by it. So a
    combination is first unless a trial is clearly better.
    """
    metric = problem.target.metric
    ranked = sorted(
        entries,
        key=lambda entry: (
            -metric.gain(entry.outcome.mean),
            len(entry.proposal.members),
            entry.proposal.number,
        ),
    )
    combined = [entry for entry in ranked if entry.proposal.members]
    if combined and not _is_clearly_better(ranked[0].outcome, combined[0].outcome, metric):
        ranked.remove(combined[0])
        ranked.insert(0, combined[0])
    return ranked


def _is_clearly_better(one: Outcome, two: Outcome, metric: Metric) -> bool:
    """Return whether the mean difference exceeds its standard error over the parts."""
    if not math.isfinite(metric.gain(two.mean)):
        return True
    differences = [
        metric.gain(first) - metric.gain(second)
        for first, second in zip(one.values, two.values, strict=True)
    ]
    count = len(differences)
    return sum(differences) / count > (spread(differences) or 0.0) / math.sqrt(count)


def _check(entries: list[Entry], trials: list[Trial], problem: Problem, search: Search) -> None:
    """Warn about what the result lacks.

    Raises
    ------
    ModuleError
        If there is no result at all.
    """
    metric = problem.target.metric
    if not trials:
        raise ModuleError(
            "no-trials",
            "The search was stopped before its first trial.",
            "Run it again, and stop it later.",
        )
    if not math.isfinite(metric.gain(entries[0].outcome.mean)):
        reasons = [trial.outcome.problem for trial in trials if trial.outcome.problem]
        if not reasons:
            raise ModuleError(
                "metric-undefined",
                f"{metric.name} is undefined for every trial.",
                "Choose another metric, or fewer folds.",
            )
        raise ModuleError(
            "no-model",
            f"All {len(trials)} trials failed. The first: {reasons[0]}",
            "Correct the input data, allow other learners, or allow more time.",
            port="dataset",
        )
    failed = [trial for trial in trials if trial.outcome.problem not in ("", HOPELESS)]
    if failed:
        warn(f"{len(failed)} of {len(trials)} trials failed; the leaderboard shows why.")
    if search.ended_early:
        warn(f"{len(trials)} of {search.budget} trials were run. {search.ended_early}")


def _target(dataset: DataTable, label: str, options: Options) -> Target:
    from modules.learning.labels import labeled, target_of, with_positive

    column = labeled(dataset.frame[[label]], label)[label]
    classification = options.task == "classification" or (
        options.task == "automatic" and _has_classes(column)
    )
    if not classification:
        numbers, _ = target_of(column, "regression")
        width = width_of(numbers, label, "label_column")
        return Target("regression", label, [], "", width, options.regression_metric)
    task = "two-class" if column.nunique() <= 2 else "multiclass"
    positive = options.positive
    if positive and task == "two-class":
        table = with_positive(
            DataTable(column.to_frame()), label, positive, UntrainedModel("", task)
        )
        column = table.frame[label]
    _, classes = target_of(column, task)
    return Target(task, label, list(classes), positive, 1.0, options.classification_metric)


def width_of(numbers: np.ndarray, label: str, parameter: str) -> float:
    """Return the range of a numeric label.

    Raises
    ------
    ModuleError
        If it is constant, or infinite.
    """
    width = float(numbers.max() - numbers.min())
    if not width:
        raise ModuleError(
            "constant-label",
            f"Column “{label}” has the same value in every row.",
            "Choose another label column.",
            parameter=parameter,
            column=label,
        )
    if not math.isfinite(width):
        raise ModuleError(
            "infinite-value",
            f"Column “{label}” contains infinite values.",
            "Remove these rows, or limit the values with Clip Values.",
            parameter=parameter,
            column=label,
        )
    return width


def _has_classes(column: pd.Series) -> bool:
    kind = kind_of(column.dtype)
    if kind in ("integer", "number"):
        whole = kind == "integer" or bool((column % 1 == 0).all())
        return column.nunique() <= (_FEW_NUMBERS if whole else 2)
    return True


def _plan(prepared: Prepared, validation: Mapping[str, Any], target: Target) -> dict[str, Any]:
    return {
        "left_out": prepared.left_out,
        "steps": [
            {
                "module": step.module,
                "parameters": dict(step.parameters),
                "port": step.port,
                "for_training": step.for_training,
            }
            for step in prepared.steps
        ],
        "label": target.label,
        "positive": target.positive,
        "validation": dict(validation),
    }
