"""Minimize the logistic loss in variables in which it curves alike in all directions.

The units of the columns, their offsets and their correlations decide how many steps a method
of descent needs, and whether rounding stops it before the minimum. A linear change of the
variables removes them and keeps the objective: loss and penalty stay those of the columns as
they are (Nocedal and Wright 2006, section 5.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np

FACTORS_LIMIT = 4_000_000
"""Maximum correlations (features squared, times outputs) that are removed; with more the
features are only scaled. In memory 32 MB."""

_FIRST_ROUND = 32
"""Steps before the curvature is measured again; each round is twice as long."""

_SPARSE_BELOW = 0.25
"""Share of numbers other than 0 below which a sparse matrix is faster for sums of its columns."""

_SPARSE_PRODUCT_BELOW = 0.1
"""Share of numbers other than 0 below which it is faster for their products."""

_CHUNK = 4_096

_CONSTANT = 1e-13
"""Largest deviation of a constant column from its mean, as a share of the mean."""

_SINGULAR = 1e-13
"""Smallest share of a column that others don't explain; above the rounding of sums."""

_SATURATED = 1e-12
"""Smallest variance of a predicted class, so that certain rows don't stop the scaling."""


@dataclass(frozen=True, eq=False)
class Objective:
    """Mean logistic loss of the rows plus ``penalty / 2 |w|²``, intercepts not penalized.

    Parameters
    ----------
    matrix : numpy.ndarray or scipy.sparse.csr_array, shape (rows, features)
        The features.
    target : numpy.ndarray of float
        Index of the class of each row.
    weights : numpy.ndarray, optional
        Weight of each row.
    classes : int
        Number of classes. Two have one output, more have one each.
    penalty : float
        Per unit of weight, as the loss is.
    """

    matrix: Any
    target: np.ndarray
    weights: np.ndarray | None
    classes: int
    penalty: float

    @classmethod
    def of(
        cls, matrix: Any, codes: np.ndarray, classes: int, weights: np.ndarray | None, C: float
    ) -> Self:
        """Return the objective of scikit-learn's ``LogisticRegression``."""
        total = len(codes) if weights is None else float(weights.sum())
        return cls(matrix, codes.astype("float64"), weights, classes, 1.0 / (C * total))

    @cached_property
    def loss(self) -> Any:
        """The loss of scikit-learn's solvers."""
        from sklearn._loss.loss import HalfBinomialLoss, HalfMultinomialLoss
        from sklearn.linear_model._linear_loss import LinearModelLoss

        two = self.outputs == 1
        base = HalfBinomialLoss() if two else HalfMultinomialLoss(n_classes=self.classes)
        return LinearModelLoss(base_loss=base, fit_intercept=True)

    @property
    def outputs(self) -> int:
        """Weighted sums per row."""
        return self.classes if self.classes > 2 else 1

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the weights: a row per feature, the last for intercepts; a column per output."""
        return self.matrix.shape[1] + 1, self.outputs

    @property
    def size(self) -> int:
        """Number of weights, intercepts included."""
        return self.shape[0] * self.shape[1]

    def value(self, weights: np.ndarray) -> float:
        """Return the objective at weights of this shape."""
        return self.gradient(weights)[0]

    def gradient(self, weights: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the objective and its gradient, of the shape of the weights."""
        value, slope = self.loss.loss_gradient(
            weights.ravel(), self.matrix, self.target, self.weights, self.penalty
        )
        return value, slope.reshape(self.shape)

    def separates(self, weights: np.ndarray) -> bool:
        """Return whether each row's own class is the most probable.

        Multiples of these weights then have a lower loss, without end.
        """
        import numpy as np

        margins = self.matrix @ weights[:-1] + weights[-1]
        if self.outputs == 1:
            return bool((margins[:, 0] * (2 * self.target - 1) > 0).all())
        own = (np.arange(len(margins)), self.target.astype(int))
        others = margins.copy()
        others[own] = -np.inf
        return bool((margins[own] > others.max(axis=1)).all())

    def curvature(self, weights: np.ndarray) -> np.ndarray:
        """Return each row's part of the second derivatives by each output's margin."""
        import numpy as np
        from scipy.special import expit, softmax

        margins = self.matrix @ weights[:-1] + weights[-1]
        shares = expit(margins) if self.outputs == 1 else softmax(margins, axis=1)
        variance: np.ndarray = np.maximum(shares * (1 - shares), _SATURATED)
        rows = np.ones(len(variance)) if self.weights is None else self.weights
        found: np.ndarray = variance * (rows / rows.sum())[:, None]
        return found


