"""Users and items as vectors of latent factors. Predictions need numpy only."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.recommendation._ratings import key

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False, kw_only=True)
class Factorization:
    """Users and items as vectors of latent factors.

    Parameters
    ----------
    users, items : list
        Their keys as JSON scalars, in the order of the arrays.
    mean : float
        The mean rating in training.
    limits : list of float
        The lowest and the highest rating in training.
    user_bias, item_bias : numpy.ndarray
        How much a user rates above the mean, and an item is rated above it.
    user_factors, item_factors : numpy.ndarray, shape (users or items, factors)
        The latent factors.
    """

    users: list[Any]
    items: list[Any]
    mean: float
    limits: list[float]
    user_bias: np.ndarray
    item_bias: np.ndarray
    user_factors: np.ndarray
    item_factors: np.ndarray

    @functools.cached_property
    def user_index(self) -> Mapping[Hashable, int]:
        """The position of each user."""
        return {user: at for at, user in enumerate(self.users)}

    @functools.cached_property
    def item_index(self) -> Mapping[Hashable, int]:
        """The position of each item."""
        return {item: at for at, item in enumerate(self.items)}

    def rating(self, user: Any, item: Any) -> float:
        """Return the predicted rating.

        An unknown user or item counts as an average one without factors.
        """
        user_at = None if user is None else self.user_index.get(key(user))
        item_at = None if item is None else self.item_index.get(key(item))
        total = self.mean
        if user_at is not None:
            total += float(self.user_bias[user_at])
        if item_at is not None:
            total += float(self.item_bias[item_at])
        if user_at is not None and item_at is not None:
            total += float(self.user_factors[user_at] @ self.item_factors[item_at])
        low, high = self.limits
        return min(max(total, low), high)

    def ratings(self, users: Sequence[Any], items: Sequence[Any]) -> np.ndarray:
        """Return the predicted ratings of pairs; see :meth:`rating`."""
        import numpy as np

        pairs = zip(users, items, strict=True)
        return np.fromiter((self.rating(user, item) for user, item in pairs), float, len(users))

    def all_ratings(self, users: Sequence[Any]) -> np.ndarray:
        """Return the predicted ratings of all items, of shape (users, items), without limits.

        They rank the items; the limits would make the best ones equal.
        """
        import numpy as np

        known = np.array([self.user_index.get(user, -1) for user in users], dtype=int)
        found = np.tile(self.mean + self.item_bias, (len(known), 1))
        hit = known >= 0
        at = known[hit]
        found[hit] += self.user_bias[at, None] + self.user_factors[at] @ self.item_factors.T
        return found
