"""Searches: which settings are tried, and in which order."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modules.contract.context import part_of_progress
from modules.learning.tuning.settings import Setting
from modules.learning.tuning.trials import Aim, Parts, Trial

FACTOR = 3
"""One in three settings of a round of successive halving is in the next."""

FEWEST_ROWS = 50
"""Rows that successive halving trains on, at least."""

FEWEST_COMPARED = 5
"""Settings that are evaluated in full before others are stopped."""


SEARCHING = 0.95
"""The share of the progress until the best setting is known."""


class Tuner:
    """Evaluates one setting after the other.

    Parameters
    ----------
    stop_poor : bool
        Leave out the other parts of a setting that is worse than the median of those before.
    patience : int
        How many settings in a row may be no better than the best so far; 0 for any number.

    Attributes
    ----------
    trials : list of Trial
        In the order in which they were tried.
    """

    def __init__(
        self, parts: Parts, aim: Aim, *, stop_poor: bool = False, patience: int = 0
    ) -> None:
        self.trials: list[Trial] = []
        self.aim = aim
        self._parts = parts
        self._stop_poor = stop_poor
        self._patience = patience

    def try_each(self, settings: Sequence[Setting]) -> None:
        """Try all settings."""
        self._parts.announce(settings, 1.0)
        for tried, setting in enumerate(settings):
            if self.is_exhausted():
                return
            with part_of_progress(*progress_of(tried, len(settings))):
                self.try_one(setting)

    def try_one(self, setting: Setting) -> Trial:
        """Try a setting."""
        trial = Trial(setting)
        self.trials.append(trial)
        trial.evaluate(self._parts, self._is_poor)
        return trial

    def halve(self, settings: Sequence[Setting]) -> None:
        """Try all settings on few rows, and the best of each round on three times as many.

        K. Jamieson and A. Talwalkar, Non-stochastic best arm identification and hyperparameter
        optimization, AISTATS 2016.
        """
        rows = self._parts.fewest_rows
        rounds = min(
            math.floor(math.log(len(settings), FACTOR) + 1e-9),
            max(math.floor(math.log(max(rows / FEWEST_ROWS, 1), FACTOR)), 0),
        )
        self.trials = [Trial(setting) for setting in settings]
        left = list(self.trials)
        sizes = [math.ceil(len(left) / FACTOR**number) for number in range(rounds + 1)]
        for number in range(rounds + 1):
            share = float(FACTOR) ** (number - rounds)
            self._parts.announce([trial.setting for trial in left], share)
            for index, trial in enumerate(left):
                trial.share = share
                with part_of_progress(*progress_of(sum(sizes[:number]) + index, sum(sizes))):
                    trial.evaluate(self._parts, self._is_poor)
            # Sorting is stable: of equally good ones the first stay.
            usable = [trial for trial in left if not math.isnan(self.aim.cost(trial))]
            if number < rounds:
                left = sorted(usable, key=self.aim.cost)[: sizes[number + 1]]
                left.sort(key=self.trials.index)

    def _is_poor(self, trial: Trial) -> bool:
        """Return whether a setting is worse so far than the median of those before it.

        D. Golovin et al., Google Vizier, KDD 2017, section 3.2.2.
        """
        count = len(trial.metrics)
        before = [
            self.aim.cost(each, count)
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
        return self.aim.cost(trial) > median

    def is_exhausted(self) -> bool:
        """Return whether the last settings were no better than those before."""
        if not self._patience or len(self.trials) <= self._patience:
            return False
        costs = [math.inf if trial.stopped else self.aim.cost(trial) for trial in self.trials]
        known = [math.inf if math.isnan(cost) else cost for cost in costs]
        best = known.index(min(known))
        return len(known) - 1 - best >= self._patience


def progress_of(done: int, total: int) -> tuple[float, float, str]:
    """Return the part of the progress of one of several settings, and what it's called.

    The last part of the progress is left for training the best one.
    """
    step = SEARCHING / total
    return done * step, (done + 1) * step, f"Setting {done + 1} of {total}"
