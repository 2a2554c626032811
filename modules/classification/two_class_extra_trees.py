"""Two-Class Extra Trees."""

from __future__ import annotations

from typing import Any

from modules.classification._families.extra_trees import extra_trees_classifier
from modules.learning import learner
from modules.learning.automated import EXTRA_TREES_TRIALS
from modules.learning.compiled.forest import Forest
from modules.learning.learner_parameters import ForestDepth, ForestLeafRows, ForestTrees, Seed
from modules.learning.trusted import FOREST


@learner(
    "Two-Class Extra Trees",
    task="two-class",
    encoding="codes",
    takes_missing=True,
    compiled=Forest(),
    trusted=FOREST,
    automated=EXTRA_TREES_TRIALS,
    keywords=("extremely randomized trees", "ensemble", "binary"),
)
def two_class_extra_trees(
    *,
    trees: ForestTrees = 100,
    depth: ForestDepth = 32,
    min_leaf_rows: ForestLeafRows = 1,
    seed: Seed = 0,
) -> Any:
    """Predict which of two classes a row belongs to with an ensemble of randomized trees.

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
    ``ExtraTreesClassifier``: each tree is trained on all rows, and a split takes the best of
    one random threshold for each of a random selection of the features, as many as the square root
    of their number. Each tree outputs
    the class proportions of the leaf that a row reaches; they are averaged.
    A category is its index among the sorted values of its column; the 255 most frequent are
    distinguished, others and unseen ones are treated as missing.
    """
    return extra_trees_classifier(trees, depth, min_leaf_rows, seed)
