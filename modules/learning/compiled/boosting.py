"""Histogram gradient boosting as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.value import RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, from_margins
from modules.learning.compiled.trees import TreeCollector, tree_microseconds, tree_sums
from modules.values.compiled_model import CompiledModel

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


class Boosting(EstimatorForm):
    """The sum of boosted trees, as in scikit-learn's histogram gradient boosting."""

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return the trees; None after a scaler, or if the loss has another link function."""
        import numpy as np

        boosting = model.final_estimator
        if model.scalers:
            return None
        loss = type(boosting._loss).__name__
        identity = type(boosting._loss.link).__name__ == "IdentityLink"
        if not identity and loss not in ("HalfBinomialLoss", "HalfMultinomialLoss"):
            return None
        indices, codes = features_of(boosting)
        trees = TreeCollector(boosting.n_features_in_)
        for iteration in boosting._predictors:
            for output, predictor in enumerate(iteration):
                nodes = predictor.nodes
                for node in nodes:
                    value = [float(node["value"])]
                    if node["is_leaf"]:
                        trees.leaf(value)
                        continue
                    index = int(node["feature_idx"])
                    feature = indices[index]
                    left, right = int(node["left"]), int(node["right"])
                    missing = bool(node["missing_go_to_left"])
                    if node["is_categorical"]:
                        bits = predictor.raw_left_cat_bitsets[node["bitset_idx"]]
                        known = codes[index]
                        chosen = {
                            code for at, code in enumerate(known) if bits[at // 32] >> (at % 32) & 1
                        }
                        trees.membership(feature, chosen, set(known), left, right, missing, value)
                    else:
                        limit = float(node["num_threshold"])
                        trees.split(feature, limit, left, right, missing_left=missing, values=value)
                trees.end_of_tree(output)
        arrays = trees.arrays()
        arrays["start"] = np.asarray(boosting._baseline_prediction, float).ravel()
        return arrays

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns and of the trees."""
        return super().microseconds(compiled) + tree_microseconds(compiled.arrays)

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        columns = compiled.facts["columns"]
        encode = row_encoder(columns, compiled.facts["encoding"])
        add_up = tree_sums(compiled.arrays, len(columns))
        start = compiled.arrays["start"].tolist()
        finish = from_margins(compiled, len(start))
        return lambda row: finish(add_up(encode(row), start))


def features_of(boosting: Any) -> tuple[list[int], list[list[int]]]:
    """Return, for each feature as the trees count them, its index and its known codes.

    Histogram gradient boosting moves categories to the front and renumbers them.
    """
    count = boosting.n_features_in_
    if boosting._preprocessor is None:
        return list(range(count)), [[] for _ in range(count)]
    categorical = [index for index in range(count) if boosting.is_categorical_[index]]
    numbers = [index for index in range(count) if not boosting.is_categorical_[index]]
    encoder = boosting._preprocessor.named_transformers_["encoder"]
    codes = [
        [int(code) for code in known if code == code]
        for known in (encoder.categories_ if categorical else [])
    ]
    return categorical + numbers, codes + [[] for _ in numbers]
