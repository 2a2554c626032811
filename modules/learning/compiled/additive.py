"""Additive models as bins of features and a table of scores for each term."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, from_margins
from modules.values.compiled_model import CompiledModel

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


def additive_sums(
    matrix: np.ndarray,
    terms: Sequence[Sequence[int]],
    cuts: Sequence[Sequence[np.ndarray]],
    scores: Sequence[np.ndarray],
    intercept: float,
) -> np.ndarray:
    """Return the intercept plus the score of each term, of shape (rows,).

    Parameters
    ----------
    matrix : numpy.ndarray, shape (rows, features)
    terms : sequence
        One or two features for each term.
    cuts : sequence
        For each feature of a term the ascending limits of its bins. Bin 0 is that of a missing
        value; any other is 1 plus the number of limits up to the value.
    scores : sequence of numpy.ndarray
        For each term the score of each bin, or of each pair of bins.
    """
    import numpy as np

    total = np.full(len(matrix), intercept)
    for features, limits, table in zip(terms, cuts, scores, strict=True):
        bins = []
        for feature, limit in zip(features, limits, strict=True):
            values = matrix[:, feature]
            found = np.searchsorted(limit, values, side="right") + 1
            bins.append(np.where(np.isnan(values), 0, found))
        total += table[tuple(bins)]
    return total


class AdditiveTerms(EstimatorForm):
    """The sum of one score for each term."""

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return the intercept, and the features, the limits, and the scores of each term."""
        import numpy as np

        final = model.final_estimator
        if model.scalers:
            return None
        found = {"intercept": np.array([final.intercept_])}
        for term, (features, limits, table) in enumerate(
            zip(final.terms_, final.cuts_, final.scores_, strict=True)
        ):
            found[f"features_{term}"] = np.array(features, dtype=np.int64)
            found[f"scores_{term}"] = table
            for axis, limit in enumerate(limits):
                found[f"cuts_{term}_{axis}"] = limit
        return found

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns, and of a search for each feature of each term."""
        searches = sum(name.startswith("cuts_") for name in compiled.arrays)
        return super().microseconds(compiled) + 0.4 * searches

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        arrays = compiled.arrays
        encode = row_encoder(compiled.facts["columns"], compiled.facts["encoding"])
        finish = from_margins(compiled, 1)
        intercept = float(arrays["intercept"][0])
        terms: list[tuple[list[tuple[int, list[float]]], list[Any]]] = []
        while f"features_{len(terms)}" in arrays:
            term = len(terms)
            features = arrays[f"features_{term}"].tolist()
            axes = [
                (feature, arrays[f"cuts_{term}_{axis}"].tolist())
                for axis, feature in enumerate(features)
            ]
            terms.append((axes, arrays[f"scores_{term}"].tolist()))

        def row_function(row: Row) -> dict[str, Any]:
            vector = encode(row)
            total = intercept
            for axes, table in terms:
                found: Any = table
                for feature, limit in axes:
                    value = vector[feature]
                    found = found[bisect_right(limit, value) + 1 if value == value else 0]
                total += found
            return finish([total])

        return row_function
