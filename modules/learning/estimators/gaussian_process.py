"""Gaussian processes, with the distribution of each prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # noqa: TID253

from modules.contract.errors import ModuleError
from modules.learning.estimators.dense import dense
from modules.learning.estimators.standardized import standardized

if TYPE_CHECKING:
    import numpy as np

_SLOPES = (0.41, 0.4, 0.37, 0.44, 0.39)
_SHARES = (-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654)
"""The logistic function of f is about the sum of shares times (1 + erf(slope f)) / 2."""


class GaussianProcess(BaseEstimator):
    """Base class: covariances with the training rows, in standardized columns.

    Parameters
    ----------
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
    length_scales_ : numpy.ndarray, shape (features,)
    signal_ : float
        Variance.
    """

    smoothness: float
    relevance: bool
    starts: int
    random_state: int

    def _standardize(self, X: Any, most: int) -> None:
        """Keep the standardized training rows, at most so many.

        Training needs the inverse of a matrix of all pairs of rows.
        """
        import numpy as np

        X = dense(X)
        if len(X) > most:
            raise ModuleError(
                "table-too-large",
                f"The dataset has {len(X):,} rows, but this Gaussian process supports {most:,}.",
                "Use a sample of the rows, or another learner.",
                port="dataset",
            )
        self.means_ = X.mean(axis=0)
        deviations = X.std(axis=0)
        self.deviations_ = np.where(deviations > 1e-12 * np.abs(self.means_), deviations, 1.0)
        self.rows_ = (X - self.means_) / self.deviations_

    def _kernel(self) -> Any:
        """Return the kernel of scikit-learn before it is fitted."""
        import numpy as np
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

        scales = np.ones(self.rows_.shape[1]) if self.relevance else 1.0
        bounds = (1e-2, 1e4)
        shape = (
            Matern(scales, bounds, nu=self.smoothness) if self.smoothness else RBF(scales, bounds)
        )
        return ConstantKernel(1.0, (1e-3, 1e4)) * shape

    def _keep(self, kernel: Any) -> None:
        """Keep the variance and the length scales of a fitted kernel."""
        import numpy as np

        self.signal_ = float(kernel.k1.constant_value)
        scales = np.broadcast_to(kernel.k2.length_scale, self.rows_.shape[1])
        self.length_scales_ = scales.astype(float)

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


class GaussianProcessRegression(RegressorMixin, GaussianProcess):
    """scikit-learn's ``GaussianProcessRegressor`` with noise, in standardized columns.

    Parameters
    ----------
    quantiles : sequence of float

    Attributes
    ----------
    dual_ : numpy.ndarray, shape (rows,)
    lower_ : numpy.ndarray, shape (rows, rows)
        The Cholesky factor of the covariance of the labels.
    noise_ : float
        Variance.
    center_, spread_ : float
        Of the label.
    """

    most_rows = 5_000
    """The matrix of all pairs of so many rows has 200 MB, several times."""

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
        from sklearn.gaussian_process.kernels import WhiteKernel
        from sklearn.utils.validation import validate_data

        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        self._standardize(X, self.most_rows)
        target, self.center_, self.spread_ = standardized(y, None)
        process = GaussianProcessRegressor(
            self._kernel() + WhiteKernel(0.1, (1e-6, 10.0)),
            n_restarts_optimizer=self.starts,
            random_state=self.random_state,
        ).fit(self.rows_, target)
        self._keep(process.kernel_.k1)
        self.noise_ = float(process.kernel_.k2.noise_level)
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


class GaussianProcessClassification(ClassifierMixin, GaussianProcess):
    """scikit-learn's ``GaussianProcessClassifier`` of two classes, in standardized columns.

    Attributes
    ----------
    dual_ : numpy.ndarray, shape (rows,)
        The class (0 or 1) of each training row minus its probability.
    roots_ : numpy.ndarray, shape (rows,)
        The roots of the curvatures of the likelihood.
    lower_ : numpy.ndarray, shape (rows, rows)
        The Cholesky factor of Laplace's approximation, as in algorithm 3.1 of Rasmussen and
        Williams (2006).
    """

    most_rows = 2_000
    """The matrix of so many rows is factored a thousand times: some minutes."""

    def __init__(
        self,
        smoothness: float = 0.0,
        relevance: bool = False,
        starts: int = 0,
        random_state: int = 0,
    ) -> None:
        self.smoothness = smoothness
        self.relevance = relevance
        self.starts = starts
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to a matrix of shape (rows, features) and one of two classes for each row."""
        import numpy as np
        from sklearn.gaussian_process import GaussianProcessClassifier
        from sklearn.utils.validation import validate_data

        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        self._standardize(X, self.most_rows)
        process = GaussianProcessClassifier(
            self._kernel(), n_restarts_optimizer=self.starts, random_state=self.random_state
        ).fit(self.rows_, y)
        self.classes_ = process.classes_
        found = process.base_estimator_
        self._keep(found.kernel_)
        self.dual_ = found.y_train_ - found.pi_
        self.roots_, self.lower_ = found.W_sr_, found.L_
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities, of shape (rows, 2).

        The logistic function is averaged over the normal distribution of the latent function with
        five error functions (Williams and Barber 1998), as in scikit-learn.
        """
        import numpy as np
        from scipy.linalg import solve_triangular
        from scipy.special import erf

        covariances = self._covariances(X)
        means = covariances @ self.dual_
        known = solve_triangular(self.lower_, (covariances * self.roots_).T, lower=True)
        variances = np.maximum(self.signal_ - np.square(known).sum(axis=0), 1e-12)
        second = np.zeros(len(means))
        for share, slope in zip(_SHARES, _SLOPES, strict=True):
            # The mean of erf(slope f), if f has this mean and variance.
            second += 0.5 * share * (1 + erf(slope * means / np.sqrt(1 + 2 * slope**2 * variances)))
        second = second.clip(0.0, 1.0)
        return np.column_stack([1 - second, second])

    def predict(self, X: Any) -> np.ndarray:
        """Return the likelier class of each row."""
        found: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return found
