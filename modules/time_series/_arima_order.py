"""Fit an ARIMA of one order, and find the best order of a series."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

FEWEST = 10
"""Fewest periods beside those that differences use up."""

LONGEST_SEASON = 24
"""Auto tries seasonal terms up to this: the time grows with the cube of the season."""

_STRONG_SEASON = 0.64
_SEARCH = 30  # Iterations while orders are compared.

_COMPARED = 200
"""Last periods on which they are compared, at least; the chosen one is fitted to all."""


def fitted_order(
    values: np.ndarray,
    order: tuple[int, ...],
    season: int,
    constant: bool,
    iterations: int = 200,
) -> tuple[Any, bool]:
    """Return statsmodels' results for a scaled series, or None, and whether they converged.

    With few iterations, for a search, differences are taken before: their state is small.
    """
    import numpy as np
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    p, d, q, sp, sd, sq = order
    model = SARIMAX(
        values / values.std(),
        order=(p, d, q),
        seasonal_order=(sp, sd, sq, season if season > 1 else 0),
        trend="c" if constant and d + sd < 2 else "n",
        simple_differencing=iterations == _SEARCH,
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            results = model.fit(disp=False, maxiter=iterations)
        except (ValueError, np.linalg.LinAlgError):
            return None, False
    if not np.isfinite(results.llf):
        return None, False
    return results, bool(results.mle_retvals.get("converged", True))


def best_order(values: np.ndarray, season: int, most: int, constant: bool) -> tuple[int, ...]:
    """Return the order that a stepwise search finds (Hyndman and Khandakar 2008)."""
    import math

    d, sd = needed_differences(values, season)
    values = values[-max(_COMPARED, 8 * season) :]
    if values.min() == values.max():
        return (0, d, 0, 0, sd, 0)
    seasonal = int(1 < season <= LONGEST_SEASON and len(values) > 3 * season)
    found: dict[tuple[int, ...], float] = {}

    def worth(order: tuple[int, ...]) -> float:
        if order not in found:
            p, q, sp, sq = order
            order_of_all = (p, d, q, sp, sd, sq)
            results, _ = fitted_order(values, order_of_all, season, constant, _SEARCH)
            found[order] = math.inf if results is None else float(results.aicc)
        return found[order]

    starts = [(2, 2, 1, 1), (0, 0, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1)]
    tried = [(min(p, most), min(q, most), sp * seasonal, sq * seasonal) for p, q, sp, sq in starts]
    best: tuple[int, ...] = min(tried, key=worth)
    limits = (most, most, seasonal, seasonal)
    while True:
        around = [
            tuple(best[i] + (step if i in which else 0) for i in range(4))
            for which in ((0,), (1,), (2,), (3,), (0, 1), (2, 3))
            for step in (-1, 1)
        ]
        allowed = [
            each
            for each in around
            if all(0 <= value <= limit for value, limit in zip(each, limits, strict=True))
        ]
        nearest = min(allowed, key=worth, default=best)
        if worth(nearest) >= worth(best):
            return (best[0], d, best[1], best[2], sd, best[3])
        best = nearest


def needed_differences(values: np.ndarray, season: int) -> tuple[int, int]:
    """Return how often a series should be differenced, and whether by seasons."""
    import numpy as np
    from statsmodels.tsa.seasonal import STL
    from statsmodels.tsa.stattools import kpss

    seasonal, changed = 0, values
    if season > 1 and len(values) >= 2 * season + 1:
        parts = STL(values, period=season, seasonal=7).fit()
        joint = np.var(parts.seasonal + parts.resid)
        strength = 1 - np.var(parts.resid) / joint if joint > 0 else 0.0
        seasonal = int(strength > _STRONG_SEASON and len(values) > season + FEWEST)
        if seasonal:
            # Not its seasonal differences: those of a random walk are stationary.
            changed = values - parts.seasonal
    count = 0
    while count < 2 and len(changed) > FEWEST and changed.std() > 1e-12 * np.abs(values).max():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if kpss(changed, regression="c", nlags="auto")[1] >= 0.05:
                break
        changed, count = np.diff(changed), count + 1
    return (min(count, 1) if seasonal else count), seasonal
