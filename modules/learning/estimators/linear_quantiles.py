"""Quantiles of a number as weighted sums of the features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, RegressorMixin  # noqa: TID253

from modules.learning.estimators.dense import dense
from modules.learning.estimators.standardized import standardized

if TYPE_CHECKING:
    import numpy as np


class LinearQuantileRegressor(RegressorMixin, BaseEstimator):
    """scikit-learn's ``QuantileRegressor`` for several quantiles, in standardized columns.

    Parameters
    ----------
    quantiles : sequence of float
    penalty : float
        Of the sum of the absolute weights in standardized columns.

    Attributes
    ----------
    coef_, intercept_
        Of the median, in the units of the data.
    coefs_ : numpy.ndarray, shape (quantiles, features)
    intercepts_ : numpy.ndarray, shape (quantiles,)
    """

    def __init__(self, quantiles: Sequence[float] = (0.5,), penalty: float = 0.0) -> None:
        self.quantiles = quantiles
        self.penalty = penalty

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and a number for each row."""
        import numpy as np
        from sklearn.linear_model import QuantileRegressor
        from sklearn.utils.validation import validate_data

        from modules.contract.context import part_of_progress

        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        X = dense(X)
        means, deviations = X.mean(axis=0), X.std(axis=0)
        deviations = np.where(deviations > 1e-12 * np.abs(means), deviations, 1.0)
        target, center, spread = standardized(y, sample_weight)
        wanted = [0.5, *self.quantiles]
        coefs, intercepts = [], []
        for index, quantile in enumerate(wanted):
            text = f"quantile {quantile:g}"
            with part_of_progress(index / len(wanted), (index + 1) / len(wanted), text):
                model = QuantileRegressor(quantile=quantile, alpha=self.penalty)
                model.fit((X - means) / deviations, target, sample_weight)
            coefs.append(model.coef_ * spread / deviations)
            intercepts.append(float(model.intercept_) * spread + center - means @ coefs[-1])
        self.coef_, self.intercept_ = coefs[0], float(intercepts[0])
        self.coefs_, self.intercepts_ = np.array(coefs[1:]), np.array(intercepts[1:])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the median of each row."""
        found: np.ndarray = dense(X) @ self.coef_ + self.intercept_
        return found

    def predict_quantiles(self, X: Any, quantiles: Sequence[float]) -> np.ndarray:
        """Return the quantiles that it was fitted to, of shape (rows, quantiles), increasing."""
        import numpy as np

        # Lines of two quantiles may cross far from the training rows.
        return np.sort(dense(X) @ self.coefs_.T + self.intercepts_, axis=1)