def descend(
    objective: Objective, start: np.ndarray, tolerance: float, steps: int
) -> tuple[np.ndarray, int, bool]:
    """Minimize an objective with L-BFGS in variables adapted to its curvature.

    Parameters
    ----------
    start : numpy.ndarray
        Weights to start from.
    tolerance : float
        It converged if the distance to the minimum, as estimated from gradient and curvature,
        is at most this share of the objective. A round of steps aims for a gradient of this
        size, a far smaller distance.
    steps : int
        Maximum steps.

    Returns
    -------
    weights : numpy.ndarray
        The start itself if it is within the tolerance.
    steps : int
        Steps taken.
    converged : bool
        Whether it did.
    """
    import math

    import numpy as np
    from scipy.optimize import minimize

    matrix, shift = centered(objective.matrix)
    objective = replace(objective, matrix=matrix)
    origin = start.copy()
    origin[-1] += shift @ origin[:-1]
    origin = _balanced(origin)
    taken, length, ended = 0, _FIRST_ROUND, True
    while True:
        variables = _Variables.at(objective, origin)
        if variables is None:
            return start, taken, False
        at = _from(origin, objective, variables)
        value, slope = at(np.zeros(objective.size))
        near = 0.5 * float(slope @ slope) <= tolerance * value
        if (near and ended) or taken >= steps:
            break
        result = minimize(
            at,
            np.zeros(objective.size),
            jac=True,
            method="L-BFGS-B",
            options={
                "maxiter": min(length, steps - taken),
                "gtol": tolerance * min(1.0, math.sqrt(2 * value)),
                "ftol": 0.0,
                "maxls": 50,
            },
        )
        origin = origin + variables.weights(result.x)
        taken, length = taken + max(result.nit, 1), 2 * length
        # Status 1 is the maximum of steps, 2 a value that rounding keeps from decreasing.
        ended = result.status != 1
    if taken == 0:
        return start, 0, True
    origin[-1] -= shift @ origin[:-1]
    return origin, taken, near


