"""Decision Forest Regression."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.compiled_forest import Forest
from modules.learning.learner_parameters import (
    ForestDepth,
    ForestLeafRows,
    ForestTrees,
    Resampling,
    Seed,
)
from modules.learning.trusted import FOREST


@learner(
    "Decision Forest Regression",
    task="regression",
    encoding="codes",
    takes_missing=True,
    compiled=Forest(),
    trusted=FOREST,
    keywords=("random forest", "bagging", "ensemble", "predict a number"),
)
def decision_forest_regression(
    *,
    trees: ForestTrees = 8,
    depth: ForestDepth = 32,
    min_leaf_rows: ForestLeafRows = 1,
    resampling: Resampling = "bagging",
    seed: Seed = 0,
) -> Any:
    """Predict a number as the mean of many trees.

    A steady first choice that needs little tuning. Categories and missing values need no
    preparation.

    Parameters
    ----------
    trees : int
        More trees give steadier predictions and take longer.
    depth : int
        Maximum number of splits from root to leaf.
    min_leaf_rows : int
        A leaf that fewer training rows would reach is not made.
    resampling : str
        Bagging trains each tree on rows drawn with replacement. Replicate gives every
        tree all rows; the trees differ only in the features that each split may choose from.
    seed : int
        Decides the rows of each tree and the features of each split.

    Notes
    -----
    A random forest (Breiman 2001) with scikit-learn's ``RandomForestRegressor``.
    With bagging each split chooses from all features; with replicate from a third of
    them, since the trees would be equal otherwise.
    A category is its index among the sorted values of its column; the 255 most frequent are
    distinguished, others and unseen ones count as missing.

    Unlike in Azure ML designer, there is a seed, so that a run can be repeated, and the values
    to sweep belong to the parameters.
    """
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(
        n_estimators=trees,
        max_depth=depth,
        min_samples_leaf=min_leaf_rows,
        max_features=1.0 if resampling == "bagging" else 1 / 3,
        bootstrap=resampling == "bagging",
        random_state=seed,
    )
