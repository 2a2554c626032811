"""Kernel machines as sums over their support vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, from_shares, standardization
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import SCORED_LABELS

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator

_CELLS = 2_000_000


def kernel_values(
    rows: np.ndarray, vectors: np.ndarray, kernel: str, gamma: float, degree: int
) -> np.ndarray:
    """Return the kernel of each pair of a row and a support vector, of shape (rows, vectors).

    Parameters
    ----------
    kernel : str
        ``rbf``: ``exp(-gamma |x - v|²)``. ``poly``: ``(gamma x·v + 1) ** degree``. ``linear``:
        ``x·v``.
    """
    import numpy as np

    products = rows @ vectors.T
    found: np.ndarray
    if kernel == "linear":
        found = products
    elif kernel == "poly":
        found = (gamma * products + 1.0) ** degree
    else:
        squares = np.square(rows).sum(axis=1)[:, None] + np.square(vectors).sum(axis=1)
        found = np.exp(-gamma * np.maximum(squares - 2 * products, 0.0))
    return found


def kernel_sums(
    rows: np.ndarray,
    vectors: np.ndarray,
    weights: np.ndarray,
    offsets: np.ndarray,
    **kernel: Any,
) -> np.ndarray:
    """Return the sums of each row, of shape (rows, outputs).

    Parameters
    ----------
    weights : numpy.ndarray, shape (vectors, outputs)
    offsets : numpy.ndarray, shape (outputs,)
    **kernel
        ``kernel``, ``gamma``, and ``degree``; see :func:`kernel_values`.
    """
    import numpy as np

    step = max(1, _CELLS // max(len(vectors), 1))
    parts = [
        kernel_values(rows[start : start + step], vectors, **kernel) @ weights + offsets
        for start in range(0, len(rows), step)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, len(offsets)))


def shares_of(margins: np.ndarray) -> np.ndarray:
    """Return the probabilities of the classes from log-odds, of shape (rows, classes).

    Parameters
    ----------
    margins : numpy.ndarray, shape (rows, outputs)
        Of the second of two classes, or of each of several against the others.
    """
    import numpy as np

    with np.errstate(over="ignore"):
        found = 1 / (1 + np.exp(-margins))
    if margins.shape[1] == 1:
        return np.hstack([1 - found, found])
    total = found.sum(axis=1, keepdims=True)
    even = 1 / margins.shape[1]
    shares: np.ndarray = np.where(total > 0, found / np.where(total > 0, total, 1.0), even)
    return shares


class KernelSums(EstimatorForm):
    """Sums over support vectors, after at most one standardization."""

    def compile(self, model: FittedEstimator) -> CompiledModel | None:
        """Return a fitted model as plain data."""
        compiled = super().compile(model)
        if compiled is None:
            return None
        facts = {**compiled.facts, "options": model.final_estimator.options_}
        return CompiledModel(self, facts, compiled.arrays)

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return ``vectors``, ``weights``, ``offsets``, and ``means`` and ``deviations``."""
        final = model.final_estimator
        means, deviations = standardization(model)
        return {
            "vectors": final.vectors_,
            "weights": final.weights_,
            "offsets": final.offsets_,
            "means": means,
            "deviations": deviations,
        }

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns, of numpy's calls, and of the products."""
        return super().microseconds(compiled) + float(30.0 + compiled.arrays["vectors"].size / 800)

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        import numpy as np

        facts, arrays = compiled.facts, compiled.arrays
        encode = row_encoder(facts["columns"], facts["encoding"])
        number = facts["task"] == "regression"
        finish = None if number else from_shares(compiled)

        @np.errstate(over="raise")
        def row_function(row: Row) -> dict[str, Any]:
            vector = (np.array([encode(row)]) - arrays["means"]) / arrays["deviations"]
            sums = kernel_sums(
                vector, arrays["vectors"], arrays["weights"], arrays["offsets"], **facts["options"]
            )
            if finish is None:
                return {SCORED_LABELS: float(sums[0, 0])}
            return finish(shares_of(sums)[0].tolist())

        return row_function
