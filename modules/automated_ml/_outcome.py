"""The result of one trial."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Outcome:
    """The result of a proposal.

    Parameters
    ----------
    values : list of float
        The primary metric of each part; fewer if it was stopped early.
    metrics : list of dict
        The metrics of Evaluate Model of each part.
    scores : numpy.ndarray or None
        Of all evaluated rows, as the metric takes them.
    problem : str
        Why there is no result; empty if there is one.
    """

    values: list[float] = field(default_factory=list)
    metrics: list[dict[str, float]] = field(default_factory=list)
    scores: np.ndarray | None = None
    problem: str = ""
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        """The mean of the metric over the parts; NaN if there is no result."""
        return sum(self.values) / len(self.values) if self.values and not self.problem else math.nan
