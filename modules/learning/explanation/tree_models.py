"""Fitted tree models as the trees that TreeSHAP reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.learning.explanation.tree_shap import Tree, TreeShap

if TYPE_CHECKING:
    import numpy as np

Sides = Callable[["np.ndarray"], "np.ndarray"]
"""From the matrix to which side each row takes at each node."""


@dataclass(frozen=True, eq=False)
class Trees:
    """The sum of trees.

    Parameters
    ----------
    start : numpy.ndarray, shape (outputs,)
        What the trees are added to.
    trees : list of (TreeShap, callable, int)
        Each with its :data:`Sides`, and the output that it adds to, -1 for all.
    """

    start: np.ndarray
    trees: list[tuple[TreeShap, Sides, int]]

    def contributions(
        self, matrix: np.ndarray, progress: Callable[[float], None]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the base of each output and the Shapley values (rows, features, outputs)."""
        import numpy as np

        base = np.array(self.start, float)
        found = np.zeros((*matrix.shape, len(base)))
        for number, (tree, sides, output) in enumerate(self.trees, start=1):
            outputs = slice(None) if output < 0 else slice(output, output + 1)
            base[outputs] += tree.base
            found[:, :, outputs] += tree.contributions(sides(matrix))
            progress(number / len(self.trees))
        return base, found


def trees_of(estimator: Any, features: int) -> Trees | None:
    """Return the trees of a fitted estimator; None if it isn't a sum of trees."""
    import numpy as np

    if hasattr(estimator, "tree_"):
        trees = [estimator]
    elif hasattr(estimator, "_predictors"):
        return _boosted(estimator, features)
    elif _is_forest(estimator):
        trees = list(estimator.estimators_)
    else:
        return None
    first = _values(trees[0], len(trees))
    found = [
        (TreeShap(_of_scikit_learn(each, len(trees)), features), _scikit_learn_sides(each), -1)
        for each in trees
    ]
    return Trees(np.zeros(first.shape[1]), found)


def _is_forest(estimator: Any) -> bool:
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        ExtraTreesRegressor,
        RandomForestClassifier,
        RandomForestRegressor,
    )

    kinds = (
        ExtraTreesClassifier,
        ExtraTreesRegressor,
        RandomForestClassifier,
        RandomForestRegressor,
    )
    return isinstance(estimator, kinds)


def _values(estimator: Any, count: int) -> np.ndarray:
    """Return what each node of a tree predicts, divided by the number of trees."""
    values: np.ndarray = estimator.tree_.value[:, 0, :]
    if hasattr(estimator, "classes_"):
        values = values / values.sum(axis=1, keepdims=True)
    return values / count


def _of_scikit_learn(estimator: Any, count: int) -> Tree:
    tree = estimator.tree_
    return Tree(
        tree.children_left,
        tree.children_right,
        tree.feature,
        tree.weighted_n_node_samples,
        _values(estimator, count),
    )


def _scikit_learn_sides(estimator: Any) -> Sides:
    import numpy as np

    tree = estimator.tree_
    feature = np.maximum(tree.feature, 0)

    def sides(matrix: np.ndarray) -> np.ndarray:
        # As scikit-learn reads it.
        taken = matrix.astype(np.float32)[:, feature]
        left: np.ndarray = taken <= tree.threshold
        missing = np.isnan(taken)
        if missing.any():
            left = np.where(missing, tree.missing_go_to_left.astype(bool), left)
        return left

    return sides


def _boosted(estimator: Any, features: int) -> Trees:
    """Return the trees of scikit-learn's histogram gradient boosting."""
    import numpy as np

    from modules.learning.compiled.boosting import features_of

    indices, codes = features_of(estimator)
    found = []
    for iteration in estimator._predictors:
        for output, predictor in enumerate(iteration):
            nodes = predictor.nodes
            inner = nodes["is_leaf"] == 0
            tree = Tree(
                np.where(inner, nodes["left"].astype(np.int64), -1),
                np.where(inner, nodes["right"].astype(np.int64), -1),
                np.asarray(indices)[nodes["feature_idx"].astype(np.int64)],
                nodes["count"].astype(float),
                nodes["value"].astype(float)[:, None],
            )
            sides = histogram_sides(predictor, tree.feature, codes)
            found.append((TreeShap(tree, features), sides, output))
    start = np.asarray(estimator._baseline_prediction, float).ravel()
    return Trees(start, found)


def histogram_sides(predictor: Any, feature: np.ndarray, codes: list[list[int]]) -> Sides:
    """Return the sides of a tree of histogram gradient boosting.

    Parameters
    ----------
    feature : numpy.ndarray of int
        The column of the matrix that each node reads.
    codes : list of list of int
        As :func:`modules.learning.compiled.boosting.features_of` returns them.
    """
    import numpy as np

    nodes = predictor.nodes
    split = np.flatnonzero((nodes["is_leaf"] == 0) & (nodes["is_categorical"] == 1))
    widest = max((max(known, default=0) for known in codes), default=0)
    # For each split on categories and each code: whether it goes left, and is known.
    left_of = np.zeros((len(split), widest + 2), bool)
    known_of = np.zeros((len(split), widest + 2), bool)
    for row, number in enumerate(split):
        bits = predictor.raw_left_cat_bitsets[nodes["bitset_idx"][number]]
        known = codes[int(nodes["feature_idx"][number])]
        known_of[row, known] = True
        left_of[row, [code for at, code in enumerate(known) if bits[at // 32] >> (at % 32) & 1]] = (
            True
        )
    missing_left = nodes["missing_go_to_left"].astype(bool)

    def sides(matrix: np.ndarray) -> np.ndarray:
        taken = matrix[:, feature]
        left: np.ndarray = taken <= nodes["num_threshold"]
        missing = np.isnan(taken)
        if len(split):
            # The last column is for codes that training didn't have, and for missing ones.
            inside = (taken[:, split] >= 0) & (taken[:, split] <= widest)
            code = np.where(inside, taken[:, split], widest + 1).astype(np.int64)
            rows = np.arange(len(split))
            left[:, split] = left_of[rows, code]
            missing[:, split] = ~known_of[rows, code]
        return np.where(missing, missing_left, left)

    return sides
