"""Text Parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
    When,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.value import Row
from modules.tables.formulas.on_columns import of_distinct, of_text, texts_of
from modules.tables.frames import free_name, rebuilt, wrong_kind

if TYPE_CHECKING:
    import pandas as pd

_COUNTS = ("length", "number of words")
_METHODS = {"length": "len", "lower case": "lower", "upper case": "upper"}
"""Operations that pandas has too."""

_SETTINGS = ("pattern", "replacement", "separator", "part")


def _make_row_form(step: ExampleStep) -> dict[str, Any]:
    names = _text_columns(step.inputs["dataset"], step.arguments["columns"])
    settings = {name: step.arguments[name] for name in _SETTINGS}
    operation = step.arguments["operation"]
    function_of(operation, **settings)
    present = step.inputs["dataset"].names
    outputs = outputs_of(present, names, operation, step.arguments["output_mode"])
    return {"columns": list(outputs.items()), "operation": operation, "settings": settings}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    function = function_of(form["operation"], **form["settings"])
    counts = form["operation"] in _COUNTS

    def take_apart(row: Row) -> dict[str, Any]:
        found = dict(row)
        for name, output in form["columns"]:
            value = row[name]
            made = None if value is None else function(str(value))
            found[output] = float(made) if counts and made is not None else made
        return found

    return take_apart


def _code(step: CodeStep) -> None:
    given = [step.columns("columns", "dataset"), step.source("operation")]
    given += [step.source("output_mode")]
    given += [f"{name}={step.source(name)}" for name in _SETTINGS if step.is_given(name)]
    step.write(
        f"{step.outputs[0]} = {step.helper(changed)}({step.inputs['dataset']}, {', '.join(given)})"
    )


@module(
    "Text Parts",
    outputs=("results_dataset",),
    keywords=(
        "regex",
        "regular expression",
        "extract",
        "replace",
        "split",
        "lower case",
        "trim",
        "string",
        "cell splitter",
    ),
    requires=("numpy", "pandas"),
    row=RowForm(_make_row_form, _load_row_form),
    reads="rows",
    code=_code,
)
def text_parts(
    dataset: DataTable,
    *,
    columns: Annotated[ColumnSelector, Columns(of="dataset", kinds=("string", "categorical"))],
    operation: Literal[
        "length",
        "number of words",
        "lower case",
        "upper case",
        "trim",
        "extract",
        "replace",
        "part",
    ] = "length",
    pattern: Annotated[
        str,
        Field(title="Regular expression"),
        Needed(),
        When(operation=("extract", "replace")),
    ] = "",
    replacement: Annotated[str, When(operation="replace")] = "",
    separator: Annotated[str, Needed(), When(operation="part")] = ",",
    part: Annotated[int, Field(title="Number of the part"), When(operation="part")] = 1,
    output_mode: Literal["Append", "Inplace"] = "Append",
) -> DataTable:
    r"""Take text apart: its length, a part, what a regular expression finds.

    Parameters
    ----------
    dataset : DataTable
        A table with text.
    columns : ColumnSelector
        The columns with text.
    operation : str
        Count characters or words; change the case; trim blanks at both ends; extract or replace
        what a regular expression finds; or split at a separator and keep one part.
    pattern : str
        A regular expression of Python. Of one with a group, the group is extracted: ``(\d+) km``.
    replacement : str
        Replaces every match; ``\1`` is the first group.
    separator : str
        The text between the parts.
    part : int
        The number of the part from 1; -1 is the last one.
    output_mode : str
        Append new columns, or replace the columns.

    Returns
    -------
    results_dataset : DataTable
        New columns are named ``length(city)``.

    Notes
    -----
    Missing text has a missing result, and so has text without a match or a part. Words are
    separated by blanks. Counts are floating-point numbers, so that they can be missing.
    """
    names = _text_columns(dataset, columns)
    settings = {
        "pattern": pattern, "replacement": replacement, "separator": separator, "part": part,
    }  # fmt: skip
    return dataset.with_frame(changed(dataset.frame, names, operation, output_mode, **settings))


def _text_columns(table: DataTable, columns: ColumnSelector) -> list[str]:
    names = columns.resolve(table.columns, parameter="columns")
    kinds = {column.name: column.kind for column in table.columns}
    for name in names:
        if kinds[name] not in ("string", "categorical"):
            raise wrong_kind(name, kinds[name], "text is required", parameter="columns")
    return names


def outputs_of(present: list[str], names: list[str], operation: str, mode: str) -> dict[str, str]:
    """Return the output of each column."""
    taken, found = list(present), {}
    for name in dict.fromkeys(names):
        found[name] = name if mode == "Inplace" else free_name(f"{operation}({name})", taken)
        taken.append(found[name])
    return found


def changed(
    frame: pd.DataFrame, names: list[str], operation: str, mode: str, **settings: Any
) -> pd.DataFrame:
    """Return a frame with the results for each distinct text of the columns."""
    function = function_of(operation, **settings)
    outputs = outputs_of(list(frame.columns), names, operation, mode)
    made = {}
    for name, output in outputs.items():
        dtype = "float64" if operation in _COUNTS else "str"
        column = texts_of(frame[name])
        if operation in _METHODS:
            made[output] = of_text(_METHODS[operation], function, dtype, column).array
        else:
            made[output] = of_distinct(function, dtype, column).array
    there = {name: values for name, values in made.items() if name in frame.columns}
    new = {name: values for name, values in made.items() if name not in frame.columns}
    return rebuilt(frame, changed=there, appended=new)


def function_of(
    operation: str, pattern: str = "", replacement: str = "", separator: str = ",", part: int = 1
) -> Callable[[str], Any]:
    """Return an operation as a function of a text."""
    if operation in ("extract", "replace"):
        return _of_pattern(operation, pattern, replacement)
    if operation == "part":
        if not separator or not part:
            raise ModuleError(
                "bad-part",
                "The separator is empty." if part else "There is no part 0.",
                "Enter a separator, and the number of a part from 1, or -1 for the last.",
                parameter="part" if separator else "separator",
            )
        index = part - 1 if part > 0 else part

        def taken(text: str) -> str | None:
            parts = text.split(separator)
            return parts[index] if -len(parts) <= index < len(parts) else None

        return taken
    functions: dict[str, Callable[[str], Any]] = {
        "length": len,
        "number of words": lambda text: len(text.split()),
        "lower case": str.lower,
        "upper case": str.upper,
        "trim": str.strip,
    }
    return functions[operation]


def _of_pattern(operation: str, pattern: str, replacement: str) -> Callable[[str], Any]:
    try:
        found = re.compile(pattern)
        found.sub(replacement, "")
    except (re.error, IndexError) as error:
        raise ModuleError(
            "bad-pattern",
            f"“{pattern}” isn't a regular expression that can be used so: {error}.",
            "Correct the expression, or the replacement.",
            parameter="pattern",
        ) from error
    if operation == "replace":
        return lambda text: found.sub(replacement, text)

    def extracted(text: str) -> str | None:
        match = found.search(text)
        return match[1 if found.groups else 0] if match else None

    return extracted
