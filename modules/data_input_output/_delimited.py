"""Delimited text (CSV, TSV and the like) to a frame, with sentences for what is wrong in it."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.context import sample_rows
from modules.data_input_output._parsing import DELIMITERS, Parsing

if TYPE_CHECKING:
    import pandas as pd

_HEAD = 1 << 18
_CHUNK = 1 << 24
_PREVIEW_ROWS = 200
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ISO_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)


def read_delimited(source: Path | bytes, parsing: Parsing, *, preferred: str = "") -> pd.DataFrame:
    """Read delimited text.

    Parameters
    ----------
    source : Path or bytes
        A file, or its content.
    preferred : str
        The delimiter to take when the options leave it open; empty to find it.

    Raises
    ------
    ModuleError
        For an empty file, one that is no text, one in another encoding, a row with
        too many or too few values, a quote that is never closed.
    """
    layout = _layout(source, parsing, _encoding(source, parsing), preferred)
    try:
        return _read(source, parsing, layout)
    except UnicodeError as error:
        if parsing.encoding != "auto":
            raise _wrong_encoding(layout.encoding) from error
    found = _guessed_encoding(source)
    layout = _layout(source, parsing, found, preferred)
    try:
        frame = _read(source, parsing, layout)
    except UnicodeError as error:
        raise _wrong_encoding(found) from error
    warn(f"The text is not UTF-8; it was read as {found}.")
    return frame


def parse_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn the text columns that hold nothing but ISO 8601 dates into datetimes."""
    import pandas as pd

    changed = {}
    for position, dtype in enumerate(frame.dtypes):
        if not isinstance(dtype, pd.StringDtype):
            continue
        column = frame.iloc[:, position]
        first = column.first_valid_index()
        if first is None or not _ISO_DATE.fullmatch(str(column[first]).strip()):
            continue
        try:
            changed[position] = pd.to_datetime(column, format="ISO8601")
        except (ValueError, TypeError):
            continue
    if not changed:
        return frame
    columns = [changed.get(position, frame.iloc[:, position]) for position in range(frame.shape[1])]
    dated = pd.DataFrame(dict(enumerate(columns)), copy=False)
    dated.columns = frame.columns
    return dated


@dataclass(frozen=True)
class _Layout:
    """What the first rows of a file say of all of it."""

    encoding: str
    delimiter: str
    names: list[str] | None
    width: int
    ragged: bool


def _read(source: Path | bytes, parsing: Parsing, layout: _Layout) -> pd.DataFrame:
    import pandas as pd

    wanted = sample_rows()
    frame = None
    if not layout.ragged:
        try:
            frame = _parse(source, parsing, layout, wanted)
        except pd.errors.ParserWarning:
            pass
        except pd.errors.ParserError as error:
            if "EOF inside string" in str(error):
                raise _quote_not_closed(str(error)) from error
            if "saw" not in str(error):
                raise ModuleError("not-a-table", f"The text can't be read: {error}") from error
    if frame is None or (wanted is None and _may_be_short(frame, source, parsing, layout)):
        whole = _without_ragged_rows(source, parsing, layout, wanted)
        frame = whole if whole is not None else frame
    assert frame is not None
    if layout.names is not None:
        frame.columns = pd.Index(layout.names)
    else:
        frame.columns = pd.Index([f"Col{number}" for number in range(1, layout.width + 1)])
    return parse_dates(frame) if parsing.dates == "ISO dates" else frame


def _parse(
    source: Any, parsing: Parsing, layout: _Layout, rows: int | None, *, skip: bool = True
) -> pd.DataFrame:
    import pandas as pd

    quote = parsing.quote_character
    options: dict[str, Any] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            io.BytesIO(source) if isinstance(source, bytes) else source,
            sep=layout.delimiter,
            encoding=layout.encoding,
            header=0 if layout.names is not None else None,
            # By number, so that repeated and empty names stay what they are.
            names=list(range(layout.width)),
            index_col=False,
            skiprows=parsing.skip_rows if skip else 0,
            nrows=rows,
            decimal=parsing.decimal_character,
            thousands=parsing.thousands_character,
            na_values=parsing.missing_texts,
            keep_default_na=False,
            # In one piece: by pieces, a column could be numbers here and texts there.
            low_memory=False,
            compression=None,
            **options,
        )


def _layout(source: Path | bytes, parsing: Parsing, encoding: str, preferred: str) -> _Layout:
    with _opened(source) as stream:
        head = stream.read(_HEAD)
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
    if len(head) == _HEAD and len(records) > 1:
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
    return _Layout(encoding, delimiter, names, width, ragged)


def _say_of_names(names: list[str]) -> None:
    empty = [str(place) for place, name in enumerate(names, start=1) if not name]
    if empty:
        named = "Column" if len(empty) == 1 else "Columns"
        warn(f"{named} {', '.join(empty[:10])} had no name; named by position.")


