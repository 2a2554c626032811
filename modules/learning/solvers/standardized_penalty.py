"""Linear models whose penalty doesn't depend on the units of the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from modules.learning.solvers.least_squares import ScaledRidge
from modules.learning.solvers.logistic import PreconditionedLogisticRegression

if TYPE_CHECKING:
    import numpy as np


class StandardizedRidge(ScaledRidge):
    """Ridge regression that penalizes weights times :func:`deviations`, with weights in units."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and a number for each row."""
        scales = deviations(X, sample_weight)
        fitted: Any = super().fit(divided(X, scales), y, sample_weight)
        fitted.coef_ = fitted.coef_ / scales
        return self


class StandardizedLogisticRegression(PreconditionedLogisticRegression):
    """Logistic regression that penalizes weights times :func:`deviations`, with them in units."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and the class of each row."""
        scales = deviations(X, sample_weight)
        fitted: Any = super().fit(divided(X, scales), y, sample_weight)
        fitted.coef_ = fitted.coef_ / scales
        return self


def deviations(X: Any, weights: Any) -> np.ndarray:
    """Return the standard deviation of each column, 1 for one that isn't to be scaled.

    Those are constant columns and, as in Gelman 2008 (Scaling regression inputs by dividing by two
    standard deviations), columns of zeros and ones: the weights of rare values would hardly be
    penalized. Columns needn't be centered, because the intercept isn't penalized.
    """
    import numpy as np
    from scipy.sparse import issparse
    from sklearn.preprocessing import StandardScaler

    scales = StandardScaler(with_mean=False).fit(X, sample_weight=weights).scale_
    if issparse(X):
        others = X.indices[(X.data != 0) & (X.data != 1)]
        indicators = np.bincount(others, minlength=X.shape[1]) == 0
    else:
        indicators = ((X == 0) | (X == 1)).all(axis=0)
    return np.where(indicators | ~np.isfinite(scales), 1.0, scales)


def divided(X: Any, scales: np.ndarray) -> Any:
    """Return a matrix, dense or CSR, with each column divided by its scale."""
    from scipy.sparse import issparse

    return X.multiply(1 / scales).tocsr() if issparse(X) else X / scales
