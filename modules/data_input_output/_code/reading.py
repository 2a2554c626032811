"""Reading a file with pandas, as code without this project.

The file is read while the code is written, once as the module reads it and once with pandas, so
that the options in the code give the same table: types, dates, codes that start with a zero.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError
from modules.contract.code import CodeStep, ScoreFacts, TableFacts, literal
from modules.contract.context import sampling
from modules.contract.table_files import TABLE_FILE
from modules.data_input_output._code.plans import Plan, matching_plan, plain_table, read_arff
from modules.data_input_output._encodings import encoding_of, guessed_encoding
from modules.data_input_output._formats.delimited import read_delimited, without_hint
from modules.data_input_output._parsing import Parsing
from modules.data_input_output._reading import format_of, read_file
from modules.data_input_output._text_layout import layout_of

if TYPE_CHECKING:
    import pandas as pd

LARGE = 1 << 26
"""Bytes of a file above which only its first rows are read while the code is written."""

FIRST_ROWS = 10_000


def write_file(step: CodeStep, target: str, parameter: str, parsing: Parsing) -> None:
    """Write the statement that reads the file of a parameter."""
    source = step.path_source(parameter)
    path = step.path(parameter)
    if path is None or not path.is_file():
        name = str(step.value(parameter)) if not step.is_bound(parameter) else ""
        write_plan(step, target, source, plain_plan(format_by_name(name, parsing), parsing))
        return
    state = path.stat()
    plan = _plan_of(path, state.st_mtime_ns, state.st_size, repr(parsing), _Kept(parsing))
    if state.st_size > LARGE and plan.reader in ("read_csv", "read_json"):
        step.write(f"# The types of columns are those of the first {FIRST_ROWS:,} rows.")
    write_plan(step, target, source, plan)


def write_text(
    step: CodeStep, target: str, source: str, data: str, header: bool, tab: bool
) -> None:
    """Write the statement that reads entered text."""
    delimiter = "tab" if tab else "comma"
    parsing = Parsing(encoding="utf-8", delimiter=delimiter, header=header)
    with _quiet():
        frame = DataTable(read_delimited(data.encode(), parsing)).frame
    plan = _text_plan(data.encode(), parsing, "")
    plan = matching_plan(frame, plan, lambda: io.StringIO(data))
    if plan.problem:
        plan = plain_table(frame, plan.problem)
    write_plan(step, target, f"{step.name('io', 'StringIO')}({source})", plan)


def write_saved(step: CodeStep, target: str, parameter: str) -> None:
    """Write the statement that reads a stored table, and state its roles and scores."""
    from modules.values.saved import load_saved

    folder = step.path(parameter)
    if folder is None:
        step.refuse("its folder isn't known before the run")
    table = load_saved(str(folder), DataTable)
    plan = matching_plan(table.frame, Plan("read_feather"), lambda: folder / TABLE_FILE)
    source = f"{step.path_source(parameter)} / {literal(TABLE_FILE)}"
    write_plan(step, target, source, plan)
    scoring = table.scoring
    scores = None
    if scoring is not None:
        classes = literal(list(scoring.classes)) if scoring.classes else ""
        scores = ScoreFacts(scoring.task, scoring.scored, scoring.label, scoring.learner, classes)
    step.know("dataset", TableFacts(dict(table.roles), scores))


def write_frame(step: CodeStep, target: str, frame: pd.DataFrame) -> None:
    """Write a small table as it is."""
    write_plan(step, target, "", plain_table(frame, "it can only be read by ModelDesk"))


def write_plan(step: CodeStep, target: str, source: str, plan: Plan) -> None:
    """Write the statement of a plan."""
    if plan.problem:
        step.refuse(plan.problem)
    step.write(f"{target} = {source_of(step, source, plan)}")


def source_of(step: CodeStep, source: str, plan: Plan) -> str:
    """Return the source of the table of a plan, from the source of its path or text."""
    pd = step.module("pandas", "pd")
    if not plan.reader:
        read = f"{pd}.DataFrame({plan.content})"
    elif plan.reader == "arff":
        read = f"{step.helper(read_arff)}({source})"
    else:
        options = "".join(f", {name}={_option(step, it)}" for name, it in plan.options.items())
        read = f"{pd}.{plan.reader}({source}{options})"
    if plan.types:
        types = ", ".join(f"{literal(name)}: {kind}" for name, kind in plan.types.items())
        read += f".astype({{{types.replace('pd.', f'{pd}.')}}})"
    return read


def _option(step: CodeStep, value: Any) -> str:
    if value is csv.QUOTE_NONE:
        return f"{step.module('csv')}.QUOTE_NONE"
    return literal(value)


class _Kept:
    """A value that takes no part in comparisons, beside a key that does."""

    def __init__(self, value: Parsing) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=64)
def _plan_of(path: Path, modified: int, size: int, key: str, kept: _Kept) -> Plan:
    parsing = kept.value
    kind = format_by_name(path.name, parsing)
    if size > LARGE:
        with sampling(FIRST_ROWS):
            return _checked(path, parsing, kind, {"nrows": FIRST_ROWS})
    return _checked(path, parsing, kind, {})


def _checked(path: Path, parsing: Parsing, kind: str, sample: dict[str, int]) -> Plan:
    try:
        with _quiet():
            frame = read_file(path, parsing).frame
    except ModuleError as error:
        return Plan("", problem=error.message.rstrip("."))
    if kind in ("CSV", "TSV"):
        plan = _text_plan(path, parsing, "\t" if kind == "TSV" else "")
    else:
        plan = plain_plan(kind, parsing)
        if kind == "JSON lines":
            with path.open("rb") as stream:
                if stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
                    plan = Plan("read_json", {"dtype": False, "convert_dates": False})
    if plan.reader not in ("read_csv", "read_json"):
        sample = {}
    return matching_plan(frame, plan, lambda: path, sample)


def format_by_name(name: str, parsing: Parsing) -> str:
    """Return the format that is chosen, or that of a file name."""
    if parsing.format != "auto":
        return parsing.format
    try:
        return format_of(name)
    except ModuleError:
        return "CSV"


def plain_plan(kind: str, parsing: Parsing) -> Plan:
    """Return how pandas reads a file as far as its options define it."""
    if kind == "Parquet":
        return Plan("read_parquet")
    if kind == "ARFF":
        return Plan("arff")
    if kind == "JSON lines":
        return Plan("read_json", {"lines": True, "dtype": False, "convert_dates": False})
    options: dict[str, Any] = {}
    if kind == "Excel":
        sheet = parsing.sheet.strip()
        if sheet:
            options["sheet_name"] = int(sheet) - 1 if sheet.isdecimal() else sheet
        reader = "read_excel"
    else:
        reader = "read_csv"
        delimiter = {"semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}.get(
            parsing.delimiter, "\t" if kind == "TSV" else ","
        )
        if parsing.delimiter == "other":
            delimiter = parsing.other_delimiter
        options |= {"sep": delimiter} if delimiter != "," else {}
        if parsing.encoding != "auto":
            options["encoding"] = parsing.encoding
        options |= _parsing_options(parsing)
    if not parsing.header:
        options["header"] = None
    if parsing.skip_rows:
        options["skiprows"] = parsing.skip_rows
    options |= _missing_options(parsing)
    return Plan(reader, options)


def _text_plan(source: Path | bytes, parsing: Parsing, preferred: str) -> Plan:
    """Return how pandas reads a delimited text, from its layout."""
    with _quiet():
        encoding = encoding_of(source, parsing.encoding)
        parsing = without_hint(source, parsing, encoding)
        layout = layout_of(source, parsing, encoding, preferred)
        try:
            if isinstance(source, Path):
                with source.open(encoding=encoding) as stream:
                    stream.read(1 << 20)
        except UnicodeError:
            encoding = guessed_encoding(source)
    options: dict[str, Any] = {}
    if layout.aligned:
        options["sep"] = r"\s+"
    elif layout.delimiter != ",":
        options["sep"] = layout.delimiter
    if isinstance(source, Path) and not encoding.startswith("utf-8"):
        options["encoding"] = encoding
    names = layout.column_names
    if layout.names is None:
        options["header"] = None
        options["names"] = names
    elif names != layout.names:
        options |= {"header": 0, "names": names}
    if layout.spare:
        options["usecols"] = names
    if parsing.skip_rows:
        options["skiprows"] = parsing.skip_rows
    if layout.blanks:
        options["skipinitialspace"] = True
    if layout.width == 1:
        options["skip_blank_lines"] = False
    options |= _parsing_options(parsing) | _missing_options(parsing)
    if parsing.ragged_rows == "skip":
        options["on_bad_lines"] = "skip"
    return Plan("read_csv", options)


def _parsing_options(parsing: Parsing) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if parsing.quote == "single quote":
        options["quotechar"] = "'"
    elif parsing.quote == "none":
        options["quoting"] = csv.QUOTE_NONE
    if parsing.decimal == "comma":
        options["decimal"] = ","
    if parsing.thousands_character:
        options["thousands"] = parsing.thousands_character
    return options


def _missing_options(parsing: Parsing) -> dict[str, Any]:
    plain = dataclasses.replace(parsing, usual_missing=False).missing_texts
    if not parsing.usual_missing:
        return {"na_values": plain, "keep_default_na": False}
    return {"na_values": plain[1:]} if plain[1:] else {}


def _quiet() -> warnings.catch_warnings[Any]:
    """Return a context without the warnings of reading: a run shows them."""
    return warnings.catch_warnings(action="ignore")
