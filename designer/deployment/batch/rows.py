"""The rows of a file as the model needs them, and why others can't be scored.

The rules are those of a request (:mod:`modules.requests.tables`), column by column instead
of row by row, so that a million rows take no longer than a table does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from designer.deployment.problem import ServingError
from designer.pipeline.problem import near
from modules.contract.normalize_frame import set_columns

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from modules.contract import DataTable
    from modules.requests.tables import RequestColumn, RequestSchema

BadRows = Literal["refuse", "leave-out", "keep"]
"""What to do with rows that can't be scored: the whole file is rejected, they are left out, or
they are kept with the reason."""

BAD_ROWS: tuple[BadRows, ...] = ("refuse", "leave-out", "keep")


@dataclass(frozen=True)
class FittedRows:
    """The columns of a table that a model uses.

    Parameters
    ----------
    table : DataTable
        The columns of the model, with the types of its training data, of sound rows.
    whole : pandas.DataFrame
        The same columns of all rows; what isn't a value of its column is missing.
    sound : numpy.ndarray
        Whether each row of the file can be scored, shape (rows,).
    reasons : pandas.Series
        A sentence for each row that can't; indexed by row.
    """

    table: DataTable
    whole: pd.DataFrame
    sound: np.ndarray
    reasons: pd.Series


def fit_rows(
    read: DataTable,
    schema: RequestSchema,
    bad_rows: BadRows,
    dtypes: Mapping[str, Any] | None = None,
) -> FittedRows:
    """Return the rows of a table that a model can score.

    Parameters
    ----------
    dtypes : mapping of str to dtype, optional
        The categories that the model was fitted on.

    Raises
    ------
    ServingError
        If a column is missing or of another type as a whole, no row can be scored, or one
        can't and ``bad_rows`` is ``refuse``. It names the column.
    """
    import numpy as np
    import pandas as pd

    from modules.contract import DataTable

    count = len(read)
    if not count:
        raise ServingError("The file has no rows.")
    sound = np.ones(count, dtype=bool)
    reasons = pd.Series("", index=range(count), dtype=object)
    if not schema.columns:
        return FittedRows(read, read.frame, sound, reasons[~sound])
    kinds = {column.name: column.kind for column in read.columns}
    found: dict[str, pd.Series] = {}
    for column in schema.columns:
        if column.name not in kinds:
            if column.optional:
                continue
            hint = near(column.name, list(kinds), "columns")
            raise ServingError(f"The file has no column “{column.name}”.", hint)
        given = read.frame[column.name]
        values = _converted(given, kinds[column.name], column)
        for wrong, sentence in _faults(given, values, column, schema.unseen):
            if bad_rows == "refuse":
                raise _refusal(given, wrong, sentence)
            fresh = wrong & sound
            reasons[fresh] = given[fresh].map(sentence)
            sound &= ~wrong
        found[column.name] = _fitted_categories(values, (dtypes or {}).get(column.name))
    whole = pd.DataFrame(found)
    made = whole if sound.all() else whole.loc[sound].reset_index(drop=True)
    if not len(made):
        first = reasons.iloc[0]
        raise ServingError("The file has no rows that can be scored.", f"Row 1: {first}")
    for column in schema.columns:
        # Without the missing values, integers are integers again.
        numbers = made.get(column.name) if column.kind == "integer" else None
        if numbers is not None and numbers.dtype.kind == "f" and not numbers.isna().any():
            made = set_columns(made, {column.name: numbers.astype("int64")})
    roles = {column.name: column.role for column in schema.columns if column.name in made}
    return FittedRows(DataTable(made, roles), whole, sound, reasons[~sound])


def _converted(given: pd.Series, kind: str, column: RequestColumn) -> pd.Series:
    """Return a column with the type that the model was fitted with.

    Single values that can't be converted become missing.
    """
    if kind == column.kind:
        return _finite(given)
    try:
        values = _CONVERSIONS[column.kind](given, column)
    except (KeyError, TypeError, ValueError):
        values = None
    if values is None or (given.notna().any() and not values.notna().any()):
        raise ServingError(
            f"The column “{column.name}” contains {_PLURALS.get(kind, kind)}; "
            f"the model needs {_PLURALS.get(column.kind, column.kind)}."
        )
    return values


Fault = tuple["np.ndarray", Callable[[Any], str]]


def _faults(given: pd.Series, values: pd.Series, column: RequestColumn, unseen: str) -> list[Fault]:
    """Return which rows are wrong in a column, and the sentence about a value."""
    name, found = column.name, []
    empty = values.isna().to_numpy()
    if values is not given:
        wrong = empty & given.notna().to_numpy()
        if wrong.any():
            needed = _SINGULARS.get(column.kind, column.kind)
            found.append((wrong, lambda v: f"The column “{name}” needs {needed}, not “{v}”."))
            empty = given.isna().to_numpy()
    if not (column.missing or column.optional) and empty.any():
        found.append((empty, lambda _: f"The column “{name}” has no value."))
    if column.values is not None and unseen == "refuse" and not column.optional:
        strange = values.notna().to_numpy() & ~values.isin(list(column.values)).to_numpy()
        if strange.any():
            known = [str(value) for value in column.values]

            def sentence(value: Any) -> str:
                hint = near(str(value), known, "known values")
                return f"The model doesn't know the value “{value}” of “{name}”. {hint}"

            found.append((strange, sentence))
    return found


def _refusal(given: pd.Series, wrong: np.ndarray, sentence: Callable[[Any], str]) -> ServingError:
    first, count = int(wrong.argmax()), int(wrong.sum())
    others = f" So {'are' if count > 2 else 'is'} {count - 1:,} more." if count > 1 else ""
    return ServingError(
        f"Row {first + 1} can't be scored. {sentence(given.iloc[first])}{others}",
        "Fix the file, or leave such rows out or keep them with the reason.",
    )


def _fitted_categories(values: pd.Series, dtype: Any) -> pd.Series:
    """Let a column have the categories that the model was fitted on, in their order."""
    if dtype is None or str(values.dtype) != "category":
        return values
    known = set(dtype.categories)
    fresh = [each for each in values.cat.categories if each not in known]
    fitted = values.cat.set_categories([*dtype.categories, *fresh])
    return fitted if fresh or not dtype.ordered else fitted.cat.as_ordered()


def _numbers(given: pd.Series, column: RequestColumn) -> pd.Series:
    import pandas as pd

    if isinstance(given.dtype, pd.BooleanDtype) or given.dtype.kind in "bMm":
        raise TypeError
    return _finite(pd.to_numeric(given, errors="coerce").astype("float64"))


def _finite(values: pd.Series) -> pd.Series:
    """Return numbers without infinite ones, which JSON has no word for either."""
    import numpy as np

    if values.dtype.kind != "f":
        return values
    infinite = np.isinf(values.to_numpy(dtype="float64", na_value=0.0))
    return values.mask(infinite) if infinite.any() else values


def _whole(given: pd.Series, column: RequestColumn) -> pd.Series:
    values = _numbers(given, column)
    values = values.where(values == values.round())
    return values if values.isna().any() else values.astype("int64")


def _texts(given: pd.Series, column: RequestColumn) -> pd.Series:
    return given.map(str, na_action="ignore").astype("str")


def _moments(given: pd.Series, column: RequestColumn) -> pd.Series:
    import pandas as pd

    if given.dtype.kind in "biuf":
        raise TypeError
    values = pd.to_datetime(given, format="ISO8601", errors="coerce", utc=bool(column.zone))
    if column.zone:
        return values.dt.tz_convert(column.zone).dt.as_unit("us")
    return values.dt.tz_localize(None).dt.as_unit("us")


def _booleans(given: pd.Series, column: RequestColumn) -> pd.Series:
    if given.dtype.kind in "iufMm" and given.notna().any():
        raise TypeError
    booleans: Mapping[str, bool] = {"true": True, "false": False}
    return given.astype("str").str.lower().map(booleans).astype("boolean")


def _categories(given: pd.Series, column: RequestColumn) -> pd.Series:
    return given.astype("category")


_CONVERSIONS: dict[str, Callable[[pd.Series, RequestColumn], pd.Series]] = {
    "number": _numbers,
    "integer": _whole,
    "string": _texts,
    "datetime": _moments,
    "boolean": _booleans,
    "categorical": _categories,
}

_PLURALS = {
    "integer": "integers",
    "number": "numbers",
    "boolean": "Boolean values",
    "string": "text",
    "datetime": "dates",
    "categorical": "categories",
}

_SINGULARS = {
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "datetime": "a date such as 2024-05-31",
}
