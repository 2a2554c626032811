"""Sort Rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Serving, module
from modules.contract.code import CodeStep

if TYPE_CHECKING:
    import pandas as pd


def _code(step: CodeStep) -> None:
    given = [step.columns("keys", "dataset")]
    given.append(step.columns("descending", "dataset") if step.is_given("descending") else "[]")
    given += [step.source("missing"), step.source("match_case")]
    step.write(
        f"{step.outputs[0]} = {step.helper(in_order)}({step.inputs['dataset']}, {', '.join(given)})"
    )


@module(
    "Sort Rows",
    outputs=("results_dataset",),
    keywords=("order", "ascending", "descending", "rank", "arrange"),
    requires=("pandas",),
    when_serving=Serving.DROP,
    code=_code,
)
def sort_rows(
    dataset: DataTable,
    *,
    keys: Annotated[ColumnSelector, Field(title="Sort by"), Columns(of="dataset")],
    descending: Annotated[
        ColumnSelector, Field(title="In descending order"), Columns(of="dataset")
    ] = ColumnSelector(),
    missing: Annotated[Literal["last", "first"], Field(title="Missing values")] = "last",
    match_case: Annotated[bool, Field(title="Match case")] = True,
) -> DataTable:
    """Sort the rows by one or several columns.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    keys : ColumnSelector
        The columns to sort by. Later ones decide where earlier ones are equal; to choose their
        order, select “preserve column order”.
    descending : ColumnSelector
        Those of them that are sorted from the largest value to the smallest.
    missing : str
        Whether rows with a missing value come last or first.
    match_case : bool
        Sort upper case before lower case; otherwise they are equal.

    Returns
    -------
    results_dataset : DataTable
        All rows in the new order.

    Notes
    -----
    Rows with equal keys keep their order. Text is sorted by code points, and categories in their
    own order. In an endpoint rows keep the order of the request.
    """
    names = keys.resolve(dataset.columns, parameter="keys")
    down = descending.resolve(dataset.columns, parameter="descending", allow_empty=True)
    return dataset.with_frame(in_order(dataset.frame, names, down, missing, match_case))


def in_order(
    frame: pd.DataFrame,
    keys: list[str],
    descending: list[str],
    missing: Literal["last", "first"],
    match_case: bool,
) -> pd.DataFrame:
    """Return the rows of a frame in the order of columns."""

    def folded(column: pd.Series) -> pd.Series:
        return column.str.casefold() if column.dtype == "str" else column

    result = frame.sort_values(
        list(dict.fromkeys(keys)),
        ascending=[name not in descending for name in dict.fromkeys(keys)],
        na_position=missing,
        kind="stable",
        ignore_index=True,
        key=None if match_case else folded,
    )
    return result