def _delimiter(text: str, parsing: Parsing, preferred: str) -> str:
    if parsing.delimiter == "other":
        if len(parsing.other_delimiter) != 1:
            raise ModuleError(
                "bad-delimiter",
                "The other delimiter is not a single character.",
                "Write one character.",
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
    records = _records(io.StringIO(text, newline=""), delimiter, parsing)
    return [record for _, record in itertools.islice(records, _PREVIEW_ROWS)]


def _records(lines: Any, delimiter: str, parsing: Parsing) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and values of each record that is not blank."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    quote = parsing.quote_character
    options: dict[str, Any] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    reader = csv.reader(lines, delimiter=delimiter, **options)
    start = 1
    for record in reader:
        if len(record) > 1 or (record and record[0].strip()):
            yield start, record
        start = reader.line_num + 1


def _may_be_short(
    frame: pd.DataFrame, source: Path | bytes, parsing: Parsing, layout: _Layout
) -> bool:
    """Tell whether some row may have too few values; pandas fills such a row in silence."""
    if layout.width < 2 or not frame.iloc[:, -1].isna().any():
        return False
    if parsing.skip_rows or not layout.encoding.startswith("utf-8"):
        return True
    delimiter, quote = layout.delimiter.encode(), (parsing.quote_character or "").encode()
    count = 0
    with _opened(source) as stream:
        while chunk := stream.read(_CHUNK):
            if quote and quote in chunk:
                return True
            count += chunk.count(delimiter)
    rows = len(frame) + (layout.names is not None)
    return count != rows * (layout.width - 1)


def _without_ragged_rows(
    source: Path | bytes, parsing: Parsing, layout: _Layout, wanted: int | None
) -> pd.DataFrame | None:
    """Return the frame of the rows that have as many values as the first, None if all have.

    Raises
    ------
    ModuleError
        If there are others, and they are an error.
    """
    good = io.StringIO()
    write = csv.writer(good, delimiter=layout.delimiter, quotechar=parsing.quote_character or '"')
    skipped, first = 0, 0
    kept = 0
    with _opened(source) as stream:
        text = io.TextIOWrapper(stream, layout.encoding, newline="")
        for _ in range(parsing.skip_rows):
            text.readline()
        for line, record in _records(text, layout.delimiter, parsing):
            line += parsing.skip_rows
            if len(record) == layout.width:
                write.writerow(record)
                kept += 1
                if wanted is not None and kept > wanted:
                    break
                continue
            if parsing.ragged_rows == "error":
                raise _ragged(line, len(record), layout.width, parsing.header)
            skipped += 1
            first = first or line
    if not skipped:
        return None
    rows = "1 row was" if skipped == 1 else f"{skipped} rows were"
    warn(f"{rows} skipped for not having {layout.width} values, the first in line {first}.")
    plain = _Layout("utf-8", layout.delimiter, layout.names, layout.width, False)
    quoted = Parsing(**{**vars(parsing), "quote": _quote_of_writer(parsing)})
    return _parse(good.getvalue().encode(), quoted, plain, wanted, skip=False)


def _quote_of_writer(parsing: Parsing) -> str:
    return parsing.quote if parsing.quote != "none" else "double quote"


def _ragged(line: int, count: int, width: int, header: bool) -> ModuleError:
    values = "1 value" if count == 1 else f"{count} values"
    first = "the header" if header else "the first row"
    return ModuleError(
        "ragged-rows",
        f"Line {line} has {values}; {first} has {width}.",
        "Mend the line, check delimiter and quote, or let ragged rows be skipped.",
        parameter="ragged_rows",
    )


def _quote_not_closed(text: str) -> ModuleError:
    row = re.search(r"row (\d+)", text)
    place = f" that opens in row {int(row[1]) + 1}" if row else ""
    return ModuleError(
        "quote-not-closed",
        f"A quote{place} is never closed.",
        "Close it, or choose another quote or none.",
        parameter="quote",
    )


def _encoding(source: Path | bytes, parsing: Parsing) -> str:
    if parsing.encoding != "auto":
        try:
            return codecs.lookup(parsing.encoding.strip()).name
        except LookupError:
            raise ModuleError(
                "encoding-unknown",
                f"There is no encoding “{parsing.encoding}”.",
                "Write auto, or a name such as utf-8, utf-16, latin-1 or cp1252.",
                parameter="encoding",
            ) from None
    with _opened(source) as stream:
        start = stream.read(4)
    return next((name for mark, name in _BOMS if start.startswith(mark)), "utf-8")


def _guessed_encoding(source: Path | bytes) -> str:
    """Guess the encoding from the lines that have other than ASCII characters."""
    from charset_normalizer import from_bytes

    lines: list[bytes] = []
    size = 0
    with _opened(source) as stream:
        for line in stream:
            if not line.isascii():
                lines.append(line)
                size += len(line)
                if size > 1 << 16:
                    break
    best = from_bytes(b"".join(lines)).best()
    return best.encoding if best else "cp1252"


def _wrong_encoding(name: str) -> ModuleError:
    return ModuleError(
        "wrong-encoding",
        f"The text is not in the encoding {name}.",
        "Set the encoding to auto, or to the one that the file was written in.",
        parameter="encoding",
    )


@contextmanager
def _opened(source: Path | bytes) -> Iterator[IO[bytes]]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        with source.open("rb") as stream:
            yield stream
