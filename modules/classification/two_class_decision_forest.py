"""Two-Class Decision Forest."""

from __future__ import annotations

from typing import Any

from modules.classification._families.decision_forest import forest_classifier
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
    "Two-Class Decision Forest",
    task="two-class",
    encoding="codes",
    takes_missing=True,
    compiled=Forest(),
    trusted=FOREST,
    automated=FOREST_TRIALS,
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
    """Predict which of two classes a row belongs to with an ensemble of decision trees.

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
    A random forest (Breiman 2001) with scikit-learn's ``RandomForestClassifier``.
    Each split considers the square root of the number of features. Each tree
    outputs the class proportions of the leaf that a row reaches; they are averaged.
    A category is its index among the sorted values of its column; the 255 most frequent are
    distinguished, others and unseen ones are treated as missing.

    Unlike in Azure ML designer, there is a seed, so that runs are reproducible, and the values
    to sweep are part of the parameters.
    """
    return forest_classifier(trees, depth, min_leaf_rows, resampling, seed)
