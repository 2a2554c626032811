"""PCA-Based Anomaly Detection."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.learning import learner
from modules.learning.learner_parameters import Seed
from modules.learning.trusted import PCA_ANOMALIES


@learner(
    "PCA-Based Anomaly Detection",
    task="anomaly",
    trusted=PCA_ANOMALIES,
    keywords=("outlier", "fraud", "principal components", "reconstruction error", "novelty"),
)
def pca_based_anomaly_detection(
    *,
    components: Annotated[int, Field(ge=1, title="Number of components to use in PCA")] = 2,
    oversampling: Annotated[
        int, Field(ge=0, title="Oversampling parameter for randomized PCA")
    ] = 2,
    mean_normalization: Annotated[
        bool, Field(title="Enable input feature mean normalization")
    ] = False,
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5,
    seed: Seed = 0,
) -> Any:
    """Find rows that don't follow the directions in which normal rows vary.

    It is fast, and suits numeric columns that depend on each other. Scale them with Normalize
    Data before, unless their units are alike.

    Parameters
    ----------
    components : int
        Number of directions. With too many, anomalies follow them too.
    oversampling : int
        Further directions while they are computed. More are slower and more accurate.
    mean_normalization : bool
        Subtract the mean of every feature. Needed if the values aren't around 0.
    threshold : float
        From this score on a row is an anomaly.
    seed : int
        Determines the randomized algorithm.

    Notes
    -----
    The score is ``|x - p| / |x|`` with p the projection of x on the principal components: 0 for a
    row that they describe completely, 1 for one that they don't describe at all, as in ML.NET.
    Principal components by a randomized algorithm (Halko, Martinsson and Tropp 2011) with
    scikit-learn's ``randomized_svd``.

    Unlike in Azure ML designer, there are a threshold and a seed, so that runs are reproducible.
    """
    from modules.learning.estimators.anomalies import PcaAnomalyDetector

    return PcaAnomalyDetector(components, oversampling, mean_normalization, threshold, seed)
