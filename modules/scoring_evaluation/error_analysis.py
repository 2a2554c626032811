"""Error Analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    Serving,
    module,
)
from modules.contract.chart import Chart, Series
from modules.contract.code import CodeStep, TableFacts
from modules.contract.sheet import Sheet
from modules.values import Report, Section

if TYPE_CHECKING:
    import pandas as pd

    from modules.learning.explanation.cohorts import Cohort
    from modules.learning.explanation.errors_of_rows import Judged

COHORT = "Cohort"


def _code(step: CodeStep) -> None:
    from modules.learning.explanation.cohorts import find_cohorts
    from modules.scoring_evaluation._evaluation_code import scores_of_input, write_judged

    scores = scores_of_input(step, "scored_dataset")
    facts: TableFacts = step.facts("scored_dataset")
    rows = write_judged(step, "scored_dataset", scores)
    if step.value("columns").is_empty:
        columns = step.features("scored_dataset", str(scores.label), scores.scored)
    else:
        columns = step.columns("columns", "scored_dataset")
    found, (_, table, marked) = step.variable("found"), step.outputs
    options = f"{step.source('depth')}, {step.source('least')}"
    names = step.variable("names")
    step.write(
        f"{names} = {columns}",
        f"{found} = {step.helper(find_cohorts)}({rows}.frame, {names}, {rows}.error, {options})",
    )
    if table != "_":
        step.write(f"{table} = {step.helper(cohort_table)}({rows}, {found})")
    if marked != "_":
        step.write(f"{marked} = {step.helper(marked_rows)}({rows}, {found})")
    step.know("cohorts", TableFacts())
    own = dict.fromkeys(("Error", COHORT), Role.NONE)
    step.know("dataset_with_cohorts", facts.with_roles(own))


@module(
    "Error Analysis",
    outputs=("report", "cohorts", "dataset_with_cohorts"),
    keywords=("cohorts", "slices", "where is the model wrong", "responsible AI", "residuals"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def error_analysis(
    scored_dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector, Columns("scored_dataset"), Field(title="Columns for conditions")
    ] = ColumnSelector(),
    depth: Annotated[int, Field(ge=1, le=6, title="Maximum number of conditions")] = 3,
    least: Annotated[int, Field(ge=1, le=1_000_000, title="Minimum rows of a cohort")] = 20,
) -> tuple[Report, DataTable, DataTable]:
    """Find the groups of rows for which a model is wrong most often, or by most.

    A shallow tree is fitted to the errors of the rows; its leaves are the cohorts, such as
    “age above 52 and city is Oslo”.

    Parameters
    ----------
    scored_dataset : DataTable
        The output of Score Model with the label and the columns of the rows.
    columns : ColumnSelector
        Columns that conditions may be about; by default all with the feature role.
    depth : int
        How many conditions a cohort may have.
    least : int
        How many rows a cohort must have.

    Returns
    -------
    report : Report
        Charts and tables.
    cohorts : DataTable
        A row for each cohort, the worst first: its number, its conditions, its rows, its share
        of all errors, and its metrics.
    dataset_with_cohorts : DataTable
        The rows that have a label and a score, with their error and the number of their cohort;
        select the rows of a cohort with Split Data.

    Notes
    -----
    The error of a row is ``|label - score|`` for numbers, and 1 or 0 for a wrong or right class.
    The cohorts are the leaves of scikit-learn's ``DecisionTreeRegressor``, fitted to the errors;
    of a categorical column, each frequent value is a condition, and a missing number goes to the
    side with the smaller squared error.
    """
    from modules.learning.explanation.cohorts import find_cohorts
    from modules.learning.explanation.errors_of_rows import judged

    rows = judged(scored_dataset, "scored_dataset")
    names = _names(scored_dataset, columns, rows)
    found = find_cohorts(rows.frame, names, rows.error, depth, least)
    table = cohort_table(rows, found)
    marked = marked_rows(rows, found)
    roles = {**scored_dataset.roles, "Error": Role.NONE, COHORT: Role.NONE}
    return (
        _report(rows, found, table),
        DataTable(table),
        DataTable(marked, roles, scored_dataset.scoring),
    )


def _names(table: DataTable, columns: ColumnSelector, rows: Judged) -> list[str]:
    if columns.is_empty:
        chosen = table.having_role(Role.FEATURE)
    else:
        chosen = columns.resolve(table.columns, parameter="columns")
    found = [name for name in chosen if name not in (rows.label, rows.scored)]
    if not found:
        raise ModuleError(
            "no-columns",
            "There are no columns that conditions could be about.",
            "Append the score columns to the dataset in Score Model, or select columns.",
            parameter="columns",
        )
    return found


def marked_rows(rows: Judged, found: list[Cohort]) -> pd.DataFrame:
    """Return the rows with their error and the number of their cohort."""
    import numpy as np

    numbers = np.zeros(len(rows.frame), dtype="int64")
    for number, cohort in enumerate(found, start=1):
        numbers[cohort.rows] = number
    return rows.frame.assign(**{"Error": rows.error, COHORT: numbers})


def cohort_table(rows: Judged, found: list[Cohort]) -> pd.DataFrame:
    """Return a row for each cohort, in their order."""
    import pandas as pd

    total = float(rows.error.sum())
    lines = []
    for number, cohort in enumerate(found, start=1):
        wrong = float(rows.error[cohort.rows].sum())
        lines.append(
            {
                COHORT: number,
                "Conditions": cohort.text,
                "Rows": len(cohort.rows),
                "Share of rows": len(cohort.rows) / len(rows.frame),
                "Share of errors": wrong / total if total else 0.0,
                _measure(rows): wrong / len(cohort.rows),
                **rows.metrics(cohort.rows),
            }
        )
    frame = pd.DataFrame(lines)
    return frame.astype({"Conditions": "str"})


def _measure(rows: Judged) -> str:
    return "Error rate" if rows.task != "regression" else "Average error"


def _report(rows: Judged, found: list[Cohort], table: pd.DataFrame) -> Report:
    import numpy as np

    measure = _measure(rows)
    overall = rows.metrics(np.arange(len(rows.frame)))
    wrong = float(rows.error.mean())
    facts = [(measure, wrong), *overall.items(), ("Rows", len(rows.frame))]
    chart = Chart(
        "bars", "", measure, "Cohort", [Series("", (), table[measure])],
        list(table["Conditions"]), f"All rows: {wrong:.4g}.",
    )  # fmt: skip
    shares = Chart(
        "bars", "", "Share", "Cohort",
        [Series(name, (), table[name]) for name in ("Share of rows", "Share of errors")],
        list(table["Conditions"]),
    )  # fmt: skip
    sections = [
        Section("All rows", sheet=Sheet(("Metric", "Value"), tuple(facts))),
        Section("Cohorts", _verdict(found, table, measure, wrong), Sheet.of(table), chart),
        Section(
            "Where the errors are",
            "A cohort with a larger share of the errors than of the rows is worth more data or "
            "another feature.",
            chart=shares,
        ),
    ]
    return Report("Error analysis", tuple(sections))


def _verdict(found: list[Cohort], table: pd.DataFrame, measure: str, wrong: float) -> str:
    if wrong == 0:
        return "No row is wrong."
    if len(found) == 1:
        return "No conditions separate rows with larger errors from the others."
    worst = table.iloc[0]
    return (
        f"The worst cohort is “{worst['Conditions']}”: {int(worst['Rows']):,} rows with "
        f"{worst['Share of errors']:.0%} of all errors; {measure.lower()} {worst[measure]:.4g} "
        f"instead of {wrong:.4g}."
    )
