"""DBSCAN."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.row_clusters import RowClusters
from modules.learning.learner_parameters import DistanceMetric, NormalizeFeatures
from modules.learning.trusted import ROW_CLUSTERS


@learner(
    "DBSCAN",
    task="clustering",
    compiled=RowClusters(),
    trusted=ROW_CLUSTERS,
    keywords=("density", "cluster", "segment", "noise", "outlier", "arbitrary shape"),
)
def dbscan(
    *,
    radius: Annotated[float, Field(gt=0), Sweep(0.1, 0.3, 0.5, 1.0)] = 0.5,
    min_rows: Annotated[
        int, Field(ge=1, title="Minimum rows within the radius"), Sweep(3, 5, 10)
    ] = 5,
    metric: DistanceMetric = "Euclidean",
    normalize: NormalizeFeatures = True,
) -> Any:
    """Group rows where they are dense into clusters of any shape, and leave out the others.

    The number of clusters follows from the data. If some clusters are denser than others, use
    HDBSCAN.

    Parameters
    ----------
    radius : float
        How far neighbors are away at most, in standardized features if they are normalized.
        Larger values lead to fewer, larger clusters.
    min_rows : int
        A row with as many rows within the radius, itself included, is a core row: it's inside a
        cluster.
    metric : str
        How distances are measured.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.

    Notes
    -----
    Ester, Kriegel, Sander and Xu (1996), with scikit-learn's ``DBSCAN``. Core rows within the
    radius of each other are in the same cluster. Every row, also a new one, belongs to the cluster
    of the nearest core row within the radius. Without one it's noise: its assignment is -1.
    Distances in the results are to the mean of each cluster. Rows are weighted by a weight column:
    a row of weight 2 counts as two.
    """
    from modules.learning.estimators.row_clusters import DensityClusters
    from modules.learning.estimators.standardized import after_scaler

    estimator = DensityClusters(radius, min_rows, metric)
    return after_scaler(estimator) if normalize else estimator
