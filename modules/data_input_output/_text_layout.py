"""What the first rows of a delimited text say of all of it: encoding, delimiter, names, width."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from modules.contract import ModuleError, warn
from modules.data_input_output._parsing import DELIMITERS, Parsing

_HEAD = 1 << 18
_LINES = 3
_PREVIEW_ROWS = 200
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Layout:
    """What the first rows of a file say of all of it."""

    encoding: str
    delimiter: str
    names: list[str] | None
    width: int
    ragged: bool


def layout_of(source: Path | bytes, parsing: Parsing, encoding: str, preferred: str) -> Layout:
    """Find the layout from the first rows; ``preferred`` is a delimiter, or empty.

    Raises
    ------
    ModuleError
        If there is no row, or it is no text.
    """
    with opened(source) as stream:
        head = stream.read(_HEAD)
        more = head
        # Rows may be longer than that; two or three of them tell the layout.
        while more and head.count(b"\n") < _LINES:
            more = stream.read(_HEAD)
            head += more
        whole = not stream.read(1)
    if not head.strip():
        raise ModuleError("file-empty", "The file is empty.", "Choose a file with data.")
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    if "\0" in text:
        raise ModuleError(
            "not-the-format",
            "The file is not text.",
            "Choose the file format, or a file that holds delimited text.",
        )
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
        # The last one may be cut off.
        records.pop()
    if not records:
        raise ModuleError(
            "file-empty",
            "Nothing is left after the skipped rows.",
            "Skip fewer rows.",
            parameter="skip_rows",
        )
    names = [name.strip() for name in records[0]] if parsing.header else None
    width = len(records[0])
    if names is not None:
        _say_of_names(names)
    ragged = any(len(record) > width for record in records[1:])
    return Layout(encoding, delimiter, names, width, ragged)


def encoding_of(source: Path | bytes, parsing: Parsing) -> str:
    """Return the encoding that was chosen, that a byte order mark tells, or UTF-8."""
    if parsing.encoding != "auto":
        try:
            name = codecs.lookup(parsing.encoding.strip()).name
            # Python also knows encodings of other things than text; those fail here.
            "a".encode(name)
            return name
        except LookupError:
            raise ModuleError(
                "encoding-unknown",
                f"There is no encoding “{parsing.encoding}”.",
                "Write auto, or a name such as utf-8, utf-16, latin-1 or cp1252.",
                parameter="encoding",
            ) from None
    with opened(source) as stream:
        start = stream.read(4)
    return next((name for mark, name in _BOMS if start.startswith(mark)), "utf-8")


def guessed_encoding(source: Path | bytes) -> str:
    """Guess the encoding from the lines that have other than ASCII characters."""
    from charset_normalizer import from_bytes

    lines: list[bytes] = []
    size = 0
    with opened(source) as stream:
        for line in stream:
            if not line.isascii():
                lines.append(line)
                size += len(line)
                if size > 1 << 16:
                    break
    best = from_bytes(b"".join(lines)).best()
    return best.encoding if best else "cp1252"


def records_of(lines: Any, delimiter: str, parsing: Parsing) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and values of each record that is not blank."""
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


@contextmanager
def opened(source: Path | bytes) -> Iterator[IO[bytes]]:
    """Open a file, or its content, for reading bytes."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        with source.open("rb") as stream:
            yield stream


def not_a_table(reason: str) -> ModuleError:
    """Return the error for text that is no table."""
    return ModuleError(
        "not-a-table",
        f"The text can't be read as a table: {reason.removesuffix('.')}.",
        "Check the delimiter and the quote.",
        parameter="delimiter",
    )


def _say_of_names(names: list[str]) -> None:
    empty = [str(place) for place, name in enumerate(names, start=1) if not name]
    if empty:
        named = "Column" if len(empty) == 1 else "Columns"
        warn(f"{named} {', '.join(empty[:10])} had no name; named by position.")


def _delimiter(text: str, parsing: Parsing, preferred: str) -> str:
    if parsing.delimiter == "other":
        if len(parsing.other_delimiter) != 1 or parsing.other_delimiter in "\r\n\"'":
            raise ModuleError(
                "bad-delimiter",
                "The other delimiter is not a single character that can be one.",
                "Write one character, neither a quote nor a line break.",
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
        # A space is in many texts that it does not delimit.
        score = (alike if delimiter != " " else alike * 0.5, widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _preview(text: str, delimiter: str, parsing: Parsing) -> list[list[str]]:
    """Return the first records that are not blank."""
    records = records_of(io.StringIO(text, newline=""), delimiter, parsing)
    return [record for _, record in itertools.islice(records, _PREVIEW_ROWS)]
