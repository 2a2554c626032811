"""Multiclass Decision Forest."""

from __future__ import annotations

from typing import Annotated

from modules.contract import Serving, Tasks, module
from modules.learning.learner_parameters import (
    ForestDepth,
    ForestLeafRows,
    ForestTrees,
    Resampling,
    Seed,
)
from modules.learning.learners import untrained
from modules.values import UntrainedModel


@module(
    "Multiclass Decision Forest",
    outputs=("untrained_model",),
    keywords=("random forest", "bagging", "ensemble", "several classes"),
    requires=("scikit-learn",),
    when_serving=Serving.DROP,
)
def multiclass_decision_forest(
    *,
    trees: ForestTrees = 8,
    depth: ForestDepth = 32,
    min_leaf_rows: ForestLeafRows = 1,
    resampling: Resampling = "bagging",
    seed: Seed = 0,
) -> Annotated[UntrainedModel, Tasks("multiclass")]:
    """Predict which of several classes a row belongs to by the vote of many trees.

    A steady first choice that needs little tuning. Categories and missing values need no
    preparation.

    Parameters
    ----------
    trees : int
        More trees give steadier predictions and take longer.
    depth : int
        How many questions a tree may ask on the way to a leaf.
    min_leaf_rows : int
        A leaf that fewer training rows would reach is not made.
    resampling : str
        Bagging trains each tree on rows drawn with replacement. Replicate gives every
        tree all rows; the trees differ only in the features that each split may choose from.
    seed : int
        Decides the rows of each tree and the features of each split.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Model or Cross Validate Model.

    Notes
    -----
    A random forest (Breiman 2001) with scikit-learn's ``RandomForestClassifier``.
    Each split chooses from the square root of the number of features, and each tree
    gives the shares of the classes in the leaf that a row reaches; they are averaged.
    A category is its place among the sorted values of its column; the 255 commonest are
    told apart, others and unseen ones count as missing.

    Different from the original on purpose: there is a seed, so that a run can be repeated,
    and the values to sweep belong to the parameters themselves.
    """
    from sklearn.ensemble import RandomForestClassifier

    estimator = RandomForestClassifier(
        n_estimators=trees,
        max_depth=depth,
        min_samples_leaf=min_leaf_rows,
        max_features="sqrt",
        bootstrap=resampling == "bagging",
        random_state=seed,
    )
    settings = {
        "trees": trees,
        "depth": depth,
        "min_leaf_rows": min_leaf_rows,
        "resampling": resampling,
        "seed": seed,
    }
    return untrained(
        multiclass_decision_forest,
        "multiclass",
        estimator,
        settings,
        encoding="codes",
        takes_missing=True,
    )
