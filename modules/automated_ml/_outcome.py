"""The result of one trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modules.automated_ml._metrics import Metric

if TYPE_CHECKING:
    import numpy as np

HOPELESS = "Stopped early: far behind the best"

NO_MEMORY = "Not enough memory"


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
    is_doubtful : bool
        Whether it may be due to too little memory, which libraries report in many ways.
    """

    values: list[float] = field(default_factory=list)
    metrics: list[dict[str, float]] = field(default_factory=list)
    scores: np.ndarray | None = None
    problem: str = ""
    seconds: float = 0.0
    is_doubtful: bool = False

    def stopped(self, limits: Sequence[float], metric: Metric) -> bool:
        """Return whether the parts so far are hopeless, and note it.

        Parameters
        ----------
        limits : sequence of float
            By part: what the mean gain of the parts so far must reach to continue.
        """
        count = len(self.values)
        gain = sum(map(metric.gain, self.values)) / count
        if count <= len(limits) and gain < limits[count - 1]:
            self.problem = HOPELESS
        return bool(self.problem)

    @property
    def mean(self) -> float:
        """The mean of the metric over the parts; NaN if there is no result."""
        return sum(self.values) / len(self.values) if self.values and not self.problem else math.nan
