"""What fitted changes of numeric columns share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from modules.contract import ColumnRule, ColumnSelector, DataTable, ModuleError, Role, warn
from modules.contract.data_table import kind_of
from modules.tables.frames import wrong_kind

if TYPE_CHECKING:
    import pandas as pd

NUMERIC_FEATURES = ColumnSelector(
    (
        ColumnRule("types", ("numeric",)),
        ColumnRule("roles", (Role.LABEL, Role.SCORE, Role.WEIGHT), exclude=True),
    )
)
"""Every numeric column but the label, whose values a model would get as features."""


def check_numbers(table: DataTable, names: Iterable[str], what: str) -> None:
    """Raise a ModuleError unless a table has these columns, and with numbers."""
    names = list(names)
    table.require(names)
    for name in names:
        kind = kind_of(table.frame[name].dtype)
        if kind not in ("integer", "number"):
            raise wrong_kind(name, kind, f"{what} requires numbers")


def finite_columns(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the columns that have values, all of which are finite.

    Raises
    ------
    ModuleError
        For infinite values, and if no column has any value.
    """
    import numpy as np

    kept = []
    for name in names:
        values = frame[name].to_numpy("float64")
        if np.isinf(values).any():
            raise ModuleError(
                "infinite-value",
                f"Column “{name}” contains infinite values.",
                "Clip the values first.",
                parameter="columns",
                column=name,
            )
        if np.isnan(values).all():
            warn(f"Column “{name}” doesn't have any values and was skipped.")
        else:
            kept.append(name)
    if not kept:
        raise ModuleError(
            "no-values",
            "None of the selected columns has any values.",
            "Check the input data, or choose other columns.",
            port="dataset",
        )
    return kept


def too_far_apart(name: str) -> ModuleError:
    """Return the error for a column whose statistics overflow."""
    return ModuleError(
        "values-too-far-apart",
        f"Column “{name}” contains values too far apart to be transformed.",
        "Clip the values first.",
        parameter="columns",
        column=name,
    )
