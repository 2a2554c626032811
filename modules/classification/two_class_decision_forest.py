"""Two-Class Decision Forest."""

from __future__ import annotations

from typing import Any

from modules.classification._decision_forest import forest_classifier
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
    "Two-Class Decision Forest",
    task="two-class",
    encoding="codes",
    takes_missing=True,
    compiled=Forest(),
    trusted=FOREST,
    keywords=("random forest", "bagging", "ensemble", "binary"),
)
def two_class_decision_forest(
    *,
    trees: ForestTrees = 8,
    depth: ForestDepth = 32,
    min_leaf_rows: ForestLeafRows = 1,
    resampling: Resampling = "bagging",
    seed: Seed = 0,
) -> Any:
    """Predict which of two classes a row belongs to by the vote of many trees.

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
    A random forest (Breiman 2001) with scikit-learn's ``RandomForestClassifier``.
    Each split chooses from the square root of the number of features, and each tree
    gives the shares of the classes in the leaf that a row reaches; they are averaged.
    A category is its index among the sorted values of its column; the 255 most frequent are
    distinguished, others and unseen ones count as missing.

    Unlike in Azure ML designer, there is a seed, so that a run can be repeated, and the values
    to sweep belong to the parameters.
    """
    return forest_classifier(trees, depth, min_leaf_rows, resampling, seed)
