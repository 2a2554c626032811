"""Linear Regression."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import Serving, Sweep, Tasks, When, module
from modules.learning.learner_parameters import Seed
from modules.learning.learners import untrained
from modules.values import UntrainedModel

_DESCENT = When(solution_method="online gradient descent")


@module(
    "Linear Regression",
    outputs=("untrained_model",),
    keywords=("ols", "least squares", "ridge", "sgd", "gradient descent", "predict a number"),
    requires=("scikit-learn",),
    when_serving=Serving.DROP,
)
def linear_regression(
    *,
    solution_method: Literal[
        "ordinary least squares", "online gradient descent"
    ] = "ordinary least squares",
    l2_weight: Annotated[
        float, Field(ge=0, title="L2 regularization weight"), Sweep(0.001, 0.01, 0.1)
    ] = 0.001,
    include_intercept: Annotated[
        bool, Field(title="Include intercept term"), When(solution_method="ordinary least squares")
    ] = True,
    learning_rate: Annotated[float, Field(gt=0), _DESCENT, Sweep(0.025, 0.05, 0.1, 0.2)] = 0.1,
    epochs: Annotated[
        int, Field(ge=1, title="Number of training epochs"), _DESCENT, Sweep(1, 10, 100)
    ] = 10,
    normalize: Annotated[bool, Field(title="Normalize features"), _DESCENT] = True,
    decrease_learning_rate: Annotated[bool, _DESCENT] = True,
    seed: Annotated[Seed, _DESCENT] = 0,
) -> Annotated[UntrainedModel, Tasks("regression")]:
    """Predict a number as a weighted sum of the features.

    Ordinary least squares finds the best weights at once and suits most tables.
    Online gradient descent walks towards them row by row.

    Parameters
    ----------
    solution_method : str
        How the weights are found.
    l2_weight : float
        Holds the weights small, which helps when features say nearly the same. 0 is
        plain least squares. The intercept is never held down.
    include_intercept : bool
        Learn a constant besides the weights. Without it the prediction is 0 where
        every feature is 0.
    learning_rate : float
        The size of a step at the beginning. Too large a step makes training diverge.
    epochs : int
        How often training goes through all rows.
    normalize : bool
        Bring every feature to the range from 0 to 1 before training.
    decrease_learning_rate : bool
        Make the steps smaller as training goes on.
    seed : int
        Decides the order of the rows.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Model or Cross Validate Model.

    Notes
    -----
    Least squares minimises ``|y - Xw - b|² + l2 |w|²`` (ridge regression, Hoerl and
    Kennard 1970) with scikit-learn's ``Ridge``, or ``LinearRegression`` where the weight
    is 0. Gradient descent is ``SGDRegressor``; the step falls as ``rate / t ** 0.25``
    with the number t of rows seen, or stays as it is.

    Different from the original on purpose: both methods share one L2 weight, a seed of 0
    is a seed and not the clock, and the values to sweep belong to the parameters
    themselves. Least squares draws no random numbers, so it has no seed.
    """
    settings = {
        "solution_method": solution_method,
        "l2_weight": l2_weight,
        "include_intercept": include_intercept,
        "learning_rate": learning_rate,
        "epochs": epochs,
        "normalize": normalize,
        "decrease_learning_rate": decrease_learning_rate,
        "seed": seed,
    }
    if solution_method == "ordinary least squares":
        estimator = _least_squares(l2_weight, include_intercept)
    else:
        estimator = _descent(
            l2_weight, learning_rate, epochs, normalize, decrease_learning_rate, seed
        )
    return untrained(linear_regression, "regression", estimator, settings)


def _least_squares(l2_weight: float, include_intercept: bool) -> Any:
    from sklearn.linear_model import LinearRegression, Ridge

    if l2_weight == 0:
        return LinearRegression(fit_intercept=include_intercept)
    return Ridge(alpha=l2_weight, fit_intercept=include_intercept)


def _descent(
    l2_weight: float, rate: float, epochs: int, normalize: bool, decrease: bool, seed: int
) -> Any:
    from sklearn.linear_model import SGDRegressor
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import MinMaxScaler

    learner = SGDRegressor(
        alpha=l2_weight,
        max_iter=epochs,
        # Without a tolerance exactly the asked number of epochs is done.
        tol=None,
        learning_rate="invscaling" if decrease else "constant",
        eta0=rate,
        random_state=seed,
    )
    if not normalize:
        return learner
    return Pipeline([("scaler", MinMaxScaler()), ("learner", learner)])
