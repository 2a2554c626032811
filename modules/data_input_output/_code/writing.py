"""The template of Export Data, and what it shares with Import Data: code without this project."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from modules.contract.code import CodeStep, literal
from modules.contract.secrets import variable_of
from modules.data_input_output._parsing import DELIMITERS


def write_export(
    step: CodeStep,
    formats: Mapping[str, str],
    *,
    json_lines: Callable[..., Any],
    workbook: Callable[..., Any],
) -> None:
    """Write the statements of Export Data.

    Parameters
    ----------
    formats : mapping of str to str
        The format by file extension.
    json_lines, workbook : callable
        Functions that are copied: they write a frame as JSON lines and as an Excel workbook.
    """
    frame = step.inputs["dataset"]
    if step.is_given("columns"):
        frame += f"[{step.columns('columns', 'dataset')}]"
    if step.value("destination") == "database":
        _write_table(step, frame)
        return
    kind = step.value("format")
    if kind == "auto":
        if step.is_bound("path"):
            step.refuse("the format of its file isn't known before the run; choose one")
        extension = Path(str(step.value("path")).strip()).suffix.lower()
        if extension not in formats:
            step.refuse("the extension of its file doesn't indicate a format; choose one")
        kind = formats[extension]
    path = step.variable("path")
    step.write(
        f"{path} = {step.path_source('path')}",
        f"{path}.parent.mkdir(parents=True, exist_ok=True)",
    )
    header = step.source("header")
    if kind in ("CSV", "TSV"):
        separator = "\t" if kind == "TSV" else DELIMITERS[step.value("delimiter")]
        options = "" if separator == "," else f", sep={literal(separator)}"
        if step.is_given("header"):
            options += f", header={header}"
        step.write(f'{frame}.to_csv({path}, index=False{options}, lineterminator="\\n")')
    elif kind == "Parquet":
        step.write(f"{frame}.to_parquet({path}, index=False)")
    elif kind == "JSON lines":
        step.write(f"{step.helper(json_lines)}({frame}, {path})")
    else:
        step.write(f"{step.helper(workbook)}({frame}, {path}, {header})")


def engine(step: CodeStep) -> str:
    """Write the statement that opens a database; return its variable."""
    made = step.name("sqlalchemy", "create_engine")
    address = step.source("connection")
    password = step.value("password")
    if password:
        variable = f"{step.module('os')}.environ[{literal(variable_of(str(password)))}]"
        url = step.name("sqlalchemy", "make_url")
        address = f"{url}({address}).set(password={variable})"
    name = step.variable("engine")
    step.write(f"{name} = {made}({address})")
    return name


def _write_table(step: CodeStep, frame: str) -> None:
    table = str(step.value("table")).strip()
    schema, _, name = table.rpartition(".")
    text = str(step.value("table_columns"))
    if text.strip():
        names = [each.strip() for each in next(csv.reader([text], skipinitialspace=True))]
        frame += f".set_axis({literal(names)}, axis=1)"
    opened = engine(step)
    options = f"schema={literal(schema)}, " if schema else ""
    options += f"if_exists={step.source('existing')}, index=False"
    options += f", chunksize={step.source('rows_per_operation')}"
    connection = step.variable("connection")
    step.write(f"with {opened}.begin() as {connection}:")
    with step.indented():
        step.write(f"{frame}.to_sql({literal(name)}, {connection}, {options})")
