"""Clean Missing Data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, When, module
from modules.contract.columns import Column
from modules.contract.data_table import kind_of
from modules.contract.value import Row, RowFunction
from modules.tables.frames import free_name, rebuilt, shown, wrong_kind
from modules.values import Transformation

if TYPE_CHECKING:
    import pandas as pd

_REPLACE = (
    "custom substitution value",
    "replace with mean",
    "replace with median",
    "replace with mode",
)


@module(
    "Clean Missing Data",
    outputs=("cleaned_dataset", "cleaning_transformation"),
    keywords=("missing", "null", "nan", "impute", "fill", "empty", "drop", "fillna", "dropna"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
)
def clean_missing_data(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector, Field(title="Columns to be cleaned"), Columns(of="dataset")
    ] = ColumnSelector.all(),
    minimum_ratio: Annotated[float, Field(title="Minimum missing value ratio", ge=0, le=1)] = 0.0,
    maximum_ratio: Annotated[float, Field(title="Maximum missing value ratio", ge=0, le=1)] = 1.0,
    cleaning_mode: Literal[
        "custom substitution value",
        "replace with mean",
        "replace with median",
        "replace with mode",
        "remove entire row",
        "remove entire column",
    ] = "custom substitution value",
    replacement_value: Annotated[str, When(cleaning_mode="custom substitution value")] = "0",
    indicator_columns: Annotated[
        bool, Field(title="Generate missing value indicator columns"), When(cleaning_mode=_REPLACE)
    ] = False,
    all_missing: Annotated[
        Literal["remove", "propagate"],
        Field(title="Columns with all missing values"),
        When(cleaning_mode=_REPLACE),
    ] = "remove",
) -> tuple[DataTable, Transformation]:
    """Replace missing values, or remove the rows or columns that have them.

    Decision trees accept missing numbers; linear models replace them with the mean
    automatically. Clean the data if you know a better replacement.

    The replacements, such as means, are output as a transformation, so that new data is
    cleaned in the same way.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to clean; others are unchanged.
    minimum_ratio : float
        Clean only columns with at least this ratio of missing values.
    maximum_ratio : float
        Clean only columns with at most this ratio of missing values.
    cleaning_mode : str
        What to do. The mean and the median are for numbers, the mode (the most frequent
        value) is for any column.
    replacement_value : str
        The replacement for missing values, converted to a number, boolean, or date to match the
        column.
    indicator_columns : bool
        For each column that had missing values, append a column ``<name>_IsMissing`` that
        is true for missing values.
    all_missing : str
        What to do with a column with no values: remove or keep it. A kept column is filled with
        the custom value, as text if that isn't a number; otherwise it stays missing, because
        there is nothing to compute a replacement from.

    Returns
    -------
    cleaned_dataset : DataTable
        The cleaned table.
    cleaning_transformation : Transformation
        Cleans new data in the same way.

    Notes
    -----
    Values equal those of pandas: ``fillna(mean())``, ``fillna(median())``,
    ``fillna(mode()[0])``, ``dropna()``. If several values are most frequent, the smallest is used.
    The mean or median of a boolean column is rounded to true (from 0.5) or false, so
    that the column keeps its type.

    A column of the wrong type, for example text with a mean as replacement, is an error
    only if it has missing values, so you can select all columns.

    A transformation that removes rows removes them from new data too.

    As in Azure ML designer, values aren't imputed from other columns (MICE and probabilistic
    PCA of ML Studio (classic) aren't available).
    """
    if minimum_ratio > maximum_ratio:
        raise ModuleError(
            "bad-range",
            f"The minimum ratio {minimum_ratio:g} is above the maximum {maximum_ratio:g}.",
            "Set the minimum to at most the maximum.",
            parameter="minimum_ratio",
        )
    selected = columns.resolve(dataset.columns, parameter="columns")
    rows = len(dataset)
    counts = {name: int(dataset.frame[name].isna().sum()) for name in selected}
    in_range = [
        name for name in selected if minimum_ratio <= counts[name] / max(rows, 1) <= maximum_ratio
    ]
    with_missing = [name for name in in_range if counts[name]]
    if cleaning_mode == "remove entire column":
        cleaning = MissingValueCleaning(removed=with_missing)
    elif cleaning_mode == "remove entire row":
        cleaning = MissingValueCleaning(complete=in_range)
    else:
        empty = [name for name in with_missing if counts[name] == rows]
        removed = empty if all_missing == "remove" else []
        kinds = {column.name: column for column in dataset.columns}
        fills = []
        for name in in_range:
            if name not in removed:
                kind = kinds[name].kind
                fill = _fill(dataset.frame[name], kind, cleaning_mode, replacement_value)
                custom = cleaning_mode == "custom substitution value"
                if fill is None and custom and kind == "number" and name in empty:
                    # A column without values doesn't have a type yet.
                    kind, fill = "string", replacement_value
                if fill is not None:
                    fills.append({"column": name, "kind": kind, "value": fill})
                elif counts[name] and (custom or name not in empty):
                    raise _not_fitting(kinds[name], cleaning_mode, replacement_value)
        flagged = with_missing if indicator_columns else []
        taken = list(dataset.names)
        indicators = []
        for name in flagged:
            indicators.append([name, free_name(f"{name}_IsMissing", taken)])
            taken.append(indicators[-1][1])
        cleaning = MissingValueCleaning(fills=fills, indicators=indicators, removed=removed)
    return cleaning.apply(dataset), cleaning


@dataclass(frozen=True, eq=False)
class MissingValueCleaning(Transformation):
    """Cleaning as fitted by Clean Missing Data.

    Parameters
    ----------
    fills : list of dict
        ``column``, ``kind`` and ``value`` (a JSON scalar) of each column to fill.
    indicators : list of [str, str]
        Column, and name of the column that indicates its missing values.
    removed : list of str
        Columns to remove.
    complete : list of str
        Columns; rows with a missing value in one of them are removed.
    """

    title: ClassVar[str] = "Cleaning of missing data"

    fills: list[dict[str, Any]] = field(default_factory=list)
    indicators: list[list[str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)

    def apply(self, table: DataTable) -> DataTable:
        """Return the cleaned table; see :class:`Transformation`."""
        frame = table.frame
        needed = [fill["column"] for fill in self.fills]
        table.require([*needed, *(name for name, _ in self.indicators), *self.complete])
        changed = {}
        for fill in self.fills:
            name = fill["column"]
            filled = _filled(frame[name], fill)
            if filled is not None:
                changed[name] = filled
        appended = {new: frame[name].isna() for name, new in self.indicators}
        if changed or appended or self.removed:
            frame = rebuilt(frame, changed=changed, dropped=self.removed, appended=appended)
        if self.complete:
            missing = frame[self.complete].isna().any(axis=1).to_numpy()
            if missing.any():
                frame = frame.take((~missing).nonzero()[0])
        return table.with_frame(frame)

    def compile(self) -> RowFunction | None:
        """Return a row function; None if rows are removed."""
        if self.complete:
            return None
        fills = [(fill["column"], _scalar(fill)) for fill in self.fills]
        removed = frozenset(self.removed)
        indicators = [(name, new) for name, new in self.indicators]

        def clean(row: Row) -> dict[str, Any]:
            result = {name: value for name, value in row.items() if name not in removed}
            for name, value in fills:
                if _is_missing(row[name]):
                    result[name] = value
            for name, new in indicators:
                result[new] = _is_missing(row[name])
            return result

        return clean

    def describe(self) -> pd.DataFrame:
        """Return the action for each column, one row per column."""
        import pandas as pd

        rows = [
            (fill["column"], "replace missing values with", str(fill["value"]))
            for fill in self.fills
        ]
        rows += [(name, "mark missing values in", new) for name, new in self.indicators]
        rows += [(name, "remove the column", "") for name in self.removed]
        rows += [(name, "remove rows with missing values", "") for name in self.complete]
        return pd.DataFrame(rows, columns=["Column", "Action", "Value"], dtype="str")


def _fill(values: pd.Series, kind: str, mode: str, text: str) -> Any:
    """Return the replacement for missing values, or None if there isn't one."""
    if mode == "custom substitution value":
        if kind == "categorical":
            kind = kind_of(values.cat.categories.dtype)
        return _custom(kind, text)
    if not values.notna().any():
        return None
    if mode == "replace with mode":
        return _plain(values.mode().iloc[0])
    if kind not in ("integer", "number", "boolean"):
        return None
    numbers = values.astype("float64") if kind == "boolean" else values
    found = float(numbers.mean() if mode == "replace with mean" else numbers.median())
    return found >= 0.5 if kind == "boolean" else found


