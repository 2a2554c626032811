"""Neural networks as matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, from_margins, scaling
from modules.values.compiled_model import CompiledModel

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


class Network(EstimatorForm):
    """Fully connected layers with tanh between them, after any number of scalers."""

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return ``weights_N`` and ``biases_N`` of each layer; scalers are in the first."""
        found, final = scaling(model), model.final_estimator
        if found is None or final.activation != "tanh":
            return None
        factor, offset = found
        arrays = {}
        layers = zip(final.coefs_, final.intercepts_, strict=True)
        for number, (weights, biases) in enumerate(layers):
            first = number == 0
            arrays[f"weights_{number}"] = weights * factor[:, None] if first else weights
            arrays[f"biases_{number}"] = biases + offset @ weights if first else biases
        return arrays

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns, and of the products."""
        sizes = sum(array.size for array in compiled.arrays.values())
        return super().microseconds(compiled) + 5.0 * len(compiled.arrays) + sizes / 2_000

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        import numpy as np

        encode = row_encoder(compiled.facts["columns"], compiled.facts["encoding"])
        count = len(compiled.arrays) // 2
        layers = [
            (compiled.arrays[f"weights_{number}"], compiled.arrays[f"biases_{number}"])
            for number in range(count)
        ]
        *hidden, (last, bias) = layers
        finish = from_margins(compiled, last.shape[1])

        def row_function(row: Row) -> dict[str, Any]:
            vector = np.array(encode(row))
            for weights, biases in hidden:
                vector = np.tanh(vector @ weights + biases)
            return finish((vector @ last + bias).tolist())

        return row_function
