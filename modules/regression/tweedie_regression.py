"""Tweedie Regression."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import Sweep, When
from modules.learning import learner
from modules.learning.compiled.linear import LogLinear
from modules.learning.learner_parameters import FitTolerance
from modules.learning.trusted import TWEEDIE

_POWERS = {"gamma": 2.0, "inverse Gaussian": 3.0}


@learner(
    "Tweedie Regression",
    task="regression",
    compiled=LogLinear(),
    trusted=TWEEDIE,
    keywords=("gamma", "glm", "log-linear", "insurance", "claims", "amount", "inverse gaussian"),
)
def tweedie_regression(
    *,
    distribution: Literal["compound Poisson", "gamma", "inverse Gaussian"] = "compound Poisson",
    power: Annotated[
        float,
        Field(gt=1, lt=2, title="Power of the variance"),
        When(distribution="compound Poisson"),
        Sweep(1.1, 1.5, 1.9),
    ] = 1.5,
    l2_weight: Annotated[
        float, Field(ge=0, title="L2 regularization weight"), Sweep(0.0, 0.01, 0.1, 1.0)
    ] = 0.01,
    iterations: Annotated[int, Field(ge=1, title="Maximum number of iterations")] = 1_000,
    tolerance: FitTolerance = 1e-5,
) -> Any:
    """Predict an amount that is never below 0: costs, claims, sales, durations.

    The logarithm of the expected amount is a weighted sum of the features, so each feature
    multiplies it by a factor, and large amounts may deviate more. For counts use Poisson
    Regression.

    Parameters
    ----------
    distribution : str
        Compound Poisson: amounts with many zeros, such as the claims of a customer in a year.
        Gamma: amounts above 0, whose deviation grows with them. Inverse Gaussian: amounts
        above 0 with a few very large ones.
    power : float
        The variance is proportional to this power of the mean. Near 1 it resembles counts, near 2
        the gamma distribution.
    l2_weight : float
        Penalizes large weights, to reduce overfitting. 0 disables it.
    iterations : int
        Training stops earlier if it converges.
    tolerance : float
        How close to the minimum training stops. Smaller values are slower and more accurate.

    Notes
    -----
    A generalized linear model with a logarithmic link (Jorgensen 1987), by scikit-learn's
    ``TweedieRegressor``: half the mean deviance plus ``l2 / 2 |w|²`` is minimized with L-BFGS. The
    intercept isn't regularized. Features are standardized, and the label is divided by its mean
    inside, so that the penalty has no unit; the weights are shown for the features in their
    units. They are those of the logarithm. A row of weight 2 counts as two.
    """
    from modules.learning.estimators.standardized import ScaledTweedieRegressor, after_scaler

    return after_scaler(
        ScaledTweedieRegressor(
            power=_POWERS.get(distribution, power),
            alpha=l2_weight,
            link="log",
            max_iter=iterations,
            tol=tolerance,
        )
    )
