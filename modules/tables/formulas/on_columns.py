"""The functions of formulas on columns.

An argument is a Series or a constant, at least one a Series; None is a missing constant. The
functions in :mod:`modules.tables.formulas.on_rows` do the same with single values.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError

if TYPE_CHECKING:
    import pandas as pd

SIGNS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

DAY = 86_400_000_000.0
"""Microseconds."""


def calculated(sign: str, a: Any, b: Any) -> Any:
    """Return a sum, difference, or product.

    Texts are joined; dates and numbers of days make dates, two dates their distance in days.
    """
    import pandas as pd

    if is_date(a) and is_date(b):
        distance = (in_zone(a, b) - in_zone(b, a)) / pd.Timedelta(1, "D")
        return distance
    if is_date(a) or is_date(b):
        dates, days = (a, b) if is_date(a) else (b, a)
        return shifted(dates, days if sign == "+" else -days)
    result = SIGNS[sign](a, b)
    if is_integer(a) and is_integer(b):
        ends = [SIGNS[sign](one, other) for one in ends_of(a) for other in ends_of(b)]
        # Only a few rows may be too large, or none: the ends can be those of different rows.
        if max(map(abs, ends)) >= 2**63 and (SIGNS[sign](1.0 * a, 1.0 * b).abs() >= 2**63).any():
            raise too_large(sign)
    return result


def of_numbers(name: str, *values: Any) -> Any:
    """Return a function of NumPy of floating-point numbers; NaN where it isn't defined."""
    import numpy as np

    with np.errstate(all="ignore"):
        found = getattr(np, name)(*[real(value) for value in values])
    if name == "power":
        # NumPy's power of anything with exponent 0 is 1, of NaN too.
        for value in filter(is_series, values):
            found = found.mask(value.isna())
    return found


def absolute(value: pd.Series) -> Any:
    """Return numbers without their signs."""
    return value.abs()


def rounded(value: Any, digits: Any = 0) -> Any:
    """Return numbers rounded to decimals, halves to even."""
    import numpy as np

    scale = 10.0 ** real(digits)
    found = np.rint(real(value) * scale) / scale
    return found


def extreme(name: str, *values: Any) -> Any:
    """Return the smallest (fmin) or largest (fmax) of the numbers that aren't missing."""
    import numpy as np

    first, *others = [value for value in values if value is not None]
    for other in others:
        first = getattr(np, name)(first, other)
    return first


def compared(sign: str, a: Any, b: Any) -> Any:
    """Return whether a comparison is true; missing where a value is."""
    return known_where(SIGNS[sign](in_zone(a, b), in_zone(b, a)), a, b)


def is_in(value: pd.Series, *values: Any) -> Any:
    """Return whether a value equals one of others."""
    return either(*[compared("==", value, other) for other in values])


def both(*conditions: Any) -> Any:
    """Return whether all conditions are true, by three-valued logic."""
    first, *others = three_valued(conditions)
    for other in others:
        first = first & other
    return first


def either(*conditions: Any) -> Any:
    """Return whether a condition is true, by three-valued logic."""
    first, *others = three_valued(conditions)
    for other in others:
        first = first | other
    return first


def negated(condition: pd.Series) -> Any:
    """Return the opposite of a condition."""
    return ~condition


def chosen(condition: pd.Series, yes: Any, no: Any) -> Any:
    """Return the second value where a condition is true, otherwise the third."""
    import numpy as np
    import pandas as pd

    if not is_series(condition):
        index = (yes if is_series(yes) else no).index
        return column(yes, index, no) if condition else column(no, index, yes)
    hit = condition.fillna(False).to_numpy(bool)
    if is_number(yes) and is_number(no):
        numbers = [np.nan if each is None else each for each in (yes, no)]
        return pd.Series(np.where(hit, *numbers), index=condition.index)
    if not is_series(yes) and not is_series(no):
        pair = column(no, pd.RangeIndex(1), yes).array, column(yes, pd.RangeIndex(1), no).array
        both_values = pd.concat([pd.Series(each) for each in pair], ignore_index=True)
        return both_values.take(hit.astype("int8")).set_axis(condition.index)
    result = column(yes, condition.index, no)
    return result.where(hit, column(no, condition.index, result).astype(result.dtype))


def first_known(*values: Any) -> Any:
    """Return the first value that isn't missing."""
    series = next(value for value in values if is_series(value))
    first, *others = [value for value in values if value is not None]
    found = column(first, series.index, series)
    for other in others:
        if is_number(other):
            found = found.fillna(other)
        else:
            found = found.where(
                found.notna(), column(other, found.index, found).astype(found.dtype)
            )
    return found


def is_missing(value: pd.Series) -> Any:
    """Return whether values are missing."""
    return value.isna()


def date_part(part: str, dates: pd.Series) -> Any:
    """Return a part of dates as numbers."""
    if part == "weekday":
        return (dates.dt.day_of_week + 1).astype("float64")
    if part == "second":
        return (dates.dt.second + dates.dt.microsecond / 1e6).astype("float64")
    found = getattr(dates.dt, part).astype("float64")
    return found


