"""Formulas as code without this project."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from modules.contract.code import CodeStep, literal
from modules.tables.formulas.evaluation import column_of, constant_of, function_of
from modules.tables.formulas.on_columns import column
from modules.tables.formulas.parsing import Call, Expression, Name


def source_of(step: CodeStep, expression: Expression, frame: str) -> str:
    """Return the source of an expression over the columns of a frame, as a column."""
    found = _source(step, expression, frame)
    if constant_of(expression) is None:
        return found
    return f"{step.helper(column)}({found}, {frame}.index)"


def _source(step: CodeStep, expression: Expression, frame: str) -> str:
    if isinstance(expression, Name):
        return f"{step.helper(column_of)}({frame}, {literal(expression.column)})"
    constant = constant_of(expression)
    if constant is not None:
        return _literal(step, constant.value)
    assert isinstance(expression, Call)
    if expression.function == "positive":
        return _source(step, expression.arguments[0], frame)
    function = function_of(expression)
    given = [step.helper(each) if callable(each) else literal(each) for each in function.given]
    values = [_source(step, each, frame) for each in expression.arguments]
    if not function.takes_missing and "None" in values:
        return "None"
    return f"{step.helper(function.column)}({', '.join([*given, *values])})"


def _literal(step: CodeStep, value: Any) -> str:
    if isinstance(value, datetime):
        return f"{step.module('pandas', 'pd')}.Timestamp({literal(value.isoformat())})"
    return literal(value)
