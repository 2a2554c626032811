"""What fitted changes of numeric columns share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modules.contract import ColumnRule, ColumnSelector, ModuleError, Role, warn

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NUMERIC_FEATURES = ColumnSelector(
    (
        ColumnRule("types", ("numeric",)),
        ColumnRule("roles", (Role.LABEL, Role.SCORE, Role.WEIGHT), exclude=True),
    )
)
"""Every numeric column but the label, whose values a model would get as features."""


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


def standardized(
    frame: pd.DataFrame, names: Sequence[str], normalize: bool
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Return the columns that have values, their rows, and the means and scales of the columns.

    The rows have the mean 0 in each column, which also replaces missing values.

    Parameters
    ----------
    normalize : bool
        Divide by the standard deviations; otherwise the scales are 1.

    Raises
    ------
    ModuleError
        If statistics overflow; and as :func:`finite_columns`.
    """
    import numpy as np

    kept = finite_columns(frame, names)
    matrix = np.column_stack([frame[name].to_numpy("float64") for name in kept])
    with np.errstate(over="ignore", invalid="ignore"):
        means, deviations = np.nanmean(matrix, axis=0), np.nanstd(matrix, axis=0)
    for name, mean, deviation in zip(kept, means, deviations, strict=True):
        if not np.isfinite([mean, deviation]).all():
            raise too_far_apart(name)
    scales = np.ones(len(kept))
    if normalize:
        # What differs by rounding alone is constant.
        scales = np.where(deviations > 1e-12 * np.abs(means), deviations, 1.0)
    rows: np.ndarray = (np.where(np.isnan(matrix), means, matrix) - means) / scales
    return kept, rows, means, scales


def too_far_apart(name: str) -> ModuleError:
    """Return the error for a column whose statistics overflow."""
    return ModuleError(
        "values-too-far-apart",
        f"Column “{name}” contains values too far apart to be transformed.",
        "Clip the values first.",
        parameter="columns",
        column=name,
    )
