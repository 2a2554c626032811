"""Clusters of any shape, to which new rows are assigned by the nearest training row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, ClusterMixin  # noqa: TID253

from modules.contract.context import warn
from modules.contract.errors import ModuleError
from modules.learning.compiled.row_clusters import NOISE, distances_to
from modules.learning.estimators.dense import dense

if TYPE_CHECKING:
    import numpy as np

MOST_ROWS = 20_000
"""A tree of clusters needs the distances of all pairs of rows: 1.6 GB."""

_TIES = 4


class RowClusters(ClusterMixin, BaseEstimator):
    """Base class: clusters that are known by their rows.

    Attributes
    ----------
    labels_ : numpy.ndarray of int, shape (rows,)
        The cluster of each training row, -1 for noise.
    rows_ : numpy.ndarray, shape (kept rows, features)
        Rows that new rows are compared with.
    row_clusters_ : numpy.ndarray of int, shape (kept rows,)
    reach_ : numpy.ndarray, shape (kept rows,)
        The distance up to which a new row belongs to the cluster of a kept row.
    cluster_centers_ : numpy.ndarray, shape (clusters, features)
        The means of the rows of each cluster.
    """

    assigns = True
    """A row may be closer to the center of another cluster than its own."""

    metric: str

    @property
    def n_clusters(self) -> int:
        """The number of clusters."""
        return len(self.cluster_centers_)

    def _checked(self, X: Any) -> np.ndarray:
        """Return a dense matrix of features; HDBSCAN never ends if a distance is infinite.

        Raises
        ------
        ValueError
            If the distance of two rows may overflow.
        """
        import numpy as np
        from sklearn.utils.validation import validate_data

        found = dense(validate_data(self, X, accept_sparse="csr", dtype=np.float64))
        with np.errstate(over="ignore"):
            ranges = np.ptp(found, axis=0)
            longest = np.square(ranges).sum()
        if not np.isfinite(longest):
            raise ValueError("distances between rows overflow")
        return found

    def _keep(self, X: np.ndarray, kept: Any, reach: np.ndarray) -> Self:
        import numpy as np

        count = int(self.labels_.max(initial=NOISE)) + 1
        self.rows_ = X[kept]
        self.row_clusters_ = self.labels_[kept]
        self.reach_ = reach
        self.cluster_centers_ = np.array(
            [X[self.labels_ == each].mean(axis=0) for each in range(count)]
        ).reshape(count, X.shape[1])
        if not count:
            warn("There are no clusters: every row is noise. Choose other parameters.")
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the distance to the center of each cluster, of shape (rows, clusters)."""
        import numpy as np

        X = dense(X)
        columns = [distances_to(center, X, self.metric) for center in self.cluster_centers_]
        return np.column_stack(columns) if columns else np.zeros((len(X), 0))

    def predict(self, X: Any) -> np.ndarray:
        """Return the cluster of the nearest training row within reach, or -1."""
        import numpy as np
        from scipy.spatial import cKDTree

        X = dense(X)
        found = np.full(len(X), NOISE, dtype=np.int64)
        if not len(self.rows_):
            return found
        # Of rows at the same distance the first one decides, as for one row alone.
        count = min(_TIES, len(self.rows_))
        near = cKDTree(self.rows_).query(X, k=count, p=1 if self.metric == "Manhattan" else 2)[1]
        for number, (row, nearest) in enumerate(zip(X, near.reshape(len(X), count), strict=True)):
            # Rows whose distance overflows have the index behind the last one.
            order = np.sort(nearest[nearest < len(self.rows_)])
            if not len(order):
                continue
            distances = distances_to(row, self.rows_[order], self.metric)
            index = order[distances.argmin()]
            if distances.min() <= self.reach_[index]:
                found[number] = self.row_clusters_[index]
        return found


