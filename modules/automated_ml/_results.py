"""The rows of the leaderboard, and the scores of the best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from modules.automated_ml._outcome import Outcome
from modules.automated_ml._problem import Problem
from modules.automated_ml._search import spread
from modules.automated_ml._trial import Proposal
from modules.contract import DataTable, Role
from modules.values.leaderboard import Leaderboard

if TYPE_CHECKING:
    import numpy as np

FOLD = "Fold Number"


@dataclass(frozen=True)
class Entry:
    """A row of the leaderboard.

    Parameters
    ----------
    proposal : Proposal
        The learner, with number 0 if it combines others.
    settings : str
        For display.
    """

    proposal: Proposal
    settings: str
    outcome: Outcome


def outcome_of(problem: Problem, scores: np.ndarray) -> Outcome:
    """Return how good scores of the evaluated rows are."""
    import pandas as pd

    from modules.learning.evaluation.reports import report_on
    from modules.learning.evaluation.undefined import counted_metrics

    target = problem.target
    actual = target.actual(problem.evaluated)
    labels = problem.evaluated.frame[target.label]
    outcome = Outcome(scores=scores)
    for rows in problem.rows:
        scored, scoring = target.scored(scores[rows])
        label = labels.iloc[rows].reset_index(drop=True)
        joined = pd.concat([label, scored], axis=1)
        report = report_on(DataTable(joined), scoring, "", "dataset")
        outcome.metrics.append(counted_metrics(report.metrics, len(rows)))
        outcome.values.append(target.metric.compute(actual[rows], scores[rows]))
    return outcome


def leaderboard(entries: list[Entry], problem: Problem, plan: Mapping[str, Any]) -> Leaderboard:
    """Return the leaderboard of ranked entries."""
    target = problem.target
    return Leaderboard(
        target.task,
        target.label,
        target.metric.name,
        target.metric.higher_is_better,
        [_row(entry) for entry in entries],
        plan,
    )


def scored_rows(problem: Problem, shown: DataTable, scores: np.ndarray, title: str) -> DataTable:
    """Return the evaluated rows with the scores, and the fold of each if there are folds.

    Parameters
    ----------
    shown : DataTable
        The rows as they came.
    """
    import pandas as pd

    added, scoring = problem.target.scored(scores)
    names: list[str] = list(added.columns)
    roles = {**shown.roles, **dict.fromkeys(names, Role.SCORE), problem.target.label: Role.LABEL}
    if problem.fold_of_row is not None and FOLD not in shown.names:
        added = added.assign(**{FOLD: problem.fold_of_row})
        roles[FOLD] = Role.FOLD
    kept = shown.frame.drop(columns=[name for name in added.columns if name in shown.names])
    frame = pd.concat([kept.reset_index(drop=True), added], axis=1)
    return DataTable(frame, roles, replace(scoring, learner=title))


def _row(entry: Entry) -> dict[str, Any]:
    outcome, proposal = entry.outcome, entry.proposal
    mean = outcome.mean
    known = math.isfinite(mean)
    names = outcome.metrics[0] if known and outcome.metrics else {}
    metrics = {
        name: sum(part.get(name, math.nan) for part in outcome.metrics) / len(outcome.metrics)
        for name in names
    }
    return {
        "number": proposal.number,
        "title": proposal.title,
        "settings": entry.settings,
        "score": mean if known else None,
        "spread": spread(outcome.values) if known else None,
        "metrics": {name: value for name, value in metrics.items() if math.isfinite(value)},
        "problem": outcome.problem or ("" if known else "The metric is undefined"),
        "learners": [
            {
                **_module(each.learner, each.parameters),
                "through": _module(*each.through) if each.through else None,
            }
            for each in proposal.members or [proposal.setting]
        ],
        "combination": _module(proposal.setting.learner, proposal.setting.parameters)
        if proposal.members
        else None,
    }


def _module(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"module": name.rpartition(".")[2], "parameters": dict(parameters)}
