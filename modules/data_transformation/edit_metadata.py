"""Edit Metadata."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    When,
    module,
    warn,
)
from modules.contract.data_table import kind_of
from modules.data_transformation._frames import (
    rebuilt,
    shown,
    without_categories,
)

if TYPE_CHECKING:
    import pandas as pd

_ROLES = {
    "feature": Role.FEATURE,
    "label": Role.LABEL,
    "weight": Role.WEIGHT,
    "clear feature": Role.NONE,
}
_CLEARED = {
    "clear label": Role.LABEL,
    "clear score": Role.SCORE,
    "clear weight": Role.WEIGHT,
}
_TRUE = ("true", "yes", "1", "1.0")
_FALSE = ("false", "no", "0", "0.0")


@module(
    "Edit Metadata",
    outputs=("results_dataset",),
    keywords=("rename", "type", "cast", "convert", "label", "feature", "categorical", "role"),
    requires=("pandas", "numpy"),
)
def edit_metadata(
    dataset: DataTable,
    *,
    columns: Annotated[ColumnSelector, Field(title="Columns"), Columns(of="dataset")],
    data_type: Literal[
        "unchanged", "string", "integer", "double", "boolean", "datetime"
    ] = "unchanged",
    datetime_format: Annotated[
        str, Field(title="Date and time format"), When(data_type="datetime")
    ] = "",
    categorical: Literal["unchanged", "categorical", "non-categorical"] = "unchanged",
    fields: Literal[
        "unchanged",
        "feature",
        "label",
        "weight",
        "clear feature",
        "clear label",
        "clear score",
        "clear weight",
    ] = "unchanged",
    new_column_names: Annotated[str, Field(title="New column names")] = "",
) -> DataTable:
    """Change the type, the role or the names of columns.

    Mark the label, keep ids out of training, read text as numbers or dates, and give columns
    names of your own.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to change.
    data_type : str
        The type to convert the values to; a value that can't be converted is an error that
        names it.
    datetime_format : str
        How dates are written, in Python's notation, ``%d.%m.%Y`` for example. Empty for ISO
        8601 and for numbers, which are seconds since 1970.
    categorical : str
        Mark the columns as categories, or make plain values of categories.
    fields : str
        The role of the columns: feature to learn from, label to predict, weight of a row.
        Clearing a feature keeps a column, an id for example, out of training.
    new_column_names : str
        New names, separated by commas, one for each chosen column in their order. A name
        with a comma stands in double quotes.

    Returns
    -------
    results_dataset : DataTable
        The same rows.

    Notes
    -----
    Text becomes a boolean from true, yes and 1 or false, no and 0; numbers from 1 and 0. A
    column of whole numbers with missing values stays a column of numbers. A table has one
    label: a column that was the label before becomes a feature, with a warning.

    The role of a weight is new here; the original has none.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    renamed = _renamed(dataset.names, names, new_column_names)
    changed = {}
    for name in names:
        column = dataset.frame[name]
        result = _converted(column, data_type, datetime_format.strip())
        result = _categorized(column, result, categorical)
        if result is not column:
            changed[name] = result
    frame = rebuilt(dataset.frame, changed=changed) if changed else dataset.frame
    table = dataset.with_frame(frame).with_roles(_roles(dataset, names, fields))
    if renamed:
        table = table.with_frame(table.frame.rename(columns=renamed), renamed=renamed)
    return table


def _renamed(all_names: list[str], names: list[str], text: str) -> dict[str, str]:
    if not text.strip():
        return {}
    new = [name.strip() for name in next(csv.reader([text], skipinitialspace=True))]
    if len(new) != len(names):
        raise ModuleError(
            "names-do-not-match",
            f"{len(new)} new names are given for {len(names)} columns.",
            "Give one name for each chosen column, separated by commas.",
            parameter="new_column_names",
        )
    renamed = dict(zip(names, new, strict=True))
    result = [renamed.get(name, name) for name in all_names]
    for name in new:
        if not name or result.count(name) > 1:
            shown = f"Two columns would be named “{name}”." if name else "A new name is empty."
            raise ModuleError(
                "bad-name", shown, "Give every column its own name.", parameter="new_column_names"
            )
    return renamed


