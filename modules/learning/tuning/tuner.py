"""Searches: which settings are tried, and in which order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from modules.contract import RangeToTry, Search, ValuesToTry
from modules.contract.context import part_of_progress
from modules.learning.tuning.parts import Parts, Thinned
from modules.learning.tuning.settings import (
    Setting,
    Space,
    applying_to,
    different,
    entire_grid,
    random_grid,
    random_sweep,
    space_of,
)
from modules.learning.tuning.trials import Aim, Trial
from modules.values import UntrainedModel

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Mode = Literal["entire grid", "random sweep", "random grid", "successive halving", "Bayesian"]

FACTOR = 3
"""One in three settings of a round of successive halving is in the next."""

FEWEST_ROWS = 50
"""Rows that successive halving trains on, at least."""

FEWEST_COMPARED = 5
"""Settings that are evaluated in full before others are stopped."""


SEARCHING = 0.95
"""The share of the progress until the best setting is known."""


class Tuner:
    """Evaluates a learner with one setting after the other.

    Parameters
    ----------
    positive : str
        The positive class of two, as text; empty for the second in their order.
    stop_poor : bool
        Leave out the other folds of a setting that is worse than the median of those before.
    patience : int
        How many settings in a row may be no better than the best so far; 0 for any number.

    Attributes
    ----------
    space : mapping
        What is tried, by parameter.
    trials : list of Trial
        In the order in which they were tried.
    """

    def __init__(
        self,
        learner: UntrainedModel,
        parts: Parts,
        label: str,
        aim: Aim,
        *,
        positive: str = "",
        seed: int = 0,
        stop_poor: bool = False,
        patience: int = 0,
    ) -> None:
        self.space: Space = space_of(learner)
        self.trials: list[Trial] = []
        self._learner = learner
        self._parts = parts
        self._label = label
        self._aim = aim
        self._positive = positive
        self._seed = seed
        self._stop_poor = stop_poor
        self._patience = patience

    def search(self, mode: Mode, runs: int) -> None:
        """Try settings.

        Parameters
        ----------
        runs : int
            How many, except for the entire grid.

        Raises
        ------
        ModuleError
            If the grid has too many.
        """
        if mode == "Bayesian":
            self._bayesian(runs)
        elif mode == "successive halving":
            self._halving(random_sweep(self._learner, self.space, runs, self._seed))
        elif mode == "entire grid":
            self._each(entire_grid(self._learner, self.space))
        else:
            drawn = random_sweep if mode == "random sweep" else random_grid
            self._each(drawn(self._learner, self.space, runs, self._seed))

    def _each(self, settings: Sequence[Setting]) -> None:
        for number, setting in enumerate(settings):
            if self._is_exhausted():
                return
            trial = Trial(setting)
            self.trials.append(trial)
            with _progress(number, len(settings)):
                self._evaluate(trial, self._parts)

    def _halving(self, settings: Sequence[Setting]) -> None:
        """Try all settings on few rows, and the best of each round on three times as many.

        K. Jamieson and A. Talwalkar, Non-stochastic best arm identification and hyperparameter
        optimization, AISTATS 2016.
        """
        rows = min(len(training) for training, _ in self._parts)
        rounds = min(
            math.floor(math.log(len(settings), FACTOR) + 1e-9),
            max(math.floor(math.log(max(rows / FEWEST_ROWS, 1), FACTOR)), 0),
        )
        self.trials = [Trial(setting) for setting in settings]
        left = list(self.trials)
        sizes = [math.ceil(len(left) / FACTOR**number) for number in range(rounds + 1)]
        done = 0
        for number in range(rounds + 1):
            share = float(FACTOR) ** (number - rounds)
            parts = Thinned(
                self._parts,
                self._label,
                share,
                self._seed,
                stratified=self._learner.task != "regression",
            )
            for trial in left:
                trial.share = share
                with _progress(done, sum(sizes)):
                    self._evaluate(trial, parts)
                done += 1
            # Sorting is stable: of equally good ones the first stay.
            usable = [trial for trial in left if not math.isnan(self._aim.cost(trial))]
            if number < rounds:
                left = sorted(usable, key=self._aim.cost)[: sizes[number + 1]]
                left.sort(key=self.trials.index)

    def _bayesian(self, runs: int) -> None:
        """Try settings that Optuna's tree-structured Parzen estimator expects to be good.

        J. Bergstra et al., Algorithms for hyper-parameter optimization, NIPS 2011.
        """
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.TPESampler(
            seed=self._seed, n_startup_trials=max(min(runs // 3, 10), 1)
        )
        study = optuna.create_study(sampler=sampler)
        distributions = {name: _distribution(self.space[name]) for name in sorted(self.space)}
        applying = applying_to(self._learner)
        for number in range(runs):
            if self._is_exhausted():
                return
            asked = study.ask(distributions)
            proposed = {name: _value(self.space[name], asked.params[name]) for name in asked.params}
            setting = applying(proposed)
            tried = [each.setting for each in self.trials]
            if different(self._learner, [*tried, setting]) == tried:
                trial = next(each for each in self.trials if repr(each.setting) == repr(setting))
            else:
                trial = Trial(setting)
                self.trials.append(trial)
                with _progress(number, runs):
                    self._evaluate(trial, self._parts)
            cost = self._aim.cost(trial)
            if math.isnan(cost):
                study.tell(asked, state=optuna.trial.TrialState.FAIL)
            else:
                study.tell(asked, cost)

    def _evaluate(self, trial: Trial, parts: Parts) -> None:
        trial.evaluate(self._learner, parts, self._label, self._positive, self._is_poor)

    def _is_poor(self, trial: Trial) -> bool:
        """Return whether a setting is worse so far than the median of those before it.

        D. Golovin et al., Google Vizier, KDD 2017, section 3.2.2.
        """
        count = len(trial.metrics)
        before = [
            self._aim.cost(each, count)
            for each in self.trials
            if each is not trial
            and each.share == trial.share
            and each.error is None
            and len(each.metrics) == each.parts > 0
        ]
        known = sorted(cost for cost in before if not math.isnan(cost))
        if not self._stop_poor or len(known) < FEWEST_COMPARED:
            return False
        middle = len(known) // 2
        median = known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) / 2
        return self._aim.cost(trial) > median

    def _is_exhausted(self) -> bool:
        """Return whether the last settings were no better than those before."""
        if not self._patience or len(self.trials) <= self._patience:
            return False
        costs = [math.inf if trial.stopped else self._aim.cost(trial) for trial in self.trials]
        known = [math.inf if math.isnan(cost) else cost for cost in costs]
        best = known.index(min(known))
        return len(known) - 1 - best >= self._patience


@contextmanager
def _progress(done: int, total: int) -> Iterator[None]:
    """Report one of several settings; the last part is left for training the best one."""
    step = SEARCHING / total
    with part_of_progress(done * step, (done + 1) * step, f"Setting {done + 1} of {total}"):
        yield


def _distribution(search: Search) -> BaseDistribution:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(search, RangeToTry):
        if search.whole:
            return IntDistribution(int(search.low), int(search.high), log=search.log)
        return FloatDistribution(search.low, search.high, log=search.log)
    last = len(search.values) - 1
    if _are_numbers(search):
        return IntDistribution(0, last)
    return CategoricalDistribution(range(last + 1))


def _value(search: Search, proposed: Any) -> Any:
    if isinstance(search, RangeToTry):
        return proposed
    values = sorted(search.values) if _are_numbers(search) else search.values
    return values[proposed]


def _are_numbers(search: ValuesToTry) -> bool:
    """Return whether a list has an order that the search can use."""
    return all(
        isinstance(value, (int, float)) and not isinstance(value, bool) for value in search.values
    )
