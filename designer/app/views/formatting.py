"""Values formatted for people."""

from __future__ import annotations

import datetime
import html
import math
from typing import Any

from designer.texts import formatted, localized, tr

MISSING = "–"
"""Shown for a missing value."""


def number(value: float | None, digits: int = 6, *, as_data: bool = False) -> str:
    """Return a number with so many significant digits; a dash for none.

    Its decimals are separated as in the language that is used. Powers of ten are written only
    where zeros alone would take the room: 0.0000085, 8.5 × 10⁻¹².

    Parameters
    ----------
    as_data : bool
        Write them as tables are searched: 8.5e-06, 8.5e-12.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return str(value)
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    size = abs(value)
    if 10**digits <= size < 1e15:
        return f"{value:.0f}"
    if as_data:
        return formatted(value, f".{digits}g")
    if _SMALL <= size < 1e-4:
        return formatted(value, f".{digits - 1 - math.floor(math.log10(size))}f").rstrip("0")
    mantissa, power, exponent = formatted(value, f".{digits}g").partition("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_RAISED)}" if power else mantissa


def decimals(values: list[Any]) -> int:
    """Return how many decimals show about five digits of the largest of the numbers."""
    sizes = [abs(value) for value in values if isinstance(value, float) and math.isfinite(value)]
    largest = max(sizes, default=0.0)
    return 4 if largest == 0 else min(max(4 - math.floor(math.log10(largest)), 0), 4)


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many decimals, or in another form where these show nothing."""
    small = 0 < abs(value) < 10**-decimals
    if small or not math.isfinite(value) or abs(value) >= 1e12:
        return number(value, 3)
    return formatted(value, f".{decimals}f")


def grouped(value: float | None, digits: int = 5) -> str:
    """Return a number for headings, its thousands set apart."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return number(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return formatted(int(value))
    if abs(value) >= 10**digits and abs(value) < 1e15:
        return formatted(value, ",.0f")
    if 1_000 <= abs(value) < 1e15:
        decimals = max(0, digits - len(str(int(abs(value)))))
        return formatted(value, f",.{decimals}f")
    return number(float(value), digits)


def moment(seconds: float | None) -> str:
    """Return seconds since 1970 as a date, with the time unless it is midnight."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    start = datetime.datetime(1970, 1, 1)
    try:
        return _date(start + datetime.timedelta(seconds=seconds))
    except OverflowError:
        return number(seconds)


def is_day(value: Any) -> bool:
    """Return whether a value is the midnight of a day, in no time zone."""
    return (
        isinstance(value, datetime.datetime)
        and value.tzinfo is None
        and value.time() == datetime.time()
    )


def cell(value: Any, *, days: bool = True) -> str:
    """Return a value of a table in one line of bounded length; a dash when missing.

    Parameters
    ----------
    days : bool
        A midnight represents its day; otherwise it is written with the time.
    """
    if value is None:
        return MISSING
    if isinstance(value, (float, int)):
        return number(value, as_data=True)
    if isinstance(value, datetime.datetime):
        return _date(value, days)
    text = str(value)
    if len(text) > CELL_LENGTH:
        text = text[:CELL_LENGTH] + "…"
    return text.translate(_ONE_LINE)


def full(value: Any, *, days: bool = False) -> str:
    """Return a value of a table in full, to be copied; empty when missing.

    Numbers are written as programs read them. ``days`` is as for :func:`cell`.
    """
    if value is None:
        return ""
    if days and is_day(value):
        return str(value.date())
    return repr(value) if isinstance(value, float) else str(value)


def full_shown(value: Any, *, days: bool = False) -> str:
    """Return a value of a table in full, to be read: as :func:`full`, in the language's way."""
    text = full(value, days=days)
    return localized(text) if isinstance(value, float) else text


def tooltip(text: str) -> str:
    """Return a text for a tooltip, unchanged and wrapped."""
    if len(text) > _TOOLTIP_LENGTH:
        text = text[:_TOOLTIP_LENGTH] + "…"
    return f"<p style='white-space: pre-wrap'>{html.escape(text)}</p>"


def plain_tooltip(text: str) -> str:
    """Return a text for a tooltip that Qt shows as it is.

    Qt takes text with tags as HTML, and would read an image that a pipeline from elsewhere names.
    """
    return tooltip(text) if "<" in text else text


def tabular(rows: list[list[str]]) -> str:
    """Return rows as text separated by tabs, for a spreadsheet."""
    return "\n".join("\t".join(text.translate(_ONE_LINE) for text in row) for row in rows)


def content(digest: str) -> str:
    """Return a hash of data, short as those of commits are."""
    return tr("content {digest}").format(digest=digest[:8])


def size(amount: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return (
        f"{formatted(amount, '.0f')} {unit}"
        if unit == "B"
        else f"{formatted(amount, '.3g')} {unit}"
    )


def _date(value: datetime.datetime, days: bool = True) -> str:
    if days and is_day(value):
        return value.date().isoformat()
    return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")


CELL_LENGTH = 200
"""Longer texts are cut before Qt lays them out, which is slow for each letter."""

_TOOLTIP_LENGTH = 2_000
_SMALL = 1e-7
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ONE_LINE = str.maketrans({"\n": " ", "\r": " ", "\t": " ", "\x00": " "})
