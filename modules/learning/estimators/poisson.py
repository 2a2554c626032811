"""Poisson regression with L1 and L2 penalties, independent of the scales of the columns."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, RegressorMixin  # noqa: TID253

from modules.contract.errors import ModuleError
from modules.values.score_columns import LARGEST_EXPONENT

if TYPE_CHECKING:
    import numpy as np

_LARGEST = 300.0
"""Beyond this logarithm a mean is too large for any count: descent turns back."""


class PenalizedPoissonRegressor(RegressorMixin, BaseEstimator):
    """Log-linear model of counts: ``log(mean) = w · x + b``.

    It minimizes ``sum(mean - y log(mean)) + l2 / 2 |w|² + l1 |w|₁``, without a penalty of the
    intercept, with L-BFGS-B in centered and scaled variables. A row of weight 2 counts as two. The
    L1 penalty is that of the difference of two positive parts, so weights are exactly 0 where it
    is strongest.

    Parameters
    ----------
    l1, l2 : float
        Weights of the penalties, in the units of the columns.
    tolerance : float
        The projected gradient per row at which it stops.
    memory : int
        Corrections that L-BFGS keeps.
    max_iter : int

    Attributes
    ----------
    coef_ : numpy.ndarray, shape (features,)
    intercept_ : float
    """

    def __init__(
        self,
        l1: float = 1.0,
        l2: float = 1.0,
        tolerance: float = 1e-7,
        memory: int = 20,
        max_iter: int = 1_000,
    ) -> None:
        self.l1 = l1
        self.l2 = l2
        self.tolerance = tolerance
        self.memory = memory
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and a count for each row."""
        import numpy as np
        from scipy.optimize import minimize
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.utils.validation import _check_sample_weight, validate_data

        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64, y_numeric=True)
        if (y < 0).any():
            raise ModuleError(
                "negative-label",
                f"The label contains {y.min():g}, but a count is 0 or more.",
                "Choose a label of counts, or another learner.",
                parameter="label_column",
            )
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64)
        total = weights.sum()
        weights = weights / total
        rows, center, scale = _normalized(X, weights)
        width = rows.shape[1]
        share = np.where(scale > 0, 1 / np.where(scale > 0, scale, 1.0), 0.0) / total
        signs = (1.0, -1.0) if self.l1 else (1.0,)

        def objective(found: np.ndarray) -> tuple[float, np.ndarray]:
            parts = found[1:].reshape(len(signs), width)
            z = np.asarray(signs) @ parts
            logarithm = np.minimum(rows @ z + found[0], _LARGEST)
            mean = np.exp(logarithm)
            loss = weights @ (mean - y * logarithm)
            # In the columns' own units the weights are z / scale.
            ridge = self.l2 * share * z / np.where(scale > 0, scale, 1.0)
            loss += 0.5 * (ridge @ z) + self.l1 * (share @ parts.sum(axis=0) if self.l1 else 0.0)
            away = weights * (mean - y)
            slope = rows.T @ away + ridge
            slopes = [sign * slope + self.l1 * share for sign in signs]
            return float(loss), np.concatenate([[away.sum()], *slopes])

        average = weights @ y
        start = np.zeros(1 + len(signs) * width)
        start[0] = np.log(average) if average > 0 else -1.0
        bounds = [(None, None)] + [(0.0 if self.l1 else None, None)] * (len(start) - 1)
        result = minimize(
            objective,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={
                "maxcor": self.memory,
                "gtol": self.tolerance,
                "ftol": 1e-16,
                "maxiter": self.max_iter,
                "maxfun": 2 * self.max_iter,
            },
        )
        if result.status == 1:
            warnings.warn("the maximum of iterations was reached", ConvergenceWarning, stacklevel=2)
        z = np.asarray(signs) @ result.x[1:].reshape(len(signs), width)
        self.coef_ = np.where(scale > 0, z / np.where(scale > 0, scale, 1.0), 0.0)
        self.intercept_ = float(result.x[0] - self.coef_ @ center)
        self.n_iter_ = int(result.nit)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the mean count of each row; at most the largest number."""
        import numpy as np
        from sklearn.utils.validation import validate_data

        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        counts: np.ndarray = np.exp(np.minimum(X @ self.coef_ + self.intercept_, LARGEST_EXPONENT))
        return counts


def _normalized(matrix: Any, weights: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return scaled rows, centers and scales; a sparse matrix isn't centered."""
    import numpy as np
    from scipy.sparse import diags_array, issparse

    if issparse(matrix):
        scale = np.asarray(abs(matrix).max(axis=0).todense()).ravel()
        inverse = np.where(scale > 0, 1 / np.where(scale > 0, scale, 1.0), 0.0)
        return (matrix @ diags_array(inverse)).tocsr(), np.zeros(len(scale)), scale
    center = weights @ matrix
    rows = matrix - center
    scale = np.sqrt(weights @ rows**2)
    # What differs by rounding alone is constant.
    scale[scale <= 1e-12 * np.abs(center)] = 0.0
    rows *= np.where(scale > 0, 1 / np.where(scale > 0, scale, 1.0), 0.0)
    return rows, center, scale
