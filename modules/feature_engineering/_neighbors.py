"""Missing values estimated by the rows that are most similar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modules.contract import report_progress

if TYPE_CHECKING:
    import numpy as np

_CELLS_AT_ONCE = 2**21


def by_neighbors(scaled: np.ndarray, fitted: Mapping[str, Any]) -> np.ndarray:
    """Return standardized rows with missing values estimated by the most similar rows."""
    import numpy as np

    reference = np.asarray(fitted["reference"])
    found = scaled.copy()
    together = max(1, _CELLS_AT_ONCE // len(reference))
    for start in range(0, len(scaled), together):
        report_progress(start / len(scaled), f"row {start:,} of {len(scaled):,}")
        part = scaled[start : start + together]
        distances = distances_between(part, reference)
        for place in np.flatnonzero(np.isnan(part).any(axis=0)):
            rows = np.flatnonzero(np.isnan(part[:, place]))
            donors = np.flatnonzero(~np.isnan(reference[:, place]))
            found[start + rows, place] = mean_of_nearest(
                distances[np.ix_(rows, donors)],
                reference[donors, place],
                fitted["neighbors"],
                fitted["weights"],
            )
    return found


def distances_between(rows: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return Euclidean distances by the columns that both have, scaled to all columns."""
    import numpy as np

    squares = np.zeros((len(rows), len(reference)))
    shared = np.full((len(rows), len(reference)), reference.shape[1], dtype="float64")
    # Column by column: the same to the last bit however many rows there are.
    for place in range(reference.shape[1]):
        difference = rows[:, [place]] - reference[:, place]
        missing = np.isnan(difference)
        if missing.any():
            np.copyto(difference, 0.0, where=missing)
            shared -= missing
        squares += np.square(difference, out=difference)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shared > 0, np.sqrt(squares / shared * reference.shape[1]), np.inf)


def mean_of_nearest(
    distances: np.ndarray, values: np.ndarray, neighbors: int, weights: str
) -> np.ndarray:
    """Return the means of the values with the smallest distances; 0, the mean, without any."""
    import numpy as np

    if not len(values):
        return np.zeros(len(distances))
    count = min(neighbors, len(values))
    nearest = nearest_of(distances, count)
    chosen = np.take_along_axis(distances, nearest, axis=1)
    shares = np.isfinite(chosen).astype("float64")
    if weights == "distance":
        with np.errstate(divide="ignore"):
            shares = 1 / chosen
        same: Any = np.isinf(shares)
        # Rows that are equal decide alone.
        shares = np.where(same.any(axis=1)[:, None], same.astype("float64"), shares)
    total = shares.sum(axis=1)
    sums = (values[nearest] * shares).sum(axis=1)
    return np.where(total > 0, sums / np.where(total > 0, total, 1.0), 0.0)


def nearest_of(distances: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of the smallest distances of each row, in order; of ties the first ones.

    As a stable sort does, but without sorting the other distances.
    """
    import numpy as np

    if count == distances.shape[1]:
        return np.argsort(distances, axis=1, kind="stable")
    found = np.sort(np.argpartition(distances, count - 1, axis=1)[:, :count], axis=1)
    chosen = np.take_along_axis(distances, found, axis=1)
    found = np.take_along_axis(found, np.argsort(chosen, axis=1, kind="stable"), axis=1)
    # A partition takes any of those that are as far as the last one.
    tied = np.count_nonzero(distances <= chosen.max(axis=1)[:, None], axis=1) > count
    found[tied] = np.argsort(distances[tied], axis=1, kind="stable")[:, :count]
    return found
