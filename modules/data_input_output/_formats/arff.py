"""Read ARFF, Weka's format, into a table."""

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
from modules.data_input_output._formats.arff_lines import Lines, header_error, not_arff, row_error
from modules.data_input_output._typed_columns import exact

if TYPE_CHECKING:
    import pandas as pd

_ATTRIBUTE = re.compile(
    r"\s*@attribute\s+(?P<name>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\S+)\s+"
    r"(?:(?P<date>date)\b\s*(?P<form>'[^']*'+|\"[^\"]*\"|\S+)?|integer)\s*$",
    re.IGNORECASE,
)
_INTEGER = "integer"
_USUAL_FORM = "yyyy-MM-dd'T'HH:mm:ss"
# The parts of Java's SimpleDateFormat, ARFF's date format, that occur in real files.
_JAVA_FORM = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
    "M": "%m", "d": "%d", "H": "%H",
}  # fmt: skip


def read_arff_file(path: Path) -> pd.DataFrame:
    """Read an ARFF file; if it isn't UTF-8, its encoding is guessed from its letters.

    Raises
    ------
    ModuleError
        If it isn't ARFF.
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
        If it isn't ARFF; the error names the line.
    """
    import arff
    import pandas as pd

    special: dict[int, str] = {}
    read = Lines(lines.splitlines() if isinstance(lines, str) else lines)
    try:
        content = arff.load(_simplified(read, special), return_type=arff.DENSE_GEN)
    except UnicodeError:
        raise
    except (arff.ArffException, ValueError, TypeError, IndexError) as error:
        raise header_error(read, error) from error
    attributes = content["attributes"]
    rows, numbers = [], []
    try:
        for row in itertools.islice(content["data"], sample_rows()):
            rows.append(row)
            numbers.append(read.number)
    except UnicodeError:
        raise
    except (arff.ArffException, ValueError, TypeError, IndexError) as error:
        raise row_error(read, attributes) from error
    columns: dict[int, Any] = {}
    for index, (name, kind) in enumerate(attributes):
        values = [row[index] for row in rows]
        if special.get(index) == _INTEGER:
            columns[index] = _integers(name, values, numbers)
        elif index in special:
            columns[index] = _moments(name, values, special[index], numbers)
        elif isinstance(kind, list):
            columns[index] = pd.Categorical(values, categories=kind)
        elif kind == "STRING":
            columns[index] = pd.Series(values, dtype="str")
        else:
            columns[index] = pd.Series(values, dtype="object" if not values else None)
    frame = pd.DataFrame(columns)
    frame.columns = pd.Index([name for name, _ in attributes])
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
        raise not_arff("The file isn't text") from error
    warn(f"The text isn't UTF-8; it was read as {encoding}.")
    return frame


def _declares_columns(path: Path) -> bool:
    with path.open("rb") as stream:
        return any(line.lstrip()[:10].lower() == b"@attribute" for line in stream)


def _simplified(lines: Iterable[str], special: dict[int, str]) -> Iterator[str]:
    """Declare as strings the types that the library doesn't support exactly; record them."""
    index, in_header = 0, True
    for line in lines:
        start = line.lstrip()[:10].lower() if in_header else ""
        if start.startswith("@data"):
            in_header = False
        elif start.startswith(("@relation", "@attribute")):
            # The library doesn't accept tabs there.
            line = line.strip().replace("\t", " ") + "\n"
        if start.startswith("@attribute"):
            declared = _ATTRIBUTE.match(line.rstrip())
            if declared:
                form = (declared["form"] or "").strip("\"'") or _USUAL_FORM
                special[index] = form if declared["date"] else _INTEGER
                line = f"@attribute {declared['name']} string\n"
            index += 1
        yield line


def _integers(name: str, values: list[Any], numbers: list[int]) -> pd.Series:
    """Return the values of an integer attribute; some programs write other numbers there."""
    import pandas as pd

    found: list[Any] = []
    for value, number in zip(values, numbers, strict=True):
        try:
            whole = value is not None and re.fullmatch(r"[+-]?\d{1,300}", value)
            found.append(int(value) if whole else None if value is None else float(value))
        except ValueError as error:
            raise _unexpected(number, value, name, "an integer, or ? for a missing one,") from error
    column: Any = exact(name, found)
    return pd.Series(column, dtype="object" if not found else None)


def _moments(name: str, values: list[Any], form: str, numbers: list[int]) -> pd.Series:
    import pandas as pd

    pattern = re.compile("|".join(sorted(_JAVA_FORM, key=len, reverse=True)))
    wanted = pattern.sub(lambda part: _JAVA_FORM[part[0]], form.replace("'", ""))
    texts = pd.Series(values, dtype="str")
    try:
        return pd.to_datetime(texts, format=wanted)
    except ValueError as error:
        for value, number in zip(values, numbers, strict=True):
            if value is not None and pd.isna(pd.to_datetime(value, format=wanted, errors="coerce")):
                raise _unexpected(number, value, name, f"a date in the format {form}") from error
        raise not_arff(
            f"The dates of the attribute “{name}” don't match the format {form}"
        ) from error


def _unexpected(number: int, value: str, name: str, expected: str) -> ModuleError:
    return not_arff(
        f"Line {number} has “{value[:40]}” for the attribute “{name}”; {expected} is expected"
    )
