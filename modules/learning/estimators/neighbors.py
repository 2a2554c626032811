"""Predictions from the nearest training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # noqa: TID253

from modules.contract.errors import ModuleError
from modules.learning.compiled.neighbors import weights_of_neighbors
from modules.learning.estimators.dense import dense

if TYPE_CHECKING:
    import numpy as np


class NearestRows(BaseEstimator):
    """The mean target of the nearest training rows.

    scikit-learn's estimators order equal distances by rounding, which depends on the rows
    predicted together; here they are ordered by the number of the training row.

    Parameters
    ----------
    neighbors : int
    weighting : str
        ``uniform`` or ``distance``.
    metric : str
        ``Euclidean`` or ``Manhattan``.

    Attributes
    ----------
    rows_ : numpy.ndarray, shape (rows, features)
    targets_ : numpy.ndarray
        A number for each row, or its class as 1 in one of several columns.
    """

    def __init__(
        self, neighbors: int = 5, weighting: str = "uniform", metric: str = "Euclidean"
    ) -> None:
        self.neighbors = neighbors
        self.weighting = weighting
        self.metric = metric

    def keep(self, X: Any, targets: np.ndarray) -> None:
        """Keep the training rows, of shape (rows, features), and their targets."""
        import numpy as np
        from sklearn.utils.validation import validate_data

        X = dense(validate_data(self, X, accept_sparse="csr", dtype=np.float64))
        if len(X) < self.neighbors:
            raise ModuleError(
                "too-few-rows",
                f"The dataset has {len(X)} rows with a label, but {self.neighbors} neighbors "
                "require at least as many.",
                "Use fewer neighbors, or add rows.",
                port="dataset",
            )
        self.rows_ = X
        self.targets_ = targets

    def means(self, X: Any) -> np.ndarray:
        """Return the weighted mean of the targets of each row's neighbors."""
        import numpy as np
        from sklearn.utils.validation import validate_data

        X = dense(validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False))
        found = weights_of_neighbors(
            X, self.rows_, self.neighbors, metric=self.metric, weighting=self.weighting
        )
        return np.array([shares @ self.targets_[near] for near, shares in found])


class NearestRowsRegressor(RegressorMixin, NearestRows):
    """The mean number of the nearest rows."""

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to a matrix of shape (rows, features) and a number for each row."""
        import numpy as np
        from sklearn.utils.validation import column_or_1d

        self.keep(X, column_or_1d(y, dtype=np.float64))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of each row."""
        return self.means(X)


class NearestRowsClassifier(ClassifierMixin, NearestRows):
    """The share of each class among the nearest rows."""

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to a matrix of shape (rows, features) and the class of each row."""
        import numpy as np

        self.classes_, codes = np.unique(y, return_inverse=True)
        self.keep(X, np.eye(len(self.classes_))[codes])
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the share of each class, of shape (rows, classes)."""
        import numpy as np

        # Weights that add up to 1 may be a rounding error above it.
        found: np.ndarray = np.minimum(self.means(X), 1.0)
        return found

    def predict(self, X: Any) -> np.ndarray:
        """Return the most frequent class of the neighbors."""
        found: np.ndarray = self.classes_[self.means(X).argmax(axis=1)]
        return found


def nearest_rows(
    estimator: type[NearestRows], neighbors: int, weighting: str, metric: str, normalize: bool
) -> Any:
    """Return an unfitted estimator, after a scaler if features are to be normalized."""
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    made = estimator(neighbors, weighting, metric)
    if not normalize:
        return made
    return Pipeline([("scaler", StandardScaler()), ("learner", made)])
