"""Survival curves of groups, and the test of their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MOST_GROUPS = 20

ALL = "All rows"
"""The name of the group without a column of groups."""


def survival_tables(
    time: np.ndarray, happened: np.ndarray, names: np.ndarray, confidence: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the curves of the groups, and a row for each group.

    Parameters
    ----------
    names : numpy.ndarray of str, shape (rows,)
        The group of each row.
    """
    import pandas as pd

    curves, summaries = [], []
    for name in sorted(set(names)):
        inside = names == name
        curve = survival_curve(time[inside], happened[inside], confidence)
        curves.append(curve.assign(Group=name))
        summaries.append(_summary(name, curve, time[inside]))
    table = pd.concat(curves, ignore_index=True)
    table = table[["Group", *[each for each in table if each != "Group"]]]
    return table, pd.DataFrame(summaries)


def survival_curve(time: np.ndarray, happened: np.ndarray, confidence: float) -> pd.DataFrame:
    """Return the estimate at each distinct time.

    Parameters
    ----------
    time : numpy.ndarray, shape (rows,)
    happened : numpy.ndarray of bool, shape (rows,)
    confidence : float
        Of the intervals.
    """
    import numpy as np
    import pandas as pd
    from scipy.stats import norm

    times, codes = np.unique(time, return_inverse=True)
    ended = np.bincount(codes, minlength=len(times))
    events = np.bincount(codes, happened, minlength=len(times)).astype("int64")
    at_risk = len(time) - np.cumsum(ended) + ended
    survival = np.cumprod(1 - events / at_risk)
    left = at_risk - events
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(np.where(events > 0, events / (at_risk * left), 0.0))
        logarithm = np.log(survival)
        margin = norm.ppf((1 + confidence) / 2) * np.sqrt(variance) / -logarithm
        low, high = survival ** np.exp(margin), survival ** np.exp(-margin)
    # Before the first event, and after the last row, there is no interval.
    unknown = (survival == 1) | (survival == 0)
    return pd.DataFrame(
        {
            "Time": times,
            "At risk": at_risk,
            "Events": events,
            "Censored": ended - events,
            "Survival": survival,
            "Lower": np.where(unknown, np.nan, low),
            "Upper": np.where(unknown, np.nan, high),
        }
    )


def log_rank(time: np.ndarray, happened: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    """Return the statistic and the p-value of the log-rank test.

    Parameters
    ----------
    groups : numpy.ndarray of int, shape (rows,)
        From 0; each occurs.
    """
    import numpy as np
    from scipy.stats import chi2

    count = int(groups.max()) + 1
    times, codes = np.unique(time, return_inverse=True)
    ended = np.zeros((len(times), count))
    events = np.zeros((len(times), count))
    np.add.at(ended, (codes, groups), 1)
    np.add.at(events, (codes, groups), happened)
    at_risk = ended[::-1].cumsum(axis=0)[::-1]
    total, deaths = at_risk.sum(axis=1), events.sum(axis=1)
    shares = at_risk / total[:, None]
    difference = (events - deaths[:, None] * shares).sum(axis=0)
    factor = np.where(total > 1, deaths * (total - deaths) / np.maximum(total - 1, 1), 0.0)
    covariance = np.diag(factor @ shares) - (shares * factor[:, None]).T @ shares
    kept = slice(0, count - 1)
    statistic = float(difference[kept] @ np.linalg.pinv(covariance[kept, kept]) @ difference[kept])
    return statistic, float(chi2.sf(statistic, count - 1))


def group_of_rows(frame: pd.DataFrame, name: str, known: np.ndarray) -> np.ndarray:
    """Return the name of the group of each row that has a duration and an event."""
    values = frame.loc[known, name]
    distinct = values.nunique()
    if distinct > _MOST_GROUPS:
        raise ModuleError(
            "too-many-groups",
            f"Column “{name}” has {distinct:,} distinct values; the limit is {_MOST_GROUPS}.",
            "Choose another column, or group the values with Group Data into Bins.",
            parameter="group_column",
            column=name,
        )
    missing = values.isna()
    if missing.any():
        warn(f"{int(missing.sum()):,} rows don't have a value in “{name}”; they are a group.")
    found: np.ndarray = values.astype("str").where(~missing, "(missing)").to_numpy(dtype=object)
    return found


def _summary(name: str, curve: pd.DataFrame, time: np.ndarray) -> dict[str, Any]:
    import numpy as np

    times = curve["Time"].to_numpy()

    def reached(column: str) -> float:
        below = np.flatnonzero(curve[column].to_numpy() <= 0.5)
        return float(times[below[0]]) if len(below) else float("nan")

    steps = np.diff(np.append(0.0, times))
    before = np.append(1.0, curve["Survival"].to_numpy()[:-1])
    return {
        "Group": name,
        "Rows": len(time),
        "Events": int(curve["Events"].sum()),
        "Median time": reached("Survival"),
        "Median, lower": reached("Lower"),
        "Median, upper": reached("Upper"),
        "Restricted mean": float(steps @ before),
    }
