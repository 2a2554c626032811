"""Remove Duplicate Rows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Serving, module
from modules.contract.code import CodeStep, literal


def _code(step: CodeStep) -> None:
    frame, target = step.inputs["dataset"], step.outputs[0]
    keep = literal("first" if step.value("retain_first") else "last")
    repeated = step.variable("repeated")
    complete, subset = f"{frame}.notna().all(axis=1)", ""
    if step.is_given("key_columns"):
        keys = step.columns("key_columns", "dataset")
        complete, subset = f"{frame}[{keys}].notna().all(axis=1)", f"subset={keys}, "
    step.write(
        f"{repeated} = {frame}.duplicated({subset}keep={keep}) & {complete}",
        f"{target} = {frame}[~{repeated}].reset_index(drop=True)",
    )


@module(
    "Remove Duplicate Rows",
    outputs=("results_dataset",),
    keywords=("distinct", "unique", "deduplicate", "drop", "repeated"),
    requires=("pandas",),
    when_serving=Serving.DROP,
    code=_code,
)
def remove_duplicate_rows(
    dataset: DataTable,
    *,
    key_columns: Annotated[
        ColumnSelector, Field(title="Key columns"), Columns(of="dataset")
    ] = ColumnSelector.all(),
    retain_first: Annotated[bool, Field(title="Retain first duplicate row")] = True,
) -> DataTable:
    """Keep one of the rows with equal key columns.

    Choose the key columns to keep one row for each key.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    key_columns : ColumnSelector
        The columns to compare, by default all.
    retain_first : bool
        Keep the first of equal rows; otherwise the last.

    Returns
    -------
    results_dataset : DataTable
        The remaining rows, in their order.

    Notes
    -----
    A row with a missing value in a key column isn't a duplicate of any other.
    """
    names = key_columns.resolve(dataset.columns, parameter="key_columns")
    frame = dataset.frame
    repeated = frame.duplicated(names, keep="first" if retain_first else "last").to_numpy()
    for name in names:
        if frame[name].hasnans:
            repeated = repeated & frame[name].notna().to_numpy()
    if not repeated.any():
        return dataset
    return dataset.with_frame(frame.take((~repeated).nonzero()[0]))
