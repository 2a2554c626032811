"""Select Columns in Dataset."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, module


@module(
    "Select Columns in Dataset",
    outputs=("results_dataset",),
    keywords=("project", "keep", "drop", "exclude", "choose", "subset", "reorder"),
    requires=("pandas",),
    reads="rows",
)
def select_columns_in_dataset(
    dataset: DataTable,
    *,
    columns: Annotated[ColumnSelector, Field(title="Select columns"), Columns(of="dataset")],
) -> DataTable:
    """Keep some of the columns of a dataset.

    Columns are chosen by name, or by rules on names, positions, types and roles; rules
    add and take away in their order.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to keep. They stay in the order of the dataset, each once, unless the
        selection keeps its own order; a column named twice then comes twice.

    Returns
    -------
    results_dataset : DataTable
        The chosen columns, all rows, roles as they were.

    Notes
    -----
    A repeated column gets a number behind its name, since names are unique.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    return dataset.select(names)
