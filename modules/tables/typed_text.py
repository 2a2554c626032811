"""Values of columns that are parameters, written as text."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError

if TYPE_CHECKING:
    import pandas as pd


def read_value(kind: str, text: str) -> Any:
    """Return the value that a text is in a column; None if it isn't one."""
    if kind in ("string", "categorical"):
        return text
    try:
        if kind == "boolean":
            return {"true": True, "false": False}[text.strip().lower()]
        if kind == "datetime":
            return datetime.datetime.fromisoformat(text.strip())
        if kind != "integer":
            return float(text)
        number = number_of(text)
    except (KeyError, ValueError):
        return None
    return int(number) if -(2**63) <= number < 2**64 and number == int(number) else None


def number_of(text: str) -> int | float:
    """Return the number that a text is; an integer keeps all digits, as no other number does.

    Raises
    ------
    ValueError
        If it isn't one.
    """
    try:
        return int(text)
    except ValueError:
        return float(text)


def moment_of(values: pd.Series, value: datetime.datetime) -> Any:
    """Return a date and time with the time zone of a column.

    Raises
    ------
    ModuleError
        If clocks show the time twice or never, as they were set back or forward.
    """
    import pandas as pd

    moment = pd.Timestamp(value)
    zone = values.dt.tz
    if zone is None:
        return moment.tz_convert(None) if moment.tz is not None else moment
    try:
        return moment.tz_convert(zone) if moment.tz is not None else moment.tz_localize(zone)
    except ValueError as error:
        raise ModuleError(
            "bad-value",
            f"Column “{values.name}” has the time zone {zone}, in which “{moment}” occurs "
            "twice or never.",
            "Add the offset from UTC to the time: 2024-10-27 02:30+02:00 for example.",
            column=str(values.name),
        ) from error
