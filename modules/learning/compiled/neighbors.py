"""Nearest neighbors: distances, their order, and models as the training rows themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, from_shares, standardization
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import SCORED_LABELS

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator

_BLOCK = 200_000
"""Distances that are computed at once: they fit into a processor's cache."""


def weights_of_neighbors(
    rows: np.ndarray, known: np.ndarray, count: int, *, metric: str, weighting: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return the indices of the neighbors of each row, and their weights with a sum of 1.

    Tables and single rows use it, and it doesn't depend on the other rows, so that equal
    distances are ordered in the same way: by the number of the training row.

    Parameters
    ----------
    rows, known : numpy.ndarray, shape (rows, features)
        The rows to predict, and the training rows.
    count : int
        How many neighbors, at most the number of training rows.
    metric : str
        ``Euclidean`` or ``Manhattan``.
    weighting : str
        ``uniform``, or ``distance`` for the inverse of the distance. Training rows with the
        distance 0 are then the only ones that count.
    """
    import numpy as np

    columns = np.ascontiguousarray(known.T)
    step = max(1, _BLOCK // len(known))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        total = np.zeros((len(block), len(known)))
        for values, column in zip(block.T, columns, strict=True):
            apart = values[:, None] - column
            total += np.abs(apart) if metric == "Manhattan" else apart * apart
        for distances in total:
            limit = np.partition(distances, count - 1)[count - 1]
            near = np.flatnonzero(distances <= limit)
            near = near[np.argsort(distances[near], kind="stable")][:count]
            shares = np.ones(count)
            if weighting == "distance":
                found = distances[near] if metric == "Manhattan" else np.sqrt(distances[near])
                equal = found == 0
                shares = equal.astype(float) if equal.any() else found[0] / found
            yield near, shares / shares.sum()


class Neighbors(EstimatorForm):
    """The training rows and their labels, after at most one standardization."""

    def compile(self, model: FittedEstimator) -> CompiledModel | None:
        """Return a fitted model as plain data."""
        compiled = super().compile(model)
        if compiled is None:
            return None
        final = model.final_estimator
        facts = {
            "neighbors": final.neighbors,
            "metric": final.metric,
            "weighting": final.weighting,
        }
        return CompiledModel(self, {**compiled.facts, **facts}, compiled.arrays)

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return ``rows``, ``targets``, and ``means`` and ``deviations`` of the scaler."""
        means, deviations = standardization(model)
        return {
            "rows": model.final_estimator.rows_,
            "targets": model.final_estimator.targets_,
            "means": means,
            "deviations": deviations,
        }

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns, of numpy's calls, and of the distances."""
        rows = compiled.arrays["rows"]
        return super().microseconds(compiled) + float(40.0 + 4.0 * rows.shape[1] + rows.size / 700)

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        import numpy as np

        facts = compiled.facts
        encode = row_encoder(facts["columns"], facts["encoding"])
        known, targets, means, deviations = (
            compiled.arrays[name] for name in ("rows", "targets", "means", "deviations")
        )
        count, metric, weighting = facts["neighbors"], facts["metric"], facts["weighting"]
        number = facts["task"] == "regression"
        finish = None if number else from_shares(compiled)

        @np.errstate(over="raise")
        def row_function(row: Row) -> dict[str, Any]:
            vector = (np.array([encode(row)]) - means) / deviations
            found = weights_of_neighbors(vector, known, count, metric=metric, weighting=weighting)
            near, shares = next(found)
            estimate = shares @ targets[near]
            if finish is None:
                return {SCORED_LABELS: float(estimate)}
            return finish([min(share, 1.0) for share in estimate.tolist()])

        return row_function
