"""Group By."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, module
from modules.contract.code import CodeStep, TableFacts
from modules.contract.data_table import kind_of
from modules.tables.frames import free_name, wrong_kind

if TYPE_CHECKING:
    import pandas as pd

COUNT = "Count"
NUMERIC = ("sum", "mean", "median", "standard deviation", "variance")
Function = Literal[
    "sum",
    "mean",
    "median",
    "standard deviation",
    "variance",
    "minimum",
    "maximum",
    "first",
    "last",
    "count",
    "distinct",
]
_PANDAS = {
    "standard deviation": "std",
    "variance": "var",
    "minimum": "min",
    "maximum": "max",
    "distinct": "nunique",
}


def _code(step: CodeStep) -> None:
    frame = step.inputs["dataset"]
    columns = step.columns("columns", "dataset") if step.is_given("columns") else "[]"
    step.write(
        f"{step.outputs[0]} = {step.helper(grouped)}({frame}, "
        f"{step.columns('keys', 'dataset')}, {columns}, {step.source('functions')}, "
        f"{step.source('count_rows')})"
    )
    facts: TableFacts = step.facts("dataset")
    step.know("results_dataset", TableFacts(facts.roles))


@module(
    "Group By",
    outputs=("results_dataset",),
    keywords=("aggregate", "sum", "mean", "count", "per", "summarize", "statistics"),
    requires=("numpy", "pandas"),
    when_serving=Serving.MERGES_ROWS,
    row="it combines rows",
    code=_code,
)
def group_by(
    dataset: DataTable,
    *,
    keys: Annotated[ColumnSelector, Field(title="Group by"), Columns(of="dataset")],
    columns: Annotated[
        ColumnSelector, Field(title="Columns to aggregate"), Columns(of="dataset")
    ] = ColumnSelector(),
    functions: Annotated[tuple[Function, ...], Field(title="Functions")] = ("mean",),
    count_rows: Annotated[bool, Field(title="Count the rows of each group")] = True,
) -> DataTable:
    """Aggregate the rows of each group: sums, means, counts.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    keys : ColumnSelector
        Rows with equal values in these columns are a group.
    columns : ColumnSelector
        The columns to aggregate. Empty to only count rows.
    functions : tuple of str
        What is computed of each column; ``count`` is the number of values, ``distinct`` that of
        different ones.
    count_rows : bool
        Add the column ``Count`` with the number of rows.

    Returns
    -------
    results_dataset : DataTable
        A row for each group, in the order of the keys, with a column ``mean(price)`` for each
        function and column.

    Notes
    -----
    Missing keys are a separate group, the last one. Missing values are ignored; a group without
    any value has a missing result. First and last are of the values in the order of the rows.
    Standard deviation and variance are those of a sample (division by n - 1).

    Sum, mean, median, standard deviation and variance need numbers or booleans (true is 1); they
    are left out for other columns if another function is chosen too.
    """
    names = keys.resolve(dataset.columns, parameter="keys")
    chosen = columns.resolve(dataset.columns, parameter="columns", allow_empty=True)
    result = grouped(dataset.frame, names, chosen, functions, count_rows)
    return dataset.with_frame(result)


def grouped(
    frame: pd.DataFrame,
    keys: list[str],
    columns: list[str],
    functions: Sequence[str],
    count_rows: bool,
) -> pd.DataFrame:
    """Return a row for each group of a frame."""
    import pandas as pd

    if columns and not functions:
        raise ModuleError(
            "nothing-chosen",
            "No function is chosen for the columns to aggregate.",
            "Choose at least one function.",
            parameter="functions",
        )
    groups = frame.groupby(keys, dropna=False, observed=True, sort=True)
    sizes = groups.size()
    made: dict[str, Any] = {}
    taken = list(keys)
    if count_rows:
        name = free_name(COUNT, taken)
        taken.append(name)
        made[name] = sizes.to_numpy("int64")
    for column in columns:
        values = frame[column]
        numeric = kind_of(values.dtype) in ("integer", "number", "boolean")
        usable = [each for each in functions if numeric or each not in NUMERIC]
        if not usable:
            raise wrong_kind(
                column, kind_of(values.dtype), "numbers are required", parameter="columns"
            )
        if column in keys or kind_of(values.dtype) == "boolean":
            codes = groups.ngroup().to_numpy()
        plain = numbers = groups[column] if column not in keys else values.groupby(codes)
        if kind_of(values.dtype) == "boolean":
            numbers = values.astype("float64").groupby(codes)
        for function in usable:
            name = free_name(f"{function}({column})", taken)
            taken.append(name)
            method = _PANDAS.get(function, function)
            source = numbers if function in NUMERIC else plain
            options = {"min_count": 1} if function == "sum" else {}
            made[name] = getattr(source, method)(**options).array
    index = sizes.index.to_frame(index=False)
    index.columns = pd.Index(keys)
    return pd.concat([index, pd.DataFrame(made)], axis=1)
