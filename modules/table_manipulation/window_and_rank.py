"""Window and Rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    Needed,
    Serving,
    When,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.tables.frames import free_name, rebuilt, warn_of_lost_digits, wrong_kind

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_SHIFTS = ("lag", "lead", "difference")
_MOVING = ("moving mean", "moving sum", "moving minimum", "moving maximum")
_CUMULATIVE = ("cumulative sum", "cumulative maximum", "cumulative minimum", "share of total")
_OF_VALUES = (*_SHIFTS, *_MOVING, *_CUMULATIVE)

_Function = Literal[
    "row number",
    "rank",
    "dense rank",
    "percent rank",
    "lag",
    "lead",
    "difference",
    "cumulative sum",
    "cumulative minimum",
    "cumulative maximum",
    "moving mean",
    "moving sum",
    "moving minimum",
    "moving maximum",
    "share of total",
]


def _code(step: CodeStep) -> None:
    given = [
        step.columns(name, "dataset") if step.is_given(name) else "[]"
        for name in ("partition", "order", "columns")
    ]
    given += [step.source(name) for name in ("descending", "function", "rows")]
    step.write(
        f"{step.outputs[0]} = {step.helper(windowed)}({step.inputs['dataset']}, {', '.join(given)})"
    )


@module(
    "Window and Rank",
    outputs=("results_dataset",),
    keywords=(
        "lag",
        "lead",
        "rolling",
        "moving average",
        "cumulative sum",
        "running total",
        "row number",
        "over",
    ),
    requires=("numpy", "pandas"),
    when_serving=Serving.MERGES_ROWS,
    row="it compares rows",
    code=_code,
)
def window_and_rank(
    dataset: DataTable,
    *,
    function: _Function = "row number",
    columns: Annotated[
        ColumnSelector, Columns(of="dataset"), Needed(), When(function=_OF_VALUES)
    ] = ColumnSelector(),
    rows: Annotated[
        int, Field(ge=1, title="Number of rows"), When(function=(*_SHIFTS, *_MOVING))
    ] = 1,
    partition: Annotated[
        ColumnSelector, Field(title="Within groups of"), Columns(of="dataset")
    ] = ColumnSelector(),
    order: Annotated[
        ColumnSelector, Field(title="In the order of"), Columns(of="dataset")
    ] = ColumnSelector(),
    descending: Annotated[bool, Field(title="Descending order")] = False,
) -> DataTable:
    """Compute a value for each row from the rows around it: rank, lag, moving average.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    function : str
        The number or rank of a row; a value some rows before (lag) or after (lead), and the
        difference to the one before; running totals; moving statistics of the last rows; the share
        of a value in the total of its group.
    columns : ColumnSelector
        The columns with the values.
    rows : int
        How many rows before or after; or how many rows a moving statistic covers, with the row
        itself.
    partition : ColumnSelector
        Compare only rows with equal values in these columns. Empty for all rows.
    order : ColumnSelector
        The columns that the rows are ordered by, a date for example. Empty for their order in the
        table. The output keeps the order of the table.
    descending : bool
        From the largest value to the smallest.

    Returns
    -------
    results_dataset : DataTable
        With a new column, ``row number`` or ``lag(price)`` for example.

    Notes
    -----
    As window functions of SQL. Rank and dense rank give equal rows the same number, with and
    without a gap after them; the percent rank is ``(rank - 1) / (rows - 1)``, 0 for a single row.
    A row with a missing value in the order comes last, and rows with missing values in the
    partition are a separate group.

    Moving statistics cover fewer rows at the start of a group and ignore missing values. A running
    total is missing where the value is, unlike in SQL, and continues after it. A share of a total
    of 0 is infinite, or missing if the value is 0 too.
    """
    groups = partition.resolve(dataset.columns, parameter="partition", allow_empty=True)
    keys = order.resolve(dataset.columns, parameter="order", allow_empty=True)
    chosen = []
    if function in _OF_VALUES:
        chosen = columns.resolve(dataset.columns, parameter="columns")
    result = windowed(dataset.frame, groups, keys, chosen, descending, function, rows)
    return dataset.with_frame(result)


def windowed(
    frame: pd.DataFrame,
    partition: list[str],
    order: list[str],
    columns: list[str],
    descending: bool,
    function: str,
    rows: int,
) -> pd.DataFrame:
    """Return a frame with more columns, computed from the rows around each row."""
    import numpy as np

    groups: np.ndarray = np.zeros(len(frame), dtype=np.int64)
    if partition and len(frame):
        by = frame.groupby(partition, dropna=False, observed=True, sort=False)
        groups = by.ngroup().to_numpy("int64")
    rank_order = np.arange(len(frame))
    if order:
        ordered = frame[list(dict.fromkeys(order))].sort_values(
            list(dict.fromkeys(order)), ascending=not descending, kind="stable"
        )
        rank_order = ordered.index.to_numpy()
    elif descending:
        rank_order = rank_order[::-1]
    # Small codes are sorted by radix.
    codes = groups.astype("uint16") if not len(groups) or groups.max() < 2**16 else groups
    rank_order = rank_order[np.argsort(codes[rank_order], kind="stable")]
    taken, made = list(frame.columns), {}
    if function not in _OF_VALUES:
        name = free_name(function, taken)
        numbers = _ranked(frame, order, groups, rank_order, function)
        return rebuilt(frame, appended={name: numbers})
    for column in columns:
        kind = kind_of(frame[column].dtype)
        if function not in ("lag", "lead") and kind not in ("integer", "number", "boolean"):
            raise wrong_kind(column, kind, "numbers are required", parameter="columns")
        name = free_name(f"{function}({column})", taken)
        taken.append(name)
        made[name] = _around(frame[column], groups, rank_order, function, rows)
    return rebuilt(frame, appended=made)


def _ranked(
    frame: pd.DataFrame, order: list[str], groups: np.ndarray, rank_order: np.ndarray, function: str
) -> np.ndarray:
    """Return the number or rank of each row in its group."""
    import numpy as np

    grouped = groups[rank_order]
    sizes = np.bincount(grouped, minlength=1)
    starts = np.cumsum(sizes) - sizes
    number = np.arange(len(rank_order)) - starts[grouped]
    found = number + 1
    if function != "row number":
        # A row is like the one before if their keys are; all are without keys.
        like = np.ones(len(rank_order), dtype=bool)
        if order:
            keys = frame.groupby(list(dict.fromkeys(order)), dropna=False, observed=True)
            codes = keys.ngroup().to_numpy()[rank_order]
            like[1:] = codes[1:] == codes[:-1]
        new = ~like | (number == 0)
        if function == "dense rank":
            total = np.cumsum(new)
            found = total - (total[starts[grouped]] if len(total) else total) + 1
        else:
            found = np.maximum.accumulate(np.where(new, np.arange(len(rank_order)), 0))
            found = found - starts[grouped] + 1
    result = np.empty(len(rank_order), dtype="float64" if function == "percent rank" else "int64")
    if function == "percent rank":
        result[rank_order] = (found - 1) / np.maximum(sizes[grouped] - 1, 1)
    else:
        result[rank_order] = found
    return result


def _around(
    column: pd.Series, groups: np.ndarray, rank_order: np.ndarray, function: str, rows: int
) -> Any:
    """Return a value for each row from the values of rows in its group."""
    import numpy as np
    import pandas as pd

    inside = groups[rank_order]
    back = np.empty(len(rank_order), dtype=np.int64)
    back[rank_order] = np.arange(len(rank_order))
    if function in ("lag", "lead"):
        step = rows if function == "lag" else -rows
        source = np.arange(len(rank_order)) - step
        valid = (source >= 0) & (source < len(rank_order))
        valid[valid] = inside[source[valid]] == inside[valid]
        taken = np.full(len(rank_order), -1)
        taken[rank_order[valid]] = rank_order[source[valid]]
        if column.dtype.kind in "iu":
            warn_of_lost_digits(str(column.name), column)
            column = column.astype("float64")
        if column.dtype == bool:
            column = column.astype("boolean")
        return column.reindex(np.where(taken < 0, len(column), taken)).array
    values = pd.Series(column.to_numpy("float64", na_value=np.nan)[rank_order])
    if function == "difference":
        before = values.groupby(inside).shift(rows)
        return (values - before).to_numpy()[back]
    grouped = values.groupby(inside, sort=False)
    with np.errstate(all="ignore"):
        if function == "share of total":
            found = values / grouped.transform("sum")
        elif function in _CUMULATIVE:
            method = {"sum": "cumsum", "minimum": "cummin", "maximum": "cummax"}
            found = getattr(grouped, method[function.removeprefix("cumulative ")])()
        else:
            method = {"mean": "mean", "sum": "sum", "minimum": "min", "maximum": "max"}
            window = grouped.rolling(rows, min_periods=1)
            found = getattr(window, method[function.removeprefix("moving ")])()
            found = found.reset_index(level=0, drop=True)
    return found.to_numpy()[back]