def of_distinct(function: Callable[..., Any], dtype: str, *values: Any) -> Any:
    """Return a function of values: of a single column called once for each distinct value."""
    import pandas as pd

    series = [value for value in values if is_series(value)]
    index = series[0].index
    if len(series) == 1:
        codes, distinct = pd.factorize(series[0])
        found = [
            function(*[each if is_series(value) else value for value in values])
            for each in pd.Index(distinct).tolist()
        ]
        results = pd.Series([*found, None], dtype=dtype)
        return results.take(codes % len(results)).set_axis(index)
    lists = [
        value.astype(object).where(value.notna(), None).to_list()
        if is_series(value)
        else [value] * len(index)
        for value in values
    ]
    found = [None if None in row else function(*row) for row in zip(*lists, strict=True)]
    return pd.Series(found, index=index, dtype=dtype)


def of_text(method: str, function: Callable[..., Any], dtype: str, text: Any, *others: Any) -> Any:
    """Return a function of texts with pandas' method, as far as it equals that of Python."""
    plain = is_series(text) and all(isinstance(other, str) and other for other in others)
    if not plain or (method in ("upper", "lower") and not text.str.isascii().all()):
        return of_distinct(function, dtype, text, *others)
    if method == "replace":
        replaced = text.str.replace(*others, regex=False)
        return replaced
    options = {"regex": False} if method == "contains" else {}
    found = getattr(text.str, method)(*others, **options)
    return known_where(found, text) if dtype == "boolean" else found.astype(dtype)


def texts_of(column: pd.Series) -> pd.Series:
    """Return categories as text; any other column unchanged."""
    import pandas as pd

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    texts = pd.Series([*map(str, column.cat.categories), None], dtype="str")
    return texts.take(column.cat.codes.to_numpy() % len(texts)).set_axis(column.index)


def column(value: Any, index: pd.Index, like: Any = None) -> Any:
    """Return a column of a constant, for missing of the type of another value."""
    import pandas as pd

    if is_series(value):
        return value.astype("boolean") if value.dtype.kind == "b" else value
    sample = like if value is None else value
    if is_series(like) and is_date(like):
        return pd.Series(in_zone(value, like), index=index, dtype=like.dtype)
    if is_series(sample):
        dtype: Any = {"b": "boolean", "i": "float64"}.get(sample.dtype.kind, sample.dtype)
    elif is_number(sample):
        dtype = "int64" if type(value) is int else "float64"
    else:
        dtype = {bool: "boolean", str: "str"}.get(type(sample), "datetime64[us]")
    return pd.Series(value, index=index, dtype=dtype)


def shifted(dates: Any, days: Any) -> Any:
    """Return dates some days later, to the microsecond."""
    import numpy as np
    import pandas as pd

    if not is_series(days):
        days = pd.Series(float(days), index=dates.index)
    delta = pd.to_timedelta(np.rint(days * DAY), unit="us")
    found = dates + delta
    if not found.dt.year.dropna().between(1, 9999).all():
        raise OverflowError("date value out of range")
    return found


def in_zone(value: Any, dates: Any) -> Any:
    """Return a constant date with the time zone of a column; any other value unchanged."""
    import pandas as pd

    zone = getattr(getattr(dates, "dtype", None), "tz", None)
    if zone is None or is_series(value) or value is None:
        return value
    try:
        return pd.Timestamp(value).tz_localize(zone)
    except ValueError:
        raise ValueError(f"{value} occurs twice or never in the time zone {zone}") from None


def three_valued(conditions: tuple[Any, ...]) -> list[Any]:
    """Return conditions that can be missing where one of them can."""
    import pandas as pd

    if not any(
        value is None or str(getattr(value, "dtype", "")) == "boolean" for value in conditions
    ):
        return list(conditions)
    return [
        value.astype("boolean") if is_series(value) else pd.NA if value is None else value
        for value in sorted(conditions, key=is_series, reverse=True)
    ]


def real(value: Any) -> Any:
    """Return floating-point numbers."""
    return value.astype("float64") if is_series(value) else float(value)


def ends_of(value: Any) -> tuple[int, int]:
    """Return the smallest and the largest of integers."""
    if not is_series(value):
        return value, value
    numbers = value.to_numpy()
    return (int(numbers.min()), int(numbers.max())) if len(value) else (0, 0)


def known_where(found: pd.Series, *values: Any) -> Any:
    """Return conditions that are missing where a value is."""
    absent = [value.isna() for value in values if is_series(value) and value.hasnans]
    if not absent or str(found.dtype) == "boolean":
        return found
    return found.astype("boolean").mask(absent[0] | absent[-1])


def is_series(value: Any) -> bool:
    """Return whether a value is a column."""
    return hasattr(value, "dtype")


def is_date(value: Any) -> bool:
    """Return whether a value is a date or a column of dates."""
    return hasattr(value, "isoformat") or getattr(getattr(value, "dtype", None), "kind", "") == "M"


def is_integer(value: Any) -> bool:
    """Return whether a value is an integer or a column of integers."""
    return type(value) is int or getattr(getattr(value, "dtype", None), "kind", "") == "i"


def is_number(value: Any) -> bool:
    """Return whether a value is a number, missing, or a column of numbers."""
    if is_series(value):
        return value.dtype.kind in ("i", "f")
    return value is None or type(value) in (int, float)


def too_large(sign: str) -> ModuleError:
    """Return the error for integers beyond 64 bits."""
    return ModuleError(
        "integer-overflow",
        f"The result of “{sign}” is too large for an integer.",
        "Multiply one of the numbers by 1.0 to calculate with floating-point numbers.",
        parameter="formulas",
    )
