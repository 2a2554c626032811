"""Two-Class Boosted Decision Tree."""

from __future__ import annotations

from typing import Annotated

from modules.contract import Serving, Tasks, module
from modules.learning.learner_parameters import (
    BoostedLeafRows,
    BoostedLeaves,
    BoostedRate,
    BoostedTrees,
    Seed,
)
from modules.learning.learners import untrained
from modules.values import UntrainedModel


@module(
    "Two-Class Boosted Decision Tree",
    outputs=("untrained_model",),
    keywords=("gradient boosting", "gbdt", "lightgbm", "ensemble", "binary"),
    requires=("scikit-learn",),
    when_serving=Serving.DROP,
)
def two_class_boosted_decision_tree(
    *,
    leaves: BoostedLeaves = 20,
    min_leaf_rows: BoostedLeafRows = 10,
    learning_rate: BoostedRate = 0.2,
    trees: BoostedTrees = 100,
    seed: Seed = 0,
) -> Annotated[UntrainedModel, Tasks("two-class")]:
    """Predict which of two classes a row belongs to with trees that correct each other.

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

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Model or Cross Validate Model.

    Notes
    -----
    Gradient boosting (Friedman 2001) of the log loss over binned features, as LightGBM
    does it, with scikit-learn's ``HistGradientBoostingClassifier``. All trees are built;
    nothing is held back to stop early. A category beyond the 255 commonest of its column
    counts as missing.

    Different from the original on purpose: a seed of 0 is a seed and not the clock, and
    the values to sweep belong to the parameters themselves.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    estimator = HistGradientBoostingClassifier(
        learning_rate=learning_rate,
        max_iter=trees,
        max_leaf_nodes=leaves,
        min_samples_leaf=min_leaf_rows,
        early_stopping=False,
        random_state=seed,
    )
    settings = {
        "leaves": leaves,
        "min_leaf_rows": min_leaf_rows,
        "learning_rate": learning_rate,
        "trees": trees,
        "seed": seed,
    }
    return untrained(
        two_class_boosted_decision_tree,
        "two-class",
        estimator,
        settings,
        encoding="codes",
        takes_missing=True,
        categorical_parameter="categorical_features",
    )
