"""Contributions in the matrix of a learner: its scale, its columns, and exact methods."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_CELLS = 2_000_000
"""Cells of a matrix that are predicted at once."""

_SAME = 1e-6
"""Relative difference within which a sum is the model's own."""

_LARGEST = 3e38


@dataclass(frozen=True, eq=False)
class MatrixModel:
    """A fitted estimator, and how its matrix was made of columns.

    Parameters
    ----------
    task : str
        ``two-class``, ``multiclass``, or ``regression``.
    estimator : estimator
        May be a pipeline with scalers.
    widths : list of int
        How many columns of the matrix each column of the table becomes.
    average : numpy.ndarray, shape (features,)
        The average training row.
    """

    task: str
    estimator: Any
    widths: list[int]
    average: np.ndarray

    @property
    def final_estimator(self) -> Any:
        """The estimator without the scalers before it."""
        return self.estimator[-1] if hasattr(self.estimator, "steps") else self.estimator

    @property
    def scalers(self) -> list[Any]:
        """The steps before the final estimator."""
        return [step for _, step in getattr(self.estimator, "steps", [])[:-1]]


def too_large(matrix: Any) -> bool:
    """Return whether a matrix has infinite numbers, or larger ones than forests take."""
    import numpy as np

    values = np.abs(matrix.data if hasattr(matrix, "tocsr") else matrix)
    return bool((values > _LARGEST).any())


def keeps_features(model: MatrixModel) -> bool:
    """Return whether the steps before the estimator keep each feature apart."""
    return all(type(step).__name__ in _SCALERS for step in model.scalers)


_SCALERS = ("MinMaxScaler", "StandardScaler", "MaxAbsScaler", "RobustScaler")


def rescaled(matrix: np.ndarray, scalers: Sequence[Any]) -> np.ndarray:
    """Return a matrix after the scalers of a learner."""
    for step in scalers:
        matrix = step.transform(matrix)
    return matrix


def by_column(model: MatrixModel, values: np.ndarray) -> np.ndarray:
    """Return the contributions of columns from those of the matrix, which are added up."""
    import numpy as np

    sizes = model.widths
    if all(width == 1 for width in sizes):
        return values
    ends = np.cumsum([0, *sizes])
    found = [values[:, a:b].sum(axis=1) for a, b in itertools.pairwise(ends)]
    return np.stack(found, axis=1)


def in_dense_parts(matrix: Any) -> list[np.ndarray]:
    """Return parts of the rows, each as a dense array."""
    rows, width = matrix.shape
    step = max(1, _CELLS // max(width, 1))
    parts = (matrix[start : start + step] for start in range(0, rows, step))
    return [part.toarray() if hasattr(part, "toarray") else part for part in parts]


def linear(model: MatrixModel, matrix: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients times the distances to the average training row."""
    import numpy as np

    final, scalers = model.final_estimator, model.scalers
    weights = np.atleast_2d(np.asarray(final.coef_, float))
    intercept = np.atleast_1d(np.asarray(getattr(final, "intercept_", 0.0), float))
    average = rescaled(model.average[None, :], scalers)
    base = (average @ weights.T)[0] + intercept
    values = [
        by_column(model, (rescaled(part, scalers) - average)[:, :, None] * weights.T)
        for part in in_dense_parts(matrix)
    ]
    return base, np.concatenate(values)


def lightgbm(model: MatrixModel, matrix: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return what LightGBM itself computes: TreeSHAP."""
    import numpy as np

    width = matrix.shape[1]
    parts = []
    for part in in_dense_parts(matrix):
        booster = model.final_estimator.booster
        found = np.asarray(booster.predict(rescaled(part, model.scalers), pred_contrib=True))
        parts.append(found.reshape(len(part), -1, width + 1).transpose(0, 2, 1))
    base = parts[0][0, -1]
    return base, np.concatenate([by_column(model, part[:, :-1]) for part in parts])


def outputs_of(model: MatrixModel) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from the matrix to the outputs (rows, outputs)."""
    estimator = model.estimator
    if model.task == "regression":
        return lambda matrix: estimator.predict(matrix).reshape(len(matrix), -1)
    return estimator.predict_proba  # type: ignore[no-any-return]


def unit_of(model: MatrixModel, matrix: Any, sums: np.ndarray) -> str:
    """Return what the sums are, by comparing them with the model's own output; empty if nothing."""
    import numpy as np

    estimator = model.estimator

    def equal(found: Any, expected: np.ndarray) -> bool:
        found = np.asarray(found, float).reshape(len(expected), -1)
        return found.shape == expected.shape and np.allclose(
            found, expected, rtol=_SAME, atol=_SAME
        )

    if model.task == "regression":
        predicted = estimator.predict(matrix)
        if equal(predicted, sums):
            return "prediction"
        with np.errstate(over="ignore"):
            return "logarithm of the prediction" if equal(predicted, np.exp(sums)) else ""
    probabilities = estimator.predict_proba(matrix)
    if sums.shape[1] == 1:
        with np.errstate(over="ignore"):
            if equal(probabilities[:, 1], 1 / (1 + np.exp(-sums))):
                return "log-odds"
    elif equal(probabilities, sums):
        return "probability"
    else:
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        if equal(probabilities, powers / powers.sum(axis=1, keepdims=True)):
            return "margin"
    if hasattr(model.final_estimator, "decision_function"):
        return "margin" if equal(estimator.decision_function(matrix), sums) else ""
    return ""