def _custom(kind: str, text: str) -> Any:
    if kind in ("integer", "number"):
        try:
            number = float(text.strip())
        except ValueError:
            return None
        if not math.isfinite(number):
            return None
        return int(number) if number.is_integer() else number
    if kind == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    if kind == "datetime":
        import pandas as pd

        try:
            return pd.Timestamp(text.strip()).isoformat() if text.strip() else None
        except ValueError:
            return None
    return text


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _not_fitting(column: Column, mode: str, text: str) -> ModuleError:
    if mode == "custom substitution value":
        return wrong_kind(
            column.name,
            column.kind,
            f"“{shown(text)}” doesn't match the type",
            parameter="replacement_value",
            hint="Enter another value, or clean this column in a separate step.",
        )
    what = mode.removeprefix("replace with ")
    return wrong_kind(column.name, column.kind, f"a {what} requires numbers", parameter="columns")


def _filled(column: pd.Series, fill: dict[str, Any]) -> Any:
    """Return the column with missing values replaced, None if none is missing."""
    import numpy as np
    import pandas as pd

    value = fill["value"]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        values = column.to_numpy()
        missing = np.isnan(values)
        if not missing.any():
            return None
        if not isinstance(value, (int, float)) or (isinstance(value, bool) and missing.all()):
            return _typeless(column, fill)
        return np.where(missing, values.dtype.type(value), values)
    if not column.isna().any():
        return None
    if isinstance(column.dtype, pd.StringDtype) and not isinstance(value, str):
        return _typeless(column, fill)
    try:
        if isinstance(column.dtype, pd.CategoricalDtype):
            return _filled_categories(column, value)
        if column.dtype.kind == "M":
            return column.fillna(_moment(value, column.dtype))
        filled = column.fillna(value)
        return filled.astype("bool") if isinstance(column.dtype, pd.BooleanDtype) else filled
    except (TypeError, ValueError) as error:
        raise _changed(column, value) from error


