"""Keys of two tables that are compared: as columns, and row by row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.tables.frames import without_categories

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NUMERIC = frozenset(("integer", "number", "boolean"))


def key_codes(
    left: pd.DataFrame,
    right: pd.DataFrame,
    pairs: list[tuple[str, str]],
    match_case: bool,
    parameter: str = "right_keys",
) -> tuple[np.ndarray, np.ndarray]:
    """Return a number for each key, the same on both sides; -1 if a part is missing.

    Parameters
    ----------
    parameter : str
        That of the right keys, for errors.

    Raises
    ------
    ModuleError
        If the types of a pair of columns can't be compared.
    """
    import numpy as np
    import pandas as pd

    count = len(left)
    codes: np.ndarray | None = None
    for left_name, right_name in pairs:
        first, second = _comparable(left[left_name], right[right_name], match_case, parameter)
        parts, values = _numbered(first, second)
        if len(pairs) == 1:
            return parts
        part = np.concatenate(parts)
        if codes is None:
            codes = part
            continue
        missing = (codes < 0) | (part < 0)
        # Renumbered after each column, so that they never exceed 64 bits.
        codes, _ = pd.factorize(np.where(missing, -1, codes * (values + 1) + part))
        codes = np.where(missing, -1, codes)
    assert codes is not None
    return codes[:count], codes[count:]


def _numbered(left: pd.Series, right: pd.Series) -> tuple[tuple[np.ndarray, np.ndarray], int]:
    """Return a number for each value, -1 for missing, and a number above all of them."""
    import numpy as np
    import pandas as pd

    if all(isinstance(side.dtype, np.dtype) and side.dtype.kind == "i" for side in (left, right)):
        first, second = left.to_numpy("int64"), right.to_numpy("int64")
        ends = [
            int(end) for side in (first, second) if len(side) for end in (side.min(), side.max())
        ]
        low, high = min(ends, default=0), max(ends, default=0)
        if high - low < 2 * (len(first) + len(second)):
            # Close enough to be numbers themselves.
            parts = (first - low, second - low) if low else (first, second)
            return parts, high - low + 1
    codes, known = pd.factorize(pd.concat([left, right], ignore_index=True))
    return (codes[: len(left)], codes[len(left) :]), len(known)


def _comparable(
    left: pd.Series, right: pd.Series, match_case: bool, parameter: str
) -> tuple[pd.Series, pd.Series]:
    sides = [without_categories(column) for column in (left, right)]
    kinds = [kind_of(column.dtype) for column in sides]
    if kinds[0] != kinds[1]:
        # A column without values doesn't have a type.
        for side in (0, 1):
            if sides[side].isna().all():
                return sides[0].astype("str"), sides[1].astype("str")
        if not set(kinds) <= {"integer", "number", "boolean"}:
            raise ModuleError(
                "key-types-differ",
                f"Key “{left.name}” of the left dataset contains {KIND_LABELS[kinds[0]]}, "
                f"“{right.name}” of the right one {KIND_LABELS[kinds[1]]}.",
                "Convert both to the same type with Edit Metadata.",
                parameter=parameter,
                column=str(right.name),
            )
        return _integers(*sides)
    if kinds[0] == "integer" and sides[0].dtype.kind != sides[1].dtype.kind:
        return _integers(*sides)
    if kinds == ["string", "string"] and not match_case:
        sides = [column.str.casefold() for column in sides]
    if kinds == ["datetime", "datetime"]:
        zones = [column.dt.tz is not None for column in sides]
        if zones[0] != zones[1]:
            raise ModuleError(
                "key-types-differ",
                f"Of the keys “{left.name}” and “{right.name}” only one has a time zone.",
                "Convert both to the same type first.",
                parameter=parameter,
                column=str(right.name),
            )
    return sides[0], sides[1]


def _integers(left: pd.Series, right: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return keys of different numeric types as integers, exact for any length.

    One of them is an integer column, so a fraction can't match: it becomes missing.
    """
    import numpy as np
    import pandas as pd

    sides = []
    for column in (left, right):
        if kind_of(column.dtype) == "number":
            values = column.to_numpy("float64")
            whole = np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2**63)
            exact = np.where(whole, values, 0).astype("int64")
            column = pd.Series(pd.arrays.IntegerArray(exact, ~whole))
        elif column.dtype.kind != "u":
            column = column.astype("Int64")
        sides.append(column)
    if any(column.dtype.kind == "u" for column in sides):
        # No type stores both beyond 63 bits; Python's integers do.
        return sides[0].astype(object), sides[1].astype(object)
    return sides[0], sides[1]


def row_kind(left: pd.Series, right: pd.Series) -> str | None:
    """Return how to compare the values of two key columns; None if a lookup can't."""
    import pandas as pd

    kinds = []
    for column in (left, right):
        if column.isna().all():
            # Such a column doesn't have a type, and a request may provide one.
            return None
        dtype: Any = column.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            dtype = dtype.categories.dtype
        if getattr(dtype, "tz", None) is not None:
            return None
        kinds.append(kind_of(dtype))
    if kinds[0] != kinds[1]:
        return "number" if set(kinds) <= _NUMERIC else None
    return kinds[0] if kinds[0] in KEY_READERS else None


def folded(kind: str) -> str:
    """Return how to compare keys if case doesn't matter."""
    return "folded" if kind == "string" else kind


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _same(value: Any) -> Any:
    return value


KEY_READERS: dict[str, Callable[[Any], Any]] = {
    "string": _same,
    "folded": str.casefold,
    "integer": _same,
    "number": _same,
    "boolean": _same,
    "datetime": _moment,
}
"""How to convert a value to part of a key, by the common kind of both sides. Numbers of
all types are equal by value in Python, as they are in key_codes."""
