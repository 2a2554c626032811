"""Pivot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, module
from modules.contract.code import CodeStep, TableFacts
from modules.contract.data_table import kind_of
from modules.tables.frames import free_name, warn_of_lost_digits, wrong_kind

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 2_000
MISSING = "Missing"
_PANDAS = {"minimum": "min", "maximum": "max"}


def _code(step: CodeStep) -> None:
    names = [step.names(name) for name in ("column", "values")]
    if any(name is None for name in names):
        step.refuse("the columns aren't known before the run; choose them by name")
    column, values = (step.columns(name, "dataset") for name in ("column", "values"))
    step.write(
        f"{step.outputs[0]} = {step.helper(pivoted)}({step.inputs['dataset']}, "
        f"{step.columns('keys', 'dataset')}, {column}[0], {values}[0], "
        f"{step.source('function')}, {step.source('fill_with_zero')})"
    )
    facts: TableFacts = step.facts("dataset")
    step.know("results_dataset", TableFacts(facts.roles))


@module(
    "Pivot",
    outputs=("results_dataset",),
    keywords=("crosstab", "wide", "reshape", "spread", "aggregate", "cast", "pivoting", "unstack"),
    requires=("numpy", "pandas"),
    when_serving=Serving.MERGES_ROWS,
    row="it combines rows",
    code=_code,
)
def pivot(
    dataset: DataTable,
    *,
    keys: Annotated[ColumnSelector, Field(title="Rows"), Columns(of="dataset")],
    column: Annotated[ColumnSelector, Field(title="Columns"), Columns(of="dataset", single=True)],
    values: Annotated[ColumnSelector, Field(title="Values"), Columns(of="dataset", single=True)],
    function: Annotated[
        Literal["sum", "mean", "median", "minimum", "maximum", "first", "last", "count"],
        Field(title="Function"),
    ] = "mean",
    fill_with_zero: Annotated[bool, Field(title="Use 0 for combinations without rows")] = False,
) -> DataTable:
    """Turn the values of a column into columns: from a long table to a wide one.

    Parameters
    ----------
    dataset : DataTable
        A long table: a row for each customer and month, for example.
    keys : ColumnSelector
        The columns that identify a row of the result: the customer.
    column : ColumnSelector
        The column whose values become columns: the month.
    values : ColumnSelector
        The column with the values of the new columns: the sales.
    function : str
        How several values of a row and column are aggregated.
    fill_with_zero : bool
        A combination that has no rows is 0; otherwise it is missing.

    Returns
    -------
    results_dataset : DataTable
        A row for each combination of the keys, in their order, and a column for each value.

    Notes
    -----
    Missing keys are separate rows, and missing values of the column a column ``Missing``. There
    can be up to 2,000 columns. Sum, mean and median need numbers or booleans. New columns are
    in the order of their values. Unpivot does the opposite.
    """
    names = keys.resolve(dataset.columns, parameter="keys")
    across = column.resolve_one(dataset.columns, parameter="column")
    value = values.resolve_one(dataset.columns, parameter="values")
    result = pivoted(dataset.frame, names, across, value, function, fill_with_zero)
    return dataset.with_frame(result)


def pivoted(
    frame: pd.DataFrame, keys: list[str], column: str, values: str, function: str, fill: bool
) -> pd.DataFrame:
    """Return a frame with a column for each value of a column."""
    import pandas as pd

    if column in keys:
        raise ModuleError(
            "column-used-twice",
            f"Column “{column}” can't be among the rows and the columns.",
            "Choose another column.",
            parameter="column",
            column=column,
        )
    kind = kind_of(frame[values].dtype)
    if function in ("sum", "mean", "median") and kind not in ("integer", "number", "boolean"):
        raise wrong_kind(values, kind, "numbers are required", parameter="values")
    part = frame[values].astype("float64") if kind == "boolean" else frame[values]
    if kind == "categorical":
        part = part.astype("str").where(part.notna())
    by = [frame[name].rename(None) for name in (*keys, column)]
    groups = part.groupby(by, dropna=False, observed=True, sort=True)
    options = {"min_count": 1} if function == "sum" else {}
    found = getattr(groups, _PANDAS.get(function, function))(**options)
    count = found.index.get_level_values(-1).nunique(dropna=False)
    if count > MOST_COLUMNS:
        raise ModuleError(
            "too-many-columns",
            f"Column “{column}” has {count:,} distinct values; "
            f"there can be up to {MOST_COLUMNS:,} columns.",
            "Group its values into bins, or choose another column.",
            parameter="column",
            column=column,
        )
    wide = found.unstack(-1)
    if found.dtype.kind in "iu" and any(dtype.kind == "f" for dtype in wide.dtypes):
        warn_of_lost_digits(values, found)
    if fill:
        wide = wide.mask(~groups.size().unstack(-1).notna(), 0)
    taken = list(keys)
    titles = []
    for value in wide.columns:
        titles.append(free_name(MISSING if pd.isna(value) else str(value), taken))
        taken.append(titles[-1])
    index = wide.index.to_frame(index=False)
    index.columns = pd.Index(keys)
    columns = wide.reset_index(drop=True).set_axis(titles, axis=1)
    result: pd.DataFrame = pd.concat([index, columns], axis=1)
    return result
