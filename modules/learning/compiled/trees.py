"""Decision trees as arrays, and the sum of the leaves that a row reaches.

All trees of a model are in one set of arrays. Every split of a node has one of two
forms, ``x[feature] <= threshold`` or, for categories, ``code in set``, which are always
false for a missing value (NaN). If a missing value should be true, the split is
inverted: the vector contains every feature twice, unchanged and negated, and
``x > t`` becomes ``-x <= the number just below -t``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Arrays = Mapping[str, "np.ndarray"]

MOST_NODES = 1_000_000
"""Maximum nodes of trees stored as Python objects, which are the fastest for one row
and take about 200 bytes each; larger models stay arrays."""

_WORDS = 8
"""Number of 32-bit words for a set of up to 256 categories."""


def tree_sums(
    arrays: Arrays, features: int
) -> Callable[[Sequence[float], Sequence[float]], list[float]]:
    """Return the function that adds up the leaves that a row reaches, tree after tree.

    Its arguments are the features and the start values, one for each output.
    """
    if arrays["feature"].size > MOST_NODES:
        return _by_arrays(arrays)
    return _by_objects(arrays)


def tree_microseconds(arrays: Arrays) -> float:
    """Return the estimated time for a row to traverse all trees: 0.09 per split, measured."""
    roots = int(arrays["roots"].size)
    deep = math.log2(max(2.0, arrays["feature"].size / max(roots, 1)))
    return 0.09 * deep * roots + 2.0


class TreeCollector:
    """Collects and numbers the nodes of trees."""

    def __init__(self, features: int) -> None:
        self.features = features
        self.rows: list[tuple[int, float, int, int, int]] = []
        self.values: list[Sequence[float]] = []
        self.sets: list[list[int]] = []
        self.roots: list[int] = []
        self.outputs: list[int] = []
        self.first = 0

    def leaf(self, values: Sequence[float]) -> None:
        """Add a leaf."""
        here = len(self.rows)
        self.rows.append((-1, math.nan, here, here, -1))
        self.values.append(values)

    def split(
        self,
        feature: int,
        threshold: float,
        left: int,
        right: int,
        *,
        missing_left: bool,
        values: Sequence[float],
    ) -> None:
        """Add a node that compares a feature with a threshold."""
        left, right = self.first + left, self.first + right
        if not missing_left:
            self.rows.append((feature, threshold, left, right, -1))
        else:
            limit = math.nan if threshold == math.inf else math.nextafter(-threshold, -math.inf)
            self.rows.append((feature + self.features, limit, right, left, -1))
        self.values.append(values)

    def membership(
        self,
        feature: int,
        chosen: set[int],
        known: set[int],
        left: int,
        right: int,
        missing_left: bool,
        values: Sequence[float],
    ) -> None:
        """Add a node that tests whether a category is in a set."""
        left, right = self.first + left, self.first + right
        yes, no = (right, left) if missing_left else (left, right)
        members = known - chosen if missing_left else chosen
        words = [0] * _WORDS
        for code in members:
            words[code // 32] |= 1 << (code % 32)
        self.rows.append((feature, math.nan, yes, no, len(self.sets)))
        self.sets.append(words)
        self.values.append(values)

    def end_of_tree(self, output: int = -1) -> None:
        """Record the root, and the output that the tree adds to: -1 for all."""
        self.roots.append(self.first)
        self.outputs.append(output)
        self.first = len(self.rows)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all trees in one set of arrays."""
        import numpy as np

        feature, threshold, yes, no, category = zip(*self.rows, strict=True)
        return {
            "feature": np.asarray(feature, np.int32),
            "threshold": np.asarray(threshold, np.float64),
            "yes": np.asarray(yes, np.int32),
            "no": np.asarray(no, np.int32),
            "category": np.asarray(category, np.int32),
            "sets": np.asarray(self.sets, np.uint32).reshape(-1, _WORDS),
            "values": np.asarray(self.values, np.float64),
            "roots": np.asarray(self.roots, np.int32),
            "outputs": np.asarray(self.outputs, np.int32),
        }


