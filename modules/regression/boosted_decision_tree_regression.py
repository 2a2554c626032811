"""Boosted Decision Tree Regression."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.boosted_trees import boosted_trees
from modules.learning.compiled_boosting import Boosting
from modules.learning.learner_parameters import (
    BoostedLeafRows,
    BoostedLeaves,
    BoostedRate,
    BoostedTrees,
    Seed,
)
from modules.learning.trusted import BOOSTING


@learner(
    "Boosted Decision Tree Regression",
    task="regression",
    encoding="codes",
    takes_missing=True,
    categorical_parameter="categorical_features",
    compiled=Boosting(),
    trusted=BOOSTING,
    keywords=("gradient boosting", "gbdt", "lightgbm", "ensemble"),
)
def boosted_decision_tree_regression(
    *,
    leaves: BoostedLeaves = 20,
    min_leaf_rows: BoostedLeafRows = 10,
    learning_rate: BoostedRate = 0.2,
    trees: BoostedTrees = 100,
    seed: Seed = 0,
) -> Any:
    """Predict a number with trees that correct each other.

    Each tree is fitted to what those before it got wrong: often the most accurate on tables,
    and the quicker to overfit on few rows. Categories and missing values need no preparation.

    Parameters
    ----------
    leaves : int
        More leaves catch finer patterns, and noise.
    min_leaf_rows : int
        A leaf that fewer training rows would reach is not made.
    learning_rate : float
        How much of its correction each tree may add. Smaller needs more trees.
    trees : int
        How many trees are built, one after the other.
    seed : int
        Decides which rows set the bins of the features in tables of more than
        200,000 rows.

    Notes
    -----
    Gradient boosting (Friedman 2001) of the squared error over binned features, as LightGBM
    does it, with scikit-learn's ``HistGradientBoostingRegressor``. All trees are built;
    nothing is held back to stop early. A category beyond the 255 most frequent of its column
    counts as missing.

    Unlike in Azure ML designer, 0 is a fixed seed, and the values to sweep belong to the
    parameters.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    return boosted_trees(
        HistGradientBoostingRegressor, leaves, min_leaf_rows, learning_rate, trees, seed
    )
