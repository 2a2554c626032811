"""Every threshold of the scores of a two-class model, from one sort."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_ROWS = 2_000
"""Maximum rows of a thinned table of thresholds."""

_SLIDER_STEPS = 100


def threshold_table(actual: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    """Return true and false positives at every distinct score.

    Parameters
    ----------
    actual : numpy.ndarray of bool, shape (rows,)
        Whether the row is of the positive class.
    score : numpy.ndarray of float, shape (rows,)
        Probability of the positive class; no NaN.

    Returns
    -------
    pandas.DataFrame
        ``threshold`` (descending, from infinity, where no row counts as positive),
        ``true_positives`` and ``false_positives``: rows scored at least the threshold.
    """
    import numpy as np
    import pandas as pd

    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    hits = np.cumsum(actual[order], dtype=np.int64)[ends]
    return pd.DataFrame(
        {
            "threshold": np.concatenate(([np.inf], ordered[ends])),
            "true_positives": np.concatenate(([0], hits)),
            "false_positives": np.concatenate(([0], 1 + ends - hits)),
        }
    )


def area_under_roc(table: pd.DataFrame) -> float:
    """Return the area under the ROC curve, NaN if one class is absent.

    Trapezoids, summed as integers: the share of pairs of a positive and a
    negative row that the scores rank correctly, ties counted half
    (Fawcett 2006, algorithm 3). Needs the table before it is thinned.
    """
    import numpy as np

    hits = table["true_positives"].to_numpy()
    alarms = table["false_positives"].to_numpy()
    pairs = int(hits[-1]) * int(alarms[-1])
    if not pairs:
        return float("nan")
    return int(np.sum(np.diff(alarms) * (hits[1:] + hits[:-1]))) / (2 * pairs)


def thinned(table: pd.DataFrame) -> pd.DataFrame:
    """Return at most 2,000 rows of a table of thresholds, with both ends.

    The rows are evenly spaced along the ROC curve. Those that determine the metrics at
    0.00, 0.01, ... 1.00 are kept too, so that a slider in hundredths is exact.
    """
    import numpy as np

    if len(table) <= MOST_ROWS:
        return table
    threshold = table["threshold"].to_numpy()
    hits = table["true_positives"].to_numpy(float)
    alarms = table["false_positives"].to_numpy(float)
    way = hits / max(hits[-1], 1.0) + alarms / max(alarms[-1], 1.0)
    marks = np.linspace(0.0, way[-1], MOST_ROWS - _SLIDER_STEPS - 1)
    along = np.searchsorted(way, marks)
    # Number of thresholds above each step: the row before that index has its counts.
    above = np.searchsorted(-threshold, -np.arange(_SLIDER_STEPS + 1) / _SLIDER_STEPS)
    kept = np.unique(np.concatenate(([0], along, above - 1, [len(table) - 1])))
    thinned: pd.DataFrame = table.iloc[np.clip(kept, 0, len(table) - 1)]
    return thinned.reset_index(drop=True)
