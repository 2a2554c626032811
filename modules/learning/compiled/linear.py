"""Linear and logistic models as weighted sums."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import weighted_sum
from modules.learning.compiled.estimator_form import EstimatorForm, from_margins, scaling
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import LARGEST_EXPONENT, QUANTILE, SCORED_LABELS

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


class Linear(EstimatorForm):
    """Weighted sums of the features: linear regression, and logistic regression of any classes.

    Any number of scalers before it is folded into the weights.
    """

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return ``weights`` and ``offsets``: ``w · (x * factor + offset) + b``."""
        import numpy as np

        found, final = scaling(model), model.final_estimator
        if found is None or not _is_plain(final, model.task):
            return None
        factor, offset = found
        coefficients = np.atleast_2d(final.coef_).astype(float)
        intercepts = np.broadcast_to(np.atleast_1d(final.intercept_), len(coefficients))
        offsets = intercepts.astype(float) + coefficients @ offset
        return {"weights": coefficients * factor, "offsets": offsets}

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        weights, offsets = (compiled.arrays[name].tolist() for name in ("weights", "offsets"))
        columns = compiled.facts["columns"]
        sums = [
            weighted_sum(columns, row, offset) for row, offset in zip(weights, offsets, strict=True)
        ]
        finish = from_margins(compiled, len(sums))
        if len(sums) == 1:
            (total,) = sums
            return lambda row: finish((total(row),))
        return lambda row: finish([total(row) for total in sums])


class LogLinear(Linear):
    """The exponential function of a weighted sum: Poisson regression."""

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        logarithm = super().row_function(compiled)

        def row_function(row: Row) -> dict[str, Any]:
            return {SCORED_LABELS: math.exp(min(logarithm(row)[SCORED_LABELS], LARGEST_EXPONENT))}

        return row_function


def _is_plain(final: Any, task: str) -> bool:
    """Return whether predictions are the sums, or their logistic function or softmax."""
    if task == "regression":
        # An estimator with a custom loss has a link function.
        return not hasattr(final, "_base_loss")
    if getattr(final, "link", "") == "logit":
        return True
    # liblinear fits one model per class; other classifiers calibrate differently.
    return getattr(final, "solver", "liblinear") != "liblinear"


class LinearQuantiles(EstimatorForm):
    """Weighted sums for the median and for each quantile, which are put in order."""

    def compile(self, model: FittedEstimator) -> CompiledModel | None:
        """Return a fitted model as plain data."""
        compiled = super().compile(model)
        if compiled is None:
            return None
        facts = {**compiled.facts, "quantiles": list(model.final_estimator.quantiles)}
        return CompiledModel(self, facts, compiled.arrays)

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return ``weights`` and ``offsets``, of the median first."""
        import numpy as np

        final = model.final_estimator
        return {
            "weights": np.vstack([final.coef_, final.coefs_]),
            "offsets": np.append(final.intercept_, final.intercepts_),
        }

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        weights, offsets = (compiled.arrays[name].tolist() for name in ("weights", "offsets"))
        columns = compiled.facts["columns"]
        sums = [weighted_sum(columns, *each) for each in zip(weights, offsets, strict=True)]
        names = [f"{QUANTILE}{quantile:g}" for quantile in compiled.facts["quantiles"]]

        def row_function(row: Row) -> dict[str, Any]:
            median, *found = (total(row) for total in sums)
            return {SCORED_LABELS: median, **dict(zip(names, sorted(found), strict=True))}

        return row_function
