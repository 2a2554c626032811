"""Shapley values of any function, exactly for few columns and by sampling for more.

A coalition of columns keeps the row's values; the others take those of a reference row.
Sampling: Castro, Gómez and Tejada (2009), with each permutation and its reverse (Mitchell,
Cooper, Frank and Holmes 2022). Within every permutation the steps add up to the difference
between the row and the reference, so the average does too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

Game = Callable[["np.ndarray"], "np.ndarray"]
"""From coalitions, bool of shape (coalitions, columns), to outputs (coalitions, outputs)."""

EXACT_UP_TO = 8
"""Columns for which all coalitions are evaluated: no more than for the permutations."""


def coalitions(columns: int, permutations: int, seed: int) -> np.ndarray:
    """Return the coalitions that :func:`shapley` needs, bool of shape (coalitions, columns)."""
    import numpy as np

    if columns <= EXACT_UP_TO:
        numbers = np.arange(2**columns)[:, None] >> np.arange(columns)
        return (numbers & 1).astype(bool)
    orders = _orders(columns, permutations, seed)
    ranks = np.argsort(orders, axis=1)
    return (ranks[:, None, :] < np.arange(columns + 1)[None, :, None]).reshape(-1, columns)


def shapley(outputs: np.ndarray, columns: int, permutations: int, seed: int) -> np.ndarray:
    """Return the Shapley values from the outputs of :func:`coalitions`.

    Parameters
    ----------
    outputs : numpy.ndarray, shape (coalitions, outputs)

    Returns
    -------
    numpy.ndarray, shape (columns, outputs)
    """
    import numpy as np

    if columns <= EXACT_UP_TO:
        return _exact(outputs, columns)
    orders = _orders(columns, permutations, seed)
    steps = np.diff(outputs.reshape(len(orders), columns + 1, -1), axis=1)
    found = np.zeros((columns, outputs.shape[1]))
    for order, step in zip(orders, steps, strict=True):
        found[order] += step
    return found / len(orders)


def _exact(outputs: np.ndarray, columns: int) -> np.ndarray:
    import numpy as np

    numbers = np.arange(2**columns)
    sizes = np.bitwise_count(numbers)
    weights = np.array(
        [
            math.factorial(size) * math.factorial(columns - size - 1) / math.factorial(columns)
            for size in range(columns)
        ]
    )
    found = np.empty((columns, outputs.shape[1]))
    for column in range(columns):
        without = numbers[numbers >> column & 1 == 0]
        steps = outputs[without | 1 << column] - outputs[without]
        found[column] = weights[sizes[without]] @ steps
    return found


def _orders(columns: int, permutations: int, seed: int) -> np.ndarray:
    """Return permutations, each followed by its reverse."""
    import numpy as np

    draw = np.random.default_rng(seed)
    found = [draw.permutation(columns) for _ in range((permutations + 1) // 2)]
    return np.array([order for each in found for order in (each, each[::-1])])
