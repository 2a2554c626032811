"""Extra Trees Regression."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.automated import EXTRA_TREES_TRIALS
from modules.learning.compiled.forest import Forest
from modules.learning.learner_parameters import ForestDepth, ForestLeafRows, ForestTrees, Seed
from modules.learning.trusted import FOREST


@learner(
    "Extra Trees Regression",
    task="regression",
    encoding="codes",
    takes_missing=True,
    compiled=Forest(),
    trusted=FOREST,
    automated=EXTRA_TREES_TRIALS,
    keywords=("extremely randomized trees", "ensemble", "predict a number"),
)
def extra_trees_regression(
    *,
    trees: ForestTrees = 100,
    depth: ForestDepth = 32,
    min_leaf_rows: ForestLeafRows = 1,
    seed: Seed = 0,
) -> Any:
    """Predict a number as the mean of randomized trees.

    Smoother than a decision forest and faster to train; often better if many features matter a
    little. Categories and missing values don't need any preparation.

    Parameters
    ----------
    trees : int
        More trees make predictions more stable and training slower.
    depth : int
        Maximum number of splits from root to leaf.
    min_leaf_rows : int
        Minimum number of training rows in a leaf.
    seed : int
        Determines the features and the thresholds of each split.

    Notes
    -----
    Extremely randomized trees (Geurts, Ernst and Wehenkel 2006) with scikit-learn's
    ``ExtraTreesRegressor``: each tree is trained on all rows, and a split takes the best of
    one random threshold for each of the features.
    A category is its index among the sorted values of its column; the 255 most frequent are
    distinguished, others and unseen ones are treated as missing.
    """
    from sklearn.ensemble import ExtraTreesRegressor

    return ExtraTreesRegressor(
        n_estimators=trees,
        max_depth=depth,
        min_samples_leaf=min_leaf_rows,
        max_features=1.0,
        random_state=seed,
    )
