"""Replace scalers that would make a sparse matrix dense."""

from __future__ import annotations

from typing import Any


def with_sparse_scalers(estimator: Any, matrix: Any) -> Any:
    """Return an unfitted estimator, with other scalers if the matrix of features is sparse.

    A sparse matrix is scaled by the largest absolute value, since shifting the smallest
    to 0 would make it dense.

    Parameters
    ----------
    estimator : object
        A scikit-learn estimator or pipeline; may be changed.
    matrix : numpy.ndarray or scipy.sparse.csr_array, shape (rows, features)
        The features to fit to.
    """
    from scipy.sparse import issparse
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler

    if issparse(matrix):
        for name, step in list(getattr(estimator, "steps", [])):
            if isinstance(step, MinMaxScaler):
                estimator.set_params(**{name: MaxAbsScaler()})
    return estimator
