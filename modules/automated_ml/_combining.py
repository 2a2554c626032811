"""Combining the best trials: greedy selection of a weighted average, or a learner on top.

Caruana et al. 2004, Ensemble Selection from Libraries of Models: with replacement, starting from
nothing, the model that improves the average most is added again and again. That fits the noise of
the rows held out, so the selection is repeated without each part of the rows in turn, as bagging
does, and its weights are drawn half the way to equal ones of the best trials.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from modules.automated_ml._learners import Setting
from modules.automated_ml._problem import Problem
from modules.automated_ml._search import Trial, constant_gains
from modules.automated_ml._trial import Proposal
from modules.contract import ModuleSpec
from modules.contract.registry.automated import Combination
from modules.contract.registry.discovery import automated_modules

if TYPE_CHECKING:
    import numpy as np

ADDITIONS = 25
"""How often a model is added to the average."""

EQUAL_SHARE = 0.25
"""Share of the trials, the best ones, that have the equal weights, at most half of one family."""

REPEATED_ROWS = 10_000
"""Up to so many rows the selection is repeated; of more, a part hardly changes it."""

REPEATS = 5
"""How often it is repeated at most."""


def combination(kind: str, task: str) -> ModuleSpec | None:
    """Return the module that combines learners of a task in a certain way, if there is one."""
    for spec in automated_modules():
        fits = isinstance(spec.automated, Combination) and task in spec.outputs[0].tasks
        if fits and cast(Combination, spec.automated).kind == kind:
            return spec
    return None


def most_members(spec: ModuleSpec) -> int:
    """Return how many learners a combination takes."""
    return cast(Combination, spec.automated).members


def combining(
    spec: ModuleSpec, members: Sequence[Trial], weights: list[int], seed: int, title: str
) -> Proposal:
    """Return the proposal that consists of others."""
    return Proposal(
        0,
        Setting(spec.function.__module__, cast(Combination, spec.automated).plan(weights, seed)),
        title,
        spec.title,
        members=[trial.proposal.setting for trial in members],
    )


def useful(problem: Problem, trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials to combine: those with scores, better than a constant.

    What is no better than a constant would only draw the average to it, for example trees without
    a split on few rows. If all are that bad, they may be better together; and a forecast may be
    worth more beside others than alone.
    """
    metric = problem.target.metric
    found = [trial for trial in trials if math.isfinite(metric.gain(trial.outcome.mean))]
    gains = constant_gains(problem) if problem.back_test is None else []
    constant = sum(gains) / len(gains) if gains else -math.inf
    better = [trial for trial in found if metric.gain(trial.outcome.mean) > constant]
    return better or found


def diverse(problem: Problem, trials: Sequence[Trial], most: int) -> list[Trial]:
    """Return the best trial of each family, the best first, at most so many."""
    return _best_of_families(problem, trials, 1)[:most]


def weighted(problem: Problem, trials: Sequence[Trial], most: int) -> list[tuple[Trial, int]]:
    """Return the members of the best average with their weights.

    Parameters
    ----------
    trials : sequence of Trial
        Those with scores.
    most : int
        The largest number of different members.

    Returns
    -------
    list of (Trial, int)
        The heaviest first, with the weights in percent.
    """
    library = _best_of_families(problem, trials, len(trials))
    shares = {index: share / 2 for index, share in _selected(problem, library, most).items()}
    count = min(most, max(2, math.ceil(EQUAL_SHARE * len(trials))))
    # Variants of one learner err alike.
    equal = _best_of_families(problem, trials, math.ceil(count / 2))[:count]
    for trial in equal:
        index = library.index(trial)
        shares[index] = shares.get(index, 0.0) + 1 / 2 / len(equal)
    weights = {index: round(100 * share) for index, share in shares.items()}
    heaviest = sorted(weights, key=lambda index: (-weights[index], index))[:most]
    return [(library[index], weights[index]) for index in heaviest if weights[index]]


def _best_of_families(problem: Problem, trials: Sequence[Trial], most: int) -> list[Trial]:
    """Return the best trials of each family, at most so many of each, the best first."""
    gain = problem.target.metric.gain
    found, counts = [], Counter[str]()
    for trial in sorted(trials, key=lambda each: (-gain(each.outcome.mean), each.proposal.number)):
        family = trial.proposal.family
        counts[family] += 1
        if counts[family] <= most:
            found.append(trial)
    return found


def _selected(problem: Problem, library: Sequence[Trial], most: int) -> dict[int, float]:
    """Return the share of each trial, on average over selections that leave out some parts."""
    parts = problem.rows
    groups = min(len(parts), REPEATS)
    if groups < 3 or len(problem.evaluated) > REPEATED_ROWS:
        selections = [parts]
    else:
        selections = [
            [part for number, part in enumerate(parts) if number % groups != left_out]
            for left_out in range(groups)
        ]
    shares: dict[int, float] = {}
    for chosen in selections:
        counts = _added(problem, library, most, chosen)
        for index, count in counts.items():
            shares[index] = shares.get(index, 0.0) + count / counts.total() / len(selections)
    return shares


def _added(
    problem: Problem, library: Sequence[Trial], most: int, parts: Sequence[np.ndarray]
) -> Counter[int]:
    """Return how often greedy selection adds each trial."""
    metric = problem.target.metric
    actual = problem.target.actual(problem.evaluated)
    counts: Counter[int] = Counter()
    total: np.ndarray | None = None
    best_gain, best_counts = -math.inf, counts
    for _ in range(ADDITIONS):
        found = []
        for index, trial in enumerate(library):
            if len(counts) >= most and index not in counts:
                continue
            scores = cast("np.ndarray", trial.outcome.scores)
            mixed = scores if total is None else total + scores
            average = mixed / (counts.total() + 1)
            values = [metric.compute(actual[part], average[part]) for part in parts]
            found.append((metric.gain(sum(values) / len(values)), -index))
        gain, negative = max(found)
        chosen = -negative
        scores = cast("np.ndarray", library[chosen].outcome.scores)
        total = scores if total is None else total + scores
        counts = counts + Counter({chosen: 1})
        if gain > best_gain:
            best_gain, best_counts = gain, counts
    return best_counts


def average(members: Sequence[tuple[Trial, int]]) -> np.ndarray:
    """Return the weighted mean of the scores, added up in the order of the members."""
    import numpy as np

    total: np.ndarray | None = None
    for trial, weight in members:
        part = cast("np.ndarray", trial.outcome.scores)
        last = part[:, 1] if part.ndim == 2 and part.shape[1] == 2 else part
        total = last * float(weight) if total is None else total + last * float(weight)
    assert total is not None
    mean: np.ndarray = total / float(sum(weight for _, weight in members))
    part = cast("np.ndarray", members[0][0].outcome.scores)
    return mean if mean.ndim == part.ndim else np.column_stack([1 - mean, mean])
