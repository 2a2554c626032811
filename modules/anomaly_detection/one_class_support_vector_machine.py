"""One-Class Support Vector Machine."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.learning import learner
from modules.learning.learner_parameters import Contamination
from modules.learning.trusted import ANOMALIES


@learner(
    "One-Class Support Vector Machine",
    task="anomaly",
    trusted=ANOMALIES,
    keywords=("outlier", "novelty", "svm", "kernel", "boundary", "unusual"),
)
def one_class_support_vector_machine(
    *,
    nu: Annotated[float, Field(gt=0, le=1, title="Nu")] = 0.1,
    gamma: Annotated[float, Field(gt=0, title="Kernel coefficient")] | None = None,
    normalize: Annotated[bool, Field(title="Normalize features")] = True,
    contamination: Contamination = 0.05,
) -> Any:
    """Find rows outside of a boundary around the normal rows.

    It suits clean training rows with few columns. Training grows with the square of the number of
    rows; use Partition and Sample above about 20,000.

    Parameters
    ----------
    nu : float
        At most this share of training rows is outside of the boundary while it is drawn.
    gamma : float, optional
        How quickly the influence of a row decreases with the distance. Larger values draw a
        boundary closer to the rows. Empty for 1 divided by the number of features.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.
    contamination : float
        The expected share of anomalies. So many training rows are scored as such.

    Notes
    -----
    Schölkopf et al. (2001) with a Gaussian kernel and scikit-learn's ``OneClassSVM``.

    The score is a logistic function of the detector's own, 0.5 at the threshold: it orders rows,
    and isn't a probability.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import OneClassSVM

    from modules.learning.estimators.anomalies import ThresholdedDetector

    machine = OneClassSVM(nu=nu, gamma="auto" if gamma is None else gamma)
    detector = ThresholdedDetector(machine, contamination)
    if not normalize:
        return detector
    return Pipeline([("scaler", StandardScaler()), ("learner", detector)])
