"""Add Columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ExampleStep, RowForm, RowStep, module
from modules.contract.code import CodeStep
from modules.contract.value import Row
from modules.tables.frames import free_name, with_missing_booleans

if TYPE_CHECKING:
    import pandas as pd


def _make_row_form(step: ExampleStep) -> dict[str, Any]:
    """Names that both tables have are numbered, so they differ from those in the row."""
    left, right = step.inputs["left_dataset"].names, step.inputs["right_dataset"].names
    names = step.result.names
    sides = (left, names[: len(left)]), (right, names[len(left) :])
    renamed = [
        {old: new for old, new in zip(before, after, strict=True) if old != new}
        for before, after in sides
    ]
    return {"renamed": renamed}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    first, second = form["renamed"]
    if not first and not second:
        return lambda left, right: {**left, **right}

    def combine(left: Row, right: Row) -> dict[str, Any]:
        result = {first.get(name, name): value for name, value in left.items()}
        result.update((second.get(name, name), value) for name, value in right.items())
        return result

    return combine


def _code(step: CodeStep) -> None:
    frames = ", ".join(step.inputs.values())
    step.write(f"{step.outputs[0]} = {step.helper(side_by_side)}({frames})")


@module(
    "Add Columns",
    outputs=("combined_dataset",),
    keywords=("concatenate", "side by side", "append", "combine", "hstack"),
    requires=("pandas",),
    row=RowForm(_make_row_form, _load_row_form),
    code=_code,
)
def add_columns(left_dataset: DataTable, right_dataset: DataTable) -> DataTable:
    """Combine the columns of two datasets side by side.

    Rows are combined by position. To match rows by a key, use Join Data.

    Parameters
    ----------
    left_dataset : DataTable
        The table whose columns come first.
    right_dataset : DataTable
        The table whose columns follow.

    Returns
    -------
    combined_dataset : DataTable
        All columns. The shorter table is padded with missing values.

    Notes
    -----
    A column X that both tables have becomes X_1 (left) and X_2 (right).
    """
    first, second = _renamed(left_dataset.names, right_dataset.names)
    frame = side_by_side(left_dataset.frame, right_dataset.frame)
    left, right = (
        table.with_frame(table.frame.rename(columns=names), renamed=names) if names else table
        for table, names in ((left_dataset, first), (right_dataset, second))
    )
    return DataTable(frame, {**right.roles, **left.roles}, left.scoring or right.scoring)


def side_by_side(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of both frames; a column X of both becomes X_1 and X_2."""
    import pandas as pd

    first, second = _renamed(list(left.columns), list(right.columns))
    # The shorter one is padded.
    left = with_missing_booleans(left) if len(left) < len(right) else left
    right = with_missing_booleans(right) if len(right) < len(left) else right
    if first:
        left, right = left.rename(columns=first), right.rename(columns=second)
    return pd.concat([left, right], axis=1)


def _renamed(left: list[str], right: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the new names of the columns that both tables have."""
    taken = {*left, *right}
    renamed: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for name in [name for name in left if name in right]:
        for side in (0, 1):
            renamed[side][name] = free_name(f"{name}_{side + 1}", taken)
            taken.add(renamed[side][name])
    return renamed
