"""Settings of a learner to try."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError
from modules.contract.parameter import Parameter, RangeToTry, Search, ValuesToTry

if TYPE_CHECKING:
    import numpy as np

    from modules.values import UntrainedModel

MOST_SETTINGS = 10_000
"""More aren't tried in one step."""

Setting = dict[str, Any]
"""A value for each parameter that is tuned and applies."""


@dataclass(frozen=True)
class Space:
    """What to try.

    Parameters
    ----------
    searches : mapping of str to Search
        By parameter.
    parameters : mapping of str to object
        The values that parameters have without a setting; those that conditions name at least.
    conditions : mapping of str to mapping
        For parameters that only apply while others have certain values: these values, by name.
    """

    searches: Mapping[str, Search]
    parameters: Mapping[str, Any]
    conditions: Mapping[str, Mapping[str, tuple[Any, ...]]]

    def applying(self, setting: Setting) -> Setting:
        """Return a setting without the parameters that have no effect in it."""
        values = {**self.parameters, **setting}
        return {name: value for name, value in setting.items() if self._applies(name, values)}

    def different(self, settings: Iterable[Setting]) -> list[Setting]:
        """Return each setting once, without the parameters that have no effect in it."""
        # Lists aren't hashable, and 1 and true are different values.
        found = {repr(sorted(each.items())): each for each in map(self.applying, settings)}
        return list(found.values())

    def _applies(self, name: str, values: Mapping[str, Any]) -> bool:
        return all(
            self._applies(other, values) and values[other] in allowed
            for other, allowed in self.conditions.get(name, {}).items()
        )


def space_of(learner: UntrainedModel) -> Space:
    """Return what to try with a learner; see :func:`what_to_try`."""
    declared = learner.specification.parameters
    search, sweep = learner.search, learner.sweep
    searches = what_to_try(learner.title, declared, learner.parameters, search, sweep)
    values = {each.name: each.default for each in declared} | dict(learner.parameters)
    return Space(searches, values, {each.name: each.when for each in declared if each.when})


def what_to_try(
    title: str,
    declared: Iterable[Parameter],
    parameters: Mapping[str, Any],
    search: Mapping[str, Search],
    sweep: Mapping[str, tuple[Any, ...]],
) -> Mapping[str, Search]:
    """Return what to try: what the user entered, or else the learner's own values.

    Of its own values, those of parameters with another value than the default aren't tried.

    Parameters
    ----------
    title : str
        Of the learner.
    declared : iterable of Parameter
        The parameters of its module.
    parameters : mapping
        Their values.
    search, sweep : mapping
        What the user entered, and the learner's own values.

    Raises
    ------
    ModuleError
        If there is nothing to try.
    """
    if search:
        return search
    defaults = {each.name: each.default for each in declared}
    found: dict[str, Search] = {
        name: ValuesToTry(tuple(values))
        for name, values in sweep.items()
        if parameters.get(name, defaults[name]) == defaults[name]
    }
    if not found:
        raise ModuleError(
            "nothing-to-tune",
            f"{title} has no values to try.",
            "Enter a list or range of values for one of its parameters.",
            port="untrained_model",
        )
    return found


def entire_grid(space: Space) -> list[Setting]:
    """Return all combinations, in the order of scikit-learn's ``ParameterGrid``.

    Raises
    ------
    ModuleError
        If there are more than 10,000.
    """
    from sklearn.model_selection import ParameterGrid

    grid = ParameterGrid({name: list(search.grid()) for name, search in space.searches.items()})
    if len(grid) > MOST_SETTINGS:
        raise ModuleError(
            "too-many-settings",
            f"The grid has {len(grid):,} combinations of parameters; the limit is "
            f"{MOST_SETTINGS:,}.",
            "Choose another sweeping mode, or enter fewer values to try.",
            parameter="mode",
        )
    return space.different(grid)


def random_grid(space: Space, runs: int, seed: int) -> list[Setting]:
    """Return different combinations, those of scikit-learn's ``ParameterSampler``."""
    from sklearn.model_selection import ParameterGrid, ParameterSampler

    grid = ParameterGrid({name: list(search.grid()) for name, search in space.searches.items()})
    found = ParameterSampler(grid.param_grid, min(runs, len(grid)), random_state=seed)
    return space.different(found)


def random_sweep(space: Space, runs: int, seed: int) -> list[Setting]:
    """Return random values for each parameter; a combination drawn again is left out."""
    import numpy as np

    random = np.random.default_rng(seed)
    drawn = [
        {name: _drawn(space.searches[name], random) for name in sorted(space.searches)}
        for _ in range(runs)
    ]
    return space.different(drawn)


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
