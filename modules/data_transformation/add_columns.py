"""Add Columns."""

from __future__ import annotations

from modules.contract import DataTable, module
from modules.data_transformation._frames import free_name


@module(
    "Add Columns",
    outputs=("combined_dataset",),
    keywords=("concatenate", "side by side", "append", "combine", "hstack"),
    requires=("pandas",),
)
def add_columns(left_dataset: DataTable, right_dataset: DataTable) -> DataTable:
    """Put the columns of two datasets side by side.

    Rows meet by their position; nothing is matched. To match rows by a key, use Join Data.

    Parameters
    ----------
    left_dataset : DataTable
        The table whose columns come first.
    right_dataset : DataTable
        The table whose columns follow.

    Returns
    -------
    combined_dataset : DataTable
        All columns. The shorter table is filled up with missing values.

    Notes
    -----
    A column X that both tables have becomes X_1 (left) and X_2 (right).
    """
    import pandas as pd

    both = set(left_dataset.names) & set(right_dataset.names)
    taken = {*left_dataset.names, *right_dataset.names}
    renamed: list[dict[str, str]] = [{}, {}]
    for name in [name for name in left_dataset.names if name in both]:
        for side in (0, 1):
            renamed[side][name] = free_name(f"{name}_{side + 1}", taken)
            taken.add(renamed[side][name])
    left, right = (
        table.with_frame(table.frame.rename(columns=names), renamed=names)
        for table, names in zip((left_dataset, right_dataset), renamed, strict=True)
    )
    frame = pd.concat([left.frame, right.frame], axis=1)
    return DataTable(frame, {**right.roles, **left.roles}, left.scoring or right.scoring)
