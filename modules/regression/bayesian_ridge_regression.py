"""Bayesian Ridge Regression."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.learning import learner
from modules.learning.compiled.linear import Linear
from modules.learning.learner_parameters import FitTolerance
from modules.learning.trusted import BAYESIAN_RIDGE


@learner(
    "Bayesian Ridge Regression",
    task="regression",
    compiled=Linear(),
    trusted=BAYESIAN_RIDGE,
    keywords=("bayesian linear regression", "evidence", "automatic regularization", "shrinkage"),
)
def bayesian_ridge_regression(
    *,
    iterations: Annotated[int, Field(ge=1, title="Maximum number of iterations")] = 300,
    tolerance: FitTolerance = 1e-3,
) -> Any:
    """Predict a number as a weighted sum of the features, with the penalty found in the data.

    It needs no tuning: the strength of the regularization follows from how much of the label is
    noise. For small tables, and for many features that resemble each other.

    Parameters
    ----------
    iterations : int
        Training stops earlier if the weights converge.
    tolerance : float
        Training stops if the sum of the changes of the weights is below it, for a standardized
        label.

    Notes
    -----
    MacKay (1992) and Tipping (2001) with scikit-learn's ``BayesianRidge``: weights and noise
    have normal distributions, whose precisions have flat gamma priors (shape and rate 1e-6) and
    maximize the marginal likelihood. Features and label are standardized inside, so that the
    priors don't depend on units; the weights are shown in the units of the data. A row of
    weight 2 counts as two.
    """
    from modules.learning.estimators.standardized import StandardizedBayesianRidge, after_scaler

    return after_scaler(StandardizedBayesianRidge(max_iter=iterations, tol=tolerance))
