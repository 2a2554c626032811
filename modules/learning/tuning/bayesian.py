"""The Bayesian search of Optuna."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modules.contract.context import part_of_progress
from modules.contract.parameter import RangeToTry, Search, ValuesToTry
from modules.learning.tuning.settings import Space
from modules.learning.tuning.tuner import Tuner, progress_of

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def bayesian_search(tuner: Tuner, space: Space, runs: int, seed: int) -> None:
    """Try settings that Optuna's tree-structured Parzen estimator expects to be good.

    J. Bergstra et al., Algorithms for hyper-parameter optimization, NIPS 2011.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(min(runs // 3, 10), 1))
    study = optuna.create_study(sampler=sampler)
    searches = space.searches
    distributions = {name: _distribution(searches[name]) for name in sorted(searches)}
    for number in range(runs):
        if tuner.is_exhausted():
            return
        asked = study.ask(distributions)
        proposed = {name: _value(searches[name], asked.params[name]) for name in asked.params}
        setting = space.applying(proposed)
        # Lists aren't hashable, and 1 and true are different values.
        known = {repr(sorted(each.setting.items())): each for each in tuner.trials}
        trial = known.get(repr(sorted(setting.items())))
        if trial is None:
            with part_of_progress(*progress_of(number, runs)):
                trial = tuner.try_one(setting)
        cost = tuner.aim.cost(trial)
        if math.isnan(cost):
            study.tell(asked, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(asked, cost)


def distribution(options: RangeToTry | Sequence[Any]) -> BaseDistribution:
    """Return a range or choices as Optuna's distribution."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if not isinstance(options, RangeToTry):
        return CategoricalDistribution(options)
    if options.whole:
        return IntDistribution(int(options.low), int(options.high), log=options.log)
    return FloatDistribution(options.low, options.high, log=options.log)


def _distribution(search: Search) -> BaseDistribution:
    """Return the numbers of a range, or the indices of values."""
    if isinstance(search, RangeToTry):
        return distribution(search)
    last = len(search.values) - 1
    return distribution(RangeToTry(0, last) if _are_numbers(search) else range(last + 1))


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
