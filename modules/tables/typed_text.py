"""Values of columns that are parameters, written as text."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

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
        number = float(text)
    except (KeyError, ValueError):
        return None
    if kind == "integer":
        return int(number) if number.is_integer() and abs(number) < 2**63 else None
    return number


def moment_of(values: pd.Series, value: datetime.datetime) -> Any:
    """Return a date and time with the time zone of a column."""
    import pandas as pd

    moment = pd.Timestamp(value)
    zone = values.dt.tz
    if zone is None:
        return moment.tz_convert(None) if moment.tz is not None else moment
    return moment.tz_convert(zone) if moment.tz is not None else moment.tz_localize(zone)
