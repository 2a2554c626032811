"""Files of any known format to a table."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from modules.contract import DataTable, ModuleError, warn
from modules.data_input_output._arff import read_arff_file
from modules.data_input_output._delimited import read_delimited
from modules.data_input_output._json_lines import read_json_lines
from modules.data_input_output._parquet import read_parquet
from modules.data_input_output._parsing import FORMATS, SUFFIXES, Parsing
from modules.data_input_output._workbook import read_workbook

if TYPE_CHECKING:
    import pandas as pd

REGISTERED = "dataset:"
"""A path that begins so names a registered dataset."""

DATASETS_VARIABLE = "MODELDESK_DATASETS"
"""Environment variable with the folder of the registered datasets."""


_PACKED = (".gz", ".zip", ".bz2", ".xz", ".7z", ".zst")


def resolve(path: str, *, parameter: str = "path") -> Path:
    """Return the file that a path, or ``dataset:NAME``, means.

    Raises
    ------
    ModuleError
        If there is no such file or dataset.
    """
    text = path.strip()
    if not text:
        raise ModuleError(
            "no-file", "No file is chosen.", "Choose a file or a dataset.", parameter=parameter
        )
    if text.startswith(REGISTERED):
        return _registered(text.removeprefix(REGISTERED).strip(), parameter)
    place = Path(text).expanduser()
    if not place.exists():
        raise ModuleError(
            "file-not-found",
            f"There is no file “{path}”.",
            "Choose another file; a relative path starts from the pipeline's folder.",
            parameter=parameter,
        )
    return place


def read_file(path: Path, parsing: Parsing) -> DataTable:
    """Read a file.

    Raises
    ------
    ModuleError
        If it can't be read, or is not of the format.
    """
    kind = parsing.format if parsing.format != "auto" else format_of(path.name)
    try:
        table = DataTable(_READERS[kind](path, parsing))
    except ModuleError as error:
        # The text readers don't know the name of what they read.
        message = error.message.removesuffix(".") + f" (“{path.name}”)."
        raise ModuleError(
            error.code, message, error.hint, parameter=error.parameter, column=error.column
        ) from error.__cause__
    except OSError as error:
        raise ModuleError(
            "file-not-readable",
            f"“{path.name}” can't be read: {error.strerror or error}.",
            "Check that the file exists and that you may read it.",
            parameter="path",
        ) from error
    if not len(table):
        warn(f"“{path.name}” has no rows.")
    return table


def format_of(name: str) -> str:
    """Return the format that the suffix of a file name stands for.

    Raises
    ------
    ModuleError
        If it stands for none.
    """
    suffix = Path(name).suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    hint = f"Choose the file format: {', '.join(FORMATS)}."
    if suffix == ".xls":
        hint = "Save the workbook as .xlsx; the old format of Excel can't be read."
    elif suffix in _PACKED:
        hint = "Unpack it, and choose the file inside."
    what = f"The suffix “{suffix}” of “{name}” is of no known format."
    if not suffix:
        what = f"“{name}” has no suffix that says its format."
    raise ModuleError("format-unknown", what, hint, parameter="format")


def _registered(name: str, parameter: str) -> Path:
    folder = os.environ.get(DATASETS_VARIABLE)
    place = Path(folder) / name if folder else None
    if place is not None and name and place.parent == Path(folder or ""):
        if place.is_file():
            return place
        try:
            record = json.loads((place / "dataset.json").read_text("utf-8"))
            return place / Path(record["file"]).name
        except (OSError, ValueError, KeyError, TypeError):
            pass
    raise ModuleError(
        "dataset-not-found",
        f"There is no registered dataset “{name}”.",
        "Register it, or choose a file.",
        parameter=parameter,
    )


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
