"""What training asks of a table: features with values, no identifiers, sound weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.contract.context import warn
from modules.contract.data_table import DataTable, Role, kind_of
from modules.contract.errors import ModuleError

if TYPE_CHECKING:
    import pandas as pd

_ID_LIKE_SHARE, _ID_LIKE_COUNT = 0.97, 1_000

_LARGEST_OF_FORESTS = 3.4028234663852886e38


def feature_names(table: DataTable, label: str | None, features: list[str] | None) -> list[str]:
    """Return the columns to learn from: the chosen ones, or all with that role."""
    if features is None:
        features = table.having_role(Role.FEATURE)
    names = [name for name in features if name != label]
    if not names:
        raise ModuleError(
            "no-features",
            "There is no column left to learn from.",
            "Give the dataset at least one column besides the label.",
            port="dataset",
        )
    return names


def with_values(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Leave out columns without any value: nothing can be learnt, and boosted trees fail."""
    kept = [name for name in names if frame[name].notna().any()]
    for name in names:
        if name not in kept:
            warn(f"Column “{name}” has no values and is left out.")
    if not kept:
        raise ModuleError(
            "no-features",
            "No column to learn from has any value.",
            "Look at the data that comes in.",
            port="dataset",
        )
    return kept


def refuse_ids(frame: pd.DataFrame, names: list[str]) -> None:
    """Refuse a text column that is different in nearly every row, as the original does."""
    for name in names:
        if kind_of(frame[name].dtype) not in ("string", "categorical"):
            continue
        distinct = frame[name].nunique()
        if distinct > _ID_LIKE_COUNT and distinct > _ID_LIKE_SHARE * len(frame):
            raise ModuleError(
                "too-many-unique-values",
                f"Column “{name}” has {distinct:,} different texts in {len(frame):,} rows; "
                "nothing can be learnt from it.",
                "Leave it out with Select Columns in Dataset, or clear its feature role.",
                port="dataset",
                column=name,
            )


def check_weights(table: DataTable, label: str | None) -> None:
    """Raise a ModuleError for a weight column that can't weigh the rows."""
    import numpy as np

    names = table.having_role(Role.WEIGHT)
    if not names or not len(table):
        return
    column = table.frame[names[0]]
    if label in table.names:
        column = column[table.frame[label].notna()]
    what = ""
    if kind_of(column.dtype) not in ("integer", "number", "boolean"):
        what = "holds no numbers"
    elif column.isna().any():
        what = "has missing values"
    else:
        weights = column.to_numpy("float64")
        if not np.isfinite(weights).all():
            what = "holds infinite values"
        elif (weights < 0).any():
            what = f"holds {weights.min():g}, and a weight is not below 0"
        elif len(weights) and not weights.any():
            what = "is 0 in every row"
    if what:
        raise ModuleError(
            "bad-weights",
            f"The weight column “{names[0]}” {what}.",
            "Correct the weights, or clear the role of the column with Edit Metadata.",
            port="dataset",
            column=names[0],
        )


def beyond_bounds(table: DataTable, names: list[str], title: str) -> ModuleError | None:
    """Return the error for the first column with values that no learner can count with."""
    import numpy as np

    for name in names:
        if name not in table.names or kind_of(table.frame[name].dtype) != "number":
            continue
        values = table.frame[name].to_numpy("float64")
        if np.isinf(values).any():
            return ModuleError(
                "infinite-value",
                f"Column “{name}” holds infinite values, which {title} can't use.",
                "Limit them with Clip Values, or clean them before.",
                port="dataset",
                column=name,
            )
        largest = np.nanmax(np.abs(values), initial=0)
        if largest > _LARGEST_OF_FORESTS:
            return ModuleError(
                "value-too-large",
                f"Column “{name}” holds {largest:g}; {title} takes numbers up to 3.4e38.",
                "Limit them with Clip Values, or scale them with Normalize Data.",
                port="dataset",
                column=name,
            )
    return None
