"""Example rows that are made up, so that no row of the user's data travels in a package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modules.requests.schema import RequestSchema
from modules.requests.tables import plain_value, schema_of, table_of
from modules.requests.values import RequestColumn

if TYPE_CHECKING:
    from modules.contract.data_table import DataTable

COUNT = 5
"""Made-up rows of an input."""


def made_up_rows(
    schema: RequestSchema, table: DataTable | None, *, whole: bool = False
) -> list[dict[str, Any]]:
    """Return made-up rows as plain JSON data.

    Parameters
    ----------
    schema : RequestSchema
        The columns of the input.
    table : DataTable, optional
        Real rows, of which only columns, types and categories are used.
    whole : bool
        Whether the rows also have the columns that may be omitted.
    """
    columns = schema.columns
    if table is not None and (whole or not columns):
        known = {column.name: column for column in columns}
        columns = tuple(known.get(each.name, each) for each in schema_of(table).columns)
    if not columns:
        return []
    categories = {} if table is None else _categories(table)
    values = {
        column.name: _values(column, categories.get(column.name))
        for column in columns
        if whole or not column.optional
    }
    return [{name: each[index] for name, each in values.items()} for index in range(COUNT)]


def made_up_table(schema: RequestSchema, table: DataTable) -> DataTable:
    """Return made-up rows with the columns, types, and roles of a table."""
    columns = schema_of(table)
    rows = RequestSchema(columns.columns, "accept").read(made_up_rows(schema, table, whole=True))
    dtypes = {
        str(name): dtype for name, dtype in table.frame.dtypes.items() if str(dtype) == "category"
    }
    made = table_of(rows, columns, dtypes).frame
    return table.with_frame(made)


def _categories(table: DataTable) -> Mapping[str, list[Any]]:
    """Return the categories of columns whose type names them."""
    return {
        str(name): [plain_value(value) for value in dtype.categories]
        for name, dtype in table.frame.dtypes.items()
        if str(dtype) == "category"
    }


def _values(column: RequestColumn, categories: list[Any] | None) -> list[Any]:
    """Return made-up values of a column; those of categories are known ones."""
    known = list(column.values or categories or ())
    if known:
        return [known[index % len(known)] for index in range(COUNT)]
    zone = "+00:00" if column.zone else ""
    made: dict[str, list[Any]] = {
        "integer": [index + 1 for index in range(COUNT)],
        "number": [index + 1.5 for index in range(COUNT)],
        "boolean": [index % 2 == 0 for index in range(COUNT)],
        "datetime": [f"2024-01-{index + 1:02}T12:00:00{zone}" for index in range(COUNT)],
    }
    return made.get(column.kind) or [f"text {index + 1}" for index in range(COUNT)]
