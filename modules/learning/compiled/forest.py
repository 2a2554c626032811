"""Forests as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.encoding import row_encoder
from modules.learning.compiled.estimator_form import EstimatorForm, from_shares
from modules.learning.compiled.trees import TreeCollector, tree_microseconds, tree_sums
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import SCORED_LABELS

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


class Forest(EstimatorForm):
    """The mean of decision trees' predictions: random forests and extra trees."""

    def arrays(self, model: FittedEstimator) -> dict[str, np.ndarray] | None:
        """Return the trees; None after a scaler, or with several outputs."""
        import numpy as np

        forest = model.final_estimator
        if model.scalers or forest.n_outputs_ != 1:
            return None
        trees = TreeCollector(forest.n_features_in_)
        for member in forest.estimators_:
            tree = member.tree_
            left, right = tree.children_left, tree.children_right
            missing = getattr(tree, "missing_go_to_left", np.zeros(tree.node_count, np.uint8))
            for node in range(tree.node_count):
                values = tree.value[node, 0]
                if left[node] < 0:
                    trees.leaf(values)
                else:
                    trees.split(
                        int(tree.feature[node]),
                        float(tree.threshold[node]),
                        int(left[node]),
                        int(right[node]),
                        missing_left=bool(missing[node]),
                        values=values,
                    )
            trees.end_of_tree()
        return trees.arrays()

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of the columns and of the trees."""
        return super().microseconds(compiled) + tree_microseconds(compiled.arrays)

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        import numpy as np

        columns = compiled.facts["columns"]
        encode = row_encoder(columns, compiled.facts["encoding"])
        add_up = tree_sums(compiled.arrays, len(columns))
        count = int(compiled.arrays["roots"].size)
        outputs = int(compiled.arrays["values"].shape[1])
        start = [0.0] * outputs
        finish = None if compiled.facts["task"] == "regression" else from_shares(compiled)

        @np.errstate(over="raise")
        def row_function(row: Row) -> dict[str, Any]:
            # The trees compare single-precision values, so the features are rounded first.
            vector = np.array(encode(row), np.float32).tolist()
            sums = add_up(vector, start)
            if finish is None:
                return {SCORED_LABELS: sums[0] / count}
            return finish([total / count for total in sums])

        return row_function
