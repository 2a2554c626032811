"""The functions of formulas on single values.

No argument is missing, except of those functions that say what they do with None.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from modules.tables.formulas.on_columns import DAY, SIGNS, too_large


def calculated(sign: str, a: Any, b: Any) -> Any:
    """Return a sum, difference, or product."""
    if isinstance(a, datetime) and isinstance(b, datetime):
        return (a - b) / timedelta(days=1)
    if isinstance(a, datetime) or isinstance(b, datetime):
        date, days = (a, b) if isinstance(a, datetime) else (b, a)
        return date + timedelta(microseconds=round((days if sign == "+" else -days) * DAY))
    result = SIGNS[sign](a, b)
    if isinstance(result, int) and not -(2**63) < result < 2**63:
        raise too_large(sign)
    return result


def of_numbers(name: str, *values: float) -> float:
    """Return a function of NumPy of floating-point numbers."""
    import numpy as np

    with np.errstate(all="ignore"):
        return float(getattr(np, name)(*map(float, values)))


def absolute(value: float) -> float:
    """Return a number without its sign."""
    return abs(value)


def rounded(value: float, digits: float = 0) -> float:
    """Return a number rounded to decimals, halves to even."""
    import numpy as np

    scale = float(np.power(10.0, float(digits)))
    return float(np.rint(value * scale) / scale)


def extreme(name: str, *values: float | None) -> float | None:
    """Return the smallest (fmin) or largest (fmax) of the numbers that aren't None."""
    known = [value for value in values if value is not None]
    return None if not known else min(known) if name == "fmin" else max(known)


def compared(sign: str, a: Any, b: Any) -> bool:
    """Return whether a comparison is true."""
    return bool(SIGNS[sign](a, b))


def is_in(value: Any, *values: Any) -> bool | None:
    """Return whether a value equals one of others, None if it or one of the others is."""
    return either(*[None if None in (value, other) else value == other for other in values])


def both(*conditions: bool | None) -> bool | None:
    """Return whether all conditions are true, by three-valued logic."""
    return False if False in conditions else None if None in conditions else True


def either(*conditions: bool | None) -> bool | None:
    """Return whether a condition is true, by three-valued logic."""
    return True if True in conditions else None if None in conditions else False


def negated(condition: bool) -> bool:
    """Return the opposite of a condition."""
    return not condition


def chosen(condition: bool | None, yes: Any, no: Any) -> Any:
    """Return the second value if the condition is true, otherwise the third."""
    return yes if condition else no


def first_known(*values: Any) -> Any:
    """Return the first value that isn't None."""
    return next((value for value in values if value is not None), None)


def is_missing(value: Any) -> bool:
    """Return whether a value is None."""
    return value is None


def missing() -> None:
    """Return None."""


def date_part(part: str, date: datetime) -> float:
    """Return a part of a date."""
    found: Callable[[], float] | None = {
        "quarter": lambda: (date.month + 2) // 3,
        "day_of_year": lambda: date.timetuple().tm_yday,
        "weekday": date.isoweekday,
        "second": lambda: date.second + date.microsecond / 1e6,
    }.get(part)
    return float(found() if found else getattr(date, part))


def date(text: str) -> datetime | None:
    """Return the date that a text is in ISO 8601, without a time zone; otherwise None."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo is None else None


def upper(text: str) -> str:
    """Return a text in capital letters."""
    return text.upper()


def lower(text: str) -> str:
    """Return a text in small letters."""
    return text.lower()


def trim(text: str) -> str:
    """Return a text without blanks at its ends."""
    return text.strip()


def length(text: str) -> float:
    """Return the number of characters."""
    return float(len(text))


def left(text: str, count: float) -> str:
    """Return the first characters."""
    return text[: max(int(count), 0)]


def right(text: str, count: float) -> str:
    """Return the last characters."""
    return text[max(len(text) - int(count), 0) :] if count >= 1 else ""


def middle(text: str, start: float, count: float) -> str:
    """Return characters from a position on, counted from 1."""
    first = max(int(start) - 1, 0)
    return text[first : first + max(int(count), 0)]


def contains(text: str, part: str) -> bool:
    """Return whether a text contains another."""
    return part in text


def starts_with(text: str, part: str) -> bool:
    """Return whether a text starts with another."""
    return text.startswith(part)


def ends_with(text: str, part: str) -> bool:
    """Return whether a text ends with another."""
    return text.endswith(part)


def replace(text: str, old: str, new: str) -> str:
    """Return a text with every occurrence of another replaced."""
    return text.replace(old, new)


def matches(text: str, pattern: str) -> bool:
    """Return whether a regular expression matches somewhere."""
    return compiled(pattern).search(text) is not None


def extract(text: str, pattern: str) -> str | None:
    """Return what a regular expression, or its first group, matches."""
    found = compiled(pattern).search(text)
    return found[1 if found.re.groups else 0] if found else None


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a regular expression."""
    return re.compile(pattern)


def text(value: Any) -> str:
    """Return a value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Zero without its sign.
        return repr(value + 0.0).removesuffix(".0")
    return value.isoformat() if isinstance(value, datetime) else str(value)


def number(text: str) -> float | None:
    """Return the number that a text is; otherwise None."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None
