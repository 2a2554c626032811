"""Gaussian process regression, with the distribution of each prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, RegressorMixin  # noqa: TID253

from modules.contract.errors import ModuleError
from modules.learning.estimators.dense import dense
from modules.learning.estimators.standardized import standardized

if TYPE_CHECKING:
    import numpy as np

MOST_ROWS = 5_000
"""Training needs the inverse of a matrix of all pairs of rows: 200 MB, several times."""


class GaussianProcessRegression(RegressorMixin, BaseEstimator):
    """scikit-learn's ``GaussianProcessRegressor`` with noise, in standardized columns.

    Parameters
    ----------
    quantiles : sequence of float
    smoothness : float
        Of a Matérn kernel: 1.5 or 2.5; 0 for the RBF kernel.
    relevance : bool
        Each feature has its own length scale.
    starts : int
        How often the optimization starts again.
    random_state : int
        Determines the starts.

    Attributes
    ----------
    rows_, means_, deviations_ : numpy.ndarray
        The standardized training rows, and how they were standardized.
    dual_ : numpy.ndarray, shape (rows,)
    lower_ : numpy.ndarray, shape (rows, rows)
        The Cholesky factor of the covariance of the labels.
    length_scales_ : numpy.ndarray, shape (features,)
    signal_, noise_ : float
        Variances.
    center_, spread_ : float
        Of the label.
    """

    def __init__(
        self,
        quantiles: Sequence[float] = (0.05, 0.5, 0.95),
        smoothness: float = 0.0,
        relevance: bool = False,
        starts: int = 0,
        random_state: int = 0,
    ) -> None:
        self.quantiles = quantiles
        self.smoothness = smoothness
        self.relevance = relevance
        self.starts = starts
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to a matrix of shape (rows, features) and a number for each row."""
        import numpy as np
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel
        from sklearn.utils.validation import validate_data

        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        X = dense(X)
        if len(X) > MOST_ROWS:
            raise ModuleError(
                "table-too-large",
                f"The dataset has {len(X):,} rows, but a Gaussian process supports {MOST_ROWS:,}.",
                "Use a sample of the rows, or another learner.",
                port="dataset",
            )
        self.means_ = X.mean(axis=0)
        deviations = X.std(axis=0)
        self.deviations_ = np.where(deviations > 1e-12 * np.abs(self.means_), deviations, 1.0)
        self.rows_ = (X - self.means_) / self.deviations_
        target, self.center_, self.spread_ = standardized(y, None)
        scales = np.ones(X.shape[1]) if self.relevance else 1.0
        bounds = (1e-2, 1e4)
        shape = (
            Matern(scales, bounds, nu=self.smoothness) if self.smoothness else RBF(scales, bounds)
        )
        kernel = ConstantKernel(1.0, (1e-3, 1e4)) * shape + WhiteKernel(0.1, (1e-6, 10.0))
        process = GaussianProcessRegressor(
            kernel, n_restarts_optimizer=self.starts, random_state=self.random_state
        ).fit(self.rows_, target)
        found = process.kernel_
        self.signal_ = float(found.k1.k1.constant_value)
        self.noise_ = float(found.k2.noise_level)
        self.length_scales_ = np.broadcast_to(found.k1.k2.length_scale, X.shape[1]).astype(float)
        self.dual_, self.lower_ = np.ravel(process.alpha_), process.L_
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the mean, which is the median, of each row."""
        found: np.ndarray = self._covariances(X) @ self.dual_ * self.spread_ + self.center_
        return found

    def predict_quantiles(self, X: Any, quantiles: Sequence[float]) -> np.ndarray:
        """Return the quantiles of the number, noise included, of shape (rows, quantiles)."""
        import numpy as np
        from scipy.linalg import solve_triangular
        from scipy.stats import norm

        covariances = self._covariances(X)
        known = np.square(solve_triangular(self.lower_, covariances.T, lower=True)).sum(axis=0)
        deviation = np.sqrt(np.maximum(self.signal_ + self.noise_ - known, 0.0)) * self.spread_
        means = covariances @ self.dual_ * self.spread_ + self.center_
        found: np.ndarray = means[:, None] + np.outer(deviation, norm.ppf(quantiles))
        return found

    def _covariances(self, X: Any) -> np.ndarray:
        """Return the covariance of each row with each training row."""
        import numpy as np
        from scipy.spatial.distance import cdist

        rows = (dense(X) - self.means_) / self.deviations_ / self.length_scales_
        apart = cdist(rows, self.rows_ / self.length_scales_)
        if self.smoothness == 1.5:
            root = np.sqrt(3) * apart
            shape = (1 + root) * np.exp(-root)
        elif self.smoothness == 2.5:
            root = np.sqrt(5) * apart
            shape = (1 + root + root**2 / 3) * np.exp(-root)
        else:
            shape = np.exp(-0.5 * apart**2)
        found: np.ndarray = self.signal_ * shape
        return found
