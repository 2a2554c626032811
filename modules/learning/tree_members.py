"""The trees that a fitted estimator consists of."""

from __future__ import annotations

import re
from typing import Any


def tree_count(estimator: Any) -> int:
    """Return the number of trees of a fitted estimator; 0 if it doesn't consist of trees."""
    if hasattr(estimator, "tree_"):
        return 1
    if hasattr(estimator, "_predictors"):
        return sum(map(len, estimator._predictors))
    if hasattr(estimator, "booster") and isinstance(getattr(estimator, "model_", None), str):
        return len(re.findall(r"^Tree=", estimator.model_, re.MULTILINE))
    members = members_of(estimator)
    return len(members) if all(hasattr(each, "tree_") for each in members) else 0


def members_of(estimator: Any) -> list[Any]:
    """Return the estimators that an ensemble consists of."""
    import numpy as np

    members = getattr(estimator, "estimators_", None)
    return [] if members is None else list(np.asarray(members, dtype=object).ravel())
