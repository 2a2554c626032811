"""Fast Forest Quantile Regression."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.learner_parameters import Quantiles, Seed
from modules.learning.trusted import QUANTILE_FOREST

_Share = Sweep(0.25, 0.5, 0.75)


@learner(
    "Fast Forest Quantile Regression",
    task="regression",
    encoding="codes",
    takes_missing=True,
    trusted=QUANTILE_FOREST,
    keywords=("prediction interval", "percentile", "median", "uncertainty", "random forest"),
)
def fast_forest_quantile_regression(
    *,
    trees: Annotated[int, Field(ge=1, title="Number of trees"), Sweep(16, 32, 64)] = 100,
    leaves: Annotated[int, Field(ge=2, title="Number of leaves"), Sweep(16, 32, 64)] = 20,
    min_leaf_rows: Annotated[
        int, Field(ge=1, title="Minimum rows to form a leaf"), Sweep(1, 5, 10)
    ] = 10,
    bagging_fraction: Annotated[float, Field(gt=0, le=1), _Share] = 0.7,
    split_fraction: Annotated[float, Field(gt=0, le=1), _Share] = 0.7,
    quantiles: Quantiles = "0.25, 0.5, 0.75",
    seed: Seed = 0,
) -> Any:
    """Predict quantiles of a number: how low and how high it may be.

    The quantiles 0.05 and 0.95 are an interval that 9 of 10 values lie in.

    Parameters
    ----------
    trees : int
        More trees make predictions more stable and training slower.
    leaves : int
        Maximum number of leaves per tree.
    min_leaf_rows : int
        Minimum number of training rows in a leaf.
    bagging_fraction : float
        The share of training rows, drawn with replacement, that each tree sees.
    split_fraction : float
        The share of features that each split considers.
    quantiles : str
        Numbers above 0 and below 1, separated by commas.
    seed : int
        Determines the rows of each tree and the features of each split.

    Notes
    -----
    A quantile regression forest (Meinshausen 2006) on scikit-learn's ``RandomForestRegressor``.
    Scored Labels are the median. More than 4,096 distinct labels are represented by 4,096 quantiles
    of them. A category is its index among the sorted values of its column; the 255 most frequent
    are distinguished, others and unseen ones are treated as missing.

    Unlike in Azure ML designer, 0 is a fixed seed, and the values to sweep are part of the
    parameters.
    """
    from modules.learning.estimators.quantile_forest import QuantileForestRegressor
    from modules.learning.number_lists import quantiles_in

    return QuantileForestRegressor(
        quantiles_in(quantiles),
        trees,
        leaves,
        min_leaf_rows,
        bagging_fraction,
        split_fraction,
        seed,
    )
