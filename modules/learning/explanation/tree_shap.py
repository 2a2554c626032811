"""Exact Shapley values of a decision tree, path-dependent, in numpy.

Lundberg, Erion, Chen et al. (2020), “From local explanations to global understanding with
explainable AI for trees”. A column that isn't known is averaged over both branches of its
splits, weighted with the training rows that took them.

For a leaf with value v and path features 1...m, of which o_j tells whether the row agrees with
all splits on feature j, and z_j is the share of training rows that do, the Shapley value of
feature i is

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

_CELLS = 1_000_000
"""Leaves x path features x rows that are computed at once."""


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
        from scipy import sparse

        self._features = features
        self._outputs = tree.values.shape[1]
        leaves, edges, shares, columns = _paths(tree)
        self._leaf_values = tree.values[leaves]
        self._count = len(leaves)
        self._width = max((len(each) for each in columns), default=0)
        width = max(self._width, 1)
        self._shares = np.ones((self._count, width))
        slots = np.full((self._count, width), -1)
        for row, (share, column) in enumerate(zip(shares, columns, strict=True)):
            self._shares[row, : len(share)] = share
            slots[row, : len(column)] = column
        self.base = self._shares.prod(axis=1) @ self._leaf_values
        self._nodes = np.array([node for node, _, _ in edges], dtype=np.int64)
        self._sides = np.array([side for _, side, _ in edges], dtype=bool)
        group = np.array([group for _, _, group in edges], dtype=np.int64)
        self._starts = np.flatnonzero(np.diff(group, prepend=-1))
        self._filled = np.flatnonzero(slots.ravel() >= 0)
        # From each leaf and feature to the column and output that it adds to.
        rows = np.repeat(self._filled, self._outputs)
        targets = slots.ravel()[self._filled][:, None] * self._outputs + np.arange(self._outputs)
        added = np.repeat(self._leaf_values, width, axis=0)[self._filled].ravel()
        shape = (features * self._outputs, self._count * width)
        self._scatter = sparse.csr_array((added, (targets.ravel(), rows)), shape=shape)

    def contributions(self, goes_left: np.ndarray) -> np.ndarray:
        """Return the Shapley values, of shape (rows, features, outputs).

        Parameters
        ----------
        goes_left : numpy.ndarray of bool, shape (rows, nodes)
            Which side each row takes at each node.
        """
        import numpy as np

        count = len(goes_left)
        found = np.zeros((count, self._features * self._outputs))
        if self._width:
            step = max(1, _CELLS // (self._count * self._width))
            for start in range(0, count, step):
                rows = slice(start, start + step)
                found[rows] = self._chunk(goes_left[rows])
        return found.reshape(count, self._features, self._outputs)

    def _chunk(self, goes_left: np.ndarray) -> np.ndarray:
        import numpy as np

        rows, (leaves, width) = len(goes_left), self._shares.shape
        agrees = goes_left[:, self._nodes] == self._sides
        ones = np.ones((rows, leaves * width))
        ones[:, self._filled] = np.logical_and.reduceat(agrees, self._starts, axis=1)
        one = ones.reshape(rows, leaves, width).transpose(1, 0, 2)
        points, weights = _quadrature((width + 1) // 2)
        zero = self._shares[:, :, None] * (1 - points)
        both = zero + points
        product = np.exp(one @ np.log(both / zero) + np.log(zero).sum(axis=1)[:, None, :]) * weights
        inverse = (1 / zero).transpose(0, 2, 1)
        without = product @ inverse
        without += one * (product @ ((1 / both).transpose(0, 2, 1) - inverse))
        without *= one - self._shares[:, None, :]
        flat = without.transpose(1, 0, 2).reshape(rows, leaves * width)
        found: np.ndarray = (self._scatter @ flat.T).T
        return found


@cache
def _quadrature(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points and weights of Gauss-Legendre quadrature from 0 to 1."""
    import numpy as np

    points, weights = np.polynomial.legendre.leggauss(count)
    return (points + 1) / 2, weights / 2


def _paths(
    tree: Tree,
) -> tuple[list[int], list[tuple[int, bool, int]], list[list[float]], list[list[int]]]:
    """Return the leaves, the edges to each, and the shares and features of their paths.

    The edges are (node, whether to the left, group); those of a leaf on the same feature are
    a group, and the groups are numbered from leaf to leaf.
    """
    leaves: list[int] = []
    edges: list[tuple[int, bool, int]] = []
    shares: list[list[float]] = []
    columns: list[list[int]] = []
    groups = 0
    for leaf, path in _walk(tree):
        by_feature: dict[int, list[tuple[int, bool]]] = {}
        share: dict[int, float] = {}
        for node, side, part in path:
            feature = int(tree.feature[node])
            by_feature.setdefault(feature, []).append((node, side))
            share[feature] = share.get(feature, 1.0) * part
        for each in by_feature.values():
            edges += [(node, side, groups) for node, side in each]
            groups += 1
        leaves.append(leaf)
        shares.append(list(share.values()))
        columns.append(list(by_feature))
    return leaves, edges, shares, columns


def _walk(tree: Tree) -> Iterator[tuple[int, list[tuple[int, bool, float]]]]:
    """Yield each leaf with its path: node, whether to the left, share of the rows."""
    left, right, cover = tree.left.tolist(), tree.right.tolist(), tree.cover.tolist()
    pending: list[tuple[int, list[tuple[int, bool, float]]]] = [(0, [])]
    while pending:
        node, path = pending.pop()
        if left[node] < 0:
            yield node, path
            continue
        for child, side in ((right[node], False), (left[node], True)):
            # A branch without training rows still needs a share that isn't 0.
            part = max(cover[child] / cover[node], 1e-12) if cover[node] > 0 else 0.5
            pending.append((child, [*path, (node, side, part)]))
