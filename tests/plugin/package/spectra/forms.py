"""How a calibration curve scores one row, with numpy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning import EstimatorForm
from modules.learning.compiled.encoding import row_encoder
from modules.values import CompiledModel
from modules.values.score_columns import SCORED_LABELS

if TYPE_CHECKING:
    import numpy as np

    from modules.learning import SklearnModel


class Calibration(EstimatorForm):
    """The label of the nearest center."""

    def arrays(self, model: SklearnModel) -> dict[str, np.ndarray]:
        """Return centers and labels."""
        estimator = model.final_estimator
        return {"centers": estimator.centers_, "values": estimator.values_}

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        import numpy as np

        encode = row_encoder(compiled.facts["columns"], compiled.facts["encoding"])
        centers, values = compiled.arrays["centers"], compiled.arrays["values"].tolist()

        def row_function(row: Row) -> dict[str, Any]:
            distances = ((np.array(encode(row)) - centers) ** 2).sum(axis=1)
            return {SCORED_LABELS: values[int(distances.argmin())]}

        return row_function
