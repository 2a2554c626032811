"""Two-Class Gaussian Process."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.learner_parameters import (
    SMOOTHNESS,
    KernelStarts,
    Relevance,
    Seed,
    Smoothness,
)
from modules.learning.trusted import GAUSSIAN_PROCESS_OF_CLASSES


@learner(
    "Two-Class Gaussian Process",
    task="two-class",
    trusted=GAUSSIAN_PROCESS_OF_CLASSES,
    keywords=("kernel", "uncertainty", "probability", "bayesian", "gp", "small data", "nonlinear"),
)
def two_class_gaussian_process(
    *,
    smoothness: Smoothness = "smooth",
    relevance: Relevance = False,
    starts: KernelStarts = 0,
    seed: Seed = 0,
) -> Any:
    """Predict which of two classes a row belongs to, with calibrated probabilities, from few rows.

    Probabilities are close to 0.5 where there were no training rows. For at most 2,000 rows. For
    several classes, link it to One-vs-All Multiclass.

    Parameters
    ----------
    smoothness : str
        The kernel: RBF, Matérn 5/2, or Matérn 3/2. Less smooth functions follow the rows more
        closely.
    relevance : bool
        Fit how far each feature reaches by itself, instead of the same for all. An irrelevant
        feature reaches very far. Slower.
    starts : int
        How often the kernel is optimized from random starts besides; the likeliest result is kept.
    seed : int
        Determines the random starts.

    Notes
    -----
    Rasmussen and Williams (2006), algorithms 3.1, 3.2, and 5.1 (Laplace's approximation), with
    scikit-learn's ``GaussianProcessClassifier`` in standardized features. Scale and reach maximize
    the approximate likelihood of the labels. Weights aren't supported.
    """
    from modules.learning.estimators.gaussian_process import GaussianProcessClassification

    return GaussianProcessClassification(SMOOTHNESS[smoothness], relevance, starts, seed)
