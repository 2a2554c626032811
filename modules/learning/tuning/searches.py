"""The searches by name."""

from __future__ import annotations

from typing import Literal

from modules.learning.tuning.bayesian import bayesian_search
from modules.learning.tuning.settings import Space, entire_grid, random_grid, random_sweep
from modules.learning.tuning.tuner import Tuner

Mode = Literal["entire grid", "random sweep", "random grid", "successive halving", "Bayesian"]


def search(tuner: Tuner, space: Space, mode: Mode, runs: int, seed: int) -> None:
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
        bayesian_search(tuner, space, runs, seed)
    elif mode == "successive halving":
        tuner.halve(random_sweep(space, runs, seed))
    elif mode == "entire grid":
        tuner.try_each(entire_grid(space))
    else:
        drawn = random_sweep if mode == "random sweep" else random_grid
        tuner.try_each(drawn(space, runs, seed))
