"""The template of Import Data: code without this project."""

from __future__ import annotations

from collections.abc import Mapping

from modules.contract.code import CodeStep, literal
from modules.data_input_output._code.reading import (
    format_by_name,
    plain_plan,
    source_of,
    write_file,
)
from modules.data_input_output._code.writing import engine
from modules.data_input_output._parsing import SUFFIXES, Parsing

_DTYPES = {
    "integer": "int64",
    "number": "float64",
    "boolean": "boolean",
    "string": "str",
    "datetime": "datetime64[us]",
    "categorical": "category",
}


def write_import(step: CodeStep, parsing: Parsing) -> None:
    """Write the statements of Import Data."""
    target, source = step.outputs[0], step.value("source")
    if source == "database":
        _write_query(step, target, parsing.chosen_types)
    elif source == "URL":
        name = str(step.value("url")).partition("?")[0]
        if parsing.format == "auto" and not name.lower().endswith(tuple(SUFFIXES)):
            step.refuse("the format of its URL isn't known before the run; choose one")
        plan = plain_plan(format_by_name(name, parsing), parsing)
        step.write(f"{target} = {source_of(step, step.source('url'), plan)}")
    else:
        path = step.path("path")
        if path is None or path.is_file():
            write_file(step, target, "path", parsing)
        else:
            _write_folder(step, target, parsing)


def _write_folder(step: CodeStep, target: str, parsing: Parsing) -> None:
    folder = step.path("path")
    assert folder is not None
    pattern = str(step.value("pattern")) or "**/*"
    found = sorted(file for file in folder.glob(pattern) if file.is_file())
    found = [file for file in found if not file.name.startswith((".", "_"))]
    kinds = {format_by_name(file.name, parsing) for file in found}
    if len(kinds) != 1:
        step.refuse("its folder has no files, or files of several formats")
    file, files = step.variable("file"), step.variable("files")
    read = source_of(step, file, plain_plan(kinds.pop(), parsing))
    listed = f"sorted(({step.path_source('path')}).glob({literal(pattern)}))"
    hidden = f'{file}.is_file() and not {file}.name.startswith((".", "_"))'
    pd = step.module("pandas", "pd")
    step.write(
        f"{files} = [{file} for {file} in {listed} if {hidden}]",
        f"{target} = {pd}.concat([{read} for {file} in {files}], ignore_index=True)",
    )


def _write_query(step: CodeStep, target: str, types: Mapping[str, str]) -> None:
    opened = engine(step)
    query = step.source("query")
    if ":" in str(step.value("query")):
        # A colon in a query isn't a parameter.
        query += '.replace(":", "\\\\:")'
    text, connection = step.name("sqlalchemy", "text"), step.variable("connection")
    step.write(f"with {opened}.connect() as {connection}:")
    with step.indented():
        read = f"{step.module('pandas', 'pd')}.read_sql({text}({query}), {connection})"
        if types:
            chosen = {name: _DTYPES[kind] for name, kind in types.items()}
            read += f".astype({literal(chosen)})"
        step.write(f"{target} = {read}")
