"""Gaussian mixtures as clusters: the nearest one is the likeliest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.mixture import GaussianMixture  # noqa: TID253

from modules.learning.compiled.mixtures import generalized_distances
from modules.learning.estimators.dense import dense

if TYPE_CHECKING:
    import numpy as np


class ClusteringMixture(GaussianMixture):
    """scikit-learn's ``GaussianMixture`` with a distance to each component.

    Attributes
    ----------
    scales_ : numpy.ndarray, shape (components, features, features)
        ``x @ scale`` has the covariance 1 within a component.
    base_ : numpy.ndarray, shape (components,)
        What is added to the squared distance to a component, 0 for the smallest.
    """

    @property
    def n_clusters(self) -> int:
        """The number of components."""
        return int(self.n_components)

    @property
    def cluster_centers_(self) -> np.ndarray:
        """The means of the components, of shape (components, features)."""
        found: np.ndarray = self.means_
        return found

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features)."""
        import numpy as np

        X = dense(X)
        super().fit(X)
        shape = (self.n_components, X.shape[1], X.shape[1])
        cholesky = np.asarray(self.precisions_cholesky_)
        if self.covariance_type == "full":
            scales = cholesky
        elif self.covariance_type == "tied":
            scales = np.broadcast_to(cholesky, shape)
        elif self.covariance_type == "diag":
            scales = np.stack([np.diag(row) for row in cholesky])
        else:
            scales = cholesky[:, None, None] * np.eye(X.shape[1])
        self.scales_ = np.ascontiguousarray(scales)
        # |covariance| is the inverse of the square of the scale's determinant.
        logarithms = np.log(np.diagonal(self.scales_, axis1=1, axis2=2)).sum(axis=1)
        base = -2 * (logarithms + np.log(self.weights_))
        self.base_ = base - base.min()
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the generalized distance to each component, of shape (rows, components)."""
        return generalized_distances(dense(X), self.means_, self.scales_, self.base_)

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest component of each row."""
        found: np.ndarray = self.transform(X).argmin(axis=1)
        return found