def _filled_categories(column: pd.Series, value: Any) -> pd.Series:
    categories = column.cat.categories
    if kind_of(categories.dtype) == "datetime":
        value = _moment(value, categories.dtype)
    if value not in categories:
        column = column.cat.add_categories([value])
        if len(categories) and column.cat.categories.inferred_type.startswith("mixed"):
            raise TypeError
    return column.fillna(value)


def _moment(text: str, dtype: Any) -> pd.Timestamp:
    """Return the datetime for a column of dates, in its time zone if it has one."""
    import pandas as pd

    moment, zone = pd.Timestamp(text), getattr(dtype, "tz", None)
    if zone is None and moment.tz is not None:
        raise TypeError
    return moment.tz_localize(zone) if zone is not None and moment.tz is None else moment


def _typeless(column: pd.Series, fill: dict[str, Any]) -> pd.Series:
    """Fill a column without values, which doesn't have a type."""
    import pandas as pd

    if column.notna().any():
        raise _changed(column, fill["value"])
    return pd.Series([_scalar(fill)] * len(column), index=column.index)


def _changed(column: pd.Series, value: Any) -> ModuleError:
    return ModuleError(
        "column-type-changed",
        f"Missing values of column “{column.name}” can't be replaced with “{shown(value)}”: "
        "its type differs from the data that the cleaning was fitted to.",
        "Use the same columns as in training.",
        column=str(column.name),
    )


def _scalar(fill: dict[str, Any]) -> Any:
    if fill["kind"] == "datetime":
        from datetime import datetime

        return datetime.fromisoformat(fill["value"])
    return float(fill["value"]) if fill["kind"] == "number" else fill["value"]


def _is_missing(value: Any) -> bool:
    return value is None or value != value
