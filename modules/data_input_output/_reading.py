"""Files of any known format to a table."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, warn
from modules.contract.context import sample_rows
from modules.data_input_output._delimited import parse_dates, read_delimited
from modules.data_input_output._parsing import FORMATS, SUFFIXES, Parsing

if TYPE_CHECKING:
    import pandas as pd

REGISTERED = "dataset:"
"""A path that begins so names a registered dataset."""

DATASETS_VARIABLE = "MODELDESK_DATASETS"
"""Environment variable with the folder of the registered datasets."""


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
    if suffix not in SUFFIXES:
        raise ModuleError(
            "format-unknown",
            f"“{name}” has no suffix that says its format.",
            f"Choose the file format: {', '.join(FORMATS)}.",
            parameter="format",
        )
    return SUFFIXES[suffix]


def read_arff(text: Any) -> pd.DataFrame:
    """Read ARFF from an open text file or a string; nominal attributes become categories.

    Raises
    ------
    ModuleError
        If it is not ARFF.
    """
    import itertools

    import arff
    import pandas as pd

    reader = arff.loads if isinstance(text, str) else arff.load
    try:
        content = reader(text, return_type=arff.DENSE_GEN)
        rows = list(itertools.islice(content["data"], sample_rows()))
    except arff.ArffException as error:
        raise _not_the_format("ARFF", str(error)) from error
    columns: dict[int, Any] = {}
    for place, (_, kind) in enumerate(content["attributes"]):
        values = [row[place] for row in rows]
        if isinstance(kind, list):
            columns[place] = pd.Categorical(values, categories=kind)
        elif kind in ("STRING",):
            columns[place] = pd.Series(values, dtype="str")
        else:
            columns[place] = pd.Series(values, dtype="object" if not values else None)
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index([name for name, _ in content["attributes"]])
    return frame


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


def _parquet(path: Path, parsing: Parsing) -> pd.DataFrame:
    import re

    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = sample_rows()
    try:
        with pq.ParquetFile(path) as file:
            if wanted is None:
                arrow = file.read(use_threads=False)
            else:
                batch = next(file.iter_batches(batch_size=wanted, use_threads=False), None)
                empty = file.schema_arrow.empty_table()
                arrow = empty if batch is None else pa.Table.from_batches([batch])
    except pa.ArrowException as error:
        raise _not_the_format("Parquet", str(error)) from error
    # Without pandas' own metadata: what was an index there is a column here.
    frame = arrow.to_pandas(ignore_metadata=True, split_blocks=True, use_threads=False)
    unnamed = [name for name in frame if re.fullmatch(r"__index_level_\d+__", str(name))]
    return frame.drop(columns=unnamed) if unnamed else frame


def _arff(path: Path, parsing: Parsing) -> pd.DataFrame:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            return read_arff(stream)
    except UnicodeDecodeError as error:
        raise _not_the_format("ARFF", "it is not UTF-8 text") from error


def _json_lines(path: Path, parsing: Parsing) -> pd.DataFrame:
    import pandas as pd

    with path.open("rb") as stream:
        is_list = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    try:
        if is_list:
            frame = _json_list(path)
        else:
            frame = pd.read_json(
                path,
                lines=True,
                nrows=sample_rows(),
                # Values stay what they are: a text of digits is a text.
                dtype=False,
                compression=None,
            )
    except (ValueError, UnicodeDecodeError) as error:
        raise _bad_json_line(path, error) from error
    nested = [
        name
        for name in frame
        if frame[name].dtype == object
        and frame[name].map(lambda value: isinstance(value, (dict, list))).any()
    ]
    for name in nested:
        warn(f"Column “{name}” holds lists or objects; they are kept as JSON text.")
        frame[name] = [
            json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
            for value in frame[name]
        ]
    return parse_dates(DataTable(frame).frame) if parsing.dates == "ISO dates" else frame


def _json_list(path: Path) -> pd.DataFrame:
    """Read one list of objects, the other way in which tables are written as JSON."""
    import pandas as pd

    rows = json.loads(path.read_text("utf-8-sig"))
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a list that holds other things than objects")
    return pd.DataFrame(rows[: sample_rows()])


def _bad_json_line(path: Path, error: Exception) -> ModuleError:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                good = not line.strip() or isinstance(json.loads(line), dict)
            except ValueError:
                good = False
            if not good:
                return ModuleError(
                    "not-the-format",
                    f"Line {number} is not a JSON object.",
                    "JSON lines has one object on each line: {“name”: value, ...}.",
                    parameter="format",
                )
    return _not_the_format("JSON lines", str(error))


def _excel(path: Path, parsing: Parsing) -> pd.DataFrame:
    import pandas as pd
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with pd.ExcelFile(path, engine="openpyxl") as book:
            sheet = _sheet(parsing.sheet.strip(), [str(name) for name in book.sheet_names])
            frame = pd.read_excel(
                book,
                sheet_name=sheet,
                header=None,
                skiprows=parsing.skip_rows,
                nrows=None if sample_rows() is None else (sample_rows() or 0) + 1,
                na_values=parsing.missing_texts,
                keep_default_na=False,
            )
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise _not_the_format("Excel", str(error)) from error
    if not parsing.header:
        frame.columns = pd.Index([f"Col{place}" for place in range(1, frame.shape[1] + 1)])
    elif len(frame):
        names = ["" if pd.isna(name) else str(name) for name in frame.iloc[0]]
        frame = frame.iloc[1:].infer_objects()
        frame.columns = pd.Index(names)
    return parse_dates(DataTable(frame).frame) if parsing.dates == "ISO dates" else frame


def _sheet(wanted: str, names: list[str]) -> str:
    if not wanted:
        return names[0]
    if wanted in names:
        return wanted
    if wanted.isdigit() and 1 <= int(wanted) <= len(names):
        return names[int(wanted) - 1]
    raise ModuleError(
        "sheet-not-found",
        f"There is no sheet “{wanted}”.",
        f"The file has {', '.join(f'“{name}”' for name in names[:8])}.",
        parameter="sheet",
    )


def _not_the_format(kind: str, reason: str) -> ModuleError:
    first = reason.strip().splitlines()[0] if reason.strip() else "it is something else"
    return ModuleError(
        "not-the-format",
        f"The file can't be read as {kind}: {first.removesuffix('.')}.",
        "Choose the file format that it has.",
        parameter="format",
    )


_READERS = {
    "CSV": _csv,
    "TSV": _tsv,
    "Parquet": _parquet,
    "ARFF": _arff,
    "JSON lines": _json_lines,
    "Excel": _excel,
}
