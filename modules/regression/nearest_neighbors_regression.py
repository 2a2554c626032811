"""Nearest Neighbors Regression."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.automated import NEIGHBORS_TRIALS
from modules.learning.compiled.neighbors import Neighbors as Form
from modules.learning.learner_parameters import (
    DistanceMetric,
    Neighbors,
    NeighborWeighting,
    NormalizeFeatures,
)
from modules.learning.trusted import NEAREST_ROWS


@learner(
    "Nearest Neighbors Regression",
    task="regression",
    compiled=Form(),
    trusted=NEAREST_ROWS,
    automated=NEIGHBORS_TRIALS,
    keywords=("knn", "k-nn", "nearest neighbours", "similar rows"),
)
def nearest_neighbors_regression(
    *,
    neighbors: Neighbors = 5,
    weighting: NeighborWeighting = "uniform",
    metric: DistanceMetric = "Euclidean",
    normalize: NormalizeFeatures = True,
) -> Any:
    """Predict a number as the mean of the most similar training rows.

    It makes no assumption about the shape of a relation, and its neighbors explain a prediction.
    The model consists of the training rows: scoring compares each row with all of them, so it is
    slow on more than about 100,000. Features that don't matter make it less accurate.

    Parameters
    ----------
    neighbors : int
        How many of the most similar training rows a prediction is made from. More smooth it.
    weighting : str
        Uniform: all neighbors count equally. Distance: by the inverse of their distance; if rows
        are equal to the scored one, only they count.
    metric : str
        Euclidean: the straight distance. Manhattan: the sum of the differences, in which a large
        difference in one feature counts less.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.

    Notes
    -----
    Cover and Hart (1967). The prediction is the weighted mean of the neighbors' labels. Of training
    rows at equal distances the first ones are used, so a prediction doesn't depend on the rows
    scored with it; otherwise it equals scikit-learn's ``KNeighborsRegressor``. Weights of rows
    aren't supported.
    """
    from modules.learning.estimators.neighbors import NearestRowsRegressor, nearest_rows

    return nearest_rows(NearestRowsRegressor, neighbors, weighting, metric, normalize)
