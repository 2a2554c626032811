"""A trained matrix factorization as a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.contract.data_table import DataTable, Role, Scoring
from modules.contract.sheet import MOST_ROWS, Sheet
from modules.recommendation._factorization import Factorization
from modules.values import TrainedModel

TASK = "recommendation"

_SCORED = "Scored Labels"


@dataclass(frozen=True, eq=False, kw_only=True)
class SvdModel(Factorization, TrainedModel):
    """Latent factors with the columns that they come from."""

    def score(self, table: DataTable) -> DataTable:
        """Return the predicted ratings of the users and items of a table."""
        import pandas as pd

        user, item = (column.name for column in self.features)
        table.require([user, item], port="dataset")
        pairs = table.frame[[user, item]].astype(object).where(table.frame[[user, item]].notna())
        found = self.ratings(
            *([None if value != value else value for value in pairs[name]] for name in (user, item))
        )
        label = self.label if self.label in table.names else None
        scoring = Scoring("regression", _SCORED, label, learner=self.title)
        return DataTable(pd.DataFrame({_SCORED: found}), {_SCORED: Role.SCORE}, scoring)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return the items with their bias, the best ones first, and what the model covers."""
        import numpy as np

        order = np.argsort(-self.item_bias, kind="stable")[:MOST_ROWS]
        items = tuple((str(self.items[at]), float(self.item_bias[at])) for at in order)
        facts = (
            ("Users", len(self.users)),
            ("Items", len(self.items)),
            ("Mean rating", self.mean),
            ("Lowest rating", self.limits[0]),
            ("Highest rating", self.limits[1]),
        )
        return {
            "Training data": Sheet(("", "Value"), facts),
            "Items": Sheet(
                ("Item", "Bias"), items, "How much an item is rated above the mean, all else equal."
            ),
        }
