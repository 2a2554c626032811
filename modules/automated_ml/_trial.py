"""One trial: a learner with its settings, trained and evaluated on each part of the rows."""

from __future__ import annotations

import errno
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.automated_ml._back_testing import back_test
from modules.automated_ml._learners import Setting, combined
from modules.automated_ml._outcome import NO_MEMORY, Outcome
from modules.automated_ml._problem import Problem
from modules.contract import ModuleError

if TYPE_CHECKING:
    from modules.values import UntrainedModel


@dataclass(frozen=True)
class Proposal:
    """A learner to try.

    Parameters
    ----------
    number : int
        From 1, in the order of the search.
    setting : Setting
        The learner, or what combines others.
    title, family : str
        The learner's title, and its name across tasks.
    limits : sequence of float
        See :meth:`modules.automated_ml._outcome.Outcome.stopped`.
    members : sequence of Setting
        The learners that the learner combines.
    """

    number: int
    setting: Setting
    title: str
    family: str
    limits: Sequence[float] = ()
    members: Sequence[Setting] = ()

    def made(self) -> UntrainedModel:
        """Return the learner."""
        if self.members:
            return combined(self.setting.learner, self.setting.parameters, self.members)
        return self.setting.made()


def evaluate(problem: Problem, proposal: Proposal) -> Outcome:
    """Train and evaluate a proposal; an error is part of the outcome."""
    outcome, began = Outcome(), time.perf_counter()
    try:
        with warnings.catch_warnings():
            # What a trial warns of is about settings that no one chose.
            warnings.simplefilter("ignore")
            if problem.back_test is None:
                _evaluate(problem, proposal, outcome)
            else:
                back_test(problem, proposal.made(), outcome, proposal.limits)
    except Exception as error:  # A trial that fails doesn't end the search.
        outcome.problem = reason(error)
        outcome.is_doubtful = not isinstance(error, ModuleError)
    if outcome.problem:
        outcome.scores = None
    outcome.seconds = time.perf_counter() - began
    return outcome


def reason(error: Exception) -> str:
    """Return why something failed, for a row of the leaderboard."""
    if isinstance(error, ModuleError):
        return error.message
    # As Python, C++, and the system report it.
    if isinstance(error, MemoryError) or "bad_alloc" in str(error):
        return NO_MEMORY
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return NO_MEMORY
    return f"{type(error).__name__}: {error}"


def _evaluate(problem: Problem, proposal: Proposal, outcome: Outcome) -> None:
    import numpy as np

    from modules.learning.evaluation.folds import evaluated
    from modules.learning.evaluation.undefined import counted_metrics

    target, learner = problem.target, proposal.made()
    actual = target.actual(problem.evaluated)
    parts = zip(problem.parts(), problem.rows, strict=True)
    for (training, testing), rows in parts:
        model = learner.fit(training, target.label, positive=target.positive)
        scored, report = evaluated(model, testing, target.label, "dataset")
        scores = target.scores(scored)
        if not np.isfinite(scores).all():
            raise ModuleError("scores-infinite", "The scores aren't finite numbers.")
        if outcome.scores is None:
            outcome.scores = np.zeros((len(actual), *scores.shape[1:]))
        outcome.scores[rows] = scores
        outcome.metrics.append(counted_metrics(report.metrics, len(testing)))
        outcome.values.append(target.metric.compute(actual[rows], scores))
        if outcome.stopped(proposal.limits, target.metric):
            return
