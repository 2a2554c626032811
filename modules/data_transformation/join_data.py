"""Join Data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, module
from modules.contract.code import CodeStep
from modules.data_transformation._join_rows import JOIN_ROWS
from modules.tables.fitted_code import arguments
from modules.tables.frames import (
    free_name,
    warn_of_lost_digits,
    with_missing_booleans,
)
from modules.tables.keys import key_codes

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_ROWS = 200_000_000
"""Maximum rows of a result: beyond this the keys are probably wrong."""


def _code(step: CodeStep) -> None:
    left, right = step.inputs["left_dataset"], step.inputs["right_dataset"]
    left_keys = step.columns("left_keys", "left_dataset")
    right_keys = step.columns("right_keys", "right_dataset")
    more = arguments(step, "match_case", "join_type", "keep_right_keys")
    call = f"{step.helper(join)}({left}, {right}, {left_keys}, {right_keys}{more})"
    step.write(f"{step.outputs[0]} = {call}")


@module(
    "Join Data",
    outputs=("results_dataset",),
    keywords=("merge", "lookup", "inner", "outer", "left", "key", "combine", "vlookup", "joiner"),
    requires=("pandas", "numpy"),
    row=JOIN_ROWS,
    code=_code,
)
def join_data(
    left_dataset: DataTable,
    right_dataset: DataTable,
    *,
    left_keys: Annotated[
        ColumnSelector, Field(title="Join key columns for left dataset"), Columns(of="left_dataset")
    ],
    right_keys: Annotated[
        ColumnSelector,
        Field(title="Join key columns for right dataset"),
        Columns(of="right_dataset"),
    ],
    match_case: bool = True,
    join_type: Literal["inner", "left outer", "full outer", "left semi"] = "inner",
    keep_right_keys: Annotated[bool, Field(title="Keep right key columns in joined table")] = True,
) -> DataTable:
    """Join two datasets on key columns.

    Use it to look up rows of another table, for example the customers of orders.

    Parameters
    ----------
    left_dataset : DataTable
        The left table.
    right_dataset : DataTable
        The right table.
    left_keys : ColumnSelector
        The key columns of the left table.
    right_keys : ColumnSelector
        The key columns of the right table, the same number, paired with the left ones in order.
    match_case : bool
        Compare texts case-sensitively.
    join_type : str
        Inner: only matching pairs of rows. Left outer: all left rows, with missing values
        if nothing matches. Full outer: also the right rows without a match. Left semi: the
        left rows with a match, without the right columns.
    keep_right_keys : bool
        Also include the key columns of the right table.

    Returns
    -------
    results_dataset : DataTable
        The joined rows, in the order of the left table, then of the right.

    Notes
    -----
    A missing key doesn't match anything, as in SQL. Integer and number keys match by value: 5
    and 5.0 are equal; a number and a text never are. If both tables have a column of the same
    name, a number is appended to the right one. Without the right keys, a full outer join
    fills the left keys of rows that only the right table has.
    """
    left_names = left_keys.resolve(left_dataset.columns, parameter="left_keys")
    right_names = right_keys.resolve(right_dataset.columns, parameter="right_keys")
    if len(left_names) != len(right_names):
        raise ModuleError(
            "keys-do-not-match",
            f"{len(left_names)} key columns are selected on the left, {len(right_names)} on the "
            "right.",
            "Choose the same number on both sides; they are paired in order.",
            parameter="right_keys",
        )
    frame = join(
        left_dataset.frame,
        right_dataset.frame,
        left_names,
        right_names,
        match_case=match_case,
        join_type=join_type,
        keep_right_keys=keep_right_keys,
    )
    if join_type == "left semi":
        return left_dataset.with_frame(frame)
    kept = [name for name in right_dataset.names if keep_right_keys or name not in right_names]
    renamed = _renamed(left_dataset.names, kept)
    roles = {renamed[name]: role for name, role in right_dataset.roles.items() if name in renamed}
    return DataTable(frame, {**roles, **left_dataset.roles}, left_dataset.scoring)


def join(
    left: pd.DataFrame,
    right: pd.DataFrame,
    left_keys: list[str],
    right_keys: list[str],
    *,
    match_case: bool = True,
    join_type: str = "inner",
    keep_right_keys: bool = True,
) -> pd.DataFrame:
    """Return the rows of two frames whose keys match, in the order of the left one."""
    pairs = list(zip(left_keys, right_keys, strict=True))
    left_codes, right_codes = key_codes(left, right, pairs, match_case)
    if join_type == "left semi":
        matched = _contained(left_codes, right_codes)
        return left.take(matched.nonzero()[0]).reset_index(drop=True)
    left_rows, right_rows = _matches(left_codes, right_codes, join_type)
    return _joined(left, right, left_rows, right_rows, pairs, keep_right_keys)


def _contained(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return which of the left keys, small integers, are among the right ones."""
    import numpy as np

    there = np.zeros(_bound(left, right), dtype=bool)
    there[right[right >= 0]] = True
    found: np.ndarray = (left >= 0) & there[left]
    return found


