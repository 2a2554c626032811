"""Kaplan-Meier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    Serving,
    ValueOf,
    module,
)
from modules.contract.chart import Chart, Series
from modules.contract.sheet import Sheet
from modules.survival_analysis._code import write_curves
from modules.survival_analysis._curves import ALL, group_of_rows, log_rank, survival_tables
from modules.survival_analysis._durations import columns_of, durations
from modules.values.report import Report, Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@module(
    "Kaplan-Meier",
    outputs=("curves", "groups", "report"),
    keywords=("survival", "time to event", "churn", "log-rank", "censored", "retention", "median"),
    requires=("numpy", "pandas", "scipy"),
    when_serving=Serving.DROP,
    code=write_curves,
)
def kaplan_meier(
    dataset: DataTable,
    *,
    duration_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, kinds=("integer", "number"))
    ],
    event_column: Annotated[ColumnSelector, Columns(of="dataset", single=True)],
    event_value: Annotated[
        str, Field(title="Value that means the event happened"), ValueOf("event_column")
    ] = "",
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
    import numpy as np

    dataset.require_rows(1, port="dataset")
    duration, event = columns_of(dataset, duration_column, event_column)
    time, happened, known = durations(dataset.frame, duration, event, event_value.strip())
    if group_column.is_empty:
        names = np.full(len(time), ALL, dtype=object)
    else:
        group = group_column.resolve_one(dataset.columns, parameter="group_column")
        names = group_of_rows(dataset.frame, group, known)
    table, groups = survival_tables(time, happened, names, confidence)
    series = []
    for name, curve in table.groupby("Group"):
        start = [0.0, *curve["Time"]]
        low, high = [1.0, *curve["Lower"]], [1.0, *curve["Upper"]]
        series.append(Series(str(name), start, [1.0, *curve["Survival"]], low, high))
    chart = Chart(
        "steps",
        "Survival",
        duration,
        "Share without the event",
        series,
        note=f"The bands are {confidence:.0%} intervals.",
    )
    sections = [Section("Survival", _sentence(groups), Sheet.of(groups), chart)]
    if len(groups) > 1:
        sections.append(_test(time, happened, names, list(groups["Group"])))
    return DataTable(table), DataTable(groups), Report("Kaplan-Meier", tuple(sections))


def _sentence(groups: pd.DataFrame) -> str:
    parts = []
    for each in groups.to_dict("records"):
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
