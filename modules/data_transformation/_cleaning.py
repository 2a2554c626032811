"""Fill, mark, and remove missing values of frames; used by Clean Missing Data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.contract.data_table import kind_of
from modules.tables.frames import free_name, rebuilt, shown, wrong_kind

if TYPE_CHECKING:
    import pandas as pd


def fit_cleaning(
    frame: pd.DataFrame,
    selected: list[str],
    cleaning_mode: str,
    *,
    minimum_ratio: float = 0.0,
    maximum_ratio: float = 1.0,
    replacement_value: str = "0",
    indicator_columns: bool = False,
    all_missing: str = "remove",
) -> dict[str, Any]:
    """Return what to fill, mark and remove, from the missing values of some columns."""
    import numpy as np

    rows = len(frame)
    counts = {name: int(np.count_nonzero(frame[name].isna())) for name in selected}
    in_range = [
        name for name in selected if minimum_ratio <= counts[name] / max(rows, 1) <= maximum_ratio
    ]
    with_missing = [name for name in in_range if counts[name]]
    if cleaning_mode == "remove entire column":
        return {"removed": with_missing}
    if cleaning_mode == "remove entire row":
        return {"complete": in_range}
    empty = [name for name in with_missing if counts[name] == rows]
    removed = empty if all_missing == "remove" else []
    fills = []
    for name in in_range:
        if name not in removed:
            kind = kind_of(frame[name].dtype)
            is_empty = counts[name] == rows
            fill = _fill(frame[name], kind, cleaning_mode, replacement_value, is_empty)
            custom = cleaning_mode == "custom substitution value"
            if fill is None and custom and kind == "number" and name in empty:
                # A column without values doesn't have a type yet.
                kind, fill = "string", replacement_value
            if fill is not None:
                fills.append({"column": name, "kind": kind, "value": fill})
            elif counts[name] and (custom or name not in empty):
                raise _not_fitting(name, kind, cleaning_mode, replacement_value)
    taken = list(frame.columns)
    indicators = []
    for name in with_missing if indicator_columns else []:
        indicators.append([name, free_name(f"{name}_IsMissing", taken)])
        taken.append(indicators[-1][1])
    return {"fills": fills, "indicators": indicators, "removed": removed}


def clean(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with missing values filled and marked, and columns or rows removed."""
    changed = {}
    for fill in fitted.get("fills", ()):
        name = fill["column"]
        filled = _filled(frame[name], fill)
        if filled is not None:
            changed[name] = filled
    appended = {new: frame[name].isna() for name, new in fitted.get("indicators", ())}
    removed = fitted.get("removed", ())
    if changed or appended or removed:
        frame = rebuilt(frame, changed=changed, dropped=removed, appended=appended)
    if fitted.get("complete"):
        missing = frame[fitted["complete"]].isna().any(axis=1).to_numpy()
        if missing.any():
            frame = frame.take((~missing).nonzero()[0]).reset_index(drop=True)
    return frame


def _fill(values: pd.Series, kind: str, mode: str, text: str, is_empty: bool) -> Any:
    """Return the replacement for missing values, or None if there isn't one."""
    if mode == "custom substitution value":
        if kind == "categorical":
            kind = kind_of(values.cat.categories.dtype)
        return _custom(kind, text)
    if is_empty:
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


def _not_fitting(name: str, kind: str, mode: str, text: str) -> ModuleError:
    if mode == "custom substitution value":
        return wrong_kind(
            name,
            kind,
            f"“{shown(text)}” doesn't match the type",
            parameter="replacement_value",
            hint="Enter another value, or clean this column in a separate step.",
        )
    what = mode.removeprefix("replace with ")
    return wrong_kind(name, kind, f"a {what} requires numbers", parameter="columns")


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
    return pd.Series([scalar_of(fill)] * len(column), index=column.index)


def _changed(column: pd.Series, value: Any) -> ModuleError:
    return ModuleError(
        "column-type-changed",
        f"Missing values of column “{column.name}” can't be replaced with “{shown(value)}”: "
        "its type differs from the data that the cleaning was fitted to.",
        "Use the same columns as in training.",
        column=str(column.name),
    )


def scalar_of(fill: Mapping[str, Any]) -> Any:
    """Return the value of a fill as Python's own type."""
    if fill["kind"] == "datetime":
        from datetime import datetime

        return datetime.fromisoformat(fill["value"])
    return float(fill["value"]) if fill["kind"] == "number" else fill["value"]