def _bound(left: np.ndarray, right: np.ndarray) -> int:
    return max(int(left.max(initial=0)), int(right.max(initial=0))) + 1


def _matches(left: np.ndarray, right: np.ndarray, join_type: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the row indices that make up each row of the result; -1 for none."""
    import numpy as np

    sizes = np.bincount(right[right >= 0], minlength=_bound(left, right))
    outer = join_type != "inner"
    if sizes.max() <= 1:
        # A lookup: at most one right row for each left row. The last index is that of code -1.
        position = np.full(len(sizes) + 1, -1)
        known = (right >= 0).nonzero()[0]
        position[right[known]] = known
        right_rows = position[left]
        left_rows = np.arange(len(left))
        if not outer and (found := right_rows >= 0).sum() < len(left):
            left_rows, right_rows = left_rows[found], right_rows[found]
    else:
        left_rows, right_rows = _repeated(left, right, sizes, outer)
    if join_type == "full outer":
        alone = (~_contained(right, left)).nonzero()[0]
        left_rows = np.concatenate([left_rows, np.full(len(alone), -1)])
        right_rows = np.concatenate([right_rows, alone])
    return left_rows, right_rows


def _repeated(
    left: np.ndarray, right: np.ndarray, sizes: np.ndarray, outer: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the row indices if a left row may match several right rows."""
    import numpy as np

    count = np.where(left >= 0, sizes[left], 0)
    repeats = np.maximum(count, 1) if outer else count
    total = int(repeats.sum())
    if total > MOST_ROWS:
        raise ModuleError(
            "join-too-large",
            f"The join would output {total:,} rows: the keys are far from unique.",
            "Choose more key columns, or remove duplicate rows first.",
            parameter="left_keys",
        )
    order = np.argsort(right, kind="stable")
    # Rows without a key are first in this order.
    first = (np.cumsum(sizes) - sizes + (len(right) - sizes.sum()))[left]
    left_rows = np.repeat(np.arange(len(left)), repeats)
    starts = np.repeat(np.cumsum(repeats) - repeats, repeats)
    position = np.repeat(first, repeats) + np.arange(total) - starts
    found = np.repeat(count > 0, repeats)
    right_rows = np.full(total, -1)
    right_rows[found] = order[position[found]]
    return left_rows, right_rows


def _joined(
    left: pd.DataFrame,
    right: pd.DataFrame,
    left_rows: np.ndarray,
    right_rows: np.ndarray,
    pairs: list[tuple[str, str]],
    keep_right_keys: bool,
) -> pd.DataFrame:
    import pandas as pd

    left_frame, right_frame = _rows(left, left_rows), _rows(right, right_rows)
    if not keep_right_keys:
        alone = left_rows < 0
        if alone.any():
            # Rows that only the right table has are last.
            for left_name, right_name in pairs:
                own = left[left_name].take(left_rows[~alone])
                other = right[right_name].take(right_rows[alone])
                left_frame[left_name] = pd.concat([own, other], ignore_index=True)
        right_frame = right_frame.drop(columns=[name for _, name in pairs])
    renamed = _renamed(list(left_frame.columns), list(right_frame.columns))
    if left_rows.min(initial=0) < 0:
        warn_of_lost_integers(
            left if keep_right_keys else left.drop(columns=[name for name, _ in pairs]), {}
        )
    if right_rows.min(initial=0) < 0:
        warn_of_lost_integers(right[list(right_frame.columns)], renamed)
    right_frame.columns = pd.Index(list(renamed.values()))
    return pd.concat([left_frame, right_frame], axis=1)


def warn_of_lost_integers(frame: pd.DataFrame, renamed: Mapping[str, str]) -> None:
    """Warn about columns that get missing values, in which integers were rounded."""
    for name, column in frame.items():
        warn_of_lost_digits(renamed.get(str(name), str(name)), column)


def _renamed(left: list[str], right: list[str]) -> dict[str, str]:
    """Return the names of the right columns in the result."""
    taken = set(left)
    renamed = {}
    for name in right:
        renamed[name] = free_name(name, taken)
        taken.add(renamed[name])
    return renamed


def _rows(frame: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Return rows by index, missing values for -1."""
    import numpy as np
    import pandas as pd

    if len(rows) == len(frame) and np.array_equal(rows, np.arange(len(rows))):
        return frame.copy(deep=False)
    if rows.min(initial=0) < 0:
        frame = with_missing_booleans(frame)
        # No row has the index label -1, so reindexing inserts missing values there.
        return frame.reindex(rows).reset_index(drop=True)
    taken = frame.take(rows)
    taken.index = pd.RangeIndex(len(rows))
    return taken
