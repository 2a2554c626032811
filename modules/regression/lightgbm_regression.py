"""LightGBM Regression."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import When
from modules.learning import learner
from modules.learning.automated import LIGHTGBM_TRIALS
from modules.learning.compiled.lightgbm import LightGBMTrees
from modules.learning.learner_parameters import (
    BoostedLeafRows,
    BoostedLeaves,
    BoostedRate,
    BoostedTrees,
    FeatureShare,
    L1Weight,
    L2Weight,
    OneVsRestCategories,
    OrderedCategories,
    RowShare,
    Seed,
)
from modules.learning.trusted import LIGHTGBM_REGRESSION


@learner(
    "LightGBM Regression",
    task="regression",
    encoding="codes",
    takes_missing=True,
    categorical_parameter="categorical_features",
    compiled=LightGBMTrees(),
    trusted=LIGHTGBM_REGRESSION,
    requires=("lightgbm", "scikit-learn"),
    automated=LIGHTGBM_TRIALS,
    keywords=("gradient boosting", "gbdt", "ensemble", "quantile", "poisson", "tweedie"),
)
def lightgbm_regression(
    *,
    leaves: BoostedLeaves = 31,
    min_leaf_rows: BoostedLeafRows = 20,
    learning_rate: BoostedRate = 0.1,
    trees: BoostedTrees = 100,
    row_share: RowShare = 1.0,
    feature_share: FeatureShare = 1.0,
    l1: L1Weight = 0.0,
    l2: L2Weight = 0.0,
    ordered_categories: OrderedCategories = False,
    one_vs_rest_categories: OneVsRestCategories = 4,
    loss: Literal[
        "squared error", "absolute error", "huber", "quantile", "poisson", "gamma", "tweedie"
    ] = "squared error",
    quantile: Annotated[float, Field(gt=0, lt=1), When(loss="quantile")] = 0.5,
    seed: Seed = 0,
) -> Any:
    """Predict a number with LightGBM's gradient-boosted decision trees.

    Fast on large tables, and often the most accurate on tables of any size; it overfits sooner
    on few rows. Categories and missing values don't need any preparation.

    Parameters
    ----------
    leaves : int
        Maximum number of leaves per tree. More leaves fit finer patterns, and noise.
    min_leaf_rows : int
        Minimum number of training rows in a leaf. Lower it for tables of fewer than 100 rows.
    learning_rate : float
        Weight of each tree's correction. Smaller values need more trees.
    trees : int
        Number of trees, built one after the other.
    row_share : float
        The random share of the rows that each tree is fitted to.
    feature_share : float
        The random share of the features that each tree may use.
    l1 : float
        Pulls the values of the leaves to zero by a constant amount.
    l2 : float
        Shrinks the values of leaves with few rows.
    ordered_categories : bool
        Number the categories in their sorted order and split between two numbers, as decision
        forests do. Otherwise a split sends any group of categories one way, which fits better on
        many rows and overfits on few.
    one_vs_rest_categories : int
        Columns with at most this many categories are split by one category against all others, as
        if each were a separate column.
    loss : str
        What is minimized. Squared error predicts the mean, absolute error the median, and quantile
        another quantile; huber is less sensitive to outliers. Poisson suits counts, gamma
        positive amounts, and tweedie amounts that are often 0.
    quantile : float
        The quantile to predict: 0.9 is exceeded by 10 % of the labels.
    seed : int
        Determines the random shares of rows and features.

    Notes
    -----
    Gradient boosting with LightGBM (Ke et al. 2017). All trees are built; there is no
    early stopping. The result doesn't depend on the number of threads. A category beyond the
    255 most frequent of its column is treated as missing.
    """
    from modules.learning.lightgbm_trees import LightGBMRegressor

    return LightGBMRegressor(
        leaves=leaves,
        min_leaf_rows=min_leaf_rows,
        learning_rate=learning_rate,
        trees=trees,
        row_share=row_share,
        feature_share=feature_share,
        l1=l1,
        l2=l2,
        ordered_categories=ordered_categories,
        one_vs_rest_categories=one_vs_rest_categories,
        loss=loss,
        quantile=quantile,
        seed=seed,
    )
