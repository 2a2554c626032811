"""LightGBM's trees as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modules.contract.value import RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, from_margins
from modules.learning.compiled.trees import TreeCollector, tree_microseconds, tree_sums
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import SCORED_LABELS

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


class LightGBMTrees(EstimatorForm):
    """The sum of LightGBM's trees, followed by the inverse of the link function."""

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return the trees; None after a scaler."""
        import numpy as np

        from modules.learning.lightgbm_trees import LOG_LINKED

        if model.scalers:
            return None
        estimator = model.final_estimator
        dumped = estimator.booster.dump_model()
        outputs = dumped["num_tree_per_iteration"]
        trees = TreeCollector(estimator.n_features_in_)
        for number, tree in enumerate(dumped["tree_info"]):
            _add(trees, tree["tree_structure"])
            trees.end_of_tree(number % outputs)
        arrays = trees.arrays()
        arrays["start"] = np.zeros(outputs)
        logarithmic = model.task == "regression" and estimator.loss in LOG_LINKED
        arrays["logarithmic"] = np.array([logarithmic])
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
        if compiled.arrays["logarithmic"][0]:
            return lambda row: {SCORED_LABELS: math.exp(add_up(encode(row), start)[0])}
        finish = from_margins(compiled, len(start))
        return lambda row: finish(add_up(encode(row), start))


def _add(trees: TreeCollector, root: Mapping[str, Any]) -> None:
    """Add the nodes of a tree, the root first."""
    nodes = [root]
    for node in nodes:
        if "split_feature" not in node:
            trees.leaf([float(node["leaf_value"])])
            continue
        left, right = len(nodes), len(nodes) + 1
        nodes += [node["left_child"], node["right_child"]]
        feature = int(node["split_feature"])
        if node["decision_type"] == "==":
            chosen = {int(code) for code in node["threshold"].split("||")}
            trees.membership(feature, chosen, chosen, left, right, False, [0.0])
            continue
        limit = float(node["threshold"])
        # Without missing values in training, a missing value counts as 0.
        to_left = node["default_left"] if node["missing_type"] == "NaN" else limit >= 0
        trees.split(feature, limit, left, right, missing_left=to_left, values=[0.0])
