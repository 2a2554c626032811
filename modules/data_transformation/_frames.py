"""What several modules of this folder do with frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def rebuilt(
    frame: pd.DataFrame,
    *,
    changed: Mapping[str, Any] | None = None,
    dropped: Collection[str] = (),
    appended: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return a frame with some columns changed, dropped and appended.

    Columns that stay are shared with the frame and not copied.
    """
    import pandas as pd

    changed = changed or {}
    columns = {
        name: changed[name] if name in changed else frame[name]
        for name in frame.columns
        if name not in dropped
    }
    columns.update(appended or {})
    return pd.DataFrame(columns, index=frame.index, copy=False)


def beside(frame: pd.DataFrame, matrix: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Return a frame with more columns, given as the rows of a matrix.

    The matrix stays in one piece, which makes taking rows later twice as fast as from
    columns of their own. Nothing is copied.
    """
    import pandas as pd

    more = pd.DataFrame(matrix.T, index=frame.index, columns=pd.Index(names), copy=False)
    return pd.concat([frame, more], axis=1) if frame.shape[1] else more


def without_categories(column: pd.Series) -> pd.Series:
    """Return a column of categories as plain values; any other as it is."""
    import pandas as pd

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    dtype: Any = column.cat.categories.dtype
    if column.isna().any():
        # Neither integers nor booleans of numpy have a missing value.
        dtype = {"i": "float64", "u": "float64", "b": "boolean"}.get(dtype.kind, dtype)
    return column.astype(dtype)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, with a number behind it if it is taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def wrong_kind(
    name: str, kind: str, wanted: str, *, parameter: str | None = None, hint: str = ""
) -> ModuleError:
    """Return the error for a column of the wrong kind."""
    return ModuleError(
        "column-type",
        f"Column “{name}” holds {kind} values; {wanted}.",
        hint or "Choose other columns, or change the type with Edit Metadata.",
        parameter=parameter,
        column=name,
    )
