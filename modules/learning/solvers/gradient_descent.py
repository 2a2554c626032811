"""Linear regression by stochastic gradient descent on features that are normalized inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.linear_model import SGDRegressor  # noqa: TID253

if TYPE_CHECKING:
    import numpy as np

_HALF_RATE = 0.01
"""Learning rate at which a step is half of the largest that can't diverge."""


class NormalizedSGDRegressor(SGDRegressor):
    """scikit-learn's ``SGDRegressor`` in normalized features, with weights in the data's units.

    It minimizes the objective of ``Ridge``, ``|y - Xw - b|² + alpha |w|²``. Features and target
    are centered and scaled, and correlations of the features are removed, since a few passes
    only learn directions in which the loss curves about alike. A sparse matrix is only scaled by
    the largest absolute value. The step is ``rate / (rate + 0.01)`` of the largest that can't
    diverge, the inverse of the largest squared length of a row. With ``invscaling`` it decreases
    with the square root of the epoch. The weights are the average over the second half of
    the steps (Polyak and Juditsky 1992).

    Only the parameters ``alpha``, ``max_iter`` (epochs), ``eta0``, ``learning_rate`` and
    ``random_state`` are used.
    """

    def fit(
        self,
        X: Any,
        y: Any,
        coef_init: Any = None,
        intercept_init: Any = None,
        sample_weight: Any = None,
    ) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and a number for each row."""
        import numpy as np
        from scipy.sparse import issparse
        from sklearn.utils.validation import _check_sample_weight, validate_data

        X, y = validate_data(
            self, X, y, accept_sparse="csr", dtype=np.float64, order="C", y_numeric=True
        )
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64)
        center = np.average(y, weights=weights)
        spread = np.sqrt(np.average((y - center) ** 2, weights=weights)) or 1.0
        normalize = _sparse_rows if issparse(X) else _dense_rows
        rows, penalties, restore = normalize(X, weights, self.alpha)
        found = self._descend(rows, (y - center) / spread, weights, penalties)
        coefficients, intercept = restore(found * spread)
        self.coef_, self.intercept_ = coefficients, np.atleast_1d(center + intercept)
        self.n_iter_ = self.max_iter
        return self

    def _descend(
        self, rows: Any, target: np.ndarray, weights: np.ndarray, penalties: Any
    ) -> np.ndarray:
        """Return the averaged weights; penalties are more rows, whose target is 0."""
        import numpy as np
        from scipy.sparse import issparse, vstack
        from sklearn.utils import check_random_state

        stack = vstack if issparse(rows) else np.vstack
        rows = stack([rows, penalties])
        if issparse(rows):
            rows = rows.tocsr()
        count = rows.shape[0]
        target = np.append(target, np.zeros(count - len(target)))
        weights = np.append(weights, np.ones(count - len(weights)))
        lengths = weights * np.asarray((rows * rows).sum(axis=1)).ravel()
        step = self.eta0 / (self.eta0 + _HALF_RATE) / (lengths.max() or 1.0)
        inner = SGDRegressor(
            alpha=0.0,
            fit_intercept=False,
            learning_rate="constant",
            average=max(count * self.max_iter // 2, 1),
            random_state=check_random_state(self.random_state),
        )
        for epoch in range(1, self.max_iter + 1):
            slower = epoch**0.5 if self.learning_rate == "invscaling" else 1.0
            inner.set_params(eta0=step / slower)
            inner.partial_fit(rows, target, sample_weight=weights)
        found: np.ndarray = inner.coef_
        return found


def _dense_rows(matrix: np.ndarray, weights: np.ndarray, penalty: float) -> Any:
    """Return centered, scaled, uncorrelated rows, rows of the penalty, and the way back."""
    import numpy as np
    from scipy.linalg import solve_triangular

    from modules.learning.solvers.preconditioning import cholesky_of, products, without_means

    means = np.average(matrix, axis=0, weights=weights)
    rows = without_means(matrix, means)
    moments = products(rows, weights / weights.sum())
    diagonal = np.einsum("ii->i", moments)
    diagonal += penalty / weights.sum()
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    factor = cholesky_of(moments * scale * scale[:, None])

    def solved(part: np.ndarray) -> np.ndarray:
        found: np.ndarray = solve_triangular(factor, (part * scale).T, lower=True).T
        return np.ascontiguousarray(found)

    def restored(found: np.ndarray) -> tuple[np.ndarray, float]:
        coefficients = scale * solve_triangular(factor, found, lower=True, trans="T")
        return coefficients, -float(means @ coefficients)

    return solved(rows), solved(penalty**0.5 * np.eye(len(means))), restored


def _sparse_rows(matrix: Any, weights: np.ndarray, penalty: float) -> Any:
    """Return scaled rows with a column for the intercept, rows of the penalty, the way back."""
    import numpy as np
    from scipy.sparse import csr_array, diags_array, hstack

    from modules.learning.solvers.preconditioning import centered

    matrix, shift = centered(matrix)
    width = matrix.shape[1]
    largest = np.asarray(abs(matrix).max(axis=0).todense()).ravel()
    scale = 1 / np.where(largest > 0, largest, 1.0)
    rows = hstack([matrix @ diags_array(scale), np.ones((matrix.shape[0], 1))], format="csr")
    penalties = hstack([diags_array(penalty**0.5 * scale), csr_array((width, 1))], format="csr")

    def restored(found: np.ndarray) -> tuple[np.ndarray, float]:
        coefficients = scale * found[:-1]
        return coefficients, float(found[-1] - shift @ coefficients)

    return rows, penalties, restored