class DensityClusters(RowClusters):
    """scikit-learn's ``DBSCAN``; kept are the core rows.

    Parameters
    ----------
    radius : float
    min_rows : int
        Rows within the radius, itself included, that make a row a core row.
    metric : str
        ``Euclidean`` or ``Manhattan``.
    """

    def __init__(self, radius: float = 0.5, min_rows: int = 5, metric: str = "Euclidean") -> None:
        self.radius = radius
        self.min_rows = min_rows
        self.metric = metric

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features)."""
        import numpy as np
        from sklearn.cluster import DBSCAN

        X = self._checked(X)
        found = DBSCAN(eps=self.radius, min_samples=self.min_rows, metric=self.metric.lower())
        found.fit(X, sample_weight=sample_weight)
        core = found.core_sample_indices_
        self.labels_ = found.labels_.astype(np.int64)
        return self._keep(X, core, np.full(len(core), float(self.radius)))


class DensityTreeClusters(RowClusters):
    """scikit-learn's ``HDBSCAN``; all rows are kept.

    Parameters
    ----------
    min_cluster_rows : int
        Smaller groups are noise.
    min_rows : int
        The neighbor, itself included, whose distance defines the density.
    selection : str
        ``eom`` or ``leaf``.
    metric : str
        ``Euclidean`` or ``Manhattan``.
    """

    def __init__(
        self,
        min_cluster_rows: int = 5,
        min_rows: int = 5,
        selection: str = "eom",
        metric: str = "Euclidean",
    ) -> None:
        self.min_cluster_rows = min_cluster_rows
        self.min_rows = min_rows
        self.selection = selection
        self.metric = metric

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features)."""
        import numpy as np
        from scipy.spatial import cKDTree
        from sklearn.cluster import HDBSCAN

        X = self._checked(X)
        needed = max(self.min_cluster_rows, self.min_rows)
        if len(X) < needed:
            raise ModuleError(
                "too-few-rows",
                f"The dataset has {len(X)} rows, but a cluster requires {needed}.",
                "Use smaller clusters, or add rows.",
                port="dataset",
            )
        found = HDBSCAN(
            min_cluster_size=self.min_cluster_rows,
            min_samples=self.min_rows,
            metric=self.metric.lower(),
            cluster_selection_method=self.selection,
            copy=True,
        )
        self.labels_ = found.fit(X).labels_.astype(np.int64)
        power = 1 if self.metric == "Manhattan" else 2
        core = cKDTree(X).query(X, k=[max(self.min_rows, 2)], p=power)[0][:, 0]
        # As far as the sparsest row of the cluster has its neighbors.
        count = int(self.labels_.max(initial=NOISE)) + 1
        farthest = np.zeros(count + 1)
        np.maximum.at(farthest, self.labels_, core)
        return self._keep(X, slice(None), farthest[self.labels_])


class TreeClusters(RowClusters):
    """SciPy's ``linkage``, cut into clusters that are numbered by size; all rows are kept.

    Parameters
    ----------
    clusters : int
        Number of clusters; 0 to cut at a height.
    height : float
        Clusters that are merged at a larger distance stay apart.
    linkage : str
        ``ward``, ``average``, ``complete`` or ``single``.
    metric : str
        ``Euclidean`` or ``Manhattan``.

    Attributes
    ----------
    linkage_ : numpy.ndarray, shape (rows - 1, 4)
        As in SciPy: the two clusters that are merged, their distance, and the number of rows.
    """

    def __init__(
        self,
        clusters: int = 2,
        height: float = 0.0,
        linkage: str = "ward",
        metric: str = "Euclidean",
    ) -> None:
        self.clusters = clusters
        self.height = height
        self.linkage = linkage
        self.metric = metric

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features)."""
        import numpy as np
        from scipy.cluster.hierarchy import linkage

        X = self._checked(X)
        if not max(self.clusters, 2) <= len(X) <= MOST_ROWS:
            few = len(X) < MOST_ROWS
            limit = f"needs at least {max(self.clusters, 2)}" if few else f"supports {MOST_ROWS:,}"
            raise ModuleError(
                "too-few-rows" if few else "table-too-large",
                f"The dataset has {len(X):,} rows, but hierarchical clustering {limit}.",
                "Add rows, or use fewer clusters." if few else "Use a sample of the rows.",
                port="dataset",
            )
        metric = "cityblock" if self.metric == "Manhattan" else "euclidean"
        self.linkage_ = linkage(X, self.linkage, metric)
        merges = (
            len(X) - self.clusters
            if self.clusters
            else int(np.searchsorted(self.linkage_[:, 2], self.height, side="right"))
        )
        self.labels_ = _cut(self.linkage_, merges)
        return self._keep(X, slice(None), np.full(len(X), np.inf))


def _cut(links: np.ndarray, merges: int) -> np.ndarray:
    """Return the cluster of each row after the first merges, the largest cluster first."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = len(links) + 1
    made = links[:merges, :2].astype(int)
    parents = np.arange(rows, rows + merges)
    ends = made[:, 0], made[:, 1]
    graph = coo_array(
        (np.ones(2 * merges), (np.concatenate(ends), np.concatenate([parents, parents]))),
        shape=(rows + merges, rows + merges),
    )
    found = connected_components(graph, directed=False)[1][:rows]
    names, first, sizes = np.unique(found, return_index=True, return_counts=True)
    order = np.empty(len(names), dtype=np.int64)
    order[np.lexsort((first, -sizes))] = np.arange(len(names))
    labels: np.ndarray = order[found]
    return labels
