"""Settings of a learner to try."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, RangeToTry, Search, ValuesToTry
from modules.values import UntrainedModel

if TYPE_CHECKING:
    import numpy as np

MOST_SETTINGS = 10_000
"""More aren't tried in one step."""

Setting = dict[str, Any]
"""A value for each parameter that is tuned and applies."""

Space = Mapping[str, Search]
"""What to try, by parameter."""


def space_of(learner: UntrainedModel) -> Space:
    """Return what to try: what the user entered, or else the learner's own values.

    Of its own values, those of parameters with another value than the default aren't tried.

    Raises
    ------
    ModuleError
        If there is nothing to try.
    """
    if learner.search:
        return learner.search
    known = learner.specification.parameter_by_name
    found = {
        name: ValuesToTry(tuple(values))
        for name, values in learner.sweep.items()
        if learner.parameters.get(name, known[name].default) == known[name].default
    }
    if not found:
        raise ModuleError(
            "nothing-to-tune",
            f"{learner.title} has no values to try.",
            "Enter a list or range of values for one of its parameters.",
            port="untrained_model",
        )
    return found


def entire_grid(learner: UntrainedModel, space: Space) -> list[Setting]:
    """Return all combinations, in the order of scikit-learn's ``ParameterGrid``.

    Raises
    ------
    ModuleError
        If there are more than 10,000.
    """
    from sklearn.model_selection import ParameterGrid

    grid = ParameterGrid({name: list(search.grid()) for name, search in space.items()})
    if len(grid) > MOST_SETTINGS:
        raise ModuleError(
            "too-many-settings",
            f"The grid has {len(grid):,} combinations of parameters; the limit is "
            f"{MOST_SETTINGS:,}.",
            "Choose another sweeping mode, or enter fewer values to try.",
            parameter="mode",
        )
    return different(learner, grid)


def random_grid(learner: UntrainedModel, space: Space, runs: int, seed: int) -> list[Setting]:
    """Return different combinations, those of scikit-learn's ``ParameterSampler``."""
    from sklearn.model_selection import ParameterGrid, ParameterSampler

    grid = ParameterGrid({name: list(search.grid()) for name, search in space.items()})
    found = ParameterSampler(grid.param_grid, min(runs, len(grid)), random_state=seed)
    return different(learner, found)


def random_sweep(learner: UntrainedModel, space: Space, runs: int, seed: int) -> list[Setting]:
    """Return random values for each parameter; a combination drawn again is left out."""
    import numpy as np

    random = np.random.default_rng(seed)
    drawn = [{name: _drawn(space[name], random) for name in sorted(space)} for _ in range(runs)]
    return different(learner, drawn)


def different(learner: UntrainedModel, settings: Iterable[Setting]) -> list[Setting]:
    """Return each setting once, without the parameters that have no effect in it."""
    # Lists aren't hashable, and 1 and true are different values.
    found = {repr(sorted(each.items())): each for each in map(applying_to(learner), settings)}
    return list(found.values())


def applying_to(learner: UntrainedModel) -> Callable[[Setting], Setting]:
    """Return a function that takes the parameters without effect out of a setting."""
    spec = learner.specification

    def applying(setting: Setting) -> Setting:
        values = {**learner.parameters, **setting}
        known = spec.parameter_by_name
        return {name: each for name, each in setting.items() if spec.applies(known[name], values)}

    return applying


def _drawn(search: Search, random: np.random.Generator) -> Any:
    if isinstance(search, ValuesToTry):
        return search.values[int(random.integers(len(search.values)))]
    return _at(search, random.random())


def _at(search: RangeToTry, share: float) -> float:
    """Return the number at a share of a range; all integers of it are equally likely."""
    if not search.whole:
        return search.at(share)
    if search.log:
        low, high = math.log(search.low - 0.5), math.log(search.high + 0.5)
        number = round(math.exp(low + share * (high - low)))
    else:
        number = math.floor(search.low + share * (search.high - search.low + 1))
    return min(max(number, int(search.low)), int(search.high))
