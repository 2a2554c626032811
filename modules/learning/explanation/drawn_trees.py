"""Single trees of fitted models as plain data, with the path of a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.learning.tree_members import members_of, tree_count
from modules.values.drawn_tree import DrawnTree, TreeNode

if TYPE_CHECKING:
    import numpy as np

_NAMED = 4
"""Categories of a split that are named."""


@dataclass(frozen=True, eq=False)
class Features:
    """The matrix of a model, for the tests of its trees.

    Parameters
    ----------
    names : sequence of str
        Of the columns of the matrix.
    values : sequence of (str, object) or None
        Of one-hot columns: the column of the table and its value.
    categories : sequence of (list or None)
        The values in the order of their codes.
    dates : sequence of bool
        Whether numbers are days since 1970.
    """

    names: Sequence[str]
    values: Sequence[tuple[str, Any] | None]
    categories: Sequence[list[Any] | None]
    dates: Sequence[bool]

    @classmethod
    def of(cls, encoder: Any) -> Features:
        """Return the features of a fitted encoder of columns."""
        names: list[str] = []
        values: list[tuple[str, Any] | None] = []
        categories: list[list[Any] | None] = []
        dates: list[bool] = []
        for name, known, kind in zip(
            encoder.names_, encoder.categories_, encoder.kinds_, strict=True
        ):
            one_hot = known is not None and encoder.encoding != "codes"
            made: list[Any] = list(known) if one_hot else [None]
            names += [name] * len(made)
            values += [(name, value) if one_hot else None for value in made]
            categories += [None if one_hot else known] * len(made)
            dates += [kind == "datetime"] * len(made)
        return cls(names, values, categories, dates)

    def below(self, feature: int, threshold: float) -> tuple[str, bool]:
        """Return the test “at most a threshold”, and whether rows that pass it go left."""
        value = self.values[feature]
        if value is not None:
            return f"{value[0]} is “{value[1]}”", False
        known = self.categories[feature]
        if known is not None:
            return self.among(feature, range(min(int(threshold) + 1, len(known))))
        shown = f"{threshold:.6g}"
        if self.dates[feature]:
            from datetime import datetime, timedelta

            shown = (datetime(1970, 1, 1) + timedelta(days=threshold)).strftime("%Y-%m-%d %H:%M")
        return f"{self.names[feature]} ≤ {shown}", True

    def among(self, feature: int, codes: Sequence[int]) -> tuple[str, bool]:
        """Return the test “one of these categories”, which rows that pass go left by."""
        known = self.categories[feature] or []
        shown = [f"“{known[code]}”" if code < len(known) else str(code) for code in codes]
        more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
        words = "is" if len(shown) == 1 else "is one of"
        return f"{self.names[feature]} {words} {', '.join(shown[:_NAMED])}{more}", True


def drawn_tree(
    estimator: Any,
    number: int,
    features: Features,
    classes: Sequence[Any],
    matrix: np.ndarray | None = None,
) -> DrawnTree:
    """Return one tree of a fitted estimator.

    Parameters
    ----------
    number : int
        From 1 to :func:`tree_count`.
    classes : sequence
        Of a classifier.
    matrix : numpy.ndarray of shape (1, features), optional
        The row whose path is wanted.
    """
    count = tree_count(estimator)
    if hasattr(estimator, "_predictors"):
        nodes, leaf = _boosted(estimator, number - 1, features, matrix)
        outputs = len(estimator._predictors[0])
    elif hasattr(estimator, "booster"):
        nodes, leaf = _light(estimator, number - 1, features, matrix)
        outputs = int(estimator.booster.num_model_per_iteration())
    else:
        trees = [estimator] if hasattr(estimator, "tree_") else members_of(estimator)
        nodes, leaf = _of_scikit_learn(trees[number - 1], features, classes, matrix)
        outputs = count // max(len(getattr(estimator, "estimators_", [0])), 1)
    output = str(classes[(number - 1) % outputs]) if outputs > 1 and classes else ""
    summed = hasattr(estimator, "_predictors") or hasattr(estimator, "booster")
    return DrawnTree(number, count, output, tuple(nodes), _path(nodes, leaf), summed)


def _of_scikit_learn(
    estimator: Any, features: Features, classes: Sequence[Any], matrix: np.ndarray | None
) -> tuple[list[TreeNode], int]:
    tree = estimator.tree_
    shown = _votes(classes) if hasattr(estimator, "classes_") and classes else _number
    nodes = []
    for at in range(tree.node_count):
        test, yes_left = "", True
        left, right = int(tree.children_left[at]), int(tree.children_right[at])
        if left >= 0:
            test, yes_left = features.below(int(tree.feature[at]), float(tree.threshold[at]))
        rows = float(tree.weighted_n_node_samples[at])
        nodes.append(TreeNode(test, shown(tree.value[at, 0]), rows, left, right, yes_left))
    return nodes, -1 if matrix is None else int(estimator.apply(matrix)[0])


def _boosted(
    estimator: Any, index: int, features: Features, matrix: np.ndarray | None
) -> tuple[list[TreeNode], int]:
    """Read a tree of scikit-learn's histogram gradient boosting."""
    from modules.learning.compiled.boosting import features_of
    from modules.learning.explanation.tree_models import histogram_sides

    predictor = [each for iteration in estimator._predictors for each in iteration][index]
    indices, codes = features_of(estimator)
    nodes = []
    for node in predictor.nodes:
        if node["is_leaf"]:
            nodes.append(TreeNode("", _number([node["value"]]), float(node["count"])))
            continue
        own = int(node["feature_idx"])
        if node["is_categorical"]:
            bits = predictor.raw_left_cat_bitsets[node["bitset_idx"]]
            chosen = [code for at, code in enumerate(codes[own]) if bits[at // 32] >> (at % 32) & 1]
            test, yes_left = features.among(indices[own], chosen)
        else:
            test, yes_left = features.below(indices[own], float(node["num_threshold"]))
        children = int(node["left"]), int(node["right"])
        value, rows = _number([node["value"]]), float(node["count"])
        nodes.append(TreeNode(test, value, rows, *children, yes_left))
    if matrix is None:
        return nodes, -1
    import numpy as np

    feature = np.asarray(indices)[predictor.nodes["feature_idx"].astype(np.int64)]
    goes_left = histogram_sides(predictor, feature, codes)(matrix)[0]
    at = 0
    while nodes[at].test:
        at = nodes[at].left if goes_left[at] else nodes[at].right
    return nodes, at


def _light(
    estimator: Any, index: int, features: Features, matrix: np.ndarray | None
) -> tuple[list[TreeNode], int]:
    """Read a tree of LightGBM."""
    tree = estimator.booster.dump_model()["tree_info"][index]["tree_structure"]
    nodes: list[TreeNode] = []
    leaves: dict[int, int] = {}

    def add(plain: dict[str, Any]) -> int:
        at = len(nodes)
        if "split_feature" not in plain:
            leaves[int(plain.get("leaf_index", 0))] = at
            rows = float(plain.get("leaf_count", 0))
            nodes.append(TreeNode("", _number([plain["leaf_value"]]), rows))
            return at
        feature = int(plain["split_feature"])
        if plain["decision_type"] == "==":
            codes = [int(code) for code in str(plain["threshold"]).split("||")]
            test, yes_left = features.among(feature, codes)
        else:
            test, yes_left = features.below(feature, float(plain["threshold"]))
        value, rows = _number([plain["internal_value"]]), float(plain["internal_count"])
        nodes.append(TreeNode(test, value, rows))
        left, right = add(plain["left_child"]), add(plain["right_child"])
        nodes[at] = TreeNode(test, value, rows, left, right, yes_left)
        return at

    add(tree)
    if matrix is None:
        return nodes, -1
    found = estimator.booster.predict(matrix, pred_leaf=True, num_threads=1)
    return nodes, leaves[int(found[0, index])]


def _path(nodes: Sequence[TreeNode], leaf: int) -> tuple[int, ...]:
    if leaf < 0:
        return ()
    parents = {
        child: at for at, node in enumerate(nodes) for child in (node.left, node.right) if child > 0
    }
    path = [leaf]
    while path[-1] in parents:
        path.append(parents[path[-1]])
    return tuple(reversed(path))


def _number(values: Any) -> str:
    return f"{float(values[0]):.4g}"


def _votes(classes: Sequence[Any]) -> Callable[[Any], str]:
    def shown(values: Any) -> str:
        total = float(values.sum()) or 1.0
        best = int(values.argmax())
        return f"{classes[best]}: {float(values[best]) / total:.0%}"

    return shown
