"""Detectors of anomalies, with scores from 0 to 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator  # noqa: TID253

if TYPE_CHECKING:
    import numpy as np

_STEEPNESS = 2.0
"""Log-odds between the median of the training rows and the threshold."""


class PcaAnomalyDetector(BaseEstimator):
    """The share of a row's length that its projection on the principal components loses.

    The score is ``|x - projection| / |x|``, from 0 to 1, as in ML.NET.

    Parameters
    ----------
    components : int
        At most as many as there are rows and features.
    oversampling : int
        Further directions of the randomized decomposition.
    center : bool
        Subtract the means of the training rows.
    threshold : float
        From this score on a row is an anomaly.
    random_state : int

    Attributes
    ----------
    components_ : numpy.ndarray, shape (components, features)
    mean_ : numpy.ndarray, shape (features,)
    """

    def __init__(
        self,
        components: int = 2,
        oversampling: int = 2,
        center: bool = False,
        threshold: float = 0.5,
        random_state: int = 0,
    ) -> None:
        self.components = components
        self.oversampling = oversampling
        self.center = center
        self.threshold = threshold
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features)."""
        import numpy as np
        from sklearn.utils.extmath import randomized_svd
        from sklearn.utils.validation import validate_data

        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64)
        X = X.toarray() if hasattr(X, "toarray") else X
        self.mean_ = X.mean(axis=0) if self.center else np.zeros(X.shape[1])
        count = min(self.components, *X.shape)
        _, _, self.components_ = randomized_svd(
            X - self.mean_,
            count,
            n_oversamples=self.oversampling,
            random_state=self.random_state,
        )
        return self

    def anomaly_scores(self, X: Any) -> np.ndarray:
        """Return the score of each row; a row of zeros has none of its length to lose: 0."""
        import numpy as np
        from sklearn.utils.validation import validate_data

        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        X = X.toarray() if hasattr(X, "toarray") else X
        rows = X - self.mean_
        lost = rows - (rows @ self.components_.T) @ self.components_
        # Scaled, because squares may overflow.
        largest = np.abs(rows).max(axis=1, keepdims=True)
        scale = np.where(largest > 0, largest, 1.0)
        lengths = np.linalg.norm(rows / scale, axis=1)
        shares = np.linalg.norm(lost / scale, axis=1) / np.where(lengths > 0, lengths, 1.0)
        scores: np.ndarray = np.clip(shares, 0.0, 1.0)
        return scores

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return 1 - score and the score, of shape (rows, 2)."""
        return _pairs(self.anomaly_scores(X))

    def predict(self, X: Any) -> np.ndarray:
        """Return 1 for anomalies and 0 for other rows."""
        return (self.anomaly_scores(X) >= self.threshold).astype("int64")


class ThresholdedDetector(BaseEstimator):
    """One of scikit-learn's outlier detectors, whose threshold is set by the training rows.

    A score is the logistic function of the detector's own score, 0.5 at the threshold: above it
    are ``contamination`` of the training rows.

    Parameters
    ----------
    detector : object
        Has ``score_samples``, low for anomalies.
    contamination : float
        Expected share of anomalies.

    Attributes
    ----------
    detector_ : object
    level_, spread_ : float
        The own score at the threshold, and its difference in log-odds of 1.
    """

    threshold = 0.5

    def __init__(self, detector: Any = None, contamination: float = 0.05) -> None:
        self.detector = detector
        self.contamination = contamination

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features)."""
        import numpy as np
        from sklearn.base import clone

        from modules.contract.context import warn

        detector = clone(self.detector)
        if getattr(detector, "max_samples", 0) > X.shape[0]:
            detector.set_params(max_samples=X.shape[0])
        if getattr(detector, "n_neighbors", 0) >= X.shape[0] > 1:
            others = X.shape[0] - 1
            warn(f"The neighbors were reduced to {others}: there are {X.shape[0]} rows.")
            detector.set_params(n_neighbors=others)
        self.detector_ = detector.fit(X)
        # Of training rows, a local outlier factor leaves out the row itself.
        own = getattr(self.detector_, "negative_outlier_factor_", None)
        scores = -(self.detector_.score_samples(X) if own is None else own)
        middle, self.level_ = (
            float(each) for each in np.quantile(scores, [0.5, 1 - self.contamination])
        )
        self.spread_ = (self.level_ - middle) / _STEEPNESS or float(scores.std()) or 1.0
        return self

    def anomaly_scores(self, X: Any) -> np.ndarray:
        """Return the score of each row, from 0 to 1."""
        from scipy.special import expit

        own = -self.detector_.score_samples(X)
        scores: np.ndarray = expit((own - self.level_) / self.spread_)
        return scores

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return 1 - score and the score, of shape (rows, 2)."""
        return _pairs(self.anomaly_scores(X))

    def predict(self, X: Any) -> np.ndarray:
        """Return 1 for anomalies and 0 for other rows."""
        return (self.anomaly_scores(X) >= self.threshold).astype("int64")


def _pairs(scores: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.column_stack([1 - scores, scores])
