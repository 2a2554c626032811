"""Detect the layout of a delimited text from its first rows: delimiter, names, width."""

from __future__ import annotations

import codecs
import csv
import dataclasses
import io
import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from modules.contract import ModuleError
from modules.contract.normalize_frame import unique_names
from modules.data_input_output._encodings import opened
from modules.data_input_output._parsing import DELIMITERS, Parsing

_HEAD = 1 << 18
_LINES = 3
_PREVIEW_ROWS = 200
_ARCHIVES = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf")
ZERO_FIRST = r"^0\d+(?:[.,]\d*)?\s*$"
"""A number that is a code, such as 01067."""
_WEB_PAGE = re.compile(r"\s*<(?:!doctype html|html)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """The layout of a file, detected from its first rows.

    Parameters
    ----------
    names : list of str or None
        As in the header, which may lack those of trailing delimiters; None without one.
    width : int
        Values that a row has, those after trailing delimiters included.
    spare : int
        How many of these are only trailing delimiters, as far as is known.
    aligned : bool
        Several blanks between two values are one delimiter.
    blanks : frozenset of int
        Indices of columns whose values have blanks after the delimiter.
    ragged : bool
        Some rows have more values.
    codes : frozenset of int
        Indices of columns with numbers that start with a zero, as far as is known.
    """

    encoding: str
    delimiter: str
    names: list[str] | None
    width: int
    spare: int = 0
    aligned: bool = False
    blanks: frozenset[int] = frozenset()
    ragged: bool = False
    codes: frozenset[int] = frozenset()

    @property
    def needed(self) -> int:
        """How many values a row must have."""
        return self.width - self.spare

    @cached_property
    def column_names(self) -> list[str]:
        """The names of the needed columns as in a table: none is empty, and none repeats."""
        if self.names is None:
            return [f"Col{number}" for number in range(1, self.needed + 1)]
        return unique_names(self.names[: self.needed])


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
    if parsing.thousands_character == parsing.decimal_character:
        raise ModuleError(
            "same-separators",
            "The decimal and the thousands separator are the same.",
            "Choose different ones.",
            parameter="thousands",
        )
    delimiter, aligned = _delimiter(text, parsing, preferred)
    records = _preview(text, delimiter, parsing, aligned)
    blanks: frozenset[int] = frozenset()
    if parsing.strip_blanks and delimiter != " " and _contains(text, f"{delimiter} ", "\n "):
        untouched = _preview(text, delimiter, dataclasses.replace(parsing, strip_blanks=False))
        blanks = _differing(records, untouched)
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
    return _with_columns(Layout(encoding, delimiter, None, 0, 0, aligned, blanks), records, parsing)


def records_of(
    lines: Iterable[str], delimiter: str, parsing: Parsing, aligned: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and values of each record that isn't blank."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    quote = parsing.quote_character
    options: dict[str, Any] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    if aligned:
        lines = (line.replace("\t", " ").rstrip() + "\n" for line in lines)
    strip = aligned or (parsing.strip_blanks and delimiter != " ")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=strip, **options)
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


def _with_columns(layout: Layout, records: list[list[str]], parsing: Parsing) -> Layout:
    """Return a layout with names and width, and what trailing delimiters add to them."""
    names = [name.strip() for name in records[0]] if parsing.header else None
    rows = records[1:] if parsing.header else records
    width = len(records[0])
    if rows and all(len(row) == len(rows[0]) and not any(row[width:]) for row in rows):
        # They have trailing delimiters, and the header has none.
        width = max(width, len(rows[0]))
    spare = width - len(records[0])
    while rows and spare + 1 < width:
        at = width - spare - 1
        if (names and names[at]) or any(any(row[at : at + 1]) for row in rows):
            break
        spare += 1
    ragged = any(len(record) > width for record in rows)
    code = re.compile(ZERO_FIRST, re.ASCII)
    codes = {at for row in rows for at, value in enumerate(row[:width]) if code.match(value)}
    return dataclasses.replace(
        layout, names=names, width=width, spare=spare, ragged=ragged, codes=frozenset(codes)
    )


def _differing(records: list[list[str]], others: list[list[str]]) -> frozenset[int]:
    """Return the columns in which records differ."""
    return frozenset(
        index
        for record, other in zip(records, others, strict=False)
        for index, (one, two) in enumerate(itertools.zip_longest(record, other))
        if one != two
    )


def _delimiter(text: str, parsing: Parsing, preferred: str) -> tuple[str, bool]:
    """Return the delimiter, and whether several blanks are one."""
    if parsing.delimiter == "other":
        if len(parsing.other_delimiter) != 1 or parsing.other_delimiter in "\r\n\"'":
            raise ModuleError(
                "bad-delimiter",
                "The other delimiter isn't a valid single character.",
                "Enter one character other than a quote or line break.",
                parameter="other_delimiter",
            )
        return parsing.other_delimiter, False
    if parsing.delimiter != "auto":
        delimiter = DELIMITERS[parsing.delimiter]
        return delimiter, delimiter == " " and _is_aligned(text, parsing)
    if preferred:
        return preferred, False
    best, best_score = (",", False), (0.0, 0)
    for delimiter in DELIMITERS.values():
        if delimiter not in text:
            continue
        aligned = delimiter == " " and _is_aligned(text, parsing)
        alike, width = _regularity(_preview(text, delimiter, parsing, aligned))
        if width < 2:
            continue
        # Many texts contain spaces that aren't delimiters.
        score = (alike if delimiter != " " else alike * 0.5, width)
        if score > best_score:
            best, best_score = (delimiter, aligned), score
    return best


def _is_aligned(text: str, parsing: Parsing) -> bool:
    """Return whether the rows are more alike if several blanks are one delimiter."""
    if not _contains(text, "  ", "\n ", " \n", " \r", " \t", "\t "):
        return False
    single = _regularity(_preview(text, " ", parsing))
    several = _regularity(_preview(text, " ", parsing, aligned=True))
    return several[1] > 1 and several != single and several[0] >= single[0]


def _contains(text: str, *parts: str) -> bool:
    return text.startswith(" ") or any(part in text for part in parts)


def _regularity(records: list[list[str]]) -> tuple[float, int]:
    """Return the share of the rows that have as many values as the first, and this number."""
    if not records:
        return 0.0, 0
    widths = [len(record) for record in records]
    return widths.count(widths[0]) / len(widths), widths[0]


def _preview(text: str, delimiter: str, parsing: Parsing, aligned: bool = False) -> list[list[str]]:
    """Return the first records that aren't blank."""
    records = records_of(io.StringIO(text, newline=""), delimiter, parsing, aligned)
    return [record for _, record in itertools.islice(records, _PREVIEW_ROWS)]
