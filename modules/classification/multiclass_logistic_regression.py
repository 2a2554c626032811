"""Multiclass Logistic Regression."""

from __future__ import annotations

import math
from typing import Annotated

from modules.contract import Serving, Tasks, module
from modules.learning.learner_parameters import LogisticPenalty, Solver, Tolerance
from modules.learning.learners import untrained
from modules.values import UntrainedModel


@module(
    "Multiclass Logistic Regression",
    outputs=("untrained_model",),
    keywords=("softmax", "multinomial", "linear classifier", "several classes"),
    requires=("scikit-learn",),
    when_serving=Serving.DROP,
)
def multiclass_logistic_regression(
    *,
    tolerance: Tolerance = 1e-7,
    l2_weight: LogisticPenalty = 1.0,
    solver: Solver = "newton",
) -> Annotated[UntrainedModel, Tasks("multiclass")]:
    """Predict which of several classes a row belongs to, and how likely each is.

    Each class has a weighted sum of the features; their softmax gives the probabilities.

    Parameters
    ----------
    tolerance : float
        Training stops when no slope of the loss is steeper than this. Smaller is
        slower and more exact.
    l2_weight : float
        Holds the weights small, against overfitting. 0 leaves them free.
    solver : str
        Newton needs few steps, whatever the scale of the features. With more than 1,000
        weights (features times classes; a category counts once for each value) L-BFGS on
        scaled features takes its place. L-BFGS by choice works on the features as they
        are; normalize them before, or it converges slowly.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Model or Cross Validate Model.

    Notes
    -----
    Minimises the sum of multinomial log losses over the rows plus ``l2 / 2 |w|²`` with
    scikit-learn's ``LogisticRegression``, whose ``C`` is ``1 / l2``; the intercepts are not
    held down.

    Different from the original on purpose: the solver can be chosen, since L-BFGS alone
    does not converge on raw columns of different scales. Training draws no random numbers,
    so there is no seed, and the values to sweep belong to the parameters themselves.
    """
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression(
        C=1 / l2_weight if l2_weight else math.inf,
        tol=tolerance,
        solver="newton-cholesky" if solver == "newton" else "lbfgs",
        max_iter=_MOST_STEPS,
    )
    settings = {"tolerance": tolerance, "l2_weight": l2_weight, "solver": solver}
    return untrained(multiclass_logistic_regression, "multiclass", estimator, settings)


_MOST_STEPS = 1_000
