"""Gaussian mixtures as generalized distances."""

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


def generalized_distances(
    rows: np.ndarray, means: np.ndarray, scales: np.ndarray, base: np.ndarray
) -> np.ndarray:
    """Return the generalized distance of rows to components, of shape (rows, components).

    Its square is ``(x - m)' C⁻¹ (x - m) + ln |C| - 2 ln w``, of which the constant part is
    counted from the smallest, so that it isn't negative (SAS/STAT, PROC DISCRIM). The nearest
    component is the likeliest.

    Parameters
    ----------
    rows : numpy.ndarray, shape (rows, features)
    means : numpy.ndarray, shape (components, features)
    scales : numpy.ndarray, shape (components, features, features)
        ``C⁻¹ = scale @ scale.T``.
    base : numpy.ndarray, shape (components,)
    """
    import numpy as np

    found = [
        np.square((rows - mean) @ scale).sum(axis=1) + constant
        for mean, scale, constant in zip(means, scales, base, strict=True)
    ]
    distances: np.ndarray = np.sqrt(np.column_stack(found))
    return distances


class Mixture(EstimatorForm):
    """Generalized distances to the components, after any number of scalers."""

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return ``means``, ``scales``, ``base``, and ``factor`` and ``offset`` of the scalers."""
        found, final = scaling(model), model.final_estimator
        if found is None:
            return None
        return {
            "means": final.means_,
            "scales": final.scales_,
            "base": final.base_,
            "factor": found[0],
            "offset": found[1],
        }

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns, and of the products."""
        scales = compiled.arrays["scales"]
        return super().microseconds(compiled) + 12.0 * len(scales) + scales.size / 1_000

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        import numpy as np

        encode = row_encoder(compiled.facts["columns"], compiled.facts["encoding"])
        means, scales, base, factor, offset = (
            compiled.arrays[name] for name in ("means", "scales", "base", "factor", "offset")
        )
        names = [f"{DISTANCE}{index}" for index in range(len(means))]

        @np.errstate(over="raise")
        def row_function(row: Row) -> dict[str, Any]:
            vector = np.array([encode(row)]) * factor + offset
            distances = generalized_distances(vector, means, scales, base)[0].tolist()
            nearest = distances.index(min(distances))
            return {ASSIGNMENTS: nearest, **dict(zip(names, distances, strict=True))}

        return row_function
