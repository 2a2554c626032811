"""What forecasters share: a parameter, and what Automated ML tries with each of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract.parameter import RangeToTry
from modules.contract.registry.automated import Candidate

Season = Annotated[int | None, Field(ge=1, le=10_000, title="Periods of a season")]

NAIVE_TRIALS = Candidate(
    "Seasonal Naive",
    ((1, {}), (7, {"drift": True}), (10, {"season": 1}), (13, {"season": 1, "drift": True})),
)

SMOOTHING_TRIALS = Candidate(
    "Exponential Smoothing",
    (
        (2, {}),
        (6, {"trend": "damped", "seasonality": "additive"}),
        (8, {"logarithm": True}),
        (11, {"trend": "none", "seasonality": "none"}),
    ),
    {
        "trend": ("none", "additive", "damped"),
        "seasonality": ("none", "additive"),
        "logarithm": (False, True),
    },
)

BOOSTED_TREES_TRIALS = Candidate(
    "Boosted Trees",
    (
        (3, {}),
        (5, {"lags": "1, 2, 3, 4, 5, 6, 7", "trees": 200, "leaves": 16, "learning_rate": 0.05}),
        (12, {"trees": 100, "leaves": 4, "learning_rate": 0.05}),
    ),
    {
        "lags": ("1, 2, 3", "1, 2, 3, 4, 5, 6, 7", "1, 2, 3, 6, 12"),
        "trees": RangeToTry(50, 400, log=True),
        "leaves": RangeToTry(2, 48, log=True),
        "min_leaf_rows": RangeToTry(2, 40, log=True),
        "learning_rate": RangeToTry(0.01, 0.2, log=True),
    },
)

ARIMA_TRIALS = Candidate("ARIMA", ((4, {}), (9, {"logarithm": True}), (14, {"most": 5})))
"""It searches for the order itself, and tries no seasonal terms that would take too long."""
