"""Data Profile."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Role, module
from modules.contract.code import CodeStep, TableFacts, column_of, literal
from modules.tables.profile import (
    MISSING_THRESHOLD,
    column_profile,
    profile_dataset,
    profile_table,
)
from modules.values import Report


def _code(step: CodeStep) -> None:
    frame, profiles = step.inputs["dataset"], step.variable("profiles")
    facts: TableFacts = step.facts("dataset")
    label = ""
    if not step.value("label_column").is_empty:
        label = column_of(step, "label_column")
    elif len(labels := facts.having_role(Role.LABEL)) == 1:
        label = labels[0]
    role = literal(Role.FEATURE)
    if facts.roles:
        roles = step.variable("roles")
        step.write(f"{roles} = {literal(facts.roles)}")
        role = f"{roles}.get(name, {role})"
    profile = (
        f"{step.helper(column_profile)}({frame}, name, {role}, {literal(label)}, "
        f"{step.source('missing_threshold')})"
    )
    step.write(
        f"{profiles} = [{profile} for name in {frame}]",
        f"{step.outputs[0]} = {step.helper(profile_table)}({profiles})",
    )
    step.know("results_dataset", TableFacts())


@module(
    "Data Profile",
    outputs=("results_dataset", "report"),
    keywords=(
        "exploratory data analysis", "eda", "quality", "missing", "distinct", "constant", "leakage",
    ),
    requires=("numpy", "pandas"),
    row="it combines all rows of a request",
    code=_code,
)  # fmt: skip
def data_profile(
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector,
        Field(title="Label column"),
        Columns("dataset", single=True, role=Role.LABEL),
    ] = ColumnSelector(),
    missing_threshold: Annotated[
        float, Field(gt=0, le=1, title="Warn above this share of missing values")
    ] = MISSING_THRESHOLD,
) -> tuple[DataTable, Report]:
    """Describe every column, and warn of what harms a model: gaps, constants, leaks.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    label_column : ColumnSelector
        Columns that give it away are reported. By default the column with the role label, if there
        is one.
    missing_threshold : float
        Columns with a larger share of missing values are reported.

    Returns
    -------
    results_dataset : DataTable
        A row for each column: type, missing and distinct values, quantiles, the most frequent
        value, and warnings.
    report : Report
        Warnings, duplicate rows, correlations, and a chart of each column.

    Notes
    -----
    A column is like an identifier if it is text or integers and all values differ. It gives the
    label away if it correlates with a numeric label by more than 0.99, or if each of its values
    occurs with one label only, while having at most half as many values as rows. Skewness is the
    sample statistic G1; values are outliers beyond 3 interquartile ranges. Quantiles interpolate
    linearly.
    """
    label = ""
    if not label_column.is_empty:
        label = label_column.resolve_one(dataset.columns, parameter="label_column")
    table, report = profile_dataset(dataset, label, missing_threshold)
    return DataTable(table), report
