"""Expressions checked against the kinds of columns, and evaluated for columns and for rows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from modules.contract.columns import column_not_found
from modules.contract.value import Row
from modules.tables.formulas.functions import FUNCTIONS, KINDS, OPERATORS, Function
from modules.tables.formulas.on_columns import column, is_series, texts_of
from modules.tables.formulas.on_rows import date
from modules.tables.formulas.parsing import (
    Call,
    Constant,
    Expression,
    Formula,
    FormulaError,
    Name,
)

if TYPE_CHECKING:
    import pandas as pd

_OF_COLUMNS = {"string": "text", "categorical": "text", "boolean": "condition", "datetime": "date"}
_OF_CONSTANTS = {bool: "condition", int: "integer", float: "number", str: "text"}
COLUMN_KINDS = {"text": "string", "condition": "boolean", "date": "datetime", "missing": "number"}


@dataclass(frozen=True)
class Checked:
    """An expression whose kinds fit.

    Parameters
    ----------
    kind : str
        One of ``KINDS``, or ``missing``.
    content : object
        The name of a column, a constant, or the function of ``arguments``.
    """

    kind: str
    content: Any
    arguments: tuple[Checked, ...] = ()

    @property
    def is_constant(self) -> bool:
        """Whether it doesn't depend on the row."""
        return isinstance(self.content, Constant)


def check(formulas: Sequence[Formula], kinds: Mapping[str, str]) -> list[tuple[str, Checked]]:
    """Return the outputs of formulas with their checked expressions.

    Parameters
    ----------
    kinds : mapping of str to str
        The kinds of the columns. A formula may use the outputs of those before it.

    Raises
    ------
    ModuleError
        For the first formula with an unknown column or function, or kinds that don't fit.
    """
    known, found = dict(kinds), []
    for formula in formulas:
        try:
            checked = _checked(formula.expression, known)
        except FormulaError as error:
            raise error.as_module_error(formula.output, formula.line) from error
        found.append((formula.output, checked))
        known[formula.output] = COLUMN_KINDS.get(checked.kind, checked.kind)
    return found


def function_of(call: Call) -> Function:
    """Return the function of a call.

    Raises
    ------
    FormulaError
        If there is none.
    """
    known = OPERATORS.get(call.function) or FUNCTIONS.get(call.function)
    if known is None:
        close = difflib.get_close_matches(call.function, FUNCTIONS, n=1)
        raise FormulaError(
            f"“{call.function}” isn't a function.",
            f"Did you mean “{close[0]}”?" if close else f"Use one of {', '.join(FUNCTIONS)}.",
            call.start,
        )
    return known


def constant_of(expression: Expression) -> Constant | None:
    """Return an expression without columns as a constant; None if it has columns.

    Raises
    ------
    FormulaError
        If it can't be calculated.
    """
    if _names(expression):
        return None
    content = _checked(expression, {}).content
    assert isinstance(content, Constant)
    return content


def on_row(checked: Checked) -> Callable[[Row], Any]:
    """Return a checked expression as a function of a row."""
    content = checked.content
    if isinstance(content, Constant):
        value = content.value
        return lambda row: value
    if isinstance(content, str):
        return _column_of_row(content, checked.kind)
    parts = [on_row(argument) for argument in checked.arguments]
    given, function, strict = content.row_given, content.row, not content.takes_missing
    real = checked.kind == "number"

    def called(row: Row) -> Any:
        values = [part(row) for part in parts]
        if strict and None in values:
            return None
        result = function(*given, *values)
        if result != result:
            return None
        return float(result) if real and result is not None else result

    return called


def on_columns(checked: Checked, columns: Mapping[str, pd.Series], index: pd.Index) -> Any:
    """Return the values of a checked expression for the rows of columns."""
    found = _of_columns(checked, columns)
    if not is_series(found):
        found = column(found, index)
    if checked.kind == "number" and found.dtype.kind != "f":
        found = found.astype("float64")
    return found


def _of_columns(checked: Checked, columns: Mapping[str, pd.Series]) -> Any:
    content = checked.content
    if isinstance(content, Constant):
        return content.value
    if isinstance(content, str):
        return column_of(columns, content)
    values = [_of_columns(argument, columns) for argument in checked.arguments]
    return content.column(*content.given, *values)


def column_of(columns: Any, name: str) -> pd.Series:
    """Return a column as formulas calculate with it: 64 bits, categories as text."""
    found = texts_of(columns[name])
    wide: Any = {"i": "int64", "u": "int64", "f": "float64"}.get(found.dtype.kind)
    return found.astype(wide) if wide else found


