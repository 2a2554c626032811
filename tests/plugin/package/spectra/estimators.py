"""An estimator that scikit-learn doesn't have."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class CalibrationCurve(RegressorMixin, BaseEstimator):
    """The mean label of the nearest of some levels.

    Parameters
    ----------
    levels : int
        Groups of equal size that the rows are put into, by their label.
    """

    def __init__(self, levels=4):
        self.levels = levels

    def fit(self, X, y):
        """Learn the mean features and the mean label of each group."""
        X, y = np.asarray(X, float), np.asarray(y, float)
        groups = np.array_split(np.argsort(y, kind="stable"), min(self.levels, len(y)))
        self.centers_ = np.array([X[group].mean(axis=0) for group in groups])
        self.values_ = np.array([y[group].mean() for group in groups])
        return self

    def predict(self, X):
        """Return the mean label of the nearest group."""
        X = np.asarray(X, float)
        distances = ((X[:, None, :] - self.centers_[None]) ** 2).sum(axis=2)
        return self.values_[distances.argmin(axis=1)]
