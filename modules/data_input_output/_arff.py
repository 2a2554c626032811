"""ARFF, the format of Weka, to a table."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.context import sample_rows
from modules.data_input_output._appearance import not_of_format
from modules.data_input_output._encodings import guessed_encoding

if TYPE_CHECKING:
    import pandas as pd

_ATTRIBUTE = re.compile(
    r"\s*@attribute\s+(?P<name>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\S+)\s+"
    r"date\b\s*(?P<form>'[^']*'+|\"[^\"]*\")?\s*$",
    re.IGNORECASE,
)
_USUAL_FORM = "yyyy-MM-dd'T'HH:mm:ss"
# Of Java's SimpleDateFormat, in which ARFF writes dates, what stands in real files.
_JAVA_FORM = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
    "M": "%m", "d": "%d", "H": "%H",
}  # fmt: skip


def read_arff_file(path: Path) -> pd.DataFrame:
    """Read an ARFF file; one that is not UTF-8 is read in the encoding that its letters suggest.

    Raises
    ------
    ModuleError
        If it is not ARFF.
    """
    try:
        return _read(path)
    except ModuleError as error:
        if _declares_columns(path):
            raise
        raise not_of_format(path, "ARFF") from error


def read_arff(lines: Iterable[str] | str) -> pd.DataFrame:
    """Read ARFF from a text or its lines; nominal attributes become categories.

    Raises
    ------
    ModuleError
        If it is not ARFF.
    """
    import arff
    import pandas as pd

    dates: dict[int, str] = {}
    if isinstance(lines, str):
        lines = lines.strip().splitlines()
    try:
        content = arff.load(_without_dates(lines, dates), return_type=arff.DENSE_GEN)
        rows = list(itertools.islice(content["data"], sample_rows()))
    except arff.ArffException as error:
        # The library counts no lines below the header, and says -1 for them.
        raise _not_arff(re.sub(r",? (?:at|in) line -1", "", str(error))) from error
    columns: dict[int, Any] = {}
    for place, (name, kind) in enumerate(content["attributes"]):
        values = [row[place] for row in rows]
        if place in dates:
            columns[place] = _moments(name, values, dates[place])
        elif isinstance(kind, list):
            columns[place] = pd.Categorical(values, categories=kind)
        elif kind == "STRING":
            columns[place] = pd.Series(values, dtype="str")
        else:
            columns[place] = pd.Series(values, dtype="object" if not values else None)
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index([name for name, _ in content["attributes"]])
    return frame


def _read(path: Path) -> pd.DataFrame:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            return read_arff(stream)
    except UnicodeDecodeError:
        encoding = guessed_encoding(path)
    try:
        with path.open(encoding=encoding) as stream:
            frame = read_arff(stream)
    except UnicodeDecodeError as error:
        raise _not_arff("it is not text") from error
    warn(f"The text is not UTF-8; it was read as {encoding}.")
    return frame


def _declares_columns(path: Path) -> bool:
    with path.open("rb") as stream:
        return any(line.lstrip()[:10].lower() == b"@attribute" for line in stream)


def _without_dates(lines: Iterable[str], dates: dict[int, str]) -> Iterator[str]:
    """Declare dates as strings, which the library knows; note their places and forms."""
    place, in_header = 0, True
    for line in lines:
        start = line.lstrip()[:10].lower() if in_header else ""
        if start.startswith("@data"):
            in_header = False
        elif start.startswith("@attribute"):
            date = _ATTRIBUTE.match(line.rstrip())
            if date:
                dates[place] = (date["form"] or "").strip("\"'") or _USUAL_FORM
                line = f"@attribute {date['name']} string\n"
            place += 1
        yield line


def _moments(name: str, values: list[Any], form: str) -> pd.Series:
    import pandas as pd

    pattern = re.compile("|".join(sorted(_JAVA_FORM, key=len, reverse=True)))
    wanted = pattern.sub(lambda part: _JAVA_FORM[part[0]], form.replace("'", ""))
    try:
        return pd.to_datetime(pd.Series(values, dtype="str"), format=wanted)
    except ValueError as error:
        raise _not_arff(f"attribute “{name}” holds something else than dates as {form}") from error


def _not_arff(reason: str) -> ModuleError:
    return ModuleError(
        "not-the-format",
        f"The file can't be read as ARFF: {reason.strip().splitlines()[0].removesuffix('.')}.",
        "Choose the file format that it has, or correct the file.",
        parameter="format",
    )
