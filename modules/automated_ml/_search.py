"""The search: a portfolio of settings first, then those that Optuna proposes."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from modules.automated_ml._learners import Setting, family_of, in_folds, portfolio
from modules.automated_ml._outcome import Outcome
from modules.automated_ml._pool import Here, Pool
from modules.automated_ml._problem import Problem
from modules.automated_ml._proposals import Proposals
from modules.automated_ml._trial import Proposal
from modules.contract import ModuleSpec, report_progress
from modules.contract import context as step

ROUND = 8
"""Trials proposed at once. What is proposed next depends on whole rounds only, and so not on how
many of them ran at the same time."""

HOPELESS_SHARE = 0.1
"""How far behind the best a trial is hopeless: of its difference to a constant prediction."""

PORTFOLIO_SHARE = 0.6
"""Largest share of the budget for the portfolio."""


@dataclass(frozen=True)
class Trial:
    """A proposal with its outcome."""

    proposal: Proposal
    outcome: Outcome

    @property
    def settings(self) -> str:
        """The parameters that differ from the defaults, for display."""
        return settings_text(self.proposal.setting.parameters)


def settings_text(parameters: Any) -> str:
    """Return parameters for display: ``trees: 300, leaves: 8``."""
    return ", ".join(
        f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}"
        for name, value in parameters.items()
        if name != "seed"
    )


class Search:
    """A search for the best learner and settings.

    Parameters
    ----------
    specs : list of ModuleSpec
        The learners, see :func:`modules.automated_ml._learners.candidates`.
    trials : int
        The budget.
    minutes : float
        After that time no trial is started, but always the first one; 0 for no limit.
    """

    def __init__(
        self, problem: Problem, specs: list[ModuleSpec], *, trials: int, minutes: float, seed: int
    ) -> None:
        self._problem = problem
        self._metric = problem.target.metric
        self.budget = trials
        self._began = time.monotonic()
        self._deadline = self._began + minutes * 60 if minutes else math.inf
        self._seed = seed
        self._specs = {spec.function.__module__: spec for spec in specs}
        table, label = problem.training, problem.target.label
        first = portfolio(specs, in_folds(table, label, seed) if problem.back_test is None else ())
        share = max(len(specs), math.ceil(PORTFOLIO_SHARE * trials))
        self._waiting = [self._with_seed(setting) for setting in first[:share]]
        self._arms = {setting.arm: setting for setting in first}
        self._proposals = Proposals(
            {arm: self._specs[setting.learner] for arm, setting in self._arms.items()}, seed
        )
        self._constant = constant_gains(problem)
        self._done = 0
        self._started = False
        self.trials: list[Trial] = []
        self.ended_early = ""

    def run(self, pool: Pool | Here) -> list[Trial]:
        """Run the search to its end, or until the user or the clock stops it.

        Returns
        -------
        list of Trial
            In the order of their numbers.
        """
        while len(self.trials) < self.budget and not self._is_over():
            count = min(ROUND, self.budget - len(self.trials))
            proposals = self._next(count)
            if not proposals:
                self.ended_early = "There is nothing more to try."
                break
            found = pool.run(proposals, self._report, self._may_start)
            ran = [each for each in proposals if each.number in found]
            self.trials += [Trial(each, found[each.number]) for each in ran]
            if len(ran) < len(proposals):
                break
            for each in ran:
                self._proposals.tell(each, self._gain(found[each.number]))
        return self.trials

    def _may_start(self) -> bool:
        if self._is_over():
            return False
        self._started = True
        return True

    def _is_over(self) -> bool:
        if step.stop_requested():
            self.ended_early = "It was stopped."
        elif self._started and time.monotonic() > self._deadline:
            self.ended_early = "The time was up."
        return bool(self.ended_early)

    def _next(self, count: int) -> list[Proposal]:
        given, self._waiting = self._waiting[:count], self._waiting[count:]
        if len(given) < count and not self._waiting:
            best = self._best_arms()
            for arm, parameters in self._proposals.ask(count - len(given), best):
                given.append(self._with_seed(replace(self._arms[arm], parameters=parameters)))
        number, limits = len(self.trials), self._limits()
        return [
            Proposal(
                number + index,
                setting,
                setting.title,
                family_of(self._specs[setting.learner]),
                limits,
            )
            for index, setting in enumerate(given, start=1)
        ]

    def _with_seed(self, setting: Setting) -> Setting:
        seeded = self._specs[setting.learner].parameter_by_name.get("seed")
        if seeded is None or seeded.default == self._seed:
            return setting
        return replace(setting, parameters={**setting.parameters, "seed": self._seed})

    def _gain(self, outcome: Outcome) -> float:
        return self._metric.gain(outcome.mean)

    def _best(self) -> Trial | None:
        found = [trial for trial in self.trials if math.isfinite(self._gain(trial.outcome))]
        return max(found, key=lambda trial: self._gain(trial.outcome), default=None)

    def _best_arms(self) -> list[str]:
        """Return the learners whose best trial is among the best three, in their order."""
        best: dict[str, float] = {}
        for trial in self.trials:
            arm, gain = trial.proposal.setting.arm, self._gain(trial.outcome)
            if math.isfinite(gain):
                best[arm] = max(best.get(arm, -math.inf), gain)
        return sorted(best, key=lambda arm: -best[arm])[:3]

    def _limits(self) -> Sequence[float]:
        """Return what a trial must reach after each part but the last; nothing at first."""
        best = self._best()
        if best is None or len(self._constant) < 2:
            return ()
        limits, total = [], 0.0
        for index, (constant, value) in enumerate(
            zip(self._constant[:-1], best.outcome.values, strict=False), start=1
        ):
            gain = self._metric.gain(value)
            # Where a constant is better than the best, it would be hopeless itself.
            total += gain - HOPELESS_SHARE * abs(gain - constant)
            limits.append(total / index)
        return limits if math.isfinite(total) else ()

    def _report(self, proposal: Proposal, outcome: Outcome) -> None:
        self._done += 1
        left = self._seconds_left()
        text = f"Trial {self._done} of {self.budget}"
        if left:
            text += f", about {time_text(left)} left"
        report_progress(0.95 * self._done / self.budget, text)
        mean = outcome.mean
        step.report_trial(
            step.Trial(
                number=proposal.number,
                total=self.budget,
                title=proposal.title,
                details=settings_text(proposal.setting.parameters),
                metric=self._metric.name,
                score=mean if math.isfinite(mean) else None,
                spread=spread(outcome.values) if math.isfinite(mean) else None,
                seconds=outcome.seconds,
                higher_is_better=self._metric.higher_is_better,
                problem=outcome.problem,
                seconds_left=left,
            )
        )

    def _seconds_left(self) -> float:
        """Return how long the search will take if its trials take as long as until now."""
        now = time.monotonic()
        rest = (now - self._began) / self._done * (self.budget - self._done)
        return min(rest, max(self._deadline - now, 0.0))


def constant_gains(problem: Problem) -> list[float]:
    """Return what always predicting the frequencies, or the mean, gains on each part."""
    import numpy as np

    target = problem.target
    actual = target.actual(problem.evaluated)
    if target.classes:
        shares = np.bincount(actual, minlength=len(target.classes)) / len(actual)
        scores = np.tile(shares, (len(actual), 1))
    else:
        scores = np.full(len(actual), actual.mean())
    return [
        target.metric.gain(target.metric.compute(actual[rows], scores[rows]))
        for rows in problem.rows
    ]


def time_text(seconds: float) -> str:
    """Return a time of which only the order matters: ``40 s``, ``3 min``, ``1.5 h``."""
    if seconds <= 90:
        return f"{math.ceil(seconds)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def spread(values: Sequence[float]) -> float | None:
    """Return the standard deviation, that of a sample; None for a single value."""
    if len(values) < 2:
        return None
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
