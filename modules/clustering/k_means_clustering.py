"""K-Means Clustering."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import CLUSTERING, Serving, module
from modules.learning.learner_parameters import Seed
from modules.learning.learners import untrained
from modules.values import UntrainedModel


@module(
    "K-Means Clustering",
    outputs=("untrained_model",),
    keywords=("cluster", "group", "segment", "unsupervised", "centroid"),
    requires=("scikit-learn",),
    when_serving=Serving.DROP,
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
) -> Annotated[UntrainedModel, CLUSTERING]:
    """Group rows that are near to each other around a chosen number of centers.

    Parameters
    ----------
    centroids : int
        How many clusters are made.
    initialization : str
        K-means++ starts from rows that are far apart. Random starts from any rows, ten
        times over, and keeps the best result.
    normalize : bool
        Bring every feature to the range from 0 to 1, so that none counts more because of
        its unit.
    iterations : int
        The most steps of moving the centers; training stops earlier once they rest.
    label_mode : str
        What becomes of a column with the role of a label in the results of Train Clustering
        Model: nothing; where it is missing, it becomes the label of the row nearest to the
        center of the cluster; or every row gets that label.
    seed : int
        Decides the rows that training starts from.

    Returns
    -------
    untrained_model : UntrainedModel
        For Train Clustering Model.

    Notes
    -----
    Lloyd's algorithm with scikit-learn's ``KMeans``; k-means++ by Arthur and Vassilvitskii
    (2007). Distances are Euclidean, in the normalized features where they are normalized.

    Different from the original on purpose: a seed of 0 is a seed and not the clock, and a
    label never decides where a cluster lies. The original's initialization “Default” is left
    out, since its documentation does not say what it does, and so is the choice of a metric,
    of which there is one.
    """
    from sklearn.cluster import KMeans
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import MinMaxScaler

    estimator: Any = KMeans(
        n_clusters=centroids,
        init=initialization,
        n_init=1 if initialization == "k-means++" else 10,
        max_iter=iterations,
        random_state=seed,
    )
    if normalize:
        estimator = Pipeline([("scaler", MinMaxScaler()), ("learner", estimator)])
    settings = {
        "centroids": centroids,
        "initialization": initialization,
        "normalize": normalize,
        "iterations": iterations,
        "label_mode": label_mode,
        "seed": seed,
    }
    return untrained(k_means_clustering, "clustering", estimator, settings)
