"""Exact Shapley values of a decision tree, path-dependent, in numpy.

Lundberg, Erion, Chen et al. (2020), “From local explanations to global understanding with
explainable AI for trees”. A column that isn't known is averaged over both branches of its
splits, weighted with the training rows that took them.

For a leaf with value v and path features 1...m, let o_j be 1 if the row agrees with all splits
on feature j, else 0, and z_j the share of training rows that do. The Shapley value of feature i
is

    v (o_i - z_i) ∫ ∏_{j ≠ i} (t o_j + (1 - t) z_j) dt    over t from 0 to 1,

because k! (m - 1 - k)! / m! is the integral of t^k (1 - t)^(m - 1 - k). The integrand is a
polynomial of degree m - 1, so Gauss-Legendre quadrature with ⌈m / 2⌉ points is exact; all its
terms are positive, so nothing cancels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_CELLS = 100_000
"""Leaves x rows x path features that are computed at once: they stay in the processor's cache."""

_ROWS = 16_384
"""Rows whose sides are looked up at once."""

_MANY_ROWS = 256
"""From so many rows on, each leaf is computed once for the rows that agree with it alike."""

_SAME_SUM = 1e-12

_WIDEST = 16
"""Path features of a leaf up to which such rows are found by counting."""


@dataclass(frozen=True, eq=False)
class Tree:
    """The structure of a fitted tree; its nodes are numbered from the root, 0.

    Parameters
    ----------
    left, right : numpy.ndarray of int
        The children of each node; -1 of a leaf.
    feature : numpy.ndarray of int
        The feature that a node compares.
    cover : numpy.ndarray of float
        The weight of the training rows in each node.
    values : numpy.ndarray, shape (nodes, outputs)
        What a leaf adds to each output.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    cover: np.ndarray
    values: np.ndarray


class TreeShap:
    """The paths of a tree, prepared to explain rows.

    Parameters
    ----------
    tree : Tree
    features : int
        Columns of the matrix.

    Attributes
    ----------
    base : numpy.ndarray, shape (outputs,)
        The average over the training rows.
    """

    def __init__(self, tree: Tree, features: int) -> None:
        import numpy as np

        outputs = tree.values.shape[1]
        by_width: dict[int, list[_Path]] = {}
        for path in _paths(tree):
            by_width.setdefault(len(path.shares), []).append(path)
        shares = {
            width: np.array([list(each.shares.values()) for each in paths])
            for width, paths in by_width.items()
        }
        values = {
            width: tree.values[[each.leaf for each in paths]] for width, paths in by_width.items()
        }
        self.base = sum(
            (shares[width].prod(axis=1) @ values[width] for width in by_width), np.zeros(outputs)
        )
        self._shape = features, outputs
        # Chances add up to the same in every leaf, so the last contribution is what is left.
        sums = np.concatenate([each.sum(axis=1) for each in values.values()])
        self._added = outputs - 1 if outputs > 1 and np.ptp(sums) < _SAME_SUM else outputs
        self._groups = [
            _Leaves(paths, shares[width], values[width][:, : self._added])
            for width, paths in by_width.items()
            if width
        ]

    def contributions(self, goes_left: np.ndarray) -> np.ndarray:
        """Return the Shapley values, of shape (rows, features, outputs).

        Parameters
        ----------
        goes_left : numpy.ndarray of bool, shape (rows, nodes)
            Which side each row takes at each node.
        """
        import numpy as np

        count = len(goes_left)
        found = np.zeros((*self._shape, count))
        for start in range(0, count, _ROWS):
            rows = slice(start, start + _ROWS)
            left = goes_left[rows].T
            sides = np.concatenate([left, ~left])
            for group in self._groups:
                group.add(sides, found[:, : self._added, rows])
        if self._added < self._shape[1]:
            found[:, -1] = -found[:, :-1].sum(axis=1)
        return found.transpose(2, 0, 1)


class _Leaves:
    """Leaves with the same number of features on their paths.

    Parameters
    ----------
    paths : list of _Path
    shares : numpy.ndarray, shape (leaves, path features)
    values : numpy.ndarray, shape (leaves, outputs)
    """

    def __init__(self, paths: list[_Path], shares: np.ndarray, values: np.ndarray) -> None:
        import numpy as np

        self._shares, self._values = shares, values
        self._columns = np.array([list(path.splits) for path in paths])
        splits = [each for path in paths for each in path.splits.values()]
        # The first split of each feature of each path, then the second where there is one, ...
        self._splits: list[tuple[np.ndarray, np.ndarray]] = []
        for turn in range(max(map(len, splits))):
            having = [number for number, each in enumerate(splits) if len(each) > turn]
            chosen = [splits[number][turn] for number in having]
            self._splits.append((np.array(having), np.array(chosen)))

    def add(self, sides: np.ndarray, found: np.ndarray) -> None:
        """Add what the leaves contribute.

        Parameters
        ----------
        sides : numpy.ndarray of bool, shape (2 x nodes, rows)
            Whether each row goes left at each node, then whether it goes right.
        found : numpy.ndarray, shape (features, outputs, rows)
        """
        leaves, width = self._shares.shape
        rows = sides.shape[1]
        if rows >= _MANY_ROWS and width <= _WIDEST:
            self._add_patterns(self._agrees(sides), found)
            return
        step = max(1, _CELLS // (leaves * width))
        for start in range(0, rows, step):
            part = slice(start, start + step)
            agrees = self._agrees(sides[:, part]).transpose(0, 2, 1).astype(float)
            values = _contributions(agrees, self._shares)
            self._add_rows(values, found[:, :, part])

    def _agrees(self, sides: np.ndarray) -> np.ndarray:
        """Return whether rows agree with all splits: (leaves, path features, rows)."""
        (_, first), *further = self._splits
        found: np.ndarray = sides[first]
        for having, indices in further:
            found[having] &= sides[indices]
        return found.reshape(*self._shares.shape, -1)

    def _add_rows(self, values: np.ndarray, found: np.ndarray) -> None:
        """Add the contributions (leaves, rows, path features) of leaves with a value of 1."""
        import numpy as np

        for output in range(self._values.shape[1]):
            weighted = values * self._values[:, output, None, None]
            flat = weighted.transpose(0, 2, 1).reshape(-1, values.shape[1])
            np.add.at(found[:, output], self._columns.ravel(), flat)

    def _add_patterns(self, agrees: np.ndarray, found: np.ndarray) -> None:
        """Compute a leaf once for all rows that agree with it in the same features."""
        import numpy as np

        leaves, width, rows = agrees.shape
        codes = np.zeros((leaves, rows), np.uint16)
        for bit in range(width):
            codes += agrees[:, bit] * np.uint16(1 << bit)
        patterns = _patterns(width)
        position = np.empty(len(patterns), np.intp)
        for leaf in range(leaves):
            code = codes[leaf].astype(np.intp)
            used = np.flatnonzero(np.bincount(code, minlength=len(patterns)))
            position[used] = np.arange(len(used))
            places = position[code]
            terms = _contributions(patterns[None, used], self._shares[leaf : leaf + 1])[0]
            weighted = terms.T[:, None, :] * self._values[leaf][:, None]
            for each, column in zip(weighted, self._columns[leaf], strict=True):
                found[column] += each.take(places, axis=1)


def _contributions(agrees: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the Shapley values of leaves with a value of 1.

    Parameters
    ----------
    agrees : numpy.ndarray of 0.0 and 1.0, shape (leaves, rows, path features)
    shares : numpy.ndarray, shape (leaves, path features)
    """
    import numpy as np

    points, weights = _quadrature((shares.shape[1] + 1) // 2)
    zero = shares[:, :, None] * (1 - points)
    both = zero + points
    logarithms = agrees @ np.log(both / zero) + np.log(zero).sum(axis=1)[:, None, :]
    product = np.exp(logarithms) * weights
    inverse = (1 / zero).transpose(0, 2, 1)
    found: np.ndarray = product @ inverse
    found += agrees * (product @ ((1 / both).transpose(0, 2, 1) - inverse))
    found *= agrees - shares[:, None, :]
    return found


@cache
def _patterns(width: int) -> np.ndarray:
    """Return all patterns of 0.0 and 1.0, of shape (2 ** width, width)."""
    import numpy as np

    bits: np.ndarray = np.arange(1 << width)[:, None] >> np.arange(width) & 1
    return bits.astype(float)


@cache
def _quadrature(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points and weights of Gauss-Legendre quadrature from 0 to 1."""
    import numpy as np

    points, weights = np.polynomial.legendre.leggauss(count)
    return (points + 1) / 2, weights / 2


@dataclass(frozen=True)
class _Path:
    """The way from the root to a leaf.

    Parameters
    ----------
    leaf : int
    shares : dict of int to float
        By feature, the share of the training rows that agree with its splits.
    splits : dict of int to tuple of int
        By feature, the nodes that compare it; of those whose right side leads to the leaf, the
        number of nodes is added.
    """

    leaf: int
    shares: dict[int, float]
    splits: dict[int, tuple[int, ...]]


def _paths(tree: Tree) -> Iterator[_Path]:
    left, right, cover = tree.left.tolist(), tree.right.tolist(), tree.cover.tolist()
    features, nodes = tree.feature.tolist(), len(tree.left)
    pending = [_Path(0, {}, {})]
    while pending:
        path = pending.pop()
        node = path.leaf
        if left[node] < 0:
            yield path
            continue
        feature = features[node]
        share, splits = path.shares.get(feature, 1.0), path.splits.get(feature, ())
        for child, split in ((right[node], nodes + node), (left[node], node)):
            # A branch without training rows still needs a share that isn't 0.
            part = max(cover[child] / cover[node], 1e-12) if cover[node] > 0 else 0.5
            pending.append(
                _Path(
                    child,
                    path.shares | {feature: share * part},
                    path.splits | {feature: (*splits, split)},
                )
            )
