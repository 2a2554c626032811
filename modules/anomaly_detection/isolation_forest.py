"""Isolation Forest."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.learning import learner
from modules.learning.learner_parameters import Contamination, Seed
from modules.learning.trusted import ANOMALIES


@learner(
    "Isolation Forest",
    task="anomaly",
    trusted=ANOMALIES,
    keywords=("outlier", "fraud", "novelty", "trees", "unusual"),
)
def isolation_forest(
    *,
    trees: Annotated[int, Field(ge=1, title="Number of trees")] = 100,
    rows_per_tree: Annotated[int, Field(ge=2, title="Rows per tree")] = 256,
    contamination: Contamination = 0.05,
    seed: Seed = 0,
) -> Any:
    """Find rows that few random splits separate from the rest.

    Fast, also on many rows and columns, and independent of the units of the columns.

    Parameters
    ----------
    trees : int
        More trees make scores more stable and training slower.
    rows_per_tree : int
        Number of training rows that each tree sees.
    contamination : float
        The expected share of anomalies. So many training rows are scored as such.
    seed : int
        Determines the rows of each tree and its splits.

    Notes
    -----
    Liu, Ting and Zhou (2008) with scikit-learn's ``IsolationForest``. Text and categories
    become a column of ones and zeros for each value.

    The score is a logistic function of the detector's own, 0.5 at the threshold: it orders rows,
    and isn't a probability.
    """
    from sklearn.ensemble import IsolationForest

    from modules.learning.estimators.anomalies import ThresholdedDetector

    forest = IsolationForest(n_estimators=trees, max_samples=rows_per_tree, random_state=seed)
    return ThresholdedDetector(forest, contamination)
