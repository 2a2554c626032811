"""Detect the layout of a delimited text from its first rows: delimiter, names, width."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.contract import ModuleError, warn
from modules.data_input_output._encodings import opened
from modules.data_input_output._parsing import DELIMITERS, Parsing

_HEAD = 1 << 18
_LINES = 3
_PREVIEW_ROWS = 200
_ARCHIVES = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf")
_WEB_PAGE = re.compile(r"\s*<(?:!doctype html|html)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """The layout of a file, detected from its first rows."""

    encoding: str
    delimiter: str
    names: list[str] | None
    width: int
    ragged: bool


def layout_of(source: Path | bytes, parsing: Parsing, encoding: str, preferred: str) -> Layout:
    """Detect the layout from the first rows; ``preferred`` is a delimiter, or empty.

    Raises
    ------
    ModuleError
        If there are no rows, or it isn't text.
    """
    with opened(source) as stream:
        head = stream.read(_HEAD)
        more = head
        # Rows may be longer than that; two or three of them are enough.
        while more and head.count(b"\n") < _LINES:
            more = stream.read(_HEAD)
            head += more
        whole = not stream.read(1)
    if not head.strip():
        raise ModuleError("file-empty", "The file is empty.", "Choose a file with data.")
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    _reject_other_formats(head, text)
    text = text.removeprefix("\ufeff")
    for _ in range(parsing.skip_rows):
        text = text.partition("\n")[2]
    delimiter = _delimiter(text, parsing, preferred)
    if parsing.thousands_character == parsing.decimal_character:
        raise ModuleError(
            "same-separators",
            "The decimal and the thousands separator are the same.",
            "Choose different ones.",
            parameter="thousands",
        )
    records = _preview(text, delimiter, parsing)
    if not whole and len(records) > 1:
        # The last one may be truncated.
        records.pop()
    if not records:
        raise ModuleError(
            "file-empty",
            "No rows are left after the skipped rows.",
            "Skip fewer rows.",
            parameter="skip_rows",
        )
    names = [name.strip() for name in records[0]] if parsing.header else None
    width = len(records[0])
    if names is not None:
        _warn_of_empty_names(names)
    ragged = any(len(record) > width for record in records[1:])
    return Layout(encoding, delimiter, names, width, ragged)


def records_of(lines: Any, delimiter: str, parsing: Parsing) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and values of each record that isn't blank."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    quote = parsing.quote_character
    options: dict[str, Any] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(lines, delimiter=delimiter, **options)
    start = 1
    try:
        for record in reader:
            if len(record) > 1 or (record and record[0].strip()):
                yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        raise not_a_table(f"line {start}: {error}") from error


def not_a_table(reason: str) -> ModuleError:
    """Return the error for text that isn't a table."""
    return ModuleError(
        "not-a-table",
        f"The text can't be read as a table: {reason.removesuffix('.')}.",
        "Check the delimiter and the quote.",
        parameter="delimiter",
    )


def _reject_other_formats(head: bytes, text: str) -> None:
    message, hint = "", "Choose the file format, or a file with delimited text."
    if head.startswith(_ARCHIVES):
        message = "The file is an archive or a workbook, not text."
        hint = "Extract it and choose the file inside, or choose the format Excel."
    elif "\0" in text:
        message = "The file isn't text."
    elif _WEB_PAGE.match(text):
        message = "The file is a web page."
        hint = "Download the data itself; the site may require you to sign in."
    if message:
        raise ModuleError("not-the-format", message, hint)


def _warn_of_empty_names(names: list[str]) -> None:
    empty = [str(position) for position, name in enumerate(names, start=1) if not name]
    if empty:
        named = "Column" if len(empty) == 1 else "Columns"
        warn(f"{named} {', '.join(empty[:10])} had no name and were named by position.")


def _delimiter(text: str, parsing: Parsing, preferred: str) -> str:
    if parsing.delimiter == "other":
        if len(parsing.other_delimiter) != 1 or parsing.other_delimiter in "\r\n\"'":
            raise ModuleError(
                "bad-delimiter",
                "The other delimiter isn't a valid single character.",
                "Enter one character other than a quote or line break.",
                parameter="other_delimiter",
            )
        return parsing.other_delimiter
    if parsing.delimiter != "auto":
        return DELIMITERS[parsing.delimiter]
    if preferred:
        return preferred
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS.values():
        widths = [len(record) for record in _preview(text, delimiter, parsing)]
        if not widths or widths[0] < 2:
            continue
        alike = sum(width == widths[0] for width in widths) / len(widths)
        # Many texts contain spaces that aren't delimiters.
        score = (alike if delimiter != " " else alike * 0.5, widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _preview(text: str, delimiter: str, parsing: Parsing) -> list[list[str]]:
    """Return the first records that aren't blank."""
    records = records_of(io.StringIO(text, newline=""), delimiter, parsing)
    return [record for _, record in itertools.islice(records, _PREVIEW_ROWS)]
