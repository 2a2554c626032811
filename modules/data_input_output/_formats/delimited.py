"""Read delimited text (CSV, TSV and so on) into a frame, with errors that name the line."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from modules.contract import ModuleError, warn
from modules.contract.context import sample_rows
from modules.data_input_output._dates import parse_dates
from modules.data_input_output._encodings import encoding_of, guessed_encoding, opened
from modules.data_input_output._exact_columns import read_exactly
from modules.data_input_output._parsing import Parsing
from modules.data_input_output._text_layout import Layout, layout_of, not_a_table, records_of
from modules.data_input_output._typed_columns import join_groups, warn_of_commas

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 1 << 16
_LAST_ASCII = 127
_HINT_LENGTH = 64


def read_delimited(source: Path | bytes, parsing: Parsing, *, preferred: str = "") -> pd.DataFrame:
    """Read delimited text.

    Parameters
    ----------
    source : Path or bytes
        A file, or its content.
    preferred : str
        The delimiter to use if the options are auto; empty to detect it.

    Raises
    ------
    ModuleError
        For an empty file, one that isn't text, a wrong encoding, a row with too many or too
        few values, or an unclosed quote.
    """
    encoding = encoding_of(source, parsing.encoding)
    parsing = without_hint(source, parsing, encoding)
    layout = layout_of(source, parsing, encoding, preferred)
    try:
        return _read(source, parsing, layout)
    except UnicodeError as error:
        if parsing.encoding != "auto":
            raise _wrong_encoding(layout.encoding) from error
    found = guessed_encoding(source)
    layout = layout_of(source, parsing, found, preferred)
    try:
        frame = _read(source, parsing, layout)
    except UnicodeError as error:
        raise _wrong_encoding(found) from error
    warn(f"The text isn't UTF-8; it was read as {found}.")
    return frame


def without_hint(source: Path | bytes, parsing: Parsing, encoding: str) -> Parsing:
    """Read the delimiter from a first line such as ``sep=;``, which Excel supports."""
    if parsing.skip_rows:
        return parsing
    with opened(source) as stream:
        start = stream.read(_HINT_LENGTH).decode(encoding, errors="ignore").lstrip("\ufeff")
    hint = re.match(r"sep=(.)\r?\n", start, re.IGNORECASE)
    if not hint:
        return parsing
    parsing = dataclasses.replace(parsing, skip_rows=1)
    if parsing.delimiter != "auto":
        return parsing
    return dataclasses.replace(parsing, delimiter="other", other_delimiter=hint[1])


def _read(source: Path | bytes, parsing: Parsing, layout: Layout) -> pd.DataFrame:
    import pandas as pd

    wanted = sample_rows()
    frame, doubt = None, ""
    if not layout.ragged:
        try:
            if layout.width == 1:
                frame = _of_one_column(source, parsing, layout, wanted)
            else:
                frame = read_exactly(source, parsing, layout, wanted)
        except (pd.errors.ParserWarning, pd.errors.ParserError) as error:
            doubt = str(error).strip().rpartition("C error: ")[2]
            if "EOF inside string" in doubt:
                raise _quote_not_closed(doubt) from error
    if frame is not None and layout.spare and frame.iloc[:, layout.needed :].notna().any(axis=None):
        # There are values further down.
        width = len(layout.names) if layout.names else layout.width
        ragged = width < layout.width
        whole_layout = dataclasses.replace(layout, width=width, spare=0, ragged=ragged)
        return _read(source, parsing, whole_layout)
    if frame is None or (wanted is None and _may_be_short(frame, source, parsing, layout)):
        whole = _without_ragged_rows(source, parsing, layout, wanted)
        frame = whole if whole is not None else frame
    if frame is None:
        raise not_a_table(doubt)
    if layout.spare:
        warn("Delimiters at the end of rows were ignored.")
    frame = frame.iloc[:, : layout.needed]
    frame.columns = pd.Index(layout.column_names)
    _warn_of_empty_names(layout)
    frame = parse_dates(join_groups(frame, parsing), parsing)
    warn_of_commas(frame, parsing)
    return frame


def _of_one_column(
    source: Path | bytes, parsing: Parsing, layout: Layout, wanted: int | None
) -> pd.DataFrame:
    """Parse a text of one column, where an empty line between others is a missing value."""
    with opened(source) as stream, io.TextIOWrapper(stream, layout.encoding, newline="") as lines:
        text = lines.read()
    for _ in range(parsing.skip_rows):
        text = text.partition("\n")[2]
    text = re.sub(r"\A(?:[ \t]*\r?\n)+", "", text)
    text = re.sub(r"(?:\r?\n[ \t]*)+\Z", "\n", text)
    if not parsing.quote_character or parsing.quote_character not in text:
        text = re.sub(r"(?m)^ +(?=\r?$)", "", text)
    plain = dataclasses.replace(layout, encoding="utf-8")
    parsing = dataclasses.replace(parsing, skip_rows=0)
    return read_exactly(text.encode(), parsing, plain, wanted)


def _warn_of_empty_names(layout: Layout) -> None:
    names = layout.names or []
    empty = [str(at) for at, name in enumerate(names[: layout.needed], start=1) if not name]
    if empty:
        named = "Column" if len(empty) == 1 else "Columns"
        warn(f"{named} {', '.join(empty[:10])} had no name and were named by position.")


def _may_be_short(
    frame: pd.DataFrame, source: Path | bytes, parsing: Parsing, layout: Layout
) -> bool:
    """Return whether a row may have too few values; pandas fills such rows silently."""
    if layout.width < 2 or not frame.iloc[:, -1].isna().any():
        return False
    if parsing.skip_rows or layout.aligned or not layout.encoding.startswith("utf-8"):
        return True
    import numpy as np

    delimiter, quote = ord(layout.delimiter), (parsing.quote_character or "").encode()
    if delimiter > _LAST_ASCII:
        return True
    count = 0
    buffer = bytearray(_CHUNK)
    with opened(source) as stream:
        while size := stream.readinto(buffer):  # type: ignore[attr-defined]
            if quote and buffer.find(quote, 0, size) >= 0:
                return True
            # Several times as fast as bytes.count().
            count += int(np.count_nonzero(np.frombuffer(buffer, np.uint8, size) == delimiter))
    rows = len(frame) + (layout.names is not None)
    return count != rows * (layout.width - 1)


def _without_ragged_rows(
    source: Path | bytes, parsing: Parsing, layout: Layout, wanted: int | None
) -> pd.DataFrame | None:
    """Return the rows that have as many values as the first; None if all have.

    Raises
    ------
    ModuleError
        If there are others, and ragged rows are an error.
    """
    good = io.StringIO()
    write = csv.writer(good, delimiter=layout.delimiter, quotechar=parsing.quote_character or '"')
    skipped, first = 0, 0
    kept, cut = 0, False
    with opened(source) as stream:
        text = io.TextIOWrapper(stream, layout.encoding, newline="")
        for _ in range(parsing.skip_rows):
            text.readline()
        for line, record in records_of(text, layout.delimiter, parsing, layout.aligned):
            line += parsing.skip_rows
            if len(record) > layout.width and not any(record[layout.width :]):
                # Only delimiters.
                record, cut = record[: layout.width], True
            if layout.needed <= len(record) <= layout.width:
                write.writerow(record)
                kept += 1
                if wanted is not None and kept > wanted:
                    break
                continue
            if parsing.ragged_rows == "error":
                raise _ragged(line, len(record), layout.needed, parsing.header)
            skipped += 1
            first = first or line
    if not skipped and not cut:
        return None
    if cut and not layout.spare:
        warn("Delimiters at the end of rows were ignored.")
    if skipped:
        rows = "1 row was" if skipped == 1 else f"{skipped} rows were"
        warn(
            f"{rows} skipped because they don't have {layout.needed} values, "
            f"the first in line {first}."
        )
    plain = dataclasses.replace(layout, encoding="utf-8", aligned=False, blanks=frozenset())
    quoted = dataclasses.replace(
        parsing, quote=_quote_of_writer(parsing), skip_rows=0, strip_blanks=False
    )
    return read_exactly(good.getvalue().encode(), quoted, plain, wanted)


def _quote_of_writer(parsing: Parsing) -> str:
    return parsing.quote if parsing.quote != "none" else "double quote"


def _ragged(line: int, count: int, width: int, header: bool) -> ModuleError:
    values = "1 value" if count == 1 else f"{count} values"
    first = "the header" if header else "the first row"
    return ModuleError(
        "ragged-rows",
        f"Line {line} has {values}; {first} has {width}.",
        "Fix the line, check delimiter, quote, and rows to skip, or set Ragged rows to skip.",
        parameter="ragged_rows",
    )


def _quote_not_closed(text: str) -> ModuleError:
    row = re.search(r"row (\d+)", text)
    start = f" that opens in row {int(row[1]) + 1}" if row else ""
    return ModuleError(
        "quote-not-closed",
        f"A quote{start} is never closed.",
        "Close it, or choose another quote character or none.",
        parameter="quote",
    )


def _wrong_encoding(name: str) -> ModuleError:
    return ModuleError(
        "wrong-encoding",
        f"The text isn't in the encoding {name}.",
        "Set the encoding to auto, or to the file's encoding.",
        parameter="encoding",
    )
