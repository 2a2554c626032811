"""Multiclass Boosted Decision Tree."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.automated import HISTOGRAM_BOOSTING_TRIALS
from modules.learning.boosted_trees import boosted_trees
from modules.learning.compiled.boosting import Boosting
from modules.learning.learner_parameters import (
    BoostedLeafRows,
    BoostedLeaves,
    BoostedRate,
    BoostedTrees,
    Seed,
)
from modules.learning.trusted import BOOSTING


@learner(
    "Multiclass Boosted Decision Tree",
    task="multiclass",
    encoding="codes",
    takes_missing=True,
    categorical_parameter="categorical_features",
    compiled=Boosting(),
    trusted=BOOSTING,
    automated=HISTOGRAM_BOOSTING_TRIALS,
    keywords=("gradient boosting", "gbdt", "lightgbm", "ensemble", "xgboost", "several classes"),
)
def multiclass_boosted_decision_tree(
    *,
    leaves: BoostedLeaves = 20,
    min_leaf_rows: BoostedLeafRows = 10,
    learning_rate: BoostedRate = 0.2,
    trees: BoostedTrees = 100,
    seed: Seed = 0,
) -> Any:
    """Predict which of several classes a row belongs to with gradient-boosted decision trees.

    Each tree is fitted to the errors of the previous ones. Often the most accurate on tables,
    but overfits sooner on few rows. Categories and missing values don't need any preparation.

    Parameters
    ----------
    leaves : int
        Maximum number of leaves per tree. More leaves fit finer patterns, and noise.
    min_leaf_rows : int
        Minimum number of training rows in a leaf.
    learning_rate : float
        Weight of each tree's correction. Smaller values need more trees.
    trees : int
        Number of rounds, one after the other; each builds a tree for every class.
    seed : int
        Determines the rows used to bin the features in tables of more than
        200,000 rows.

    Notes
    -----
    Gradient boosting (Friedman 2001) of the multinomial log loss over binned features, as
    LightGBM does it, with scikit-learn's ``HistGradientBoostingClassifier``. All trees are
    built; there is no early stopping. A category beyond the 255 most frequent of its column
    is treated as missing.

    Unlike in Azure ML designer, 0 is a fixed seed, and the values to sweep are part of the
    parameters.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    return boosted_trees(
        HistGradientBoostingClassifier, leaves, min_leaf_rows, learning_rate, trees, seed
    )
