"""Elastic Net Regression."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.linear import Linear
from modules.learning.learner_parameters import FitTolerance
from modules.learning.trusted import ELASTIC_NET


@learner(
    "Elastic Net Regression",
    task="regression",
    compiled=Linear(),
    trusted=ELASTIC_NET,
    keywords=("lasso", "ridge", "l1", "sparse", "regularization", "select features", "shrinkage"),
)
def elastic_net_regression(
    *,
    penalty: Annotated[float, Field(gt=0), Sweep(0.001, 0.01, 0.1, 0.5)] = 0.01,
    l1_ratio: Annotated[
        float, Field(gt=0, le=1, title="L1 ratio"), Sweep(0.1, 0.5, 0.9, 1.0)
    ] = 0.5,
    tolerance: FitTolerance = 1e-4,
) -> Any:
    """Predict a number as a weighted sum of the features, and leave out those that don't matter.

    For tables with many features, or with features that resemble each other: many weights are
    exactly 0. An L1 ratio of 1 is the lasso; for ridge regression use Linear Regression.

    Parameters
    ----------
    penalty : float
        How much large weights are penalized. Larger values leave fewer features; from 1 divided by
        the L1 ratio on, none.
    l1_ratio : float
        The share of the penalty on the sum of the weights, which makes weights 0; the rest is on
        the sum of their squares, which shares the weight among features that resemble each other.
    tolerance : float
        How close to the minimum training stops. Smaller values are slower and more accurate.

    Notes
    -----
    Minimizes ``|y - Xw|² / (2 rows) + penalty (ratio |w|₁ + (1 - ratio) / 2 |w|²)`` (Zou and
    Hastie 2005) in standardized features and a standardized label, so the penalty has no unit;
    with scikit-learn's ``ElasticNet``, by coordinate descent. The weights are shown in the units
    of the data. The intercept isn't regularized. A row of weight 2 counts as two.
    """
    from modules.learning.estimators.standardized import StandardizedElasticNet, after_scaler

    return after_scaler(
        StandardizedElasticNet(alpha=penalty, l1_ratio=l1_ratio, tol=tolerance, max_iter=10_000)
    )
