"""Gaussian naive Bayes as means and variances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, from_shares, scaling
from modules.values.compiled_model import CompiledModel

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


class GaussianBayes(EstimatorForm):
    """A normal distribution of each feature in each class, after any number of scalers."""

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return ``means``, ``variances``, the logarithms ``base``, and those of the scalers."""
        import numpy as np

        found, final = scaling(model), model.final_estimator
        if found is None:
            return None
        with np.errstate(divide="ignore"):
            base = np.log(final.class_prior_)
        # A class whose rows all have the weight 0 is never predicted.
        base = np.maximum(base, np.finfo(float).min)
        base = base - 0.5 * np.log(2.0 * np.pi * final.var_).sum(axis=1)
        return {
            "means": final.theta_,
            "variances": final.var_,
            "base": base,
            "factor": found[0],
            "offset": found[1],
        }

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns, and of the matrices."""
        return super().microseconds(compiled) + 20.0 + compiled.arrays["means"].size / 500

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        import numpy as np

        encode = row_encoder(compiled.facts["columns"], compiled.facts["encoding"])
        means, variances, base, factor, offset = (
            compiled.arrays[name] for name in ("means", "variances", "base", "factor", "offset")
        )
        finish = from_shares(compiled)

        @np.errstate(over="raise")
        def row_function(row: Row) -> dict[str, Any]:
            vector = np.array(encode(row)) * factor + offset
            logarithms = base - 0.5 * ((vector - means) ** 2 / variances).sum(axis=1)
            powers = np.exp(logarithms - logarithms.max())
            return finish((powers / powers.sum()).tolist())

        return row_function
