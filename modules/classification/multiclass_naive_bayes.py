"""Multiclass Naive Bayes."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.compiled.gaussian_bayes import GaussianBayes
from modules.learning.learner_parameters import VarianceSmoothing
from modules.learning.trusted import NAIVE_BAYES


@learner(
    "Multiclass Naive Bayes",
    task="multiclass",
    compiled=GaussianBayes(),
    trusted=NAIVE_BAYES,
    keywords=("bayes", "gaussian", "probabilistic", "generative", "several classes"),
)
def multiclass_naive_bayes(*, smoothing: VarianceSmoothing = 1e-9) -> Any:
    """Predict which of several classes a row belongs to from the distribution of each feature.

    It trains in a moment, needs few rows, and is a good baseline. It treats features as
    independent of each other; where they aren't, the class is often still right, but the
    probability is too close to 0 or 1.

    Parameters
    ----------
    smoothing : float
        Share of a feature's variance that is added to its variance in each class. Larger values
        make the classes overlap more.

    Notes
    -----
    Bayes' theorem with a normal distribution of each feature in each class, by scikit-learn's
    ``GaussianNB``. Text becomes one feature per value, with 0 and 1. Features are standardized
    inside, so that smoothing is relative to each feature's own variance; without smoothing this
    doesn't change a prediction. Weights of rows count.
    """
    from modules.learning.estimators.naive_bayes import gaussian_bayes

    return gaussian_bayes(smoothing)
