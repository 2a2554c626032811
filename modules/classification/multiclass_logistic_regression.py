"""Multiclass Logistic Regression."""

from __future__ import annotations

from typing import Any

from modules.classification._logistic_regression import logistic_regression
from modules.learning import learner
from modules.learning.compiled_linear import Linear
from modules.learning.learner_parameters import LogisticPenalty, Solver, Tolerance


@learner(
    "Multiclass Logistic Regression",
    task="multiclass",
    compiled=Linear(),
    keywords=("softmax", "multinomial", "linear classifier", "several classes"),
)
def multiclass_logistic_regression(
    *,
    tolerance: Tolerance = 1e-7,
    l2_weight: LogisticPenalty = 1.0,
    solver: Solver = "newton",
) -> Any:
    """Predict which of several classes a row belongs to, and how likely each is.

    Each class has a weighted sum of the features; their softmax gives the probabilities.

    Parameters
    ----------
    tolerance : float
        Training stops when no slope of the loss is steeper than this. Smaller is
        slower and more exact.
    l2_weight : float
        Keeps the weights small, against overfitting. 0 leaves them free.
    solver : str
        Newton needs few steps, whatever the scale of the features. With more than 1,000
        weights (features times classes; a category counts once for each value) L-BFGS on
        scaled features takes its place. L-BFGS by choice works on the features as they
        are; normalize them before, or it converges slowly.

    Notes
    -----
    Minimizes the sum of multinomial log losses over the rows plus ``l2 / 2 |w|²`` with
    scikit-learn's ``LogisticRegression``, whose ``C`` is ``1 / l2``; the intercepts aren't
    regularized.

    Unlike in Azure ML designer, the solver can be chosen, since L-BFGS alone doesn't converge
    on raw columns of different scales. Training draws no random numbers, so there is no seed,
    and the values to sweep belong to the parameters.
    """
    return logistic_regression(tolerance, l2_weight, solver)
