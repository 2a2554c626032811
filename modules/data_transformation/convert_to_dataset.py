"""Convert to Dataset."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import DataTable, ExampleStep, RowForm, RowStep, When, module, warn
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.contract.value import Row
from modules.tables.frames import rebuilt, warn_of_lost_digits
from modules.tables.typed_text import moment_of, read_value

if TYPE_CHECKING:
    import pandas as pd


def _make_row_form(step: ExampleStep) -> dict[str, Any] | str:
    arguments, table = step.arguments, step.inputs["dataset"]
    plan: list[list[Any]] = []
    if arguments["action"] == "None":
        return {"plan": plan}
    texts = _texts(arguments)
    for column in table.columns:
        moments = column.kind == "datetime"
        if moments and table.frame[column.name].dt.tz is not None:
            return "dates with a time zone are compared in tables"
        values = [None if text is None else read_value(column.kind, text) for text in texts]
        if any(text is not None and v is None for text, v in zip(texts, values, strict=True)):
            continue
        if moments:
            own = table.frame[column.name]
            values = [each and moment_of(own, each).isoformat() for each in values]
        plan.append([column.name, *values, moments])
    return {"plan": plan}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    plan = []
    for name, *values, moments in form["plan"]:
        if moments:
            values = [each and datetime.datetime.fromisoformat(each) for each in values]
        plan.append((name, *values))

    def replace(row: Row) -> dict[str, Any]:
        return {**row, **{name: new for name, old, new in plan if row[name] == old}}

    return replace


def _code(step: CodeStep) -> None:
    frame, target = step.inputs["dataset"], step.outputs[0]
    action = step.value("action")
    if action == "None":
        step.write(f"{target} = {frame}")
        return
    old, new = step.source("custom_missing_value"), "None"
    if action == "ReplaceValues":
        missing = step.value("replace") == "Missing"
        old = "None" if missing else step.source("custom_value")
        new = step.source("new_value")
    step.write(f"{target} = {step.helper(replaced)}({frame}, {old}, {new})")


@module(
    "Convert to Dataset",
    outputs=("results_dataset",),
    keywords=("missing", "replace values", "question mark", "n/a", "placeholder", "null"),
    requires=("pandas",),
    row=RowForm(_make_row_form, _load_row_form),
    code=_code,
)
def convert_to_dataset(
    dataset: DataTable,
    *,
    action: Literal["None", "SetMissingValues", "ReplaceValues"] = "None",
    custom_missing_value: Annotated[
        str, Field(title="Custom missing value"), When(action="SetMissingValues")
    ] = "?",
    replace: Annotated[Literal["Missing", "Custom"], When(action="ReplaceValues")] = "Missing",
    custom_value: Annotated[str, Field(title="Custom value"), When(replace="Custom")] = "obs",
    new_value: Annotated[str, Field(title="New value"), When(action="ReplaceValues")] = "0",
) -> DataTable:
    """Mark a value as missing, or replace a value, in all columns.

    Use it if a file contains ``?`` or ``-999`` for missing values.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    action : str
        Set a value to missing, replace values, or nothing.
    custom_missing_value : str
        The value that means missing, ``?`` or ``-999`` for example.
    replace : str
        Replace missing values, or a certain value.
    custom_value : str
        The value to replace.
    new_value : str
        The replacement.

    Returns
    -------
    results_dataset : DataTable
        The table with the changed values.

    Notes
    -----
    Whole values are compared, with upper and lower case: 1 equals 1.0 in numeric columns,
    ``true`` and ``false`` are booleans, and dates are written as in ISO 8601. Columns of a type
    that the value doesn't have aren't searched. Integers become floating-point numbers if
    some are missing.

    Unlike in Azure ML designer, a replacement that doesn't fit the type of a column is
    reported.
    """
    if action == "None":
        return dataset
    old, new = _texts(dict(locals()))
    made = replaced(dataset.frame, old, new)
    return dataset if made is dataset.frame else dataset.with_frame(made)


def replaced(frame: pd.DataFrame, old: str | None, new: str | None) -> pd.DataFrame:
    """Return a frame with a value replaced in all columns; None is missing."""
    changed: dict[str, Any] = {}
    for name in frame.columns:
        values = frame[name]
        kind = kind_of(values.dtype)
        found = None if old is None else read_value(kind, old)
        if old is not None and found is None:
            continue
        hit = values.isna() if old is None else _equal(values, found)
        if not hit.any():
            continue
        replacement = None if new is None else read_value(kind, new)
        room = values if replacement is None else _with_room(values, replacement)
        if room is None or (new is not None and replacement is None):
            warn(
                f"Column “{name}” contains {KIND_LABELS[kind]}, which “{new}” isn't, "
                "so nothing was replaced there."
            )
            continue
        changed[name] = _with(room, hit, replacement)
    return rebuilt(frame, changed=changed) if changed else frame


def _texts(arguments: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the value to find and its replacement as text; None is missing."""
    if arguments["action"] == "SetMissingValues":
        return arguments["custom_missing_value"], None
    old = None if arguments["replace"] == "Missing" else arguments["custom_value"]
    return old, arguments["new_value"]


def _equal(values: pd.Series, old: Any) -> pd.Series:
    """Return where a column has a value; categories are compared as text."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = [code for code, value in enumerate(values.cat.categories) if str(value) == old]
        return values.cat.codes.isin(codes)
    if values.dtype.kind == "M":
        old = moment_of(values, old)
    hit: pd.Series = (values == old).fillna(False).astype(bool)
    return hit


def _with_room(values: pd.Series, new: Any) -> pd.Series | None:
    """Return a column with a type that also holds a value of its kind; None without such a type."""
    import numpy as np

    dtype: Any = values.dtype
    if dtype == np.float32 and abs(new) > float(np.finfo(np.float32).max):
        return values.astype("float64")
    if dtype.kind not in "iu" or np.iinfo(dtype).min <= new <= np.iinfo(dtype).max:
        return values
    if dtype == np.uint64 or new >= 2**63:
        return None
    return values.astype("int64")


def _with(values: pd.Series, hit: pd.Series, new: Any) -> pd.Series:
    """Return a column with a value where it was found; None for missing."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        if new is None:
            return values.mask(hit)
        texts = values.cat.rename_categories([str(each) for each in values.cat.categories])
        if new not in texts.cat.categories:
            texts = texts.cat.add_categories([new])
        return texts.mask(hit, new)
    if new is None and values.dtype.kind in "iu":
        warn_of_lost_digits(str(values.name), values)
        return values.astype("float64").mask(hit)
    if new is None and values.dtype == bool:
        return values.astype("boolean").mask(hit)
    if values.dtype.kind == "M" and new is not None:
        new = moment_of(values, new)
    return values.mask(hit) if new is None else values.mask(hit, new)
