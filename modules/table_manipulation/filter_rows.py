"""Filter Rows."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ExampleStep,
    ModuleError,
    RowForm,
    RowStep,
    When,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.contract.value import Row
from modules.tables.frames import wrong_kind
from modules.tables.typed_text import moment_of, read_value

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_TEXT = ("string", "categorical")
_ORDERED = {
    "less than": operator.lt,
    "at most": operator.le,
    "greater than": operator.gt,
    "at least": operator.ge,
}
_OF_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "starts with": str.startswith,
    "ends with": str.endswith,
}
_WITH_VALUE = ("equals", "is one of", *_ORDERED, *_OF_TEXT, "matches")


def _make_row_form(step: ExampleStep) -> dict[str, Any] | str:
    table, arguments = step.inputs["dataset"], step.arguments
    name = arguments["column"].resolve_one(table.columns, parameter="column")
    column = table.frame[name]
    kind = kind_of(column.dtype)
    values = wanted_values(column, arguments["comparison"], arguments["value"])
    if kind == "datetime":
        if column.dt.tz is not None:
            return "dates with a time zone are compared in tables"
        values = [each.isoformat() for each in values]
    return {
        "column": name,
        "kind": kind,
        "comparison": arguments["comparison"],
        "values": values,
        "match_case": arguments["match_case"],
        "keep": arguments["keep"] == "matching rows",
    }


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    name, comparison, values = form["column"], form["comparison"], form["values"]
    if form["kind"] == "datetime":
        values = [datetime.fromisoformat(each) for each in values]
    text = form["kind"] in _TEXT
    test = condition_of(comparison, values, text=text, match_case=form["match_case"])
    keep = form["keep"]

    def kept(row: Row) -> dict[str, Any] | None:
        value = row[name]
        if comparison == "is missing":
            hit = value is None
        else:
            hit = value is not None and bool(test(str(value) if text else value))
        return dict(row) if hit == keep else None

    return kept


def _code(step: CodeStep) -> None:
    names = step.names("column")
    if names is None or len(names) != 1:
        step.refuse("the column isn't known before the run; choose it by name")
    given = [f"{step.columns('column', 'dataset')}[0]", step.source("comparison")]
    given += [step.source(name) for name in ("value", "match_case", "keep")]
    step.write(
        f"{step.outputs[0]} = {step.helper(filtered)}({step.inputs['dataset']}, {', '.join(given)})"
    )


@module(
    "Filter Rows",
    outputs=("results_dataset",),
    keywords=("where", "condition", "select", "remove", "rule", "contains", "regular expression"),
    requires=("numpy", "pandas"),
    row=RowForm(_make_row_form, _load_row_form),
    reads="rows",
    code=_code,
)
def filter_rows(
    dataset: DataTable,
    *,
    column: Annotated[ColumnSelector, Columns(of="dataset", single=True)],
    comparison: Literal[
        "equals",
        "is one of",
        "less than",
        "at most",
        "greater than",
        "at least",
        "contains",
        "starts with",
        "ends with",
        "matches",
        "is missing",
    ] = "equals",
    value: Annotated[str, When(comparison=_WITH_VALUE)] = "",
    match_case: Annotated[
        bool,
        Field(title="Match case"),
        When(comparison=("equals", "is one of", *_OF_TEXT, "matches")),
    ] = True,
    keep: Literal["matching rows", "other rows"] = "matching rows",
) -> DataTable:
    """Keep the rows that meet a condition.

    Several filters after each other keep the rows that meet all conditions.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    column : ColumnSelector
        The column to compare.
    comparison : str
        How it is compared with the value. Matches searches for a regular expression.
    value : str
        The value to compare with; for “is one of” several, separated by commas. Dates are written
        as in ISO 8601: 2024-05-06.
    match_case : bool
        Distinguish upper and lower case in text.
    keep : str
        The rows that meet the condition, or all others.

    Returns
    -------
    results_dataset : DataTable
        The remaining rows, in their order.

    Notes
    -----
    A missing value only meets the condition “is missing”. Text is ordered by code points. Regular
    expressions are those of Python's ``re.search``.
    """
    name = column.resolve_one(dataset.columns, parameter="column")
    return dataset.with_frame(filtered(dataset.frame, name, comparison, value, match_case, keep))


def filtered(
    frame: pd.DataFrame, name: str, comparison: str, value: str, match_case: bool, keep: str
) -> pd.DataFrame:
    """Return the rows of a frame whose value in a column meets a condition."""
    values = wanted_values(frame[name], comparison, value)
    hit = matching(frame[name], comparison, values, match_case)
    return frame.take((hit == (keep == "matching rows")).nonzero()[0]).reset_index(drop=True)


def wanted_values(column: pd.Series, comparison: str, text: str) -> list[Any]:
    """Return the values to compare a column with, in its type."""
    if comparison == "is missing":
        return []
    kind = kind_of(column.dtype)
    if comparison in (*_OF_TEXT, "matches") and kind not in _TEXT:
        raise wrong_kind(str(column.name), kind, "text is required", parameter="column")
    if comparison == "matches":
        try:
            re.compile(text)
        except re.error as error:
            raise ModuleError(
                "bad-pattern",
                f"“{text}” isn't a regular expression: {error}.",
                "Correct the expression, or choose “contains” for plain text.",
                parameter="value",
            ) from error
    found = []
    for part in text.split(",") if comparison == "is one of" else [text]:
        value = read_value(kind, part.strip() if comparison == "is one of" else part)
        if value is None and kind == "integer":
            # A limit of integers may have decimals.
            value = read_value("number", part)
        if value is None:
            raise ModuleError(
                "bad-value",
                f"Column “{column.name}” contains {KIND_LABELS[kind]}, which “{part}” isn't.",
                "Enter a value of the same type.",
                parameter="value",
                column=str(column.name),
            )
        found.append(moment_of(column, value) if kind == "datetime" else value)
    return found


def condition_of(
    comparison: str, values: list[Any], *, text: bool, match_case: bool
) -> Callable[[Any], Any]:
    """Return the condition as a function of a value, or of an array of numbers or dates."""
    if comparison == "matches":
        pattern = re.compile(values[0], 0 if match_case else re.IGNORECASE)
        return lambda value: pattern.search(value) is not None
    if comparison in _ORDERED:
        compare = _ORDERED[comparison]
        return lambda value: compare(value, values[0])
    if not text:
        first, *others = values or [None]

        def equals(value: Any) -> Any:
            hit = value == first
            for other in others:
                hit = hit | (value == other)
            return hit

        return equals
    fold: Callable[[str], str] = str if match_case else str.casefold
    wanted = [fold(each) for each in values]
    if comparison in _OF_TEXT:
        function = _OF_TEXT[comparison]
        return lambda value: function(fold(value), wanted[0])
    return lambda value: fold(value) in wanted


def matching(column: pd.Series, comparison: str, values: list[Any], match_case: bool) -> np.ndarray:
    """Return which rows of a column meet the condition."""
    import numpy as np
    import pandas as pd

    missing = column.isna().to_numpy()
    if comparison == "is missing":
        return missing
    text = kind_of(column.dtype) in _TEXT
    test = condition_of(comparison, values, text=text, match_case=match_case)
    if text:
        # Each distinct text once.
        codes, texts = pd.factorize(column)
        hits = np.array([bool(test(str(each))) for each in texts] + [False])
        return hits[codes]
    hit: np.ndarray = pd.Series(test(column)).fillna(False).to_numpy(bool)
    return hit & ~missing
