"""Convert columns: numbers with thousands separators, exact integers, chosen types."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.columns import column_not_found
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.data_input_output._dates import chosen_dates, first_text, text_columns, with_columns
from modules.data_input_output._parsing import Parsing

if TYPE_CHECKING:
    import pandas as pd

EXACT = 2**53
"""Largest integer up to which floating point numbers are exact."""

_LONG = 10**15
"""The smallest integer of 16 digits: nearly always a key, and not an amount."""
_FIRST = 1_000

_WITH_COMMA = r"\s*[+-]?(?:\d[\d.]*)?\d(?:,\d+)*\s*"
_GROUP = {"comma": ",", "point": r"\.", "space": "[ \u00a0\u202f]", "apostrophe": "['’]"}


def with_chosen_types(frame: pd.DataFrame, parsing: Parsing) -> pd.DataFrame:
    """Convert the columns whose type the user has chosen.

    Values that can't be converted are missing, with a warning.

    Raises
    ------
    ModuleError
        If a column doesn't exist, or none of its values can be converted.
    """
    names = [str(name) for name in frame]
    changed = {}
    for name, wanted in parsing.chosen_types.items():
        if name not in names:
            raise column_not_found(name, names, parameter="column_types")
        column = frame[name]
        result = _converted(column, wanted, parsing)
        if result is column:
            continue
        bad = (column.notna() & result.isna()).to_numpy().nonzero()[0]
        if len(bad):
            value = f"“{column.iloc[bad[0]]}” in row {bad[0] + 1}"
            if not result.notna().any():
                raise ModuleError(
                    "not-convertible",
                    f"Column “{name}” doesn't contain {KIND_LABELS[wanted]}: {value}.",
                    "Choose another type in Column types.",
                    parameter="column_types",
                    column=name,
                )
            others = f" and {len(bad) - 1} more values" if len(bad) > 1 else ""
            were = "were" if others else "was"
            warn(
                f"Column “{name}” was read as {KIND_LABELS[wanted]}: "
                f"{value}{others} {were} read as missing."
            )
        changed[names.index(name)] = result
    return with_columns(frame, changed)


def join_groups(frame: pd.DataFrame, parsing: Parsing) -> pd.DataFrame:
    """Convert the text columns that contain only grouped digits, ``1,234.5``, to numbers.

    Unlike in pandas, a separator is accepted only between groups of three digits, so that
    a date such as ``31.12.2024`` isn't a number.
    """
    import pandas as pd

    if parsing.thousands == "none":
        return frame
    group, point = _GROUP[parsing.thousands], re.escape(parsing.decimal_character)
    number = rf"\s*[+-]?(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{point}\d+)?\s*"
    changed = {}
    for position, column in text_columns(frame):
        if parsing.keeps_text(str(frame.columns[position])):
            continue
        first = first_text(column)
        if first is None or not re.fullmatch(number, first):
            continue
        if not column.dropna().str.fullmatch(number).all():
            continue
        plain = column.str.replace(group, "", regex=True)
        plain = plain.str.replace(parsing.decimal_character, ".", regex=False).str.strip()
        # Through objects: numbers from pandas' own text type could become nullable.
        changed[position] = pd.to_numeric(plain.astype(object))
    return with_columns(frame, changed)


def warn_of_commas(frame: pd.DataFrame, parsing: Parsing) -> None:
    """Warn about columns that are text only because their numbers have a comma."""
    if parsing.decimal != "point" or parsing.thousands != "none":
        return
    found = []
    for position, column in text_columns(frame):
        if parsing.keeps_text(str(frame.columns[position])):
            continue
        first = first_text(column)
        if first is None or not re.fullmatch(_WITH_COMMA, first):
            continue
        known = column.dropna()
        if known.str.contains(",", regex=False).any() and known.str.fullmatch(_WITH_COMMA).all():
            found.append(f"“{frame.columns[position]}”")
    if found:
        listed = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        warn(
            f"Numbers with a comma were read as text: {listed}. "
            "If they are numbers, set the decimal or thousands separator to comma."
        )


def has_long_integers(column: pd.Series) -> bool:
    """Return whether a column is a floating point one of integers, some with 16 digits."""
    import numpy as np

    if column.dtype.kind != "f":
        return False
    values = column.to_numpy()
    # Nearly always decided by the first ones.
    for part in (values[:_FIRST], values):
        known = part[np.isfinite(part)]
        if (known != np.floor(known)).any():
            return False
    return bool(len(known) and max(known.max(), -known.min()) >= _LONG)


def exact(name: str, values: list[Any]) -> Any:
    """Return a list of values unchanged, or as text if numbers would lose digits.

    A column of integers with missing values contains floating point numbers, which are
    exact up to 2**53 only. Longer ones are usually keys, not amounts.
    """
    whole = False
    missing = False
    for value in values:
        if value is None:
            missing = True
        elif isinstance(value, int) and not isinstance(value, bool):
            whole = whole or abs(value) >= EXACT
        else:
            return values
    if not whole or (not missing and all(-(2**63) <= value < 2**64 for value in values)):
        return values
    warn_kept_as_text(name)
    return [None if value is None else str(value) for value in values]


def warn_kept_as_text(name: str) -> None:
    """Warn that a column of long integers is text now."""
    warn(f"Column “{name}” contains integers of 16 or more digits; they were read as text.")


def warn_of_words(texts: Mapping[str, pd.Series]) -> None:
    """Warn about words such as NA that were read as missing.

    Parameters
    ----------
    texts : mapping of str to Series
        By column, the texts of its missing values; empty fields are missing there.
    """
    found = [
        f"“{word}” in {count:,} row{'' if count == 1 else 's'} of “{name}”"
        for name, column in texts.items()
        for word, count in column.value_counts().items()
    ]
    if found:
        warn(
            f"Words were read as missing: {listed(found)}. "
            "To keep them, choose the type String in Column types."
        )


def listed(items: Sequence[str]) -> str:
    """Return the first items as text, and how many more there are."""
    return ", ".join(items[:3]) + (f" and {len(items) - 3} more" if len(items) > 3 else "")


def _converted(column: pd.Series, wanted: str, parsing: Parsing) -> pd.Series:
    kind = kind_of(column.dtype)
    if kind == "categorical" and wanted != kind:
        column = column.astype(column.cat.categories.dtype)
        kind = kind_of(column.dtype)
    if kind == wanted:
        return column
    if wanted == "categorical":
        return column.astype("category")
    if wanted == "string":
        return _as_text(column)
    if wanted == "boolean":
        return _as_booleans(column)
    if wanted == "datetime":
        text = column if kind == "string" else _as_text(column)
        return chosen_dates(text, parsing.dates)
    return _as_numbers(column, parsing, whole=wanted == "integer")


def _as_text(column: pd.Series) -> pd.Series:
    import pandas as pd

    values = column.dropna()
    if column.dtype.kind == "f" and (values % 1 == 0).all() and (values.abs() < EXACT).all():
        # Integers with missing values are such numbers too.
        column = column.astype("Int64")
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.map(lambda moment: moment.isoformat(), na_action="ignore").astype("str")
    return column.map(str, na_action="ignore").astype("str")


def _as_booleans(column: pd.Series) -> pd.Series:
    import pandas as pd

    meaning = dict.fromkeys(("true", "yes", "1", "1.0"), True)
    meaning |= dict.fromkeys(("false", "no", "0", "0.0"), False)
    codes, values = pd.factorize(column)
    known = pd.array([meaning.get(str(value).strip().lower()) for value in values], "boolean")
    result = pd.Series(known.take(codes, allow_fill=True), column.index)
    return result if result.isna().any() else result.astype(bool)


def _as_numbers(column: pd.Series, parsing: Parsing, *, whole: bool) -> pd.Series:
    import pandas as pd

    if isinstance(column.dtype, pd.StringDtype):
        text = column.str.strip()
        if parsing.thousands != "none":
            text = text.str.replace(_GROUP[parsing.thousands], "", regex=True)
        text = text.str.replace(parsing.decimal_character, ".", regex=False)
        # Through objects: numbers from pandas' own text type could become nullable.
        column = pd.to_numeric(text.astype(object), errors="coerce")
    elif pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.Series(float("nan"), column.index)
    elif column.isna().any():
        column = column.astype("float64")
    if not whole:
        return column.astype("float64")
    if column.dtype.kind == "f":
        column = column.where(column % 1 == 0)
        return column if column.isna().any() else column.astype("int64")
    return column.astype("int64") if column.dtype.kind == "b" else column
