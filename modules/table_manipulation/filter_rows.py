"""Filter Rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    DataTable,
    ExampleStep,
    Needed,
    RowForm,
    RowStep,
    Rules,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.contract.value import Row
from modules.tables.rules import (
    COMPARISONS,
    TEXT,
    Rule,
    condition_of,
    rows_that_meet,
    wanted_values,
)

if TYPE_CHECKING:
    import pandas as pd


def _make_row_form(step: ExampleStep) -> dict[str, Any] | str:
    frame, rules = step.inputs["dataset"].frame, []
    for number, rule in enumerate(step.arguments["rules"], start=1):
        values = wanted_values(frame, rule, number)
        column = frame[rule["column"]]
        kind = kind_of(column.dtype)
        if kind == "datetime":
            if column.dt.tz is not None:
                return "dates with a time zone are compared in tables"
            values = [each.isoformat() for each in values]
        rules.append({**rule, "kind": kind, "values": values})
    more = {name: step.arguments[name] for name in ("match", "match_case", "keep")}
    return {"rules": rules, **more}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    tests = []
    for rule in form["rules"]:
        dates, text = rule["kind"] == "datetime", rule["kind"] in TEXT
        values = [datetime.fromisoformat(each) if dates else each for each in rule["values"]]
        test = condition_of(rule["comparison"], values, text=text, match_case=form["match_case"])
        tests.append((rule["column"], text, test))
    combined = all if form["match"] == "all rules" else any
    keep = form["keep"] == "matching rows"

    def kept(row: Row) -> dict[str, Any] | None:
        hits = []
        for name, text, test in tests:
            value = row[name]
            # What is missing is None, and a text anything that isn't.
            hits.append(bool(test(str(value) if text and value is not None else value)))
        return dict(row) if combined(hits) == keep else None

    return kept


def _code(step: CodeStep) -> None:
    given = ", ".join(step.source(name) for name in ("rules", "match", "match_case", "keep"))
    step.write(f"{step.outputs[0]} = {step.helper(filtered)}({step.inputs['dataset']}, {given})")


@module(
    "Filter Rows",
    outputs=("results_dataset",),
    keywords=(
        "where",
        "condition",
        "select",
        "remove",
        "rule",
        "contains",
        "regular expression",
        "regex",
    ),
    requires=("numpy", "pandas"),
    row=RowForm(_make_row_form, _load_row_form),
    reads="rows",
    code=_code,
)
def filter_rows(
    dataset: DataTable,
    *,
    rules: Annotated[
        list[Rule], Field(title="Rules"), Rules(of="dataset", comparisons=COMPARISONS), Needed()
    ] = [],  # noqa: B006 - plain JSON, which nothing changes
    match: Literal["all rules", "any rule"] = "all rules",
    match_case: bool = True,
    keep: Literal["matching rows", "other rows"] = "matching rows",
) -> DataTable:
    """Keep the rows that meet rules, such as “price is greater than 10”.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    rules : list of dict
        Each compares a column with a value. For “is one of” enter several values, separated by
        commas; dates as in ISO 8601: 2024-05-06.
    match : str
        Whether a row must meet all rules, or any of them.
    match_case : bool
        Distinguish upper and lower case in text.
    keep : str
        The rows that meet the rules, or all others.

    Returns
    -------
    results_dataset : DataTable
        The remaining rows, in their order.

    Notes
    -----
    A missing value only meets “is missing”: neither “equals” nor “doesn't equal”. Text is ordered
    by code points. “Matches” searches for a regular expression with Python's ``re.search``.

    To combine “all rules” and “any rule”, use several modules, or a condition in Formula Columns.
    """
    return dataset.with_frame(filtered(dataset.frame, rules, match, match_case, keep))


def filtered(
    frame: pd.DataFrame, rules: list[Rule], match: str, match_case: bool, keep: str
) -> pd.DataFrame:
    """Return the rows of a frame that meet rules."""
    hit = rows_that_meet(frame, rules, match, match_case)
    return frame.take((hit == (keep == "matching rows")).nonzero()[0]).reset_index(drop=True)
