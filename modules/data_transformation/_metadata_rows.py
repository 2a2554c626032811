"""Edit Metadata for one row: new names, and type changes that don't affect plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from modules.contract import ExampleStep, RowForm, RowStep
from modules.contract.value import Row


def _make(step: ExampleStep) -> dict[str, Any] | str:
    """Names and roles don't change values; types only if plain data is unaffected."""
    table, data_type = step.inputs["dataset"], step.arguments["data_type"]
    kinds = {column.name: column.kind for column in table.columns}
    convert = {}
    for name in step.arguments["columns"].resolve(table.columns):
        if data_type in ("unchanged", _SAME.get(kinds[name])):
            continue
        if (kinds[name], data_type) not in _CONVERTIBLE:
            return "this type conversion needs a table"
        convert[name] = data_type
    return {"names": dict(zip(table.names, step.result.names, strict=True)), "convert": convert}


def _load(form: Mapping[str, Any], folder: Path) -> RowStep:
    names = list(form["names"].items())
    convert = {name: _CONVERSIONS[kind] for name, kind in form["convert"].items()}
    if not convert and all(old == new for old, new in names):
        return dict

    def rename(row: Row) -> dict[str, Any]:
        result = {}
        for old, new in names:
            value = row[old]
            if value is not None and old in convert:
                value = convert[old](value)
            result[new] = value
        return result

    return rename


METADATA_ROWS = RowForm(_make, _load)

_SAME = {
    "string": "string",
    "integer": "integer",
    "number": "double",
    "boolean": "boolean",
    "datetime": "datetime",
}
"""Data types that a kind of column already has."""

_CONVERTIBLE = {
    ("integer", "double"),
    ("integer", "string"),
    ("boolean", "double"),
    ("boolean", "integer"),
}
_CONVERSIONS: dict[str, Callable[[Any], Any]] = {"double": float, "string": str, "integer": int}
