"""The names of the score columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SCORED_LABELS = "Scored Labels"
SCORED_PROBABILITIES = "Scored Probabilities"
ASSIGNMENTS = "Assignments"
DISTANCE = "DistancesToClusterCenter no."

BASE_VALUE = "Base Value"
MAIN_REASONS = "Main Reasons"
CONTRIBUTION = "Contribution of "
"""Is followed by the name of a column."""

QUANTILE = "Scores for quantile: "
LARGEST_EXPONENT = 709.0
"""Its exponential is still a number."""


def probability_names(classes: Iterable[Any]) -> tuple[str, ...]:
    """Return the columns with the probabilities of several classes."""
    from modules.contract.normalize_frame import unique_names

    # Two classes may differ only in spaces.
    return tuple(unique_names([f"{SCORED_PROBABILITIES}_{value}" for value in classes]))
