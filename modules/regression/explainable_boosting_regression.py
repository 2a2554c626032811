"""Explainable Boosting Regression."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.compiled.additive import AdditiveTerms
from modules.learning.learner_parameters import (
    Seed,
    TermBags,
    TermLeafRows,
    TermPairs,
    TermRate,
    TermRounds,
)
from modules.learning.trusted import EXPLAINABLE_BOOSTING_OF_NUMBERS


@learner(
    "Explainable Boosting Regression",
    task="regression",
    encoding="codes",
    takes_missing=True,
    categorical_parameter="categorical_features",
    compiled=AdditiveTerms(),
    trusted=EXPLAINABLE_BOOSTING_OF_NUMBERS,
    requires=("scikit-learn", "interpret-core"),
    keywords=("ebm", "additive", "gam", "glassbox", "interpret", "transparent", "boosting"),
)
def explainable_boosting_regression(
    *,
    interactions: TermPairs = 10,
    bags: TermBags = 8,
    rounds: TermRounds = 5_000,
    rate: TermRate = 0.015,
    min_leaf_rows: TermLeafRows = 4,
    seed: Seed = 0,
) -> Any:
    """Predict a number as a sum of functions of single features.

    More accurate than linear models, and about as accurate as boosted trees, but the whole model
    can be read: Explain Model shows the function of each feature. Categories and missing values
    don't need any preparation.

    Parameters
    ----------
    interactions : int
        The strongest pairs of features get a function of both. 0 for a sum of single functions.
        Pairs are searched among up to 100 features.
    bags : int
        Models whose functions are averaged. More make them smoother, and training slower.
    rounds : int
        Training stops earlier if validation rows show no more improvement.
    rate : float
        Smaller values need more rounds.
    min_leaf_rows : int
        Minimum number of training rows on each side of a step.
    seed : int
        Determines the validation rows of each bag.

    Notes
    -----
    Lou, Caruana, Gehrke and Hooker (2013) with interpret's
    ``ExplainableBoostingRegressor``: boosting
    that visits one feature after the other, with trees of one split.
    A category is its index among the sorted values of its column; the 255 most frequent are
    distinguished, others and unseen ones are treated as missing, which has its own score.

    The model is stored and served as the edges of the bins of each feature, with a score for each
    bin or pair of bins, which are added up: only training needs interpret.
    """
    from modules.learning.estimators.additive import ExplainableBoostingOfNumbers

    return ExplainableBoostingOfNumbers(interactions, bags, rounds, rate, min_leaf_rows, seed)
