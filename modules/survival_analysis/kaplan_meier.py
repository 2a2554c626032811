"""Kaplan-Meier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Serving,
    module,
    warn,
)
from modules.contract.chart import Chart, Series
from modules.contract.sheet import Sheet
from modules.survival_analysis._durations import columns_of, durations
from modules.values.report import Report, Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_MOST_GROUPS = 20
_ALL = "All rows"


@module(
    "Kaplan-Meier",
    outputs=("curves", "groups", "report"),
    keywords=("survival", "time to event", "churn", "log-rank", "censored", "retention", "median"),
    requires=("numpy", "pandas", "scipy"),
    when_serving=Serving.DROP,
    code="scikit-learn has no survival analysis; use a library for it",
)
def kaplan_meier(
    dataset: DataTable,
    *,
    duration_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, kinds=("integer", "number"))
    ],
    event_column: Annotated[ColumnSelector, Columns(of="dataset", single=True)],
    event_value: Annotated[str, Field(title="Value that means the event happened")] = "",
    group_column: Annotated[ColumnSelector, Columns(of="dataset", single=True)] = ColumnSelector(),
    confidence: Annotated[float, Field(gt=0, lt=1, title="Confidence level")] = 0.95,
) -> tuple[DataTable, DataTable, Report]:
    """Estimate how many haven't seen an event yet after a time, and compare groups.

    How long customers stay, machines run, or patients live, when many of them still do: rows
    without the event count as long as they were observed.

    Parameters
    ----------
    dataset : DataTable
        A row for each customer, machine, or patient.
    duration_column : ColumnSelector
        The time until the event, or as long as the row was observed without it.
    event_column : ColumnSelector
        Whether the event happened at the end of that time; otherwise the row is censored.
    event_value : str
        The value of that column if it happened. Empty for true or 1.
    group_column : ColumnSelector
        A column whose values are compared, up to 20. By default all rows are one group.
    confidence : float
        Of the intervals.

    Returns
    -------
    curves : DataTable
        For each ``Group`` and ``Time`` with an event or a censored row: how many are ``At risk``,
        the ``Events``, the ``Censored`` rows, and the share of survivors after it with its
        interval.
    groups : DataTable
        For each group its rows and events, the median time with its interval, and the restricted
        mean: the mean time up to the last time of the group.
    report : Report
        The curves as a chart, and with several groups the log-rank test of their difference.

    Notes
    -----
    Kaplan and Meier (1958). Intervals are those of Greenwood's variance on the scale of
    ``log(-log(S))``, as in R's ``survfit`` with ``conf.type = "log-log"``. The median is the first
    time at which the share is at most 0.5; it's missing if the curve doesn't get there. The
    log-rank test (Mantel 1966; Peto and Peto 1972) compares the events of each group with those
    expected if all groups had the same curve.
    """
    import pandas as pd

    dataset.require_rows(1, port="dataset")
    duration, event = columns_of(dataset, duration_column, event_column)
    time, happened, known = durations(dataset.frame, duration, event, event_value.strip())
    names = _groups(dataset, group_column, known)
    present = sorted(set(names))
    curves, summaries, series = [], [], []
    for name in present:
        inside = names == name
        curve = survival_curve(time[inside], happened[inside], confidence)
        curves.append(curve.assign(Group=name))
        summaries.append(_summary(name, curve, time[inside]))
        start = [0.0, *curve["Time"]]
        low, high = [1.0, *curve["Lower"]], [1.0, *curve["Upper"]]
        series.append(Series(name, start, [1.0, *curve["Survival"]], low, high))
    table = pd.concat(curves, ignore_index=True)
    table = table[["Group", *[each for each in table if each != "Group"]]]
    groups = pd.DataFrame(summaries)
    chart = Chart(
        "steps",
        "Survival",
        duration,
        "Share without the event",
        series,
        note=f"The bands are {confidence:.0%} intervals.",
    )
    sections = [Section("Survival", _sentence(summaries), Sheet.of(groups), chart)]
    if len(present) > 1:
        sections.append(_test(time, happened, names, present))
    return DataTable(table), DataTable(groups), Report("Kaplan-Meier", tuple(sections))


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


def _groups(dataset: DataTable, column: ColumnSelector, known: np.ndarray) -> np.ndarray:
    """Return the name of the group of each row that has a duration and an event."""
    import numpy as np

    if column.is_empty:
        return np.full(int(known.sum()), _ALL, dtype=object)
    name = column.resolve_one(dataset.columns, parameter="group_column")
    values = dataset.frame.loc[known, name]
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


def _sentence(summaries: list[dict[str, Any]]) -> str:
    parts = []
    for each in summaries:
        median = each["Median time"]
        text = (
            "more than half haven't seen the event at the end"
            if median != median
            else f"half have seen the event after {median:g}"
        )
        parts.append(f"{each['Group']}: {text}.")
    return "\n\n".join(parts)


def _test(time: np.ndarray, happened: np.ndarray, names: np.ndarray, present: list[str]) -> Section:
    import numpy as np

    codes = np.searchsorted(np.array(present, dtype=object), names)
    statistic, p = log_rank(time, happened, codes)
    verdict = "differ" if p < 0.05 else "don't differ"
    rows = (
        ("Chi-squared", statistic),
        ("Degrees of freedom", len(present) - 1),
        ("p-value", p),
    )
    text = f"At a level of 0.05, the curves of the groups {verdict} (p = {p:.3g})."
    return Section("Log-rank test", text, Sheet(("", "Value"), rows))
