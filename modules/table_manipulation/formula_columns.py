"""Formula Columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from modules.contract import (
    DataTable,
    ExampleStep,
    ModuleError,
    Needed,
    RowForm,
    RowStep,
    Text,
    module,
)
from modules.contract.code import CodeStep, literal
from modules.contract.errors import reason_of
from modules.contract.value import Row


def _make_row_form(step: ExampleStep) -> dict[str, Any] | str:
    table = step.inputs["dataset"]
    if any(getattr(dtype, "tz", None) is not None for dtype in table.frame.dtypes):
        return "dates with a time zone are calculated with in tables"
    kinds = {column.name: column.kind for column in table.columns}
    return {"formulas": step.arguments["formulas"], "kinds": kinds}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    from modules.tables.formulas.evaluation import check, on_row
    from modules.tables.formulas.parsing import parsed

    checked = check(parsed(form["formulas"]), form["kinds"])
    steps = [(output, on_row(expression)) for output, expression in checked]

    def calculate(row: Row) -> dict[str, Any]:
        found = dict(row)
        for output, function in steps:
            found[output] = function(found)
        return found

    return calculate


def _code(step: CodeStep) -> None:
    from modules.tables.formulas.parsing import parsed
    from modules.tables.formulas.source import source_of

    target = step.outputs[0]
    if target == "_":
        return
    step.write(f"{target} = {step.inputs['dataset']}.copy(deep=False)")
    for formula in parsed(step.value("formulas")):
        found = source_of(step, formula.expression, target)
        step.write(f"{target}[{literal(formula.output)}] = {found}")


@module(
    "Formula Columns",
    outputs=("results_dataset",),
    keywords=(
        "formula",
        "expression",
        "calculate",
        "compute",
        "derive",
        "add column",
        "math",
        "if",
        "case",
        "mutate",
        "rule engine",
        "feature constructor",
    ),
    requires=("numpy", "pandas"),
    row=RowForm(_make_row_form, _load_row_form),
    reads="rows",
    code=_code,
)
def formula_columns(
    dataset: DataTable,
    *,
    formulas: Annotated[str, Field(title="Formulas"), Text(), Needed()] = "",
) -> DataTable:
    """Add or replace columns by formulas over other columns: ``total = price * quantity``.

    Formulas are checked against the types of the columns before they are calculated, and never run
    as code.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    formulas : str
        One formula in each line: the new column, =, and an expression. Enter column names with
        blanks in `backticks`, and text in single or double quotes. An indented line continues the
        one before it; a line that starts with # is a comment. A formula can use the columns of
        those before it.

    Returns
    -------
    results_dataset : DataTable
        The table with the new columns; a column that exists is replaced in its position.

    Notes
    -----
    Examples: ``large = if(area > 100 and rooms >= 3, "yes", "no")``, ``age = 2024 - year(born)``,
    ``town = coalesce(trim(town), "unknown")``, ``days = returned - lent``.

    Operators: ``+ - * / // % **``, ``== != < <= > >=``, ``in ("a", "b")``, ``and or not``. Text is
    joined with ``+``. Two dates are subtracted in days, and days are added to a date. A date is
    written as ``date("2024-05-31")``, or compared with text of that form.

    - Any type: ``if(condition, value, otherwise)``, ``coalesce(value, ...)`` (the first value that
      isn't missing), ``is_missing(value)``, ``missing()``, ``text(value)``
    - Numbers: ``abs``, ``round(x, digits)`` (halves to even), ``floor``, ``ceil``, ``sign``,
      ``sqrt``, ``exp``, ``log`` (natural), ``log10``, ``log2``, ``log1p``, ``sin``, ``cos``,
      ``tan``, ``min(x, y, ...)``, ``max(x, y, ...)`` (of values that aren't missing)
    - Text: ``upper``, ``lower``, ``trim``, ``length``, ``left(text, count)``,
      ``right(text, count)``, ``substring(text, start, count)`` (from 1), ``contains(text, part)``,
      ``starts_with(text, part)``, ``ends_with(text, part)``, ``replace(text, old, new)``,
      ``matches(text, pattern)``, ``extract(text, pattern)`` (regular expressions of Python; the
      first group, if there is one), ``number(text)``, ``date(text)`` (missing if it isn't one)
    - Dates: ``year``, ``quarter``, ``month``, ``day``, ``day_of_year``, ``weekday`` (1 is Monday),
      ``hour``, ``minute``, ``second``

    A result is missing if a value that it needs is missing; ``and``, ``or`` and ``in`` use
    three-valued logic, as SQL does, and ``if`` treats a missing condition as false. Sums,
    differences, and products of integers are integers; ``/``, ``//``, ``%``, and ``**`` are those
    of floating-point numbers: division by zero is infinite. A function without a defined result,
    ``log(-1)`` for example, is missing.
    """
    import pandas as pd

    from modules.tables.formulas.evaluation import check, on_columns
    from modules.tables.formulas.parsing import parsed

    kinds = {column.name: column.kind for column in dataset.columns}
    checked = check(parsed(formulas), kinds)
    frame = dataset.frame
    columns = {name: frame[name] for name in frame.columns}
    for output, expression in checked:
        try:
            columns[output] = on_columns(expression, columns, frame.index)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise ModuleError(
                "formula-failed",
                f"Formula “{output}” can't be calculated: {reason_of(error)}.",
                "Check its columns for dates out of range or in different time zones.",
                parameter="formulas",
            ) from error
    return dataset.with_frame(pd.DataFrame(columns, index=frame.index, copy=False))
