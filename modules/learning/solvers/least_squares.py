"""Least squares that find the minimum whatever the scales of the columns."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

from sklearn.linear_model import LinearRegression, Ridge  # noqa: TID253

if TYPE_CHECKING:
    import numpy as np

_SLOPE = 1e-8
"""Largest cosine between a column and the residuals at a minimum, above rounding."""

_DEPENDENT = 1e-13
"""Smallest singular value, as a share of the largest, of columns that aren't collinear."""

_GAIN = 1e-9
"""Share of the objective that is an improvement."""

_ROUNDING = 1e-13
"""Share of the target's sum of squares that is an improvement."""


class ScaledLinearRegression(LinearRegression):
    """scikit-learn's ``LinearRegression``, independent of scales.

    scikit-learn ignores directions that are small next to the largest column. If that misses the
    minimum, the columns are scaled; otherwise its weights are kept to the bit.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and a number for each row."""
        super().fit(X, y, sample_weight)
        _improve(self, X, y, sample_weight, 0.0)
        return self


class ScaledRidge(Ridge):
    """scikit-learn's ``Ridge``, independent of scales.

    Its solvers lose digits, or stop early, on columns of very different scales. If that misses
    the minimum, the columns are scaled, and the penalty with them, so that the objective stays
    the same; otherwise its weights are kept to the bit.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and a number for each row."""
        from scipy.linalg import LinAlgWarning

        with warnings.catch_warnings():
            # The minimum is checked below.
            warnings.simplefilter("ignore", LinAlgWarning)
            super().fit(X, y, sample_weight)
        _improve(self, X, y, sample_weight, self.alpha)
        return self


def _improve(estimator: Any, X: Any, y: Any, sample_weight: Any, penalty: float) -> None:
    """Replace the weights of a fitted estimator if scaled columns have a lower minimum."""
    import numpy as np

    weights = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, float)
    roots = np.sqrt(weights)
    if estimator.fit_intercept:
        center = float(np.average(y, weights=weights))
        shift = np.asarray(weights @ X).ravel() / weights.sum()
    else:
        center, shift = 0.0, np.zeros(X.shape[1])
    target = roots * (y - center)
    rows = _Rows(X, roots, shift, penalty)
    old = estimator.coef_
    residuals = rows.residuals(old, target)
    value = float(residuals @ residuals)
    cosines = np.abs(rows.scaled_transpose(residuals)).max(initial=0.0)
    if cosines <= _SLOPE * np.sqrt(value):
        return
    new = rows.solve(target)
    residuals = rows.residuals(new, target)
    gain = value - float(residuals @ residuals)
    if gain > max(_GAIN * value, _ROUNDING * float(target @ target)):
        estimator.coef_ = new
        if estimator.fit_intercept:
            estimator.intercept_ = center - float(shift @ new)


class _Rows:
    """Weighted and centered rows followed by a row of the penalty for each column.

    Parameters
    ----------
    matrix : numpy.ndarray or scipy.sparse.csr_array
        The features; a sparse one isn't made dense.
    roots : numpy.ndarray
        Square roots of the weights of the rows.
    shift : numpy.ndarray
        Subtracted from the columns.
    penalty : float
        Weight of the squared coefficients.
    """

    def __init__(self, matrix: Any, roots: np.ndarray, shift: np.ndarray, penalty: float) -> None:
        import numpy as np
        from scipy.sparse import diags_array, issparse

        from modules.learning.solvers.preconditioning import without_means

        self.roots, self.penalty, self.sparse = roots, penalty, issparse(matrix)
        # A dense matrix is centered as it is, a sparse one in each product.
        self.shift = shift if self.sparse else np.zeros_like(shift)
        self.matrix: Any
        if self.sparse:
            self.matrix = diags_array(roots) @ matrix
            squares = np.asarray((self.matrix * self.matrix).sum(axis=0)).ravel()
        else:
            self.matrix = roots[:, None] * without_means(matrix, shift)
            squares = np.einsum("ij,ij->j", self.matrix, self.matrix)
        squares = np.maximum(squares - self.shift**2 * (roots @ roots), 0)
        norms = np.sqrt(squares + penalty)
        self.scale = 1 / np.where(norms > 0, norms, 1.0)

    def times(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the product with coefficients."""
        import numpy as np

        fit = self.matrix @ coefficients - self.roots * (self.shift @ coefficients)
        return np.append(fit, np.sqrt(self.penalty) * coefficients)

    def scaled_transpose(self, values: np.ndarray) -> np.ndarray:
        """Return the product of the transposed rows with values, for columns of length 1."""
        import numpy as np

        upper, lower = values[: len(self.roots)], values[len(self.roots) :]
        slope = self.matrix.T @ upper - self.shift * (self.roots @ upper)
        found: np.ndarray = self.scale * (slope + np.sqrt(self.penalty) * lower)
        return found

    def residuals(self, coefficients: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return the target, or 0 for the penalty, minus the fit."""
        found = -self.times(coefficients)
        found[: len(target)] += target
        return found

    def solve(self, target: np.ndarray) -> np.ndarray:
        """Return the coefficients of the minimum, computed with columns of length 1."""
        import numpy as np
        from scipy.linalg import lstsq
        from scipy.sparse.linalg import LinearOperator, lsmr

        width = len(self.scale)
        whole = np.append(target, np.zeros(width))
        scaled: np.ndarray
        if self.sparse:
            rows = LinearOperator(
                (len(whole), width),
                matvec=lambda values: self.times(self.scale * np.ravel(values)),
                rmatvec=self.scaled_transpose,
                dtype=np.float64,
            )
            scaled = lsmr(rows, whole, atol=1e-12, btol=1e-12, conlim=0)[0]
        else:
            parts = np.vstack([self.matrix, np.sqrt(self.penalty) * np.eye(width)])
            scaled = lstsq(parts * self.scale, whole, cond=_DEPENDENT)[0]
        scaled *= self.scale
        return scaled
