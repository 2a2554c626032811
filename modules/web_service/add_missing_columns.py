"""Add Missing Columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from modules.contract import DataTable, ExampleStep, RowForm, RowStep, module
from modules.contract.code import CodeStep, literal
from modules.web_service._exported import fill_columns


def _make_row_form(step: ExampleStep) -> dict[str, Any]:
    return {name: step.arguments[name] or [] for name in ("columns", "order")}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    from modules.requests.filling import row_filler

    return row_filler(form["columns"], form["order"])


_DTYPES = {
    "integer": "int64",
    "number": "float64",
    "boolean": "bool",
    "string": "str",
    "datetime": "datetime64[us]",
    "categorical": "category",
}


def _code(step: CodeStep) -> None:
    values = {}
    for column in step.value("columns") or []:
        value = column.get("value")
        missing = {"integer": "float64", "boolean": "boolean"} if value is None else {}
        kind = str(column["kind"])
        values[column["name"]] = (missing.get(kind, _DTYPES[kind]), value)
    order = f", {literal(step.value('order'))}" if step.value("order") else ""
    call = f"{step.helper(fill_columns)}({step.inputs['dataset']}, {literal(values)}{order})"
    step.write(f"{step.outputs[0]} = {call}")


@module(
    "Add Missing Columns",
    outputs=("results_dataset",),
    keywords=("default", "label", "fill", "absent", "inference", "optional", "schema"),
    requires=("pandas",),
    row=RowForm(_make_row_form, _load_row_form),
    code=_code,
)
def add_missing_columns(
    dataset: DataTable,
    *,
    columns: Annotated[list[dict[str, Any]] | None, Field(title="Columns to add")] = None,
    order: Annotated[list[str] | None, Field(title="Order of the columns")] = None,
) -> DataTable:
    """Add columns that are missing, each with a constant value.

    Requests don't have a label, and may omit columns that the model doesn't use; steps that name
    such columns still work.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : list, optional
        ``name``, ``kind`` and ``value`` of each column to add; if it exists, its
        missing values are replaced with this value.
    order : list, optional
        The names of all columns in the order of the result; others follow.

    Returns
    -------
    results_dataset : DataTable
        The same rows.

    Notes
    -----
    A column that exists keeps its values; only those that are missing are replaced. The module is
    part of inference pipelines, whose requests may omit columns.
    """
    from modules.requests.filling import filled_table

    return filled_table(dataset, columns or [], order or [])
