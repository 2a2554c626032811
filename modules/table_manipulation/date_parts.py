"""Date Parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    Needed,
    RowForm,
    RowStep,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.registry.automated import Preparation
from modules.contract.value import Row
from modules.tables.automated import date_features
from modules.tables.frames import free_name, rebuilt, wrong_kind

if TYPE_CHECKING:
    import pandas as pd

Part = Literal[
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "day of year",
    "weekday",
    "hour",
    "minute",
    "second",
]

PARTS: Mapping[str, Callable[[datetime], float]] = {
    "year": lambda moment: moment.year,
    "quarter": lambda moment: (moment.month + 2) // 3,
    "month": lambda moment: moment.month,
    "week": lambda moment: moment.isocalendar().week,
    "day": lambda moment: moment.day,
    "day of year": lambda moment: moment.timetuple().tm_yday,
    "weekday": lambda moment: moment.isoweekday(),
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second + moment.microsecond / 1e6,
}
"""For a moment, the same as :func:`part_of` for a column."""


def _make_row_form(step: ExampleStep) -> dict[str, Any] | str:
    table = step.inputs["dataset"]
    names = _date_columns(table, step.arguments["columns"])
    if any(table.frame[name].dt.tz is not None for name in names):
        return "dates with a time zone are taken apart in tables"
    return {"plan": plan_of(table.names, names, step.arguments["parts"])}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    plan = [(output, name, PARTS[part]) for output, name, part in form["plan"]]

    def take_apart(row: Row) -> dict[str, Any]:
        found = dict(row)
        for output, name, part in plan:
            moment = row[name]
            found[output] = None if moment is None else float(part(moment))
        return found

    return take_apart


def _automated(table: DataTable, label: str) -> list[dict[str, Any]]:
    names = date_features(table, label)
    return [{"columns": names}] if names else []


def _code(step: CodeStep) -> None:
    step.write(
        f"{step.outputs[0]} = {step.helper(with_parts)}({step.inputs['dataset']}, "
        f"{step.columns('columns', 'dataset')}, {step.source('parts')})"
    )


@module(
    "Date Parts",
    outputs=("results_dataset",),
    keywords=("year", "month", "weekday", "hour", "calendar", "time", "season", "extract"),
    requires=("numpy", "pandas"),
    row=RowForm(_make_row_form, _load_row_form),
    reads="rows",
    code=_code,
    automated=Preparation(10, _automated),
)
def date_parts(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector, Field(title="Columns"), Columns(of="dataset", kinds=("datetime",))
    ],
    parts: Annotated[tuple[Part, ...], Needed(), Field(title="Parts")] = (
        "year",
        "month",
        "weekday",
    ),
) -> DataTable:
    """Add the parts of dates and times as numeric columns: year, month, weekday.

    A model finds a weekly or yearly pattern in them, but not in a date.

    Parameters
    ----------
    dataset : DataTable
        A table with dates. Convert text to dates with Edit Metadata.
    columns : ColumnSelector
        The columns with dates.
    parts : tuple of str
        Which parts are added.

    Returns
    -------
    results_dataset : DataTable
        With a column for each date and part: ``joined weekday``.

    Notes
    -----
    The weekday is from 1, Monday, to 7, the week that of ISO 8601, the second has fractions. Parts
    are those in the time zone of the column. They are floating-point numbers, so that a missing
    date has missing parts.
    """
    names = _date_columns(dataset, columns)
    if not parts:
        raise ModuleError(
            "nothing-chosen", "No part is chosen.", "Choose at least one part.", parameter="parts"
        )
    return dataset.with_frame(with_parts(dataset.frame, names, parts))


def _date_columns(table: DataTable, columns: ColumnSelector) -> list[str]:
    names = columns.resolve(table.columns, parameter="columns")
    kinds = {column.name: column.kind for column in table.columns}
    for name in names:
        if kinds[name] != "datetime":
            raise wrong_kind(name, kinds[name], "dates are required", parameter="columns")
    return names


def plan_of(
    present: list[str], names: list[str], parts: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Return the names of the new columns, with the column and the part of each."""
    taken, plan = list(present), []
    for name in dict.fromkeys(names):
        for part in parts:
            plan.append((free_name(f"{name} {part}", taken), name, part))
            taken.append(plan[-1][0])
    return plan


def with_parts(frame: pd.DataFrame, names: list[str], parts: Sequence[str]) -> pd.DataFrame:
    """Return a frame with more columns, the parts of dates."""
    plan = plan_of(list(frame.columns), names, parts)
    return rebuilt(frame, appended={out: part_of(frame[name], part) for out, name, part in plan})


def part_of(column: pd.Series, part: str) -> Any:
    """Return a part of each date of a column as floating-point numbers."""
    dates = column.dt
    if part == "week":
        return dates.isocalendar()["week"].to_numpy("float64", na_value=float("nan"))
    if part == "weekday":
        return (dates.day_of_week + 1).to_numpy("float64")
    if part == "second":
        return (dates.second + dates.microsecond / 1e6).to_numpy("float64")
    attribute = part.replace(" ", "_")
    return getattr(dates, attribute).to_numpy("float64")
