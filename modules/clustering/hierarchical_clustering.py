"""Hierarchical Clustering."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import Sweep, When
from modules.learning import learner
from modules.learning.compiled.row_clusters import RowClusters
from modules.learning.learner_parameters import DistanceMetric, NormalizeFeatures
from modules.learning.trusted import ROW_CLUSTERS


@learner(
    "Hierarchical Clustering",
    task="clustering",
    compiled=RowClusters(),
    trusted=ROW_CLUSTERS,
    keywords=("agglomerative", "tree of clusters", "linkage", "ward", "segment"),
)
def hierarchical_clustering(
    *,
    linkage: Annotated[
        Literal["ward", "average", "complete", "single"], Sweep("ward", "average", "complete")
    ] = "ward",
    metric: Annotated[DistanceMetric, When(linkage=("average", "complete", "single"))] = (
        "Euclidean"
    ),
    cut: Annotated[
        Literal["number of clusters", "height"], Field(title="Where to cut the tree")
    ] = "number of clusters",
    clusters: Annotated[
        int,
        Field(ge=1, title="Number of clusters"),
        When(cut="number of clusters"),
        Sweep(2, 3, 5, 8),
    ] = 2,
    height: Annotated[float, Field(gt=0), When(cut="height")] = 1.0,
    normalize: NormalizeFeatures = True,
) -> Any:
    """Merge the most similar rows, then the most similar groups, into a tree, and cut it.

    Show Dendrogram shows the tree: it helps to see how many clusters there are. For at most 20,000
    rows.

    Parameters
    ----------
    linkage : str
        The distance of two groups. ``ward``: how much their merging increases the squared
        distances to the mean, for round clusters of similar size. ``average``, ``complete``, and
        ``single``: the mean, largest, and smallest distance of two of their rows.
    metric : str
        How distances of rows are measured.
    cut : str
        Cut the tree into a number of clusters, or at a height.
    clusters : int
        Number of clusters.
    height : float
        Groups that are farther apart than this aren't merged.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.

    Notes
    -----
    SciPy's ``linkage`` (Müllner 2011). Clusters are numbered by size, the largest is 0. A new row
    belongs to the cluster of the nearest training row. Distances in the results are to the mean
    of each cluster.
    """
    from modules.learning.estimators.row_clusters import TreeClusters
    from modules.learning.estimators.standardized import after_scaler

    by_number = cut == "number of clusters"
    estimator = TreeClusters(
        clusters if by_number else 0,
        0.0 if by_number else height,
        linkage,
        "Euclidean" if linkage == "ward" else metric,
    )
    return after_scaler(estimator) if normalize else estimator