def _roles(dataset: DataTable, names: list[str], fields: str) -> dict[str, str]:
    if fields in _CLEARED:
        cleared = _CLEARED[fields]
        return {name: Role.FEATURE for name in names if dataset.roles.get(name) == cleared}
    if fields not in _ROLES:
        return {}
    roles = dict.fromkeys(names, _ROLES[fields])
    if fields in ("label", "weight"):
        if len(names) > 1:
            raise ModuleError(
                "several-columns-selected",
                f"{len(names)} columns are chosen, but a table has one {fields}.",
                "Choose a single column.",
                parameter="columns",
            )
        for name in dataset.having_role(_ROLES[fields]):
            if name not in names:
                warn(f"“{name}” is no longer the {fields}; it is a feature now.")
                roles[name] = Role.FEATURE
    return roles


def _converted(column: pd.Series, data_type: str, datetime_format: str) -> pd.Series:
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


def _categorized(before: pd.Series, column: pd.Series, categorical: str) -> pd.Series:
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
    return column.astype("str").where(column.notna())


def _to_number(column: pd.Series) -> pd.Series:
    return _numbers(column, "a number")


def _to_integer(column: pd.Series) -> pd.Series:
    import numpy as np

    if kind_of(column.dtype) == "integer":
        return column
    numbers = _numbers(column, "a whole number", exact=True)
    if kind_of(numbers.dtype) == "integer":
        return numbers
    values = numbers.to_numpy()
    known = ~np.isnan(values)
    bad = known & ((values != np.floor(values)) | (np.abs(values) >= 2**63))
    if bad.any():
        raise _not_convertible(column, column[bad].iloc[0], "a whole number")
    if known.all():
        return numbers.astype("int64")
    long = np.abs(values[known]).max(initial=0) >= 2**53
    lost = " Beyond 2**53 they lose their last digits." if long else ""
    warn(f"Column “{column.name}” has missing values; its whole numbers stay of type number.{lost}")
    return numbers


def _numbers(column: pd.Series, wanted: str, *, exact: bool = False) -> pd.Series:
    """Return the column as numbers: float64, or int64 where ``exact`` and it can be."""
    import pandas as pd

    kind = kind_of(column.dtype)
    if kind == "string":
        numbers = pd.to_numeric(column, errors="coerce")
        bad = numbers.isna() & column.notna()
        # A text that says NaN is a missing value and no mistake.
        bad &= ~column.str.strip().str.lower().isin(["nan", ""])
        if bad.any():
            raise _not_convertible(column, column[bad].iloc[0], wanted)
        column = numbers
    elif kind == "datetime":
        moments = column.dt.tz_convert(None) if column.dt.tz is not None else column
        return (moments - pd.Timestamp(0)).dt.total_seconds()
    if exact and kind_of(column.dtype) in ("integer", "boolean") and not column.isna().any():
        return column.astype("int64")
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
        try:
            return pd.to_datetime(column, unit="s")
        except (ValueError, OverflowError) as error:
            raise _not_convertible(column, column.max(), "a date") from error
    texts = _digits(column) if kind == "number" else _to_text(column)
    wanted = datetime_format or "ISO8601"
    _check_form(datetime_format)
    try:
        return pd.to_datetime(texts, format=wanted)
    except (ValueError, TypeError) as error:
        found = pd.to_datetime(texts, format=wanted, errors="coerce", utc=True)
        bad = texts[found.isna() & texts.notna()]
        value: Any = bad.iloc[0] if len(bad) else texts.iloc[0]
        form = datetime_format or "ISO 8601"
        raise _not_convertible(column, value, f"a date in the form {form}") from error


def _digits(column: pd.Series) -> pd.Series:
    """Return numbers as text, whole ones without a fraction: 20240131, not 20240131.0."""
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
            f"“{shown(datetime_format)}” is no form of dates.",
            "Write it in Python's notation, such as %d.%m.%Y or %Y-%m-%d %H:%M.",
            parameter="datetime_format",
        ) from error


def _not_convertible(column: pd.Series, value: Any, wanted: str) -> ModuleError:
    return ModuleError(
        "not-convertible",
        f"Column “{column.name}” holds “{shown(value)}”, which is not {wanted}.",
        "Choose another type, or clean the values before.",
        parameter="data_type",
        column=str(column.name),
    )
