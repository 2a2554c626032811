"""Multiclass Logistic Regression."""

from __future__ import annotations

from typing import Any

from modules.classification._families.logistic_regression import logistic_regression
from modules.learning import learner
from modules.learning.automated import LOGISTIC_TRIALS
from modules.learning.compiled.linear import Linear
from modules.learning.learner_parameters import LogisticPenalty, Solver, Standardize, Tolerance
from modules.learning.trusted import LOGISTIC


@learner(
    "Multiclass Logistic Regression",
    task="multiclass",
    compiled=Linear(),
    trusted=LOGISTIC,
    automated=LOGISTIC_TRIALS,
    keywords=("softmax", "multinomial", "linear classifier", "several classes"),
)
def multiclass_logistic_regression(
    *,
    tolerance: Tolerance = 1e-7,
    l2_weight: LogisticPenalty = 1.0,
    standardize: Standardize = False,
    solver: Solver = "newton",
) -> Any:
    """Predict which of several classes a row belongs to, and how likely each is.

    The probabilities are the softmax of one weighted sum of the features per class.

    Parameters
    ----------
    tolerance : float
        How close to the minimum training stops, as a gradient of the loss. Smaller values are
        slower and more accurate.
    l2_weight : float
        Penalizes large weights, to reduce overfitting. 0 disables it.
    standardize : bool
        Penalize each weight times the standard deviation of its feature, so that the penalty
        doesn't depend on the units. Indicators, such as the values of a category, are left as they
        are.
    solver : str
        Newton needs few iterations, regardless of the scale of the features. With more than 1,000
        weights (features times classes; a category counts once for each value), L-BFGS in adapted
        variables replaces it. If you choose L-BFGS, it starts with the features as they
        are, which is slower if their scales differ.

    Notes
    -----
    Minimizes the sum of multinomial log losses over the rows plus ``l2 / 2 |w|²`` with
    scikit-learn's ``LogisticRegression``, whose ``C`` is ``1 / l2``; the intercepts aren't
    regularized.

    Where scikit-learn's solver gives up or stops early because of the scales of the columns, L-BFGS
    continues in variables adapted to the curvature of the loss, with the same objective: features
    needn't be normalized. There is no minimum if the L2 weight is 0 and the classes can be
    separated perfectly; then you get a warning.

    Unlike in Azure ML designer, you can choose the solver. Training is deterministic, so there
    isn't a seed, and the values to sweep are part of the parameters.
    """
    return logistic_regression(tolerance, l2_weight, standardize, solver)
