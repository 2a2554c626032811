"""Tables of users, items, and ratings, with columns by position."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS

if TYPE_CHECKING:
    import pandas as pd

USER = "User"
ITEM = "Item"
RATING = "Rating"


def key(value: Any) -> Hashable:
    """Return a user or item as a JSON scalar; a number without decimals as an integer.

    A column of integers with missing values contains floating point numbers, which mean the
    same users.
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def keys(column: pd.Series) -> list[Hashable]:
    """Return the users or items of a column without missing values."""
    return [key(value) for value in column.to_numpy(dtype=object)]


def ratings_of(table: pd.DataFrame, *, port: str) -> pd.DataFrame:
    """Return the first three columns as ``User``, ``Item``, and ``Rating``, without missing values.

    Raises
    ------
    ModuleError
        If there are fewer columns, the third one isn't numeric or contains infinite values, or
        no row is complete.
    """
    import numpy as np

    frame = leading(table, 3, port=port)
    name = str(table.columns[2])
    kind = kind_of(table.iloc[:, 2].dtype)
    if kind not in ("integer", "number"):
        raise ModuleError(
            "column-type",
            f"The third column “{name}” contains {KIND_LABELS[kind]}; ratings are numbers.",
            "Put user, item, and rating first, in this order, with Select Columns in Dataset.",
            port=port,
            column=name,
        )
    complete = frame.notna().all(axis=1)
    if not complete.all():
        warn(f"{int((~complete).sum()):,} rows with a missing user, item, or rating were skipped.")
        frame = frame[complete].reset_index(drop=True)
    if not len(frame):
        raise ModuleError(
            "too-few-rows",
            "The dataset has no row with a user, an item, and a rating.",
            "Check the input data: an earlier filter or join may drop every row.",
            port=port,
        )
    ratings = frame[RATING].to_numpy("float64")
    if not np.isfinite(ratings).all():
        raise ModuleError(
            "infinite-value",
            f"Column “{name}” contains infinite ratings.",
            "Limit them with Clip Values.",
            port=port,
            column=name,
        )
    return frame.assign(**{RATING: ratings})


def leading(table: pd.DataFrame, count: int, *, port: str) -> pd.DataFrame:
    """Return the first columns under the names that ratings have.

    Raises
    ------
    ModuleError
        If there are fewer.
    """
    if table.shape[1] < count:
        needed = ", ".join(("user", "item", "rating")[:count])
        raise ModuleError(
            "too-few-columns",
            f"The dataset has {table.shape[1]} columns; {needed} are needed.",
            "Link a table that starts with these columns, in this order.",
            port=port,
        )
    return table.iloc[:, :count].set_axis([USER, ITEM, RATING][:count], axis=1)


def item_columns(names: Sequence[str]) -> list[str]:
    """Return the names ``Item 1``, ``Item 2``, … that a table of recommendations has."""
    found: list[str] = []
    while f"{ITEM} {len(found) + 1}" in names:
        found.append(f"{ITEM} {len(found) + 1}")
    return found
