"""K-Means Clustering."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.learning import learner
from modules.learning.compiled.clusters import Clusters
from modules.learning.learner_parameters import Seed


@learner(
    "K-Means Clustering",
    task="clustering",
    compiled=Clusters(),
    keywords=("cluster", "segment", "group", "unsupervised", "centroid"),
)
def k_means_clustering(
    *,
    centroids: Annotated[int, Field(ge=2, title="Number of centroids")] = 2,
    initialization: Literal["k-means++", "random"] = "k-means++",
    normalize: Annotated[bool, Field(title="Normalize features")] = True,
    iterations: Annotated[int, Field(ge=1)] = 100,
    label_mode: Annotated[
        Literal["ignore label column", "fill missing values", "overwrite from closest to center"],
        Field(title="Assign label mode"),
    ] = "ignore label column",
    seed: Seed = 0,
) -> Any:
    """Group similar rows into a chosen number of clusters.

    Parameters
    ----------
    centroids : int
        Number of clusters.
    initialization : str
        K-means++ starts from rows that are far apart. Random starts from random rows, ten
        times, and keeps the best result.
    normalize : bool
        Scale every feature to the range from 0 to 1, so that none has more influence because of
        its unit.
    iterations : int
        Maximum iterations; training stops earlier if the centers converge.
    label_mode : str
        What Train Clustering Model does with a label column: ignore it;
        replace missing labels with the label of the row nearest to the center of the cluster;
        or replace all labels.
    seed : int
        Determines the rows that training starts from.

    Notes
    -----
    Lloyd's algorithm with scikit-learn's ``KMeans``; k-means++ by Arthur and Vassilvitskii
    (2007). Distances are Euclidean, after normalization if it is on.

    Unlike in Azure ML designer, 0 is a fixed seed, and a label never influences the
    clusters. Its initialization “Default” is omitted, because its documentation doesn't
    describe it, and so is the choice of a metric, because there is only one.
    """
    from sklearn.cluster import KMeans
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import MinMaxScaler

    estimator = KMeans(
        n_clusters=centroids,
        init=initialization,
        n_init=1 if initialization == "k-means++" else 10,
        max_iter=iterations,
        random_state=seed,
    )
    if not normalize:
        return estimator
    return Pipeline([("scaler", MinMaxScaler()), ("learner", estimator)])
