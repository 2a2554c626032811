"""Shared code of two-class and multiclass logistic regression."""

from __future__ import annotations

import math
from typing import Any

_MOST_STEPS = 1_000


def logistic_regression(tolerance: float, l2_weight: float, standardize: bool, solver: str) -> Any:
    """Return the unfitted estimator."""
    from modules.learning.solvers.logistic import PreconditionedLogisticRegression
    from modules.learning.solvers.standardized_penalty import StandardizedLogisticRegression

    kind = StandardizedLogisticRegression if standardize else PreconditionedLogisticRegression
    return kind(
        C=1 / l2_weight if l2_weight else math.inf,
        tol=tolerance,
        solver="newton-cholesky" if solver == "newton" else "lbfgs",
        max_iter=_MOST_STEPS,
    )
