"""Clusters as their training rows: a row belongs to the cluster of the nearest one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, standardization
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import ASSIGNMENTS, DISTANCE

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator

NOISE = -1


def distances_to(row: np.ndarray, known: np.ndarray, metric: str) -> np.ndarray:
    """Return the distances of a row to others, summed column by column.

    Parameters
    ----------
    row : numpy.ndarray, shape (features,)
    known : numpy.ndarray, shape (rows, features)
    metric : str
        ``Euclidean`` or ``Manhattan``.
    """
    import numpy as np

    total = np.zeros(len(known))
    for value, column in zip(row, known.T, strict=True):
        apart = value - column
        total += np.abs(apart) if metric == "Manhattan" else apart * apart
    return total if metric == "Manhattan" else np.sqrt(total)


class RowClusters(EstimatorForm):
    """The training rows with their clusters, and the means of the clusters."""

    def compile(self, model: FittedEstimator) -> CompiledModel | None:
        """Return a fitted model as plain data."""
        compiled = super().compile(model)
        if compiled is None:
            return None
        facts = {**compiled.facts, "metric": model.final_estimator.metric}
        return CompiledModel(self, facts, compiled.arrays)

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray]:
        """Return ``rows``, ``clusters``, ``reach``, ``centers``, ``means``, ``deviations``."""
        final = model.final_estimator
        means, deviations = standardization(model)
        return {
            "rows": final.rows_,
            "clusters": final.row_clusters_,
            "reach": final.reach_,
            "centers": final.cluster_centers_,
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

        encode = row_encoder(compiled.facts["columns"], compiled.facts["encoding"])
        arrays, metric = compiled.arrays, compiled.facts["metric"]
        known, clusters, reach = arrays["rows"], arrays["clusters"], arrays["reach"]
        names = [f"{DISTANCE}{index}" for index in range(len(arrays["centers"]))]

        @np.errstate(over="raise")
        def row_function(row: Row) -> dict[str, Any]:
            vector = (np.array(encode(row)) - arrays["means"]) / arrays["deviations"]
            cluster = NOISE
            if len(known):
                near = distances_to(vector, known, metric)
                index = int(near.argmin())
                if near[index] <= reach[index]:
                    cluster = int(clusters[index])
            distances = distances_to(vector, arrays["centers"], metric).tolist()
            return {ASSIGNMENTS: cluster, **dict(zip(names, distances, strict=True))}

        return row_function
