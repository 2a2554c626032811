"""Normalize any pandas frame to the form that the contract requires, with warnings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modules.contract.context import warn

if TYPE_CHECKING:
    import pandas as pd

# pandas warns of more blocks than these after an insertion, and it then is the slower way.
_WIDE = 100


def normalize_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame in the form that the contract requires.

    Plain index, unique column names that are strings, and columns of integers,
    floats, booleans, strings, datetimes or categories.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"A DataTable needs a pandas DataFrame, not {type(frame).__name__}.")
    index = frame.index
    if not isinstance(index, pd.RangeIndex) or index.start != 0 or index.step != 1:
        frame = frame.reset_index(drop=True)
    names = frame.columns.tolist()
    if not has_plain_names(names):
        names = unique_names(names)
        frame = frame.copy(deep=False)
        frame.columns = pd.Index(names)
    converted = {}
    for position, (name, dtype) in enumerate(zip(names, frame.dtypes.tolist(), strict=True)):
        if not _is_plain(dtype):
            converted[name] = _plain_column(name, frame.iloc[:, position])
    return set_columns(frame, converted) if converted else frame


def set_columns(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with columns replaced or appended; nothing is copied.

    In place of ``DataFrame.assign``, which copies arrays and can't set a column ``self``.
    """
    import pandas as pd

    series = {name: pd.Series(column, frame.index, copy=False) for name, column in columns.items()}
    appended: dict[str, pd.Series] = {}
    if frame.shape[1] + len(series) > _WIDE:
        appended = {name: column for name, column in series.items() if name not in frame.columns}
    changed = frame.copy(deep=False)
    for name, column in series.items():
        if name not in appended:
            changed[name] = column
    if not appended:
        return changed
    more = pd.DataFrame(appended, index=frame.index, copy=False)
    return pd.concat([changed, more], axis=1)


