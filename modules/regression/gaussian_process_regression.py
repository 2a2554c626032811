"""Gaussian Process Regression."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.learner_parameters import (
    SMOOTHNESS,
    KernelStarts,
    Quantiles,
    Relevance,
    Seed,
    Smoothness,
)
from modules.learning.trusted import GAUSSIAN_PROCESS


@learner(
    "Gaussian Process Regression",
    task="regression",
    trusted=GAUSSIAN_PROCESS,
    keywords=("kriging", "uncertainty", "prediction interval", "bayesian", "gp", "small data"),
)
def gaussian_process_regression(
    *,
    smoothness: Smoothness = "smooth",
    relevance: Relevance = False,
    quantiles: Quantiles = "0.05, 0.5, 0.95",
    starts: KernelStarts = 0,
    seed: Seed = 0,
) -> Any:
    """Predict a number with its uncertainty, as a smooth function of few rows.

    Quantiles are far apart where there were no training rows. For at most 5,000 rows.

    Parameters
    ----------
    smoothness : str
        The kernel: RBF, Matérn 5/2, or Matérn 3/2. Less smooth functions follow the rows more
        closely.
    relevance : bool
        Fit how far each feature reaches by itself, instead of the same for all. An irrelevant
        feature reaches very far. Slower.
    quantiles : str
        Numbers above 0 and below 1, separated by commas.
    starts : int
        How often the kernel is optimized from random starts besides; the likeliest result is kept.
    seed : int
        Determines the random starts.

    Notes
    -----
    Rasmussen and Williams (2006), algorithm 2.1, with scikit-learn's ``GaussianProcessRegressor``
    in standardized features and a standardized label. Scale, reach and noise maximize the
    likelihood of the labels. Quantiles are those of a normal distribution of the number, noise
    included. Weights aren't supported.
    """
    from modules.learning.estimators.gaussian_process import GaussianProcessRegression
    from modules.learning.number_lists import quantiles_in

    return GaussianProcessRegression(
        quantiles_in(quantiles), SMOOTHNESS[smoothness], relevance, starts, seed
    )
