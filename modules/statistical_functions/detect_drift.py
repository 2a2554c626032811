"""Detect Drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, When, module
from modules.contract.chart import Chart, Series
from modules.contract.code import CodeStep, TableFacts
from modules.contract.sheet import Sheet
from modules.statistical_functions._distributions import Difference, difference
from modules.tables.frames import shown
from modules.values import Report, Section

if TYPE_CHECKING:
    import pandas as pd

_MOST_CHARTS = 60


def _code(step: CodeStep) -> None:
    reference, current = step.inputs["reference_dataset"], step.inputs["current_dataset"]
    names, found, drifted = map(step.variable, ("names", "found", "drifted"))
    limit = {
        "population stability index": f"each.stability > {step.source('stability_threshold')}",
        "Jensen-Shannon distance": f"each.distance > {step.source('distance_threshold')}",
        "p-value": f"each.p_value < {step.source('significance')}",
    }[step.value("measure")]
    compared = (
        f"{step.helper(difference)}({reference}[name], {current}.get(name), {step.source('bins')})"
    )
    step.write(
        f"{names} = {step.columns('columns', 'reference_dataset')}",
        f"{found} = [{compared} for name in {names}]",
        f"{drifted} = [bool(each.problem) or {limit} for each in {found}]",
        f"{step.outputs[0]} = {step.helper(drift_table)}({names}, {found}, {drifted})",
    )
    step.know("results_dataset", TableFacts(are_metrics=True))


@module(
    "Detect Drift",
    outputs=("results_dataset", "report"),
    keywords=(
        "data drift", "population stability index", "psi", "kolmogorov-smirnov", "jensen-shannon",
        "monitoring", "compare datasets", "distribution shift",
    ),
    requires=("numpy", "pandas", "scipy"),
    row="it combines all rows of a request",
    code=_code,
)  # fmt: skip
def detect_drift(
    reference_dataset: DataTable,
    current_dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector, Field(title="Columns"), Columns(of="reference_dataset")
    ] = ColumnSelector.all(),
    measure: Annotated[
        Literal["population stability index", "Jensen-Shannon distance", "p-value"],
        Field(title="Measure of the verdict"),
    ] = "population stability index",
    stability_threshold: Annotated[
        float,
        Field(ge=0, title="Threshold of the index"),
        When(measure="population stability index"),
    ] = 0.2,
    distance_threshold: Annotated[
        float,
        Field(ge=0, le=1, title="Threshold of the distance"),
        When(measure="Jensen-Shannon distance"),
    ] = 0.1,
    significance: Annotated[
        float, Field(gt=0, lt=1, title="Significance level"), When(measure="p-value")
    ] = 0.01,
    bins: Annotated[int, Field(ge=2, le=1000, title="Number of bins")] = 10,
    share: Annotated[float, Field(gt=0, le=1, title="Share of columns for drift")] = 0.5,
) -> tuple[DataTable, Report]:
    """Compare two tables, column by column, to find whether data has changed since training.

    Parameters
    ----------
    reference_dataset : DataTable
        The data to compare with, for example that of training.
    current_dataset : DataTable
        New data with the same columns.
    columns : ColumnSelector
        The columns to compare, by default all.
    measure : str
        What decides whether a column has drifted. All are in the result.
    stability_threshold : float
        An index above it is drift; 0.1 is often called moderate and 0.25 large.
    distance_threshold : float
        A distance above it is drift; 0 is equal, 1 disjoint.
    significance : float
        A p-value below it is drift. With many rows small differences are significant.
    bins : int
        Numbers are binned at quantiles of the reference for index and distance.
    share : float
        The data as a whole has drifted if at least this share of its columns has.

    Returns
    -------
    results_dataset : DataTable
        A row for each column, the largest drift first.
    report : Report
        The verdict, and the distributions side by side.

    Notes
    -----
    Numbers and dates: two-sample Kolmogorov-Smirnov test. Others: chi-squared test of the counts of
    values. The population stability index is the sum of ``(c - r) ln(c / r)`` over the shares of
    bins or values in both tables, an empty one counted as 0.0001; missing is one more bin. The
    Jensen-Shannon distance is the square root of the divergence, with logarithms of base 2. A
    column that the current dataset lacks, or has with another type, has drifted.
    """
    names = columns.resolve(reference_dataset.columns, parameter="columns")
    reference_dataset.require_rows(1, port="reference_dataset")
    current_dataset.require_rows(1, port="current_dataset")
    if not set(names) & set(current_dataset.names):
        raise ModuleError(
            "no-common-column",
            "The datasets have no column in common.",
            "Check which dataset is linked to which input.",
            port="current_dataset",
        )
    found = [
        difference(
            reference_dataset.frame[name],
            current_dataset.frame.get(name),
            bins,
        )
        for name in names
    ]
    limits = {
        "population stability index": lambda each: each.stability > stability_threshold,
        "Jensen-Shannon distance": lambda each: each.distance > distance_threshold,
        "p-value": lambda each: each.p_value < significance,
    }
    drifted = [bool(each.problem) or limits[measure](each) for each in found]
    table = drift_table(names, found, drifted)
    count = sum(drifted)
    verdict = count >= share * len(names)
    metrics = {
        "Columns with drift": float(count),
        "Share of columns with drift": count / len(names),
    }
    report = _report(names, found, drifted, table, verdict)
    return DataTable(table, metrics=metrics), report


def drift_table(names: list[str], found: list[Difference], drifted: list[bool]) -> pd.DataFrame:
    """Return a row for each column, the largest drift first."""
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({"Column": pd.Series(names, dtype="str")})
    frame["Drift"] = np.array(drifted, dtype=bool)
    for title, name in {
        "Population stability index": "stability",
        "Jensen-Shannon distance": "distance",
        "Statistic": "statistic",
        "P-value": "p_value",
        "Missing in reference": "missing_before",
        "Missing now": "missing_now",
    }.items():
        frame[title] = np.array([getattr(each, name) for each in found], dtype="float64")
    frame.insert(4, "Test", pd.Series([each.test or None for each in found], dtype="str"))
    frame["Note"] = pd.Series([each.problem or None for each in found], dtype="str")
    order = (
        frame["Population stability index"]
        .fillna(np.inf)
        .sort_values(ascending=False, kind="stable")
    )
    return frame.loc[order.index].reset_index(drop=True)


def _report(
    names: list[str], found: list[Difference], drifted: list[bool], table: Any, verdict: bool
) -> Report:
    count = sum(drifted)
    text = (
        f"{'The data has drifted' if verdict else 'The data has not drifted'}: "
        f"{count:,} of {len(names):,} columns have."
    )
    index = table["Population stability index"]
    bars = Chart(
        "bars",
        "Population stability index",
        series=[Series("Index", y=index.tolist())],
        categories=table["Column"].map(shown),
    )
    sections = [Section("Verdict", text, Sheet.of(table), bars)]
    order = sorted(range(len(names)), key=lambda i: (not drifted[i], -_or_zero(found[i].stability)))
    for place in order[:_MOST_CHARTS]:
        each = found[place]
        if not each.labels:
            continue
        chart = Chart(
            "bars",
            names[place],
            "Share of rows",
            series=[Series("Reference", y=each.before), Series("Current", y=each.now)],
            categories=[shown(label) for label in each.labels],
        )
        text = (
            f"{'Drift' if drifted[place] else 'No drift'}: index {each.stability:.3g}, distance "
            f"{each.distance:.3g}, p = {each.p_value:.3g} ({each.test})."
        )
        sections.append(Section(names[place], text, chart=chart))
    return Report("Drift", tuple(sections))


def _or_zero(value: float) -> float:
    return value if value == value else 0.0
