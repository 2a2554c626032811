"""Two-Class Logistic Regression."""

from __future__ import annotations

import math
from typing import Annotated

from modules.contract import Serving, Tasks, module
from modules.learning.learner_parameters import LogisticPenalty, Solver, Tolerance
from modules.learning.learners import untrained
from modules.values import UntrainedModel


@module(
    "Two-Class Logistic Regression",
    outputs=("untrained_model",),
    keywords=("logit", "binary", "linear classifier", "probability"),
    requires=("scikit-learn",),
    when_serving=Serving.DROP,
)
def two_class_logistic_regression(
    *,
    tolerance: Tolerance = 1e-7,
    l2_weight: LogisticPenalty = 1.0,
    solver: Solver = "newton",
) -> Annotated[UntrainedModel, Tasks("two-class")]:
    """Predict which of two classes a row belongs to, and how likely it is.

    The logarithm of the odds is a weighted sum of the features. Training is quick,
    the probabilities are well calibrated, and the weights can be read.

    Parameters
    ----------
    tolerance : float
        Training stops when no slope of the loss is steeper than this. Smaller is
        slower and more exact.
    l2_weight : float
        Holds the weights small, against overfitting. 0 leaves them free.
    solver : str
        Newton needs few steps, whatever the scale of the features. With more than 1,000
        of them (a category counts once for each value) L-BFGS on scaled features takes its
        place. L-BFGS by choice works on the features as they are; normalize them before,
        or it converges slowly.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Model or Cross Validate Model.

    Notes
    -----
    Minimises the sum of log losses over the rows plus ``l2 / 2 |w|²`` with scikit-learn's
    ``LogisticRegression``, whose ``C`` is ``1 / l2``; the intercept is not held down.

    Different from the original on purpose: the solver can be chosen, since L-BFGS alone
    does not converge on raw columns of different scales (on the census data it needs more
    than 1,000 steps where Newton needs 8). Training draws no random numbers, so there is
    no seed, and the values to sweep belong to the parameters themselves.
    """
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression(
        C=1 / l2_weight if l2_weight else math.inf,
        tol=tolerance,
        solver="newton-cholesky" if solver == "newton" else "lbfgs",
        max_iter=_MOST_STEPS,
    )
    settings = {"tolerance": tolerance, "l2_weight": l2_weight, "solver": solver}
    return untrained(two_class_logistic_regression, "two-class", estimator, settings)


_MOST_STEPS = 1_000
