"""Decision Forest Regression."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.automated import FOREST_TRIALS
from modules.learning.compiled.forest import Forest
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
    automated=FOREST_TRIALS,
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

    A robust default that needs little tuning. Categories and missing values don't need any
    preparation.

    Parameters
    ----------
    trees : int
        More trees make predictions more stable and training slower.
    depth : int
        Maximum number of splits from root to leaf.
    min_leaf_rows : int
        Minimum number of training rows in a leaf.
    resampling : str
        Bagging trains each tree on rows drawn with replacement. Replicate trains every
        tree on all rows; the trees differ only in the candidate features of each split.
    seed : int
        Determines the rows of each tree and the features of each split.

    Notes
    -----
    A random forest (Breiman 2001) with scikit-learn's ``RandomForestRegressor``.
    With bagging each split considers all features; with replicate a third of
    them, since the trees would be equal otherwise.
    A category is its index among the sorted values of its column; the 255 most frequent are
    distinguished, others and unseen ones are treated as missing.

    Unlike in Azure ML designer, there is a seed, so that runs are reproducible, and the values
    to sweep are part of the parameters.
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
