"""K-means as distances to centers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, scaling
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import ASSIGNMENTS, DISTANCE

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


class Clusters(EstimatorForm):
    """Euclidean distances to cluster centers, after any number of scalers."""

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return ``centers``, and ``factor`` and ``offset`` of the scalers."""
        import numpy as np

        found = scaling(model)
        if found is None:
            return None
        centers = np.asarray(model.final_estimator.cluster_centers_, float)
        return {"centers": centers, "factor": found[0], "offset": found[1]}

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns, and 15 for the matrices."""
        return super().microseconds(compiled) + 15.0

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        import numpy as np

        encode = row_encoder(compiled.facts["columns"], compiled.facts["encoding"])
        centers, factor, offset = (
            compiled.arrays[name] for name in ("centers", "factor", "offset")
        )
        squares = np.einsum("ij,ij->i", centers, centers)
        names = [f"{DISTANCE}{index}" for index in range(len(centers))]

        def row_function(row: Row) -> dict[str, Any]:
            vector = np.array([encode(row)]) * factor + offset
            # As scikit-learn computes it: |x|² - 2 x·c + |c|², never below 0.
            found = -2.0 * (vector @ centers.T)[0]
            found += np.einsum("ij,ij->i", vector, vector)
            found += squares
            np.maximum(found, 0.0, out=found)
            distances = np.sqrt(found).tolist()
            nearest = distances.index(min(distances))
            return {ASSIGNMENTS: nearest, **dict(zip(names, distances, strict=True))}

        return row_function
