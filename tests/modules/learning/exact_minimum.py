"""Minima of linear learners by another method: Newton in standardized columns, extended precision.

Columns are standardized and the penalty with them, so the objective is that of the columns as
they are, while the systems are well scaled. Dependent columns are skipped by pivoting.
"""

from __future__ import annotations

import numpy as np

EXTENDED = np.longdouble


def solve(matrix: np.ndarray, right: np.ndarray, smallest: float = 1e-17) -> np.ndarray:
    """Solve a semidefinite system by elimination with diagonal pivoting."""
    matrix, right, count = matrix.copy(), right.copy(), len(right)
    floor = matrix.diagonal().max() * smallest
    left, order = list(range(count)), []
    while left:
        pivot = max(left, key=lambda index: matrix[index, index])
        if matrix[pivot, pivot] <= floor:
            break
        left.remove(pivot)
        order.append(pivot)
        others = np.asarray(left, dtype=int)
        factors = matrix[others, pivot] / matrix[pivot, pivot]
        matrix[np.ix_(others, others)] -= np.outer(factors, matrix[pivot, others])
        right[others] -= factors * right[pivot]
    found = np.zeros(count, matrix.dtype)
    for place, pivot in reversed(list(enumerate(order))):
        later = np.asarray(order[place + 1 :], dtype=int)
        found[pivot] = (right[pivot] - matrix[pivot, later] @ found[later]) / matrix[pivot, pivot]
    return found


def _losses(margins: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log loss and the probabilities of each row."""
    top = margins.max(axis=1, keepdims=True)
    powers = np.exp(margins - top)
    total = powers.sum(axis=1, keepdims=True)
    rows = np.arange(len(codes))
    return np.log(total[:, 0]) + top[:, 0] - margins[rows, codes], powers / total


def logistic_objective(matrix, codes, coefficients, intercepts, penalty, weights=None) -> float:
    """Return sum of weighted log losses plus ``penalty / 2 |w|²`` at given coefficients."""
    wide = [np.asarray(each, EXTENDED) for each in (matrix, coefficients, intercepts)]
    margins = wide[0] @ wide[1].T + wide[2]
    if margins.shape[1] == 1:
        margins = np.hstack([0 * margins, margins])
    losses, _ = _losses(margins, codes)
    rows = np.ones(len(codes)) if weights is None else np.asarray(weights)
    return float(rows @ losses + EXTENDED(penalty) / 2 * (wide[1] ** 2).sum())


def logistic_minimum(matrix, codes, penalty, weights=None) -> float:
    """Return the minimum of :func:`logistic_objective` by Newton's method."""
    rows = np.ones(len(codes), EXTENDED) if weights is None else np.asarray(weights, EXTENDED)
    matrix = np.asarray(matrix, EXTENDED)
    means = rows @ matrix / rows.sum()
    matrix = matrix - means
    spread = np.sqrt(rows @ matrix**2 / rows.sum())
    varies = spread > 1e-16 * np.abs(means)
    penalties = EXTENDED(penalty) / (spread[varies] ** 2 * rows.sum())
    # Columns that the penalty dominates get a unit of curvature too.
    shrink = 1 / np.sqrt(1 + penalties)
    matrix = np.column_stack([matrix[:, varies] / spread[varies] * shrink, np.ones(len(codes))])
    penalties = np.append(penalties * shrink**2, 0)[:, None]
    classes, width = int(codes.max()) + 1, matrix.shape[1]
    outputs, first = (1, 1) if classes == 2 else (classes, 0)
    share = rows / rows.sum()
    actual = np.eye(classes)[codes]

    def at(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        margins = matrix @ table
        losses, shares = _losses(
            np.hstack([0 * margins, margins]) if outputs == 1 else margins, codes
        )
        return share @ losses + (penalties * table**2).sum() / 2, shares

    table = np.zeros((width, outputs), EXTENDED)
    value, shares = at(table)
    for _ in range(300):
        kept = shares[:, first:]
        slope = matrix.T @ ((shares - actual)[:, first:] * share[:, None]) + penalties * table
        hessian = np.zeros((width, outputs, width, outputs), EXTENDED)
        for one in range(outputs):
            for other in range(outputs):
                curvature = share * kept[:, one] * ((one == other) - kept[:, other])
                hessian[:, one, :, other] = (matrix * curvature[:, None]).T @ matrix
            places = np.arange(width)
            hessian[places, one, places, one] += penalties[:, 0]
        step = solve(hessian.reshape(width * outputs, -1), -slope.ravel()).reshape(table.shape)
        gain, length = -(slope * step).sum(), 1.0
        if gain <= 1e-15 * value:
            break
        while (after := at(table + length * step))[0] > value - 1e-4 * length * gain:
            length /= 2
            if length < 1e-9:
                return float(value * rows.sum())
        table = table + length * step
        value, shares = after
    return float(value * rows.sum())


def squares(matrix, target, coefficients, intercept, penalty) -> float:
    """Return ``|y - Xw - b|² + penalty |w|²``."""
    coefficients = np.asarray(coefficients, EXTENDED)
    residuals = np.asarray(target, EXTENDED) - np.asarray(matrix, EXTENDED) @ coefficients
    residuals = residuals - EXTENDED(intercept)
    return float(residuals @ residuals + EXTENDED(penalty) * (coefficients @ coefficients))


def least_squares(matrix, target, penalty, *, intercept: bool = True) -> float:
    """Return the minimum of :func:`squares` from the normal equations of scaled columns."""
    original, matrix = matrix, np.asarray(matrix, EXTENDED)
    target = np.asarray(target, EXTENDED)
    means = matrix.mean(axis=0) if intercept else np.zeros(matrix.shape[1], EXTENDED)
    center = target.mean() if intercept else EXTENDED(0)
    matrix = matrix - means
    norms = np.sqrt((matrix**2).sum(axis=0) + EXTENDED(penalty))
    norms = np.where(norms > 0, norms, 1)
    rows = np.vstack([matrix / norms, np.diag(np.sqrt(EXTENDED(penalty)) / norms)])
    right = np.append(target - center, np.zeros(len(norms)))
    found = solve(rows.T @ rows, rows.T @ right)
    found = found + solve(rows.T @ rows, rows.T @ (right - rows @ found))
    found = found / norms
    return squares(original, target, found, center - means @ found, penalty)
