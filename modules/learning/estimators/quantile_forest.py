"""Quantile regression forests."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from sklearn.ensemble import RandomForestRegressor  # noqa: TID253

if TYPE_CHECKING:
    import numpy as np

MOST_TARGETS = 4_096
"""Of more distinct labels, as many quantiles represent all."""

_CELLS = 1 << 22
"""Weights in memory at a time."""


class QuantileForestRegressor(RandomForestRegressor):
    """A random forest whose leaves keep the distribution of the label (Meinshausen 2006).

    The weight of a training row for a new row is its share in the leaf that the new row reaches,
    averaged over the trees; quantiles are those of the training labels with these weights.

    Parameters
    ----------
    quantiles : sequence of float
        Above 0 and below 1.
    n_estimators, max_leaf_nodes, min_samples_leaf, max_samples, max_features, random_state
        As in scikit-learn.

    Attributes
    ----------
    targets_ : numpy.ndarray, shape (targets,)
        Training labels in ascending order.
    starts_ : numpy.ndarray, shape (trees,)
        The number of nodes in the trees before.
    leaf_shares_, leaf_targets_, leaf_starts_ : numpy.ndarray
        A CSR matrix of shape (nodes, targets): the distribution in each leaf.
    """

    def __init__(
        self,
        quantiles: Sequence[float] = (0.25, 0.5, 0.75),
        n_estimators: int = 100,
        max_leaf_nodes: int | None = None,
        min_samples_leaf: int = 1,
        max_samples: float | None = None,
        max_features: float = 1.0,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        super().__init__(
            n_estimators=n_estimators,
            max_leaf_nodes=max_leaf_nodes,
            min_samples_leaf=min_samples_leaf,
            max_samples=max_samples,
            max_features=max_features,
            random_state=random_state,
            n_jobs=n_jobs,
        )
        self.quantiles = quantiles

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and a number for each row."""
        import numpy as np
        from scipy.sparse import csr_array

        with warnings.catch_warnings():
            # It asks for a number of rows, which the module doesn't have as a parameter.
            warnings.filterwarnings("ignore", "Using the fractional value max_samples")
            super().fit(X, y, sample_weight=sample_weight)
        self.targets_, codes = np.unique(y, return_inverse=True)
        if len(self.targets_) > MOST_TARGETS:
            levels = (np.arange(MOST_TARGETS) + 0.5) / MOST_TARGETS
            self.targets_ = np.unique(np.quantile(y, levels, method="nearest"))
            codes = np.minimum(np.searchsorted(self.targets_, y), len(self.targets_) - 1)
        counts = [tree.tree_.node_count for tree in self.estimators_]
        self.starts_ = np.concatenate([[0], np.cumsum(counts)[:-1]])
        leaves = self.apply(X) + self.starts_
        weights = np.ones(len(codes)) if sample_weight is None else np.asarray(sample_weight)
        shape = (int(sum(counts)), len(self.targets_))
        trees = leaves.shape[1]
        shares = csr_array(
            (np.repeat(weights, trees), (leaves.ravel(), np.repeat(codes, trees))), shape=shape
        )
        shares.sum_duplicates()
        totals = shares.sum(axis=1)
        rows = np.repeat(np.arange(shape[0]), np.diff(shares.indptr))
        self.leaf_shares_ = shares.data / np.where(totals[rows] > 0, totals[rows], 1.0)
        self.leaf_targets_ = shares.indices.astype(np.int32)
        self.leaf_starts_ = shares.indptr.astype(np.int64)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the median of each row."""
        found: np.ndarray = self.predict_quantiles(X, [0.5])[:, 0]
        return found

    def predict_quantiles(self, X: Any, quantiles: Sequence[float]) -> np.ndarray:
        """Return the quantiles, of shape (rows, quantiles).

        The smallest label up to which the weights add up to at least the quantile.
        """
        import numpy as np
        from scipy.sparse import csr_array

        nodes = len(self.leaf_starts_) - 1
        shares = csr_array(
            (self.leaf_shares_, self.leaf_targets_, self.leaf_starts_),
            shape=(nodes, len(self.targets_)),
        )
        leaves = self.apply(X) + self.starts_
        rows, trees = leaves.shape
        found = np.empty((rows, len(quantiles)))
        step = max(_CELLS // len(self.targets_), 1)
        for start in range(0, rows, step):
            part = leaves[start : start + step]
            reached = csr_array(
                (
                    np.full(part.size, 1 / trees),
                    part.ravel(),
                    np.arange(len(part) + 1) * trees,
                ),
                shape=(len(part), nodes),
            )
            cumulative = np.cumsum((reached @ shares).toarray(), axis=1)
            for index, quantile in enumerate(quantiles):
                # Sums of shares may miss a quantile by rounding.
                enough = cumulative >= quantile * cumulative[:, -1:] - 1e-9
                found[start : start + step, index] = self.targets_[enough.argmax(axis=1)]
        return found
