"""Local Outlier Factor."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.learning import learner
from modules.learning.learner_parameters import Contamination
from modules.learning.trusted import ANOMALIES


@learner(
    "Local Outlier Factor",
    task="anomaly",
    trusted=ANOMALIES,
    keywords=("outlier", "novelty", "density", "nearest neighbors", "unusual"),
)
def local_outlier_factor(
    *,
    neighbors: Annotated[int, Field(ge=1, title="Number of neighbors")] = 20,
    normalize: Annotated[bool, Field(title="Normalize features")] = True,
    contamination: Contamination = 0.05,
) -> Any:
    """Find rows that have fewer rows around them than their neighbors have.

    It finds anomalies that are only unusual among similar rows. Scoring compares each row with all
    training rows, so it is slow on more than about 50,000.

    Parameters
    ----------
    neighbors : int
        How many rows count as around a row.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.
    contamination : float
        The expected share of anomalies. So many training rows are scored as such.

    Notes
    -----
    Breunig, Kriegel, Ng and Sander (2000) with scikit-learn's ``LocalOutlierFactor``; distances are
    Euclidean.

    The score is a logistic function of the detector's own, 0.5 at the threshold: it orders rows,
    and isn't a probability.
    """
    from sklearn.neighbors import LocalOutlierFactor
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    from modules.learning.estimators.anomalies import ThresholdedDetector

    # Without a search tree, which couldn't be stored safely.
    factor = LocalOutlierFactor(n_neighbors=neighbors, algorithm="brute", novelty=True)
    detector = ThresholdedDetector(factor, contamination)
    if not normalize:
        return detector
    return Pipeline([("scaler", StandardScaler()), ("learner", detector)])
