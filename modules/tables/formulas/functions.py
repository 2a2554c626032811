"""The operators and functions of formulas: what they accept, return, and do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from modules.tables.formulas import on_columns, on_rows

KINDS = {
    "integer": "integers",
    "number": "numbers",
    "text": "text",
    "condition": "conditions",
    "date": "dates",
    "pattern": "a constant regular expression",
    "any": "values of one type",
}
"""What can be in an expression, as named in messages."""


_OF_A_NUMBER = (
    "floor", "ceil", "sign", "sqrt", "exp", "log", "log10", "log2", "log1p", "sin", "cos", "tan",
)  # fmt: skip

_PARTS = (
    "year", "quarter", "month", "day", "day_of_year", "weekday", "hour", "minute", "second",
)  # fmt: skip


@dataclass(frozen=True)
class Function:
    """An operator or a function.

    Parameters
    ----------
    signatures : str
        What it accepts and returns, ``number number = number``; several separated by ``|``, a
        star after the last argument for any number of them. ``any`` is the same kind everywhere.
    column, row : callable
        Its forms for columns and for single values, which get ``given`` first.
    takes_missing : bool
        It gets missing values; otherwise its result is missing where an argument is.
    """

    signatures: str
    column: Callable[..., Any]
    row: Callable[..., Any]
    given: tuple[Any, ...] = ()
    row_given: tuple[Any, ...] = ()
    takes_missing: bool = False

    @property
    def overloads(self) -> list[tuple[list[str], str]]:
        """The kinds of the arguments with the kind of the result, of each signature."""
        parts = [each.split("=") for each in self.signatures.split("|")]
        return [(arguments.split(), result.strip()) for arguments, result in parts]


def _calculation(sign: str, more: str = "") -> Function:
    signatures = "integer integer = integer | number number = number" + more
    return Function(signatures, on_columns.calculated, on_rows.calculated, (sign,), (sign,))


def _numeric(name: str, arguments: int = 1) -> Function:
    signature = " ".join(["number"] * arguments) + " = number"
    return Function(signature, on_columns.of_numbers, on_rows.of_numbers, (name,), (name,))


def _comparison(sign: str) -> Function:
    signatures = "number number = condition | text text = condition | date date = condition"
    if sign in ("==", "!="):
        signatures += " | condition condition = condition"
    return Function(signatures, on_columns.compared, on_rows.compared, (sign,), (sign,))


def _part(name: str) -> Function:
    return Function("date = number", on_columns.date_part, on_rows.date_part, (name,), (name,))


def _of_values(signatures: str, row: Callable[..., Any]) -> Function:
    result = signatures.rpartition("=")[2].strip()
    dtypes = {
        "text": "str", "number": "float64", "condition": "boolean", "date": "datetime64[us]",
    }  # fmt: skip
    return Function(signatures, on_columns.of_distinct, row, (row, dtypes[result]))


def _of_text(signatures: str, row: Callable[..., Any], method: str) -> Function:
    found = _of_values(signatures, row)
    return replace(found, column=on_columns.of_text, given=(method, *found.given))


def _extreme(name: str) -> Function:
    signatures = "integer integer* = integer | number number* = number"
    return Function(
        signatures, on_columns.extreme, on_rows.extreme, (name,), (name,), takes_missing=True
    )


OPERATORS: Mapping[str, Function] = {
    "+": _calculation("+", " | text text = text | date number = date | number date = date"),
    "-": _calculation("-", " | date date = number | date number = date"),
    "*": _calculation("*"),
    "/": _numeric("divide", 2),
    "//": _numeric("floor_divide", 2),
    "%": _numeric("remainder", 2),
    "**": _numeric("power", 2),
    "negative": Function(
        "integer = integer | number = number",
        on_columns.calculated,
        on_rows.calculated,
        ("-", 0),
        ("-", 0),
    ),
    **{sign: _comparison(sign) for sign in ("==", "!=", "<", "<=", ">", ">=")},
    "in": Function(
        "number number* = condition | text text* = condition | date date* = condition",
        on_columns.is_in,
        on_rows.is_in,
        takes_missing=True,
    ),
    "and": Function(
        "condition condition* = condition", on_columns.both, on_rows.both, takes_missing=True
    ),
    "or": Function(
        "condition condition* = condition", on_columns.either, on_rows.either, takes_missing=True
    ),
    "not": Function("condition = condition", on_columns.negated, on_rows.negated),
}

FUNCTIONS: Mapping[str, Function] = {
    "if": Function(
        "condition any any = any", on_columns.chosen, on_rows.chosen, takes_missing=True
    ),
    "coalesce": Function(
        "any any* = any", on_columns.first_known, on_rows.first_known, takes_missing=True
    ),
    "is_missing": Function(
        "any = condition", on_columns.is_missing, on_rows.is_missing, takes_missing=True
    ),
    "missing": Function(" = missing", on_columns.column, on_rows.missing, takes_missing=True),
    "abs": Function("integer = integer | number = number", on_columns.absolute, on_rows.absolute),
    "round": Function(
        "number = number | number number = number", on_columns.rounded, on_rows.rounded
    ),
    **{name: _numeric(name) for name in _OF_A_NUMBER},
    "min": _extreme("fmin"),
    "max": _extreme("fmax"),
    "upper": _of_text("text = text", on_rows.upper, "upper"),
    "lower": _of_text("text = text", on_rows.lower, "lower"),
    "trim": _of_values("text = text", on_rows.trim),
    "length": _of_text("text = number", on_rows.length, "len"),
    "left": _of_values("text number = text", on_rows.left),
    "right": _of_values("text number = text", on_rows.right),
    "substring": _of_values("text number number = text", on_rows.middle),
    "contains": _of_text("text text = condition", on_rows.contains, "contains"),
    "starts_with": _of_text("text text = condition", on_rows.starts_with, "startswith"),
    "ends_with": _of_text("text text = condition", on_rows.ends_with, "endswith"),
    "replace": _of_text("text text text = text", on_rows.replace, "replace"),
    "matches": _of_values("text pattern = condition", on_rows.matches),
    "extract": _of_values("text pattern = text", on_rows.extract),
    "text": _of_values("any = text", on_rows.text),
    "number": _of_values("text = number", on_rows.number),
    "date": _of_values("text = date", on_rows.date),
    **{name: _part(name) for name in _PARTS},
}