def _checked(expression: Expression, kinds: Mapping[str, str]) -> Checked:
    if isinstance(expression, Constant):
        return Checked(_OF_CONSTANTS[type(expression.value)], expression)
    if isinstance(expression, Name):
        name = expression.column
        if name not in kinds:
            error = column_not_found(name, kinds)
            message = f"{error.message[0].lower()}{error.message[1:]}"
            raise FormulaError(message, error.hint, expression.start, error.code, name)
        return Checked(_OF_COLUMNS.get(kinds[name], kinds[name]), name)
    arguments = [_checked(each, kinds) for each in expression.arguments]
    if expression.function == "positive":
        return arguments[0]
    function = function_of(expression)
    kind = _result_of(function, arguments)
    if kind is None:
        dated = [_as_date(argument) for argument in arguments]
        kind, arguments = _result_of(function, dated), dated
    if kind is None:
        raise _do_not_fit(expression, function, arguments)
    _check_constants(expression, function, arguments)
    checked = Checked(kind, function, tuple(arguments))
    if all(argument.is_constant for argument in arguments):
        # Columns are calculated from at least one column.
        try:
            value = on_row(checked)({})
        except (ArithmeticError, ValueError) as error:
            raise FormulaError(f"{error}.", "Correct the values.", expression.start) from error
        return Checked(kind, Constant(value, expression.start))
    if not function.takes_missing and any(_is_missing(each) for each in arguments):
        return Checked(kind, Constant(None, expression.start))
    return checked


def _names(expression: Expression) -> bool:
    if isinstance(expression, Call):
        return any(map(_names, expression.arguments))
    return isinstance(expression, Name)


def _is_missing(checked: Checked) -> bool:
    return isinstance(checked.content, Constant) and checked.content.value is None


def _as_date(checked: Checked) -> Checked:
    content = checked.content
    if not isinstance(content, Constant) or not isinstance(content.value, str):
        return checked
    moment = date(content.value)
    return Checked("date", replace(content, value=moment)) if moment is not None else checked


def _result_of(function: Function, arguments: Sequence[Checked]) -> str | None:
    """Return the kind of a function's result; None if the arguments don't fit."""
    for wanted, result in function.overloads:
        if wanted and wanted[-1].endswith("*"):
            repeated = [wanted[-1][:-1]] * (len(arguments) - len(wanted) + 1)
            wanted = [*wanted[:-1], *repeated]
        if len(wanted) != len(arguments):
            continue
        pairs = list(zip(arguments, wanted, strict=True))
        if not all(_fits(argument, kind) for argument, kind in pairs):
            continue
        common = _common([argument.kind for argument, kind in pairs if kind == "any"])
        if common is not None:
            return common if result == "any" else result
    return None


def _fits(argument: Checked, kind: str) -> bool:
    if kind == "pattern":
        return argument.kind == "text" and argument.is_constant
    fitting = {kind, "missing", "integer"} if kind == "number" else {kind, "missing"}
    return kind == "any" or argument.kind in fitting


def _common(kinds: Collection[str]) -> str | None:
    """Return the one kind that values have; None if they have several."""
    different = set(kinds) - {"missing"}
    if different == {"integer", "number"} or (different == {"integer"} and "missing" in kinds):
        return "number"
    return different.pop() if len(different) == 1 else "missing" if not different else None


def _do_not_fit(call: Call, function: Function, arguments: Sequence[Checked]) -> FormulaError:
    titles = {**KINDS, "missing": "missing values"}
    have = " and ".join(titles[argument.kind] for argument in arguments) or "nothing"
    accepted = [
        " and ".join(titles[kind.rstrip("*")] for kind in wanted) or "nothing"
        for wanted, _ in function.overloads
        if wanted != ["integer"] * len(wanted) and "integer*" not in wanted
    ]
    title = {"negative": "-"}.get(call.function, call.function)
    return FormulaError(
        f"“{title}” doesn't accept {have}.",
        f"Use {'; or '.join(accepted)}. Convert values with text(), number(), or date().",
        call.start,
        "formula-types",
    )


def _check_constants(call: Call, function: Function, arguments: Sequence[Checked]) -> None:
    """Check patterns, and the text that ``date`` reads."""
    constants = [each.content.value if each.is_constant else None for each in arguments]
    if call.function in ("matches", "extract"):
        try:
            re.compile(str(constants[1]))
        except re.error as error:
            raise FormulaError(
                f"“{constants[1]}” isn't a regular expression: {error}.",
                "Correct the expression, or use contains() for plain text.",
                call.start,
                "bad-pattern",
            ) from error
    if call.function == "date" and constants[0] is not None and date(constants[0]) is None:
        raise FormulaError(
            f"“{constants[0]}” isn't a date.",
            "Write it as 2024-05-31 or 2024-05-31T14:30, without a time zone.",
            call.start,
        )


def _column_of_row(name: str, kind: str) -> Callable[[Row], Any]:
    if kind == "text":
        return lambda row: None if row[name] is None else str(row[name])
    if kind == "number":
        return lambda row: None if row[name] is None or row[name] != row[name] else float(row[name])
    return lambda row: row[name]
