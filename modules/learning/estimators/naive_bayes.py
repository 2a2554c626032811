"""Gaussian naive Bayes on dense and sparse features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.naive_bayes import GaussianNB  # noqa: TID253

from modules.learning.estimators.dense import dense

if TYPE_CHECKING:
    import numpy as np


class DenseGaussianNB(GaussianNB):
    """scikit-learn's ``GaussianNB``; a sparse matrix is made dense."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and the class of each row."""
        super().fit(dense(X), y, sample_weight)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, of shape (rows, classes)."""
        import numpy as np

        with np.errstate(divide="ignore"):
            found: np.ndarray = super().predict_proba(dense(X))
        return found

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest class of each row."""
        found: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return found


def gaussian_bayes(smoothing: float) -> Any:
    """Return an unfitted estimator after a scaler.

    scikit-learn adds a share of the largest variance to all variances; of standardized features
    that is the same share of each.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    return Pipeline(
        [("scaler", StandardScaler()), ("learner", DenseGaussianNB(var_smoothing=smoothing))]
    )
