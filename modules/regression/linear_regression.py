"""Linear Regression."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import Sweep, When
from modules.learning import learner
from modules.learning.automated import LINEAR_TRIALS
from modules.learning.compiled.linear import Linear
from modules.learning.learner_parameters import Seed, Standardize
from modules.learning.trusted import LINEAR

_BY_LEAST_SQUARES = When(solution_method="ordinary least squares")
_BY_DESCENT = When(solution_method="online gradient descent")


@learner(
    "Linear Regression",
    task="regression",
    compiled=Linear(),
    trusted=LINEAR,
    automated=LINEAR_TRIALS,
    keywords=("ols", "least squares", "ridge", "sgd", "gradient descent", "predict a number"),
)
def linear_regression(
    *,
    solution_method: Literal[
        "ordinary least squares", "online gradient descent"
    ] = "ordinary least squares",
    l2_weight: Annotated[
        float, Field(ge=0, title="L2 regularization weight"), Sweep(0.001, 0.01, 0.1)
    ] = 0.001,
    standardize: Annotated[Standardize, _BY_LEAST_SQUARES] = False,
    include_intercept: Annotated[
        bool, Field(title="Include intercept term"), _BY_LEAST_SQUARES
    ] = True,
    learning_rate: Annotated[float, Field(gt=0), _BY_DESCENT, Sweep(0.025, 0.05, 0.1, 0.2)] = 0.1,
    epochs: Annotated[
        int, Field(ge=1, title="Number of training epochs"), _BY_DESCENT, Sweep(1, 10, 100)
    ] = 10,
    normalize: Annotated[bool, Field(title="Normalize features"), _BY_DESCENT] = True,
    decrease_learning_rate: Annotated[bool, _BY_DESCENT] = True,
    seed: Annotated[Seed, _BY_DESCENT] = 0,
) -> Any:
    """Predict a number as a weighted sum of the features.

    Ordinary least squares computes the optimal weights directly and suits most tables.
    Online gradient descent approximates them row by row.

    Parameters
    ----------
    solution_method : str
        How to compute the weights.
    l2_weight : float
        Penalizes large weights, which helps with correlated features. 0 is plain least
        squares. The intercept isn't regularized.
    standardize : bool
        Penalize each weight times the standard deviation of its feature, so that the penalty
        doesn't depend on the units. Indicators, such as the values of a category, are left as they
        are.
    include_intercept : bool
        Fit a constant in addition to the weights. Without it the prediction is 0 if
        every feature is 0.
    learning_rate : float
        Initial step size. Training diverges if it is too large, unless features are normalized.
    epochs : int
        Number of passes over the training rows.
    normalize : bool
        Center, scale and decorrelate the features during training, so that few epochs suffice.
        The weights are still those of the features in their units.
    decrease_learning_rate : bool
        Decrease the step size during training.
    seed : int
        Determines the order of the rows.

    Notes
    -----
    Both methods minimize ``|y - Xw - b|² + l2 |w|²`` (ridge regression, Hoerl and Kennard
    1970). Least squares uses scikit-learn's ``Ridge``, or ``LinearRegression`` if the weight is
    0; where these miss the minimum because of the scales of the columns, it's computed in scaled
    columns.

    Gradient descent is scikit-learn's ``SGDRegressor``. In normalized features the step is
    ``rate / (rate + 0.01)`` of the largest that can't diverge, the inverse of the largest
    squared length of a row; it decreases with the square root of the epoch, or is constant, and
    the weights are the average over the second half of the steps. A sparse matrix is only
    scaled by the largest absolute value. Without normalization the step is ``rate / t ** 0.25``
    with the number t of rows seen, or constant, and the L2 weight counts for each row.

    Unlike in Azure ML designer, both methods share one L2 weight, 0 is a fixed seed, and the
    values to sweep are part of the parameters. Least squares is deterministic, so it doesn't
    have a seed.
    """
    if solution_method == "ordinary least squares":
        return _least_squares(l2_weight, standardize, include_intercept)
    return _descent(l2_weight, learning_rate, epochs, normalize, decrease_learning_rate, seed)


def _least_squares(l2_weight: float, standardize: bool, include_intercept: bool) -> Any:
    from modules.learning.solvers.least_squares import ScaledLinearRegression, ScaledRidge
    from modules.learning.solvers.standardized_penalty import StandardizedRidge

    if l2_weight == 0:
        return ScaledLinearRegression(fit_intercept=include_intercept)
    kind = StandardizedRidge if standardize else ScaledRidge
    return kind(alpha=l2_weight, fit_intercept=include_intercept)


def _descent(
    l2_weight: float, rate: float, epochs: int, normalize: bool, decrease: bool, seed: int
) -> Any:
    from sklearn.linear_model import SGDRegressor

    from modules.learning.solvers.gradient_descent import NormalizedSGDRegressor

    kind = NormalizedSGDRegressor if normalize else SGDRegressor
    return kind(
        alpha=l2_weight,
        max_iter=epochs,
        # Without a tolerance, training runs for exactly this number of epochs.
        tol=None,
        learning_rate="invscaling" if decrease else "constant",
        eta0=rate,
        random_state=seed,
    )
