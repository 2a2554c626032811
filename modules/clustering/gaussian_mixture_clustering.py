"""Gaussian Mixture Clustering."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.learning import learner
from modules.learning.compiled.mixtures import Mixture
from modules.learning.learner_parameters import FitTolerance, Seed
from modules.learning.trusted import MIXTURE

_SHAPES = {"any": "full", "the same": "tied", "along the axes": "diag", "spheres": "spherical"}


@learner(
    "Gaussian Mixture Clustering",
    task="clustering",
    compiled=Mixture(),
    trusted=MIXTURE,
    keywords=("gmm", "em", "expectation maximization", "soft clustering", "segment", "density"),
)
def gaussian_mixture_clustering(
    *,
    clusters: Annotated[int, Field(ge=1, title="Number of clusters")] = 2,
    shape: Annotated[
        Literal["any", "the same", "along the axes", "spheres"], Field(title="Shape of clusters")
    ] = "any",
    starts: Annotated[int, Field(ge=1, le=100, title="Number of starts")] = 5,
    iterations: Annotated[int, Field(ge=1, title="Maximum number of iterations")] = 200,
    tolerance: FitTolerance = 1e-3,
    regularization: Annotated[float, Field(gt=0, le=1, title="Regularization of variances")] = 1e-6,
    seed: Seed = 0,
) -> Any:
    """Group similar rows into clusters that may be oblong, overlap, and differ in size.

    Use it if K-Means Clustering, whose clusters are round and of similar size, doesn't separate
    the groups.

    Parameters
    ----------
    clusters : int
        Number of clusters.
    shape : str
        Any: each cluster has its own covariances. The same: all clusters share them. Along the
        axes: features don't correlate within a cluster. Spheres: all features vary equally. The
        fewer numbers there are to fit, the fewer rows are needed.
    starts : int
        How often training starts from other rows; the likeliest result is kept.
    iterations : int
        A start stops earlier if it converges.
    tolerance : float
        A start has converged if the mean log-likelihood of a row grows by less.
    regularization : float
        Added to the variance of each standardized feature in each cluster, so that a cluster
        can't shrink to a point.
    seed : int
        Determines the rows that training starts from.

    Notes
    -----
    Expectation-maximization (Dempster, Laird and Rubin 1977) from centers of k-means, by
    scikit-learn's ``GaussianMixture``. Features are standardized inside.

    The distance d of a row to a cluster with mean m, covariance C and share w is the generalized
    one of discriminant analysis, ``d² = (x - m)' C⁻¹ (x - m) + ln |C| - 2 ln w``, less the smallest
    ``ln |C| - 2 ln w``: the nearest cluster is the likeliest, and the probability of a cluster is
    proportional to ``exp(-d² / 2)``.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    from modules.learning.estimators.mixture import ClusteringMixture

    mixture = ClusteringMixture(
        n_components=clusters,
        covariance_type=_SHAPES[shape],
        n_init=starts,
        max_iter=iterations,
        tol=tolerance,
        reg_covar=regularization,
        random_state=seed,
    )
    return Pipeline([("scaler", StandardScaler()), ("learner", mixture)])
