"""Frame operations that modules share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import ColumnSelector, DataTable, ModuleError, warn
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.contract.normalize_frame import set_columns

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_EXACT = 2**53
_FEW = 20
"""Columns up to which it is quicker to set each than to make a frame of all."""

_MOST_SHOWN = 60


def numeric_columns(columns: ColumnSelector, dataset: DataTable, purpose: str) -> list[str]:
    """Return the selected columns, all of which are numeric.

    Parameters
    ----------
    purpose : str
        What the module does with them, for messages: ``"to clip"``.

    Raises
    ------
    ModuleError
        If one isn't numeric, or none is selected.
    """
    names = columns.resolve(dataset.columns, parameter="columns", allow_empty=True)
    if not names and not columns.is_empty:
        raise ModuleError(
            "no-columns-selected",
            f"The selection doesn't match any column; there is nothing {purpose}.",
            "Choose numeric columns. To convert text to numbers, use Edit Metadata.",
            parameter="columns",
        )
    columns.resolve(dataset.columns, parameter="columns")
    kinds = {column.name: column.kind for column in dataset.columns}
    for name in names:
        if kinds[name] not in ("integer", "number"):
            raise wrong_kind(
                name, kinds[name], f"numbers are required {purpose}", parameter="columns"
            )
    return names


def shown(value: Any) -> str:
    """Return a value as quoted in a message: long text is truncated."""
    text = str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 2]} …"


def warn_of_lost_digits(name: str, *columns: pd.Series) -> None:
    """Warn that integers were rounded to floating point numbers."""
    for column in columns:
        if kind_of(column.dtype) != "integer" or not len(column):
            continue
        if max(int(column.max()), -int(column.min())) > _EXACT:
            warn(
                f"Column “{name}” contains integers beyond 2**53, which were rounded: "
                "it also has missing values or other numbers. To keep them, convert it to text."
            )
            return


def rebuilt(
    frame: pd.DataFrame,
    *,
    changed: Mapping[str, Any] | None = None,
    dropped: Collection[str] = (),
    appended: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return a frame with some columns changed, dropped and appended.

    Unchanged columns are shared with the frame, not copied.
    """
    import pandas as pd

    made = {name: column for name, column in (changed or {}).items() if name not in dropped}
    made |= appended or {}
    if not dropped and len(made) <= _FEW:
        return set_columns(frame, made)
    columns = {name: column for name, column in frame.items() if name not in dropped}
    return pd.DataFrame(columns | made, index=frame.index, copy=False)


def with_columns(frame: pd.DataFrame, matrix: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Return a frame with more columns, given as the rows of a matrix.

    The matrix remains one block, which makes selecting rows later twice as fast as from
    separate columns. Nothing is copied.
    """
    import pandas as pd

    more = pd.DataFrame(matrix.T, index=frame.index, columns=pd.Index(names), copy=False)
    return pd.concat([frame, more], axis=1) if frame.shape[1] else more


def without_categories(column: pd.Series) -> pd.Series:
    """Return a column of categories as plain values; any other unchanged."""
    import pandas as pd

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    dtype: Any = column.cat.categories.dtype
    if column.isna().any():
        # NumPy integers and booleans don't support missing values.
        dtype = {"i": "float64", "u": "float64", "b": "boolean"}.get(dtype.kind, dtype)
    return column.astype(dtype)


def with_missing_booleans(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose boolean columns support missing values."""
    names = [name for name, dtype in frame.dtypes.items() if dtype.kind == "b"]
    return frame.astype(dict.fromkeys(names, "boolean")) if names else frame


def check_numbers(table: DataTable, names: Iterable[str], what: str) -> None:
    """Raise a ModuleError unless a table has these columns, and with numbers."""
    names = list(names)
    table.require(names)
    for name in names:
        kind = kind_of(table.frame[name].dtype)
        if kind not in ("integer", "number"):
            raise wrong_kind(name, kind, f"{what} requires numbers")


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, with a number appended if it is taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def numbered_names(title: str, count: int, taken: Collection[str]) -> list[str]:
    """Return names of new columns: a title with 1, 2 and so on, or another if one is taken."""
    names: list[str] = []
    for number in range(1, count + 1):
        names.append(free_name(f"{title} {number}", {*taken, *names}))
    return names


def wrong_kind(
    name: str, kind: str, wanted: str, *, parameter: str | None = None, hint: str = ""
) -> ModuleError:
    """Return the error for a column of the wrong kind."""
    return ModuleError(
        "column-type",
        f"Column “{name}” contains {KIND_LABELS.get(kind, kind)}; {wanted}.",
        hint or "Choose other columns, or change the type with Edit Metadata.",
        parameter=parameter,
        column=name,
    )
