"""Poisson Regression."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.linear import LogLinear
from modules.learning.learner_parameters import LogisticPenalty, Tolerance
from modules.learning.trusted import POISSON


@learner(
    "Poisson Regression",
    task="regression",
    compiled=LogLinear(),
    trusted=POISSON,
    keywords=("glm", "log-linear", "rate", "count", "how many"),
)
def poisson_regression(
    *,
    tolerance: Tolerance = 1e-7,
    l1_weight: Annotated[
        float, Field(ge=0, title="L1 regularization weight"), Sweep(0.0, 0.01, 0.1, 1.0)
    ] = 1.0,
    l2_weight: LogisticPenalty = 1.0,
    memory_size: Annotated[int, Field(ge=1, title="Memory size for L-BFGS"), Sweep(5, 20, 50)] = 20,
) -> Any:
    """Predict a count: how often something happens, never below 0.

    The logarithm of the expected count is a weighted sum of the features, so each feature
    multiplies it by a factor.

    Parameters
    ----------
    tolerance : float
        How close to the minimum training stops, as a gradient of the loss. Smaller values are
        slower and more accurate.
    l1_weight : float
        Penalizes weights so that those of unimportant features become exactly 0. 0 disables it.
    l2_weight : float
        Penalizes large weights, to reduce overfitting. 0 disables it.
    memory_size : int
        Past steps that training remembers. Fewer need less memory and more iterations.

    Notes
    -----
    Minimizes the sum over the rows of ``mean - y log(mean)``, the negative log-likelihood of a
    Poisson distribution, plus ``l1 |w|₁ + l2 / 2 |w|²`` with L-BFGS-B of SciPy. The
    intercept isn't regularized. Labels are 0 or more and needn't be integers. The penalties
    apply in the units of the columns; features needn't be normalized for training to converge.

    With ``l1 = 0`` it equals scikit-learn's ``PoissonRegressor`` with ``alpha = l2 / rows``.

    Azure ML designer has marked its module as deprecated. Unlike there, the values to sweep are
    part of the parameters.
    """
    from modules.learning.estimators.poisson import PenalizedPoissonRegressor

    return PenalizedPoissonRegressor(l1_weight, l2_weight, tolerance, memory_size)
