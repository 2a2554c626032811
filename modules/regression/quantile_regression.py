"""Quantile Regression."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.linear import LinearQuantiles
from modules.learning.learner_parameters import Quantiles
from modules.learning.trusted import LINEAR_QUANTILES


@learner(
    "Quantile Regression",
    task="regression",
    compiled=LinearQuantiles(),
    trusted=LINEAR_QUANTILES,
    keywords=("median", "prediction interval", "percentile", "least absolute deviations", "robust"),
)
def quantile_regression(
    *,
    quantiles: Quantiles = "0.25, 0.5, 0.75",
    penalty: Annotated[float, Field(ge=0), Sweep(0.0, 0.001, 0.01, 0.1)] = 0.0,
) -> Any:
    """Predict quantiles of a number, each as a weighted sum of the features.

    The median isn't influenced by outliers of the label. For quantiles that aren't linear, use
    Fast Forest Quantile Regression.

    Parameters
    ----------
    quantiles : str
        Numbers above 0 and below 1, separated by commas.
    penalty : float
        How much large weights are penalized; from some value on, weights become exactly 0.

    Notes
    -----
    Koenker and Bassett (1978): minimizes the mean pinball loss plus ``penalty |w|₁`` in
    standardized features and a standardized label, as a linear program, with scikit-learn's
    ``QuantileRegressor``. Scored Labels are the median. Where lines of two quantiles cross, the
    quantiles are put in order (Chernozhukov, Fernández-Val and Galichon 2010).
    """
    from modules.learning.estimators.linear_quantiles import LinearQuantileRegressor
    from modules.learning.number_lists import quantiles_in

    return LinearQuantileRegressor(quantiles_in(quantiles), penalty)
