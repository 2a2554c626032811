"""Convert text columns: dates, numbers with thousands separators, exact integers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from modules.contract import warn
from modules.data_input_output._parsing import Parsing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

EXACT = 2**53
"""Largest integer up to which floating point numbers are exact."""

_ISO_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_LOCAL_DATE = re.compile(
    r"\d{1,2}(?P<separator>[./-])\d{1,2}(?P=separator)(?P<year>\d{4}|\d\d)"
    r"(?P<time> \d{1,2}:\d\d(?P<seconds>:\d\d)?)?"
)
_WITH_COMMA = r"\s*[+-]?(?:\d[\d.]*)?\d(?:,\d+)*\s*"
_LOCAL_ORDER = {"day first": "%d{0}%m{0}", "month first": "%m{0}%d{0}"}
_GROUP = {"comma": ",", "point": r"\.", "space": "[ \u00a0\u202f]", "apostrophe": "['’]"}


def parse_dates(frame: pd.DataFrame, dates: str) -> pd.DataFrame:
    """Convert the text columns that contain only dates to datetimes.

    Parameters
    ----------
    dates : str
        The option of the readers: ``never``, ``ISO dates``, or with ``day first`` and
        ``month first`` also dates such as ``31.12.2024``.
    """
    if dates == "never":
        return frame
    changed = {}
    for position, column in _texts(frame):
        first = column.first_valid_index()
        form = None if first is None else _form_of(str(column[first]).strip(), dates)
        if form is not None:
            moments = _moments(column, form)
            if moments is not None:
                changed[position] = moments
    return _with_columns(frame, changed)


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
    for position, column in _texts(frame):
        first = column.first_valid_index()
        if first is None or not re.fullmatch(number, str(column[first])):
            continue
        if not column.dropna().str.fullmatch(number).all():
            continue
        plain = column.str.replace(group, "", regex=True)
        plain = plain.str.replace(parsing.decimal_character, ".", regex=False).str.strip()
        # Through objects: numbers from pandas' own text type could become nullable.
        changed[position] = pd.to_numeric(plain.astype(object))
    return _with_columns(frame, changed)


def warn_of_commas(frame: pd.DataFrame, parsing: Parsing) -> None:
    """Warn about columns that are text only because their numbers have a comma."""
    if parsing.decimal != "point" or parsing.thousands != "none":
        return
    found = []
    for position, column in _texts(frame):
        first = column.first_valid_index()
        if first is None or not re.fullmatch(_WITH_COMMA, str(column[first])):
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


def inexact(values: np.ndarray) -> bool:
    """Return whether an array contains only integers, some too long to be exact as floats."""
    import numpy as np

    known = values[np.isfinite(values)]
    if not len(known) or max(known.max(), -known.min()) < EXACT:
        return False
    return bool((known == np.floor(known)).all())


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
    warn(f"Column “{name}” contains integers too long to be exact; they were read as text.")


def _texts(frame: pd.DataFrame) -> list[tuple[int, pd.Series]]:
    """Return the text columns with their indices; names may still repeat here."""
    import pandas as pd

    return [
        (position, frame.iloc[:, position])
        for position, dtype in enumerate(frame.dtypes)
        if isinstance(dtype, pd.StringDtype)
    ]


def _form_of(text: str, dates: str) -> str | None:
    """Return the date format of a text, for ``pandas.to_datetime``."""
    if _ISO_DATE.fullmatch(text):
        return "ISO8601"
    local = _LOCAL_DATE.fullmatch(text) if dates in _LOCAL_ORDER else None
    if local is None:
        return None
    form = _LOCAL_ORDER[dates].format(local["separator"])
    form += "%Y" if len(local["year"]) == 4 else "%y"
    if local["time"]:
        form += " %H:%M" + (":%S" if local["seconds"] else "")
    return form


def _moments(column: pd.Series, form: str) -> pd.Series | None:
    import pandas as pd

    try:
        return pd.to_datetime(column, format=form)
    except (ValueError, TypeError):
        return None


def _with_columns(frame: pd.DataFrame, changed: dict[int, Any]) -> pd.DataFrame:
    import pandas as pd

    if not changed:
        return frame
    columns = [changed.get(position, frame.iloc[:, position]) for position in range(frame.shape[1])]
    result = pd.DataFrame(dict(enumerate(columns)), copy=False)
    result.columns = frame.columns
    return result
