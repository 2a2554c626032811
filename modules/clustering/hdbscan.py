"""HDBSCAN."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.row_clusters import RowClusters
from modules.learning.learner_parameters import DistanceMetric, NormalizeFeatures
from modules.learning.trusted import ROW_CLUSTERS

_SELECTIONS = {"most stable": "eom", "smallest": "leaf"}


@learner(
    "HDBSCAN",
    task="clustering",
    compiled=RowClusters(),
    trusted=ROW_CLUSTERS,
    keywords=("density", "cluster", "segment", "noise", "outlier", "hierarchical"),
)
def hdbscan(
    *,
    min_cluster_rows: Annotated[
        int, Field(ge=2, title="Minimum rows in a cluster"), Sweep(5, 10, 20)
    ] = 5,
    min_rows: Annotated[
        int, Field(ge=1, title="Neighbors that define density"), Sweep(1, 5, 10)
    ] = 5,
    selection: Annotated[
        Literal["most stable", "smallest"], Field(title="Clusters to select")
    ] = "most stable",
    metric: DistanceMetric = "Euclidean",
    normalize: NormalizeFeatures = True,
) -> Any:
    """Group rows into clusters of any shape and density, and leave out those between them.

    Unlike DBSCAN, it doesn't need a radius, and clusters may be of different density.

    Parameters
    ----------
    min_cluster_rows : int
        Smaller groups of rows are noise. The parameter that matters most.
    min_rows : int
        A region is dense if the distance to that neighbor, the row itself included, is small.
        Larger values leave out more rows as noise.
    selection : str
        Of clusters within clusters, those that persist over the widest range of densities, or the
        smallest ones, which are more and more alike.
    metric : str
        How distances are measured.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.

    Notes
    -----
    Campello, Moulavi and Sander (2013), with scikit-learn's ``HDBSCAN``. A new row belongs to the
    cluster of the nearest training row, or is noise like it; it's also noise if it's farther
    away than any row of the cluster is from the neighbor that defines its density. The assignment
    of noise is -1. Distances in the results are to the mean of each cluster.
    """
    from modules.learning.estimators.row_clusters import DensityTreeClusters
    from modules.learning.estimators.standardized import after_scaler

    estimator = DensityTreeClusters(min_cluster_rows, min_rows, _SELECTIONS[selection], metric)
    return after_scaler(estimator) if normalize else estimator