def _from(
    origin: np.ndarray, objective: Objective, variables: _Variables
) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    """Return the function from a point to the objective and its gradient there."""

    def at(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = objective.gradient(origin + variables.weights(point))
        return value, variables.slope(slope)

    return at


def centered(matrix: Any) -> tuple[Any, np.ndarray]:
    """Subtract the mean of each column without zeros, and make a matrix with few numbers sparse.

    Returns
    -------
    matrix : numpy.ndarray or scipy.sparse.csr_array
        If dense, all columns are centered.
    shift : numpy.ndarray
        What was subtracted from each column.
    """
    import numpy as np
    from scipy.sparse import csr_array, issparse

    rows, width = matrix.shape
    if issparse(matrix) or np.count_nonzero(matrix) < _SPARSE_BELOW * matrix.size:
        matrix = csr_array(matrix)
        filled = np.bincount(matrix.indices, minlength=width)
        shift = np.where(filled == rows, matrix.mean(axis=0), 0.0)
        data = matrix.data - shift[matrix.indices]
        data[np.abs(data) <= _CONSTANT * np.abs(shift[matrix.indices])] = 0.0
        parts = (data, matrix.indices, matrix.indptr)
        return csr_array(parts, shape=matrix.shape), shift
    shift = matrix.mean(axis=0)
    return without_means(matrix, shift), shift


def without_means(matrix: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return a dense matrix minus its columns' means; constant columns become exactly 0."""
    import numpy as np

    found: np.ndarray = matrix - means
    # What is left of a constant column is rounding of its mean, which must not count as signal.
    found[:, np.abs(found).max(axis=0) <= _CONSTANT * np.abs(means)] = 0.0
    return found


@dataclass(frozen=True, eq=False)
class _Variables:
    """A linear change from points, in which the objective curves like a bowl, to weights.

    Each output has its own: that of its block of the matrix of second derivatives.

    Parameters
    ----------
    means : numpy.ndarray, shape (features, outputs)
        Of the columns, weighted by curvature: a point's weights leave the mean margin alone.
    scales : numpy.ndarray, shape (features + 1, outputs)
        Inverse square root of the curvature along each weight.
    factors : list of numpy.ndarray
        Cholesky factors of the correlations of the scaled columns; empty if there are too many.
    """

    means: np.ndarray
    scales: np.ndarray
    factors: list[np.ndarray]

    @classmethod
    def at(cls, objective: Objective, weights: np.ndarray) -> Self | None:
        """Return the variables for the curvature at these weights; None if it overflows."""
        import numpy as np

        matrix, outputs = objective.matrix, objective.outputs
        width = matrix.shape[1]
        whole = outputs * width**2 <= FACTORS_LIMIT
        means, scales, factors = np.empty((width, outputs)), np.empty(objective.shape), []
        for index, curvature in enumerate(objective.curvature(weights).T):
            total = curvature.sum()
            mean = (curvature @ matrix) / total
            moments = products(matrix, curvature) if whole else _squares(matrix, curvature)
            moments -= total * (np.outer(mean, mean) if whole else mean**2)
            diagonal = np.einsum("ii->i", moments) if whole else moments
            np.maximum(diagonal, 0, out=diagonal)
            diagonal += objective.penalty
            if not np.isfinite(moments).all():
                return None
            scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
            means[:, index] = mean
            scales[:, index] = *scale, 1 / np.sqrt(total)
            if whole:
                factors.append(cholesky_of(moments * scale * scale[:, None]))
        return cls(means, scales, factors)

    def weights(self, point: np.ndarray) -> np.ndarray:
        """Return the weights of a flat point."""
        table = point.reshape(self.scales.shape)
        found = self.scales * self._solved(table, "T")
        found[-1] -= (self.means * found[:-1]).sum(axis=0)
        return _balanced(found)

    def slope(self, slope: np.ndarray) -> np.ndarray:
        """Return the gradient by the point, flat, from that by the weights."""
        found = _balanced(slope)
        found[:-1] -= self.means * slope[-1]
        return self._solved(self.scales * found, "N").ravel()

    def _solved(self, table: np.ndarray, trans: str) -> np.ndarray:
        """Divide by the factors, or by their transposes."""
        from scipy.linalg import solve_triangular

        found = table.copy()
        for index, factor in enumerate(self.factors):
            found[:-1, index] = solve_triangular(
                factor, table[:-1, index], trans=trans, lower=True, check_finite=False
            )
        return found


def _balanced(table: np.ndarray) -> np.ndarray:
    """Subtract the mean over several outputs.

    Equal additions to all change only the penalty, which is smallest for a mean of 0. Without
    this direction, along which the objective is nearly flat, descent needs fewer steps.
    """
    return table - table.mean(axis=1, keepdims=True) if table.shape[1] > 1 else table.copy()


def products(matrix: Any, curvature: np.ndarray) -> np.ndarray:
    """Return the sums of products of each two columns over the rows."""
    import numpy as np
    from scipy.sparse import issparse

    rows, width = matrix.shape
    if issparse(matrix) and matrix.nnz < _SPARSE_PRODUCT_BELOW * rows * width:
        weighted = matrix.copy()
        weighted.data *= np.repeat(curvature, np.diff(matrix.indptr))
        found: np.ndarray = (matrix.T @ weighted).toarray()
        return found
    roots, found = np.sqrt(curvature), np.zeros((width, width))
    for start in range(0, rows, _CHUNK):
        part = matrix[start : start + _CHUNK]
        part = part.toarray() if issparse(part) else part
        part = part * roots[start : start + _CHUNK, None]
        found += part.T @ part
    return found


def _squares(matrix: Any, curvature: np.ndarray) -> np.ndarray:
    """Return the sum of squares of each column over the rows."""
    import numpy as np
    from scipy.sparse import issparse

    if not issparse(matrix):
        found: np.ndarray = np.einsum("ij,ij,i->j", matrix, matrix, curvature)
        return found
    squares = matrix.copy()
    squares.data **= 2
    sums: np.ndarray = curvature @ squares
    return sums


def cholesky_of(correlations: np.ndarray) -> np.ndarray:
    """Return the lower factor, after a small addition if columns depend on each other."""
    import numpy as np
    from scipy.linalg import LinAlgError, cholesky

    extra = _SINGULAR
    while True:
        np.einsum("ii->i", correlations)[:] += extra
        try:
            factor: np.ndarray = cholesky(correlations, lower=True, check_finite=False)
        except LinAlgError:
            extra *= 10
        else:
            return factor
