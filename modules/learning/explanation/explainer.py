"""Shapley values in the matrix of an estimator: exact ones, else by comparison or sampling."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from modules.contract.context import report_progress
from modules.learning.explanation.matrices import (
    MatrixModel,
    by_column,
    in_dense_parts,
    keeps_features,
    lightgbm,
    linear,
    outputs_of,
    rescaled,
    unit_of,
)
from modules.learning.explanation.shapley import EXACT_UP_TO, coalitions, shapley
from modules.learning.explanation.tree_models import Trees, trees_of

if TYPE_CHECKING:
    import numpy as np

Explained = tuple["np.ndarray", "np.ndarray", str, str]
"""Base (outputs,) and values (rows, columns, outputs), their unit, and the method."""


class MatrixExplainer:
    """Explains rows of the matrix; keeps what it prepared for the next ones.

    Parameters
    ----------
    model : MatrixModel
    permutations : int
        For estimators without an exact way, of more than eight columns.
    seed : int
    """

    def __init__(self, model: MatrixModel, permutations: int, seed: int) -> None:
        self._model = model
        self._permutations, self._seed = permutations, seed
        self._trees: Trees | None = None
        self._unit = ""
        self._exact = keeps_features(model)

    def explain(self, matrix: Any) -> Explained:
        """Return the contributions of the columns to the prediction of each row."""
        found = self._exactly(matrix) if self._exact else None
        return found or self._sampled(matrix)

    def _exactly(self, matrix: Any) -> Explained | None:
        """Return exact contributions; None if there is no exact way that adds up."""
        import numpy as np

        model = self._model
        final = model.final_estimator
        if hasattr(final, "booster"):
            method, (base, values) = "TreeSHAP", lightgbm(model, matrix)
        elif hasattr(final, "coef_"):
            method, (base, values) = "linear", linear(model, matrix)
        else:
            if self._trees is None:
                self._trees = trees_of(final, matrix.shape[1])
            if self._trees is None:
                self._exact = False
                return None
            dense, scalers = in_dense_parts(matrix), model.scalers
            parts = [self._trees.contributions(rescaled(part, scalers), _quiet) for part in dense]
            method, base = "TreeSHAP", parts[0][0]
            values = np.concatenate([by_column(model, each) for _, each in parts])
        if not self._unit:
            self._unit = unit_of(model, matrix, base + values.sum(axis=1))
        if not self._unit:
            self._exact = False
            return None
        return base, values, self._unit, method

    def _sampled(self, matrix: Any) -> Explained:
        """Compare each row with the average training row."""
        import numpy as np

        model, columns = self._model, len(self._model.widths)
        owner = np.repeat(np.arange(columns), model.widths)
        predict = outputs_of(model)

        def play(row: np.ndarray, chosen: np.ndarray) -> np.ndarray:
            found: np.ndarray = predict(np.where(chosen[:, owner], row, model.average))
            return found

        rows = (row for part in in_dense_parts(matrix) for row in part)
        unit = "prediction" if model.task == "regression" else "probability"
        base = predict(model.average[None, :])[0]
        values = played(rows, matrix.shape[0], play, columns, self._permutations, self._seed)
        return base, values, unit, method_of(columns)


def method_of(columns: int) -> str:
    """Return how a model without an exact way is explained."""
    return "all coalitions" if columns <= EXACT_UP_TO else "permutation sampling"


def played(
    rows: Iterable[Any],
    count: int,
    play: Callable[[Any, np.ndarray], np.ndarray],
    columns: int,
    permutations: int,
    seed: int,
) -> np.ndarray:
    """Return the Shapley values of rows, of shape (rows, columns, outputs).

    Parameters
    ----------
    play : callable
        Returns the outputs (coalitions, outputs) of a row for coalitions (coalitions, columns).
    """
    import numpy as np

    chosen = coalitions(columns, permutations, seed)
    found = []
    for number, row in enumerate(rows, start=1):
        found.append(shapley(play(row, chosen), columns, permutations, seed))
        report_progress(number / count, f"row {number:,} of {count:,}")
    return np.array(found)


def _quiet(_: float) -> None:
    """Don't report progress: a part of the rows is quick."""