def part_of(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return some columns of a frame, shared; ``frame[names]`` copies them.

    Raises
    ------
    KeyError
        For a name that the frame doesn't have.
    """
    import pandas as pd

    if not names or len(set(names)) < len(names):
        return frame[list(names)]
    return pd.DataFrame({name: frame[name] for name in names}, index=frame.index, copy=False)


def has_plain_names(names: Sequence[Any]) -> bool:
    """Return whether column names are valid in the contract: texts, unique and not empty."""
    return len(set(names)) == len(names) and all(
        type(name) is str and name and name == name.strip() for name in names
    )


def unique_names(names: Iterable[Any]) -> list[str]:
    """Return names of columns as strings, empty ones filled and repeated ones numbered."""
    taken: set[str] = set()
    wanted = []
    for position, name in enumerate(names, start=1):
        if isinstance(name, tuple):
            name = " ".join(str(part) for part in name if str(part))
        text = "" if name is None else str(name).strip() if isinstance(name, str) else str(name)
        wanted.append(text or f"Column {position}")
    unique = []
    everything = set(wanted)
    for text in wanted:
        candidate, number = text, 1
        while candidate in taken or (number > 1 and candidate in everything):
            number += 1
            candidate = f"{text} ({number})"
        taken.add(candidate)
        unique.append(candidate)
    warn_of_numbered(wanted, unique)
    return unique


def warn_of_numbered(wanted: Sequence[str], unique: Sequence[str]) -> None:
    """Warn about names that were numbered because they repeat."""
    renamed = [
        f"“{old}” is now “{new}”" for old, new in zip(wanted, unique, strict=True) if old != new
    ]
    if renamed:
        more = len(renamed) - _MOST_NAMED
        shown = ", ".join(renamed[:_MOST_NAMED]) + (f", and {more} more" if more > 0 else "")
        warn(f"Duplicate column names were numbered: {shown}.")


def _is_plain(dtype: Any) -> bool:
    import numpy as np
    import pandas as pd

    if isinstance(dtype, np.dtype):
        return dtype.kind in "iubM" or (dtype.kind == "f" and dtype.itemsize in (4, 8))
    if isinstance(dtype, pd.StringDtype):
        return dtype.na_value is np.nan
    if isinstance(dtype, pd.CategoricalDtype):
        return not len(dtype.categories) or _is_plain(dtype.categories.dtype)
    return isinstance(dtype, pd.DatetimeTZDtype)


def _plain_column(name: str, column: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd

    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain_categories(name, column)
    if isinstance(dtype, pd.StringDtype):
        return column.astype("str")
    if isinstance(dtype, pd.PeriodDtype):
        return column.astype("datetime64[us]")
    if isinstance(dtype, pd.SparseDtype):
        return _settled(name, pd.Series(np.asarray(column)))
    if isinstance(dtype, np.dtype):
        if dtype.kind == "m":
            warn(f"Column “{name}” contains durations; they were converted to seconds.")
            return pd.Series(column.to_numpy() / np.timedelta64(1, "s"))
        if dtype.kind == "f":
            return column.astype("float64")
        if dtype.kind == "c":
            warn(f"Column “{name}” contains complex numbers; only the real part was kept.")
            return pd.Series(np.real(column.to_numpy()), index=column.index)
        return _from_objects(name, column)
    if hasattr(dtype, "numpy_dtype") or hasattr(dtype, "pyarrow_dtype"):
        return _from_masked(name, column)
    return column.astype("str")


def _settled(name: str, column: pd.Series) -> pd.Series:
    return column if _is_plain(column.dtype) else _plain_column(name, column)


def _plain_categories(name: str, column: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd

    categories = _settled(name, pd.Series(column.cat.categories))
    # Categories that are equal now, 1 and "1" as text, are merged.
    indices, distinct = pd.factorize(categories)
    codes = column.cat.codes.to_numpy()
    codes = np.where(codes < 0, -1, indices[codes])
    values = pd.Categorical.from_codes(codes, pd.Index(distinct), ordered=column.cat.ordered)
    return pd.Series(values, index=column.index)


def _from_masked(name: str, column: pd.Series) -> pd.Series:
    """Convert pandas' nullable and Arrow-backed dtypes to numpy's."""
    import pandas as pd

    types = pd.api.types
    missing = bool(column.isna().any())
    if types.is_bool_dtype(column.dtype):
        return column.astype("boolean" if missing else "bool")
    if types.is_integer_dtype(column.dtype):
        if missing:
            _warn_of_lost_digits(name, column.dropna().tolist())
        return column.astype("float64" if missing else "int64")
    if types.is_float_dtype(column.dtype):
        return column.astype("float64")
    if types.is_datetime64_any_dtype(column.dtype):
        return column.astype("datetime64[us]")
    return _from_objects(name, column.astype(object))


def _from_objects(name: str, column: pd.Series) -> pd.Series:
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "string":
        return column.astype("str")
    if kind == "empty":
        return column.astype("float64")
    if kind == "boolean":
        return column.astype("boolean" if column.isna().any() else "bool")
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        try:
            numbers = pd.to_numeric(column)
        except (ValueError, TypeError, OverflowError):
            numbers = column.astype("float64")
        if numbers.dtype == object:  # decimals, and integers of more than 64 bits
            numbers = numbers.astype("float64")
        if kind != "floating" and numbers.dtype.kind == "f":
            _warn_of_lost_digits(name, column.dropna().tolist())
        return _settled(name, numbers)
    if kind in ("datetime", "datetime64", "date"):
        try:
            return pd.to_datetime(column)
        except (ValueError, TypeError):
            pass
    if kind in ("timedelta", "timedelta64"):
        return _settled(name, pd.to_timedelta(column))
    if kind.startswith("mixed"):
        warn(f"Column “{name}” has mixed types; its values were converted to text.")
    if any(isinstance(value, bytes) and not _is_utf8(value) for value in column):
        warn(f"Column “{name}” contains bytes that aren't UTF-8; they were replaced by “\ufffd”.")
    return column.map(_text, na_action="ignore").astype("str")


def _warn_of_lost_digits(name: str, values: list[Any]) -> None:
    if any(
        value != (int(float(value)) if isinstance(value, int) else Decimal(repr(float(value))))
        for value in values
        if isinstance(value, (int, Decimal)) and math.isfinite(value)
    ):
        warn(
            f"Column “{name}” contains numbers with more digits than 64 bits can store; "
            "they were rounded."
        )


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(value)


_MOST_NAMED = 3
"""Maximum number of columns that a warning names."""
