"""Convert columns to another type, for Edit Metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.data_table import kind_of
from modules.tables.frames import shown, without_categories

if TYPE_CHECKING:
    import pandas as pd

_TRUE = ("true", "yes", "1", "1.0")
_FALSE = ("false", "no", "0", "0.0")


def retyped(
    column: pd.Series, data_type: str, datetime_format: str = "", categorical: str = "unchanged"
) -> pd.Series:
    """Return a column in another type, as categories or plain; see :func:`converted`."""
    return categorized(column, converted(column, data_type, datetime_format), categorical)


def converted(column: pd.Series, data_type: str, datetime_format: str) -> pd.Series:
    """Return a column converted to a type of Edit Metadata.

    Raises
    ------
    ModuleError
        If a value can't be converted, which the error names, or the format is invalid.
    """
    if data_type == "unchanged":
        return column
    column = without_categories(column)
    convert = {
        "string": _to_text,
        "integer": _to_integer,
        "double": _to_number,
        "boolean": _to_boolean,
    }.get(data_type)
    return convert(column) if convert else _to_datetime(column, datetime_format)


def categorized(before: pd.Series, column: pd.Series, categorical: str) -> pd.Series:
    """Return a column as categories or plain; unchanged means as it was before."""
    import pandas as pd

    was = isinstance(before.dtype, pd.CategoricalDtype)
    is_now = isinstance(column.dtype, pd.CategoricalDtype)
    wanted = was if categorical == "unchanged" else categorical == "categorical"
    if wanted and not is_now:
        return column.astype("category")
    if is_now and not wanted:
        return without_categories(column)
    return column


def _to_text(column: pd.Series) -> pd.Series:
    kind = kind_of(column.dtype)
    if kind == "string":
        return column
    if kind == "datetime":
        return column.map(lambda moment: moment.isoformat(), na_action="ignore").astype("str")
    if kind == "number" and ((column % 1 == 0) & (column.abs() <= 2**53) | column.isna()).all():
        # Integers with missing values are of this kind too.
        return _digits(column)
    return column.astype("str").where(column.notna())


def _to_number(column: pd.Series) -> pd.Series:
    return _numbers(column, "a number")


def _to_integer(column: pd.Series) -> pd.Series:
    import numpy as np

    if kind_of(column.dtype) == "integer":
        return column
    numbers = _numbers(column, "an integer", exact=True)
    if kind_of(numbers.dtype) == "integer":
        return numbers
    values = numbers.to_numpy()
    known = ~np.isnan(values)
    bad = known & ((values != np.floor(values)) | (np.abs(values) >= 2**63))
    if bad.any():
        raise _not_convertible(column, column[bad].iloc[0], "an integer")
    if known.all():
        return numbers.astype("int64")
    long = np.abs(values[known]).max(initial=0) >= 2**53
    lost = " Those beyond 2**53 were rounded." if long else ""
    warn(f"Column “{column.name}” has missing values; its integers were stored as numbers.{lost}")
    return numbers


def _numbers(column: pd.Series, wanted: str, *, exact: bool = False) -> pd.Series:
    """Return the column as numbers: float64, or int64 if ``exact`` and possible."""
    import pandas as pd

    kind = kind_of(column.dtype)
    if kind == "string":
        numbers = pd.to_numeric(column, errors="coerce")
        bad = numbers.isna() & column.notna()
        # The text NaN is a missing value, not an error.
        bad &= ~column.str.strip().str.lower().isin(["nan", ""])
        if bad.any():
            raise _not_convertible(column, column[bad].iloc[0], wanted)
        column = numbers
    elif kind == "datetime":
        moments = column.dt.tz_convert(None) if column.dt.tz is not None else column
        return (moments - pd.Timestamp(0)).dt.total_seconds()
    if exact and kind_of(column.dtype) in ("integer", "boolean") and not column.isna().any():
        # Text can contain integers that don't fit in 63 bits.
        unsigned = column.dtype.kind == "u" and column.max() >= 2**63
        return column if unsigned else column.astype("int64")
    return column.astype("float64")


def _to_boolean(column: pd.Series) -> pd.Series:
    import pandas as pd

    if kind_of(column.dtype) == "boolean":
        return column
    codes, values = pd.factorize(column)
    meaning: list[bool | None] = []
    for value in values:
        text = str(value).strip().lower()
        if text not in (*_TRUE, *_FALSE):
            raise _not_convertible(column, value, "true or false")
        meaning.append(text in _TRUE)
    result = pd.array([*meaning, None], dtype="boolean").take(codes)
    return pd.Series(result if (codes < 0).any() else result.astype(bool), column.index)


def _to_datetime(column: pd.Series, datetime_format: str) -> pd.Series:
    import pandas as pd

    kind = kind_of(column.dtype)
    if kind == "datetime":
        return column
    if kind == "boolean":
        raise _not_convertible(column, column.dropna().iloc[:1].squeeze(), "a date")
    if kind in ("integer", "number") and not datetime_format:
        dates = _written_dates(column)
        return _from_seconds(column) if dates is None else dates
    texts = _digits(column) if kind == "number" else _to_text(column)
    wanted = datetime_format or "ISO8601"
    _check_form(datetime_format)
    try:
        return pd.to_datetime(texts, format=wanted)
    except (ValueError, TypeError) as error:
        found = pd.to_datetime(texts, format=wanted, errors="coerce", utc=True)
        bad = texts[found.isna() & texts.notna()]
        if not len(bad):
            raise _of_several_offsets(texts.dropna(), wanted) from error
        form = datetime_format or "ISO 8601"
        raise _not_convertible(column, bad.iloc[0], f"a date in the format {form}") from error


def _written_dates(column: pd.Series) -> pd.Series | None:
    """Return the dates of a column whose numbers all look like 20240131, else None."""
    import pandas as pd

    known = column.dropna()
    # Years of four digits. As seconds since 1970 they would be days of 1970 to 1973.
    if not len(known) or not known.between(1000_01_01, 9999_12_31).all():
        return None
    if (known % 1 != 0).any():
        return None
    dates = pd.to_datetime(_digits(column), format="%Y%m%d", errors="coerce")
    return None if dates.isna().sum() > column.isna().sum() else dates


def _from_seconds(column: pd.Series) -> pd.Series:
    import pandas as pd

    try:
        moments = pd.to_datetime(column, unit="s")
    except (ValueError, OverflowError) as error:
        raise _not_convertible(column, column.max(), "a date") from error
    known = column.dropna()
    if len(known):
        first = moments[known.index[0]].isoformat(sep=" ", timespec="seconds")
        warn(
            f"The numbers of column “{column.name}” were read as seconds since 1970: "
            f"{_digits(known[:1]).iloc[0]} became {first}. "
            "If their digits mean something else, enter a date and time format."
        )
    return moments


def _digits(column: pd.Series) -> pd.Series:
    """Return numbers as text, integers without a fraction: 20240131, not 20240131.0."""
    return column.map(
        lambda number: str(int(number)) if float(number).is_integer() else str(number),
        na_action="ignore",
    ).astype("str")


def _check_form(datetime_format: str) -> None:
    import pandas as pd

    moment = pd.Timestamp(2024, 5, 31)
    try:
        pd.to_datetime(moment.strftime(datetime_format), format=datetime_format or None)
    except ValueError as error:
        if "directive" not in str(error) and "stray %" not in str(error):
            return
        raise ModuleError(
            "bad-format",
            f"“{shown(datetime_format)}” isn't a date format.",
            "Use Python's notation, such as %d.%m.%Y or %Y-%m-%d %H:%M.",
            parameter="datetime_format",
        ) from error


def _of_several_offsets(texts: pd.Series, wanted: str) -> ModuleError:
    """Return the error for times with different offsets from UTC, or with and without one."""
    import pandas as pd

    # Texts with the same end have the same offset.
    different = texts[~texts.str[-6:].duplicated()]
    offsets = [pd.to_datetime(different[[at]], format=wanted).dt.tz for at in different.index]
    place = next(at for at, offset in enumerate(offsets) if offset != offsets[0])
    return _not_convertible(
        texts,
        different.iloc[place],
        f"a time with the same offset from UTC as “{shown(different.iloc[0])}”",
        "Convert the times to one offset in a Python script first.",
    )


def _not_convertible(
    column: pd.Series,
    value: Any,
    wanted: str,
    hint: str = "Choose another type, or clean the values first.",
) -> ModuleError:
    return ModuleError(
        "not-convertible",
        f"Column “{column.name}” contains “{shown(value)}”, which isn't {wanted}.",
        hint,
        parameter="data_type",
        column=str(column.name),
    )
