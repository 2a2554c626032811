"""Read files of any known format into a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from modules.contract import DataTable, ModuleError, warn
from modules.contract.regular_files import check_regular
from modules.data_input_output._formats.arff import read_arff_file
from modules.data_input_output._formats.delimited import read_delimited
from modules.data_input_output._formats.json_lines import read_json_lines
from modules.data_input_output._formats.parquet import read_parquet
from modules.data_input_output._parsing import FORMATS, SUFFIXES, Parsing
from modules.data_input_output._typed_columns import with_chosen_types
from modules.data_input_output._workbook import read_workbook

if TYPE_CHECKING:
    import pandas as pd

REGISTERED = "dataset:"
"""Prefix of a path that names a registered dataset."""

_PACKED = (".gz", ".zip", ".bz2", ".xz", ".7z", ".zst")


def resolve(path: str, *, parameter: str = "path") -> Path:
    """Return the file of a path.

    Raises
    ------
    ModuleError
        If the file doesn't exist, or the path names a registered dataset: only the designer,
        which passes on its file, knows those.
    """
    text = path.strip()
    if not text:
        raise ModuleError(
            "no-file", "No file is chosen.", "Choose a file or a dataset.", parameter=parameter
        )
    if text.startswith(REGISTERED):
        name = text.removeprefix(REGISTERED).strip()
        raise ModuleError(
            "dataset-not-found",
            f"Registered dataset “{name}” isn't known outside of a workspace.",
            "Choose its file.",
            parameter=parameter,
        )
    file = Path(text).expanduser()
    if not file.exists():
        raise ModuleError(
            "file-not-found",
            f"File “{path}” doesn't exist.",
            "Choose another file; relative paths start from the pipeline's folder.",
            parameter=parameter,
        )
    return file


def read_file(path: Path, parsing: Parsing) -> DataTable:
    """Read a file.

    Raises
    ------
    ModuleError
        If it can't be read, or has another format.
    """
    kind = parsing.format if parsing.format != "auto" else format_of(path.name)
    try:
        # Reading a device or a pipe would never end.
        check_regular(path)
        table = DataTable(_READERS[kind](path, parsing))
        if parsing.chosen_types:
            table = table.with_frame(with_chosen_types(table.frame, parsing))
    except ModuleError as error:
        # The text readers don't know the file's name.
        message = error.message.removesuffix(".") + f" (“{path.name}”)."
        raise ModuleError(
            error.code, message, error.hint, parameter=error.parameter, column=error.column
        ) from error.__cause__
    except OSError as error:
        raise ModuleError(
            "file-not-readable",
            f"“{path.name}” can't be read: {error.strerror or error}.",
            "Choose a file, and check that you have permission to read it.",
            parameter="path",
        ) from error
    if not len(table):
        warn(f"“{path.name}” doesn't contain any rows.")
    return table


def format_of(name: str) -> str:
    """Return the format of a file name's extension.

    Raises
    ------
    ModuleError
        If the extension is unknown.
    """
    extension = Path(name).suffix.lower()
    if extension in SUFFIXES:
        return SUFFIXES[extension]
    hint = f"Choose the file format: {', '.join(FORMATS)}."
    if extension == ".xls":
        hint = "Save the workbook as .xlsx; the legacy Excel format can't be read."
    elif extension in _PACKED:
        hint = "Extract it, and choose the file inside."
    message = f"The extension “{extension}” of “{name}” isn't a known format."
    if not extension:
        message = f"“{name}” has no file extension that indicates its format."
    raise ModuleError("format-unknown", message, hint, parameter="format")


def _csv(path: Path, parsing: Parsing) -> pd.DataFrame:
    return read_delimited(path, parsing)


def _tsv(path: Path, parsing: Parsing) -> pd.DataFrame:
    return read_delimited(path, parsing, preferred="\t")


_READERS: dict[str, Callable[[Path, Parsing], pd.DataFrame]] = {
    "CSV": _csv,
    "TSV": _tsv,
    "Parquet": lambda path, parsing: read_parquet(path),
    "ARFF": lambda path, parsing: read_arff_file(path),
    "JSON lines": read_json_lines,
    "Excel": read_workbook,
}