def _by_objects(arrays: Arrays) -> Callable[[Sequence[float], Sequence[float]], list[float]]:
    """Trees as nested tuples (feature, threshold or set, yes, no); a leaf isn't a tuple."""
    single = arrays["values"].shape[1] == 1
    values = arrays["values"][:, 0].tolist() if single else arrays["values"].tolist()
    columns = [arrays[name].tolist() for name in ("feature", "threshold", "yes", "no", "category")]
    sets = [
        frozenset(code for code in range(_WORDS * 32) if words[code // 32] >> (code % 32) & 1)
        for words in arrays["sets"].tolist()
    ]
    made: list[Any] = [None] * len(values)
    # From the last to the first, since children come after their parent.
    for here in range(len(values) - 1, -1, -1):
        feature, threshold, yes, no, category = (column[here] for column in columns)
        if feature < 0:
            made[here] = values[here]
        else:
            test = threshold if category < 0 else sets[category]
            made[here] = (feature, test, made[yes], made[no])
    trees = [made[root] for root in arrays["roots"].tolist()]
    if not single:
        return lambda vector, start: _sums_of_lists(trees, vector, start)
    outputs = [max(output, 0) for output in arrays["outputs"].tolist()]
    if any(outputs):
        pairs = list(zip(trees, outputs, strict=True))
        return lambda vector, start: _sums_by_output(pairs, vector, start)
    return lambda vector, start: [_sum(trees, vector, start[0])]


def _sum(trees: list[Any], vector: Sequence[float], total: float) -> float:
    both = [*vector, *(-value for value in vector)]
    for node in trees:
        while node.__class__ is tuple:
            feature, test, yes, no = node
            if test.__class__ is float:
                node = yes if both[feature] <= test else no
            else:
                node = yes if both[feature] in test else no
        total += node
    return total


def _sums_by_output(
    trees: list[tuple[Any, int]], vector: Sequence[float], start: Sequence[float]
) -> list[float]:
    totals = list(start)
    for tree, output in trees:
        totals[output] = _sum([tree], vector, totals[output])
    return totals


def _sums_of_lists(
    trees: list[Any], vector: Sequence[float], start: Sequence[float]
) -> list[float]:
    both = [*vector, *(-value for value in vector)]
    totals = list(start)
    for node in trees:
        while node.__class__ is tuple:
            feature, test, yes, no = node
            if test.__class__ is float:
                node = yes if both[feature] <= test else no
            else:
                node = yes if both[feature] in test else no
        for index, value in enumerate(node):
            totals[index] += value
    return totals


def _by_arrays(arrays: Arrays) -> Callable[[Sequence[float], Sequence[float]], list[float]]:
    import numpy as np

    feature, threshold, yes, no = (arrays[name] for name in ("feature", "threshold", "yes", "no"))
    category, sets, values = arrays["category"], arrays["sets"], arrays["values"]
    outputs = arrays["outputs"].tolist()
    has_sets = len(sets) > 0

    def add_up(vector: Sequence[float], start: Sequence[float]) -> list[float]:
        both = np.array([*vector, *(-value for value in vector)])
        here = arrays["roots"]
        # All trees are traversed one level at a time; a leaf points to itself.
        while (feature[here] >= 0).any():
            test = both[feature[here]]
            agreed = test <= threshold[here]
            if has_sets:
                among = (category[here] >= 0) & (test == test)
                code = np.where(among, test, 0).astype(np.int64)
                bits = sets[category[here], code // 32] >> (code % 32).astype(np.uint32)
                agreed |= among & (bits & 1).astype(bool)
            here = np.where(agreed, yes[here], no[here])
        totals = list(start)
        for output, found in zip(outputs, values[here].tolist(), strict=True):
            for index, value in enumerate(found):
                totals[index if output < 0 else output] += value
        return totals

    return add_up
