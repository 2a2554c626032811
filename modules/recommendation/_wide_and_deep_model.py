"""A trained wide and deep recommender, stored as safetensors with a plain description."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.contract.data_table import DataTable, Role, Scoring
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.recommendation._features import Side
from modules.recommendation._ratings import key
from modules.recommendation._wide_and_deep import Shape, network, scored
from modules.values import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

WIDE_AND_DEEP = "wide and deep recommendation"

_SCORED = "Scored Labels"
_WEIGHTS = "weights.safetensors"


@dataclass(frozen=True, eq=False, kw_only=True)
class WideAndDeepModel(TrainedModel):
    """A network with its weights, and the users and items that it knows.

    Parameters
    ----------
    shape : mapping
        The fields of :class:`modules.recommendation._wide_and_deep.Shape`.
    user_side, item_side : mapping
        The fields of :class:`modules.recommendation._features.Side` but the arrays.
    mean : float
        The mean rating in training.
    limits : list of float
        The lowest and the highest rating in training.
    weights : bytes
        The content of a safetensors file.
    """

    shape: Mapping[str, Any]
    user_side: Mapping[str, Any]
    item_side: Mapping[str, Any]
    user_codes: np.ndarray
    user_numbers: np.ndarray
    item_codes: np.ndarray
    item_numbers: np.ndarray
    mean: float
    limits: list[float]
    weights: bytes = field(metadata=APART)

    @functools.cached_property
    def _network(self) -> Any:
        from safetensors.torch import load

        made = network(Shape(**self.shape))
        made.load_state_dict(load(self.weights))
        return made.eval()

    def ratings_with(
        self, user_features: pd.DataFrame | None = None, item_features: pd.DataFrame | None = None
    ) -> WideAndDeepRatings:
        """Return what predicts ratings, with more or other features."""
        users = Side(**self.user_side, codes=self.user_codes, numbers=self.user_numbers)
        items = Side(**self.item_side, codes=self.item_codes, numbers=self.item_numbers)
        known = WideAndDeepRatings(
            self._network, Shape(**self.shape), users, items, self.mean, self.limits
        )
        return known.extended(user_features, item_features)

    def score(self, table: DataTable) -> DataTable:
        """Return the predicted ratings of the users and items of a table."""
        import pandas as pd

        from modules.learning.torch_runs import reproducible

        user, item = (column.name for column in self.features)
        table.require([user, item], port="dataset")
        pairs = table.frame[[user, item]].astype(object)
        plain = pairs.where(pairs.notna(), None)
        with reproducible(0):
            found = self.ratings_with().ratings(plain[user].tolist(), plain[item].tolist())
        label = self.label if self.label in table.names else None
        scoring = Scoring("regression", _SCORED, label, learner=self.title)
        return DataTable(pd.DataFrame({_SCORED: found}), {_SCORED: Role.SCORE}, scoring)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return what the model covers."""
        facts = (
            ("Users", len(self.user_side["keys"])),
            ("Items", len(self.item_side["keys"])),
            ("Mean rating", self.mean),
            ("Lowest rating", self.limits[0]),
            ("Highest rating", self.limits[1]),
            ("User features", ", ".join(_features(self.user_side))),
            ("Item features", ", ".join(_features(self.item_side))),
        )
        return {"Training data": Sheet(("", "Value"), facts)}

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the description as JSON and arrays, and the weights as safetensors."""
        (folder / _WEIGHTS).write_bytes(self.weights)
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        return cls(weights=(folder / _WEIGHTS).read_bytes(), **cls.read_fields(folder))


class WideAndDeepRatings:
    """Predicts ratings, as :class:`modules.recommendation._factorization.Factorization`."""

    def __init__(
        self, made: Any, shape: Shape, users: Side, items: Side, mean: float, limits: list[float]
    ) -> None:
        self.network, self.shape, self.mean = made, shape, mean
        self.users, self.item_side = users, items
        self.limits = limits
        self.items = items.keys
        self.user_index: Mapping[Hashable, int] = users.index
        self.item_index: Mapping[Hashable, int] = {each: at for at, each in enumerate(items.keys)}

    def extended(
        self, user_features: pd.DataFrame | None = None, item_features: pd.DataFrame | None = None
    ) -> WideAndDeepRatings:
        """Return what predicts ratings, with more or other features."""
        return WideAndDeepRatings(
            self.network,
            self.shape,
            self.users.extended(user_features, "user_features"),
            self.item_side.extended(item_features, "item_features"),
            self.mean,
            self.limits,
        )

    def ratings(self, users: Sequence[Any], items: Sequence[Any]) -> np.ndarray:
        """Return the predicted ratings of pairs, within the limits."""
        import numpy as np

        found = self._scored(
            np.array([self.users.index.get(_key(each), 0) for each in users], "int64"),
            np.array([self.item_side.index.get(_key(each), 0) for each in items], "int64"),
        )
        low, high = self.limits
        limited: np.ndarray = found.clip(low, high)
        return limited

    def all_ratings(self, users: Sequence[Any]) -> np.ndarray:
        """Return the predicted ratings of all items, of shape (users, items), without limits."""
        import numpy as np

        rows = np.array([self.users.index.get(each, 0) for each in users], "int64")
        count = len(self.items)
        items = np.tile(np.arange(1, count + 1, dtype="int64"), len(rows))
        return self._scored(np.repeat(rows, count), items).reshape(len(rows), count)

    def _scored(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        import numpy as np

        pairs = np.column_stack([users, items])
        found = list(scored(self.network, self.users, self.item_side, pairs, self.shape))
        return np.concatenate([np.zeros(0), *found]) + self.mean


def _key(value: Any) -> Hashable:
    return None if value is None else key(value)


def _features(side: Mapping[str, Any]) -> list[str]:
    return [*side["categories"], *side["means"]]
