"""Huber Regression."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.linear import Linear
from modules.learning.learner_parameters import FitTolerance
from modules.learning.trusted import HUBER


@learner(
    "Huber Regression",
    task="regression",
    compiled=Linear(),
    trusted=HUBER,
    keywords=("robust", "outlier", "linear model", "m-estimator"),
)
def huber_regression(
    *,
    threshold: Annotated[
        float, Field(gt=1, title="Threshold of outliers"), Sweep(1.1, 1.35, 1.75, 2.5)
    ] = 1.35,
    l2_weight: Annotated[
        float, Field(ge=0, title="L2 regularization weight"), Sweep(0.0001, 0.01, 1.0)
    ] = 0.0001,
    iterations: Annotated[int, Field(ge=1, title="Maximum number of iterations")] = 1_000,
    tolerance: FitTolerance = 1e-5,
) -> Any:
    """Predict a number as a weighted sum of the features; labels that are far off hardly matter.

    Use it in place of Linear Regression if some labels are far off, for example by errors of
    measurement. Outliers in the features still have influence.

    Parameters
    ----------
    threshold : float
        From how many deviations on a row is an outlier and counts by its distance instead of its
        square. Smaller values are more robust.
    l2_weight : float
        Penalizes large weights. 0 disables it.
    iterations : int
        Training stops earlier if it converges.
    tolerance : float
        How close to the minimum training stops. Smaller values are slower and more accurate.

    Notes
    -----
    Huber (1981), chapter 7.7 and 7.8, with scikit-learn's ``HuberRegressor``, which estimates the
    deviation of the rows that aren't outliers together with the weights. A threshold of 1.35 is
    95 % as efficient as least squares if the noise is normal. Features and label are standardized
    inside, so that the penalty has no unit; the weights are shown in the units of the data.
    A row of weight 2 counts as two.
    """
    from modules.learning.estimators.standardized import StandardizedHuberRegressor, after_scaler

    return after_scaler(
        StandardizedHuberRegressor(
            epsilon=threshold, alpha=l2_weight, max_iter=iterations, tol=tolerance
        )
    )
