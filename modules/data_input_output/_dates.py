"""Convert text columns that contain dates to datetimes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from modules.contract import warn
from modules.data_input_output._parsing import Parsing

if TYPE_CHECKING:
    import pandas as pd

_TIME = r"(?P<time>[ T]\d{1,2}:\d\d(?P<seconds>:\d\d)?)?"
_ISO_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_YEAR_FIRST = re.compile(r"\d{4}/\d{1,2}/\d{1,2}" + _TIME)
_LOCAL_DATE = re.compile(
    r"\d{1,2}(?P<separator>[./-])\d{1,2}(?P=separator)(?P<year>\d{4}|\d\d)" + _TIME
)
_LOCAL_ORDER = {"day first": "%d{0}%m{0}", "month first": "%m{0}%d{0}"}
_OTHER_ORDER = {"day first": "month first", "month first": "day first"}
_FEW = 0.1
"""The largest share of the different values of a column that may be no dates."""


class _Form(NamedTuple):
    """A format of dates: for ``pandas.to_datetime``, and a pattern of what looks like one."""

    format: str
    pattern: re.Pattern[str]


def parse_dates(frame: pd.DataFrame, parsing: Parsing) -> pd.DataFrame:
    """Convert the text columns that contain only dates to datetimes.

    Dates that don't exist, such as 2024-02-30, are missing, with a warning, if they are few.
    Columns with a chosen type are left as they are.
    """
    if parsing.dates == "never":
        return frame
    changed = {}
    for at, column in text_columns(frame):
        if str(frame.columns[at]) not in parsing.chosen_types:
            found = _dates(column, parsing.dates)
            if found is not None:
                changed[at] = found
    return with_columns(frame, changed)


def chosen_dates(column: pd.Series, dates: str) -> pd.Series:
    """Return a text column as datetimes; what isn't a date is missing."""
    import pandas as pd

    codes, texts = _factorized(column)
    forms = [form.format for text in texts[:100] if (form := _form_of(text, dates))]
    usual = max(set(forms), key=forms.count) if forms else "ISO8601"
    return _taken(pd.to_datetime(texts, format=usual, errors="coerce"), codes)


def text_columns(frame: pd.DataFrame) -> list[tuple[int, pd.Series]]:
    """Return the text columns with their indices; names may still repeat here."""
    import pandas as pd

    return [
        (at, column)
        for at, (_, column) in enumerate(frame.items())
        if isinstance(column.dtype, pd.StringDtype)
    ]


def first_text(column: pd.Series) -> str | None:
    """Return the first text of a column that isn't missing; None if all are."""
    if len(column) and isinstance(column.iloc[0], str):
        # Nearly always, and much faster than pandas finds it.
        return str(column.iloc[0])
    start = column.first_valid_index()
    return None if start is None else str(column[start])


def with_columns(frame: pd.DataFrame, changed: dict[int, Any]) -> pd.DataFrame:
    """Return a frame with other columns at some indices."""
    import pandas as pd

    if not changed:
        return frame
    columns = [changed.get(at, frame.iloc[:, at]) for at in range(frame.shape[1])]
    result = pd.DataFrame(dict(enumerate(columns)), copy=False)
    result.columns = frame.columns
    return result


def _dates(column: pd.Series, dates: str) -> pd.Series | None:
    """Return a text column as datetimes; None if it doesn't contain dates."""
    import pandas as pd

    text = first_text(column)
    form = None if text is None else _form_of(text.strip(), dates)
    if form is None:
        return None
    codes, texts = _factorized(column)
    try:
        moments = pd.to_datetime(texts, format=form.format, errors="coerce")
    except (ValueError, TypeError):
        # Several time zones.
        return None
    bad = moments.isna()
    if not bad.any():
        return _taken(moments, codes)
    if bad.sum() > max(1, _FEW * len(texts)) or bad.sum() * 2 >= len(texts):
        return None
    wrong = set(bad.nonzero()[0].tolist())
    rows = [row for row, code in enumerate(codes) if code in wrong]
    value = texts[codes[rows[0]]]
    where = f"“{value}” in row {rows[0] + 1} of column “{column.name}”"
    others = "" if len(rows) == 1 else f", and {len(rows) - 1} more values,"
    if not all(form.pattern.fullmatch(texts[at]) for at in wrong):
        warn(f"The column was read as text, because {where} isn't a date.")
        return None
    other = _OTHER_ORDER.get(dates, "")
    if other and any(_exists(texts[at], other) for at in wrong):
        warn(f"The column was read as text, because {where} is a date only with {other}.")
        return None
    verb = "isn't a date and was" if len(rows) == 1 else "aren't dates and were"
    warn(f"{where}{others} {verb} read as missing.")
    return _taken(moments, codes)


def _factorized(column: pd.Series) -> tuple[Any, Any]:
    """Return the index of each value, and the different values: few, as dates repeat."""
    import pandas as pd

    codes, texts = pd.factorize(column)
    return codes, pd.Index(texts).str.strip()


def _taken(moments: Any, codes: Any) -> pd.Series:
    import pandas as pd

    return pd.Series(moments.take(codes, fill_value=pd.NaT, allow_fill=True))


def _exists(text: str, dates: str) -> bool:
    import pandas as pd

    form = _form_of(text, dates)
    return form is not None and not pd.isna(
        pd.to_datetime(text, format=form.format, errors="coerce")
    )


def _form_of(text: str, dates: str) -> _Form | None:
    """Return the form of a text that looks like a date."""
    if _ISO_DATE.fullmatch(text):
        return _Form("ISO8601", _ISO_DATE)
    if found := _YEAR_FIRST.fullmatch(text):
        return _Form("%Y/%m/%d" + _time_of(found), _YEAR_FIRST)
    found = _LOCAL_DATE.fullmatch(text) if dates in _LOCAL_ORDER else None
    if found is None:
        return None
    year = "%Y" if len(found["year"]) == 4 else "%y"
    order = _LOCAL_ORDER[dates].format(found["separator"])
    return _Form(order + year + _time_of(found), _LOCAL_DATE)


def _time_of(found: re.Match[str]) -> str:
    if not found["time"]:
        return ""
    return found["time"][0] + "%H:%M" + (":%S" if found["seconds"] else "")
