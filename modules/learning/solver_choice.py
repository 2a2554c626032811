"""Replace solvers and scalers that don't work with sparse or wide matrices."""

from __future__ import annotations

from typing import Any

NEWTON_LIMIT = 1_000
"""Maximum weights (features times outputs) for Newton's method, whose memory grows with
their square."""


def suitable_estimator(estimator: Any, matrix: Any, classes: int) -> Any:
    """Return an unfitted estimator that is suitable for a matrix of features.

    A sparse matrix is scaled by the largest absolute value, since shifting the smallest
    to 0 would make it dense. Logistic regression switches from Newton's method to L-BFGS,
    after a scaler, if there are too many weights.

    Parameters
    ----------
    estimator : object
        A scikit-learn estimator or pipeline; may be changed.
    matrix : numpy.ndarray or scipy.sparse.csr_array, shape (rows, features)
        The features to fit to.
    classes : int
        Number of classes; 0 without classes.
    """
    from scipy.sparse import issparse
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler

    sparse = issparse(matrix)
    for name, step in list(getattr(estimator, "steps", [])):
        if sparse and isinstance(step, MinMaxScaler):
            estimator.set_params(**{name: MaxAbsScaler()})
    weights = matrix.shape[1] * (classes if classes > 2 else 1)
    newton = isinstance(estimator, LogisticRegression) and estimator.solver == "newton-cholesky"
    if not newton or weights <= NEWTON_LIMIT:
        return estimator
    scaler = MaxAbsScaler() if sparse else MinMaxScaler()
    return Pipeline([("scaler", scaler), ("learner", estimator.set_params(solver="lbfgs"))])
