"""Read delimited text (CSV, TSV and so on) into a frame, with errors that name the line."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError, warn
from modules.contract.context import sample_rows
from modules.data_input_output._encodings import encoding_of, guessed_encoding, opened
from modules.data_input_output._parsing import Parsing
from modules.data_input_output._text_layout import Layout, layout_of, not_a_table, records_of
from modules.data_input_output._typed_columns import (
    inexact,
    join_groups,
    parse_dates,
    warn_kept_as_text,
    warn_of_commas,
)

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 1 << 24
_HINT_LENGTH = 64
_LONG_WHOLE = r"[+-]?\d{16,}"


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
    parsing = _without_hint(source, parsing, encoding)
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


def _without_hint(source: Path | bytes, parsing: Parsing, encoding: str) -> Parsing:
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
                frame = _exact(source, parsing, layout, wanted)
        except (pd.errors.ParserWarning, pd.errors.ParserError) as error:
            doubt = str(error).strip().rpartition("C error: ")[2]
            if "EOF inside string" in doubt:
                raise _quote_not_closed(doubt) from error
    if frame is None or (wanted is None and _may_be_short(frame, source, parsing, layout)):
        whole = _without_ragged_rows(source, parsing, layout, wanted)
        frame = whole if whole is not None else frame
    if frame is None:
        raise not_a_table(doubt)
    if layout.names is not None:
        frame.columns = pd.Index(layout.names)
    else:
        frame.columns = pd.Index([f"Col{number}" for number in range(1, layout.width + 1)])
    frame = parse_dates(join_groups(frame, parsing), parsing.dates)
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
    return _exact(text.encode(), parsing, plain, wanted, skip=False)


def _exact(
    source: Any, parsing: Parsing, layout: Layout, rows: int | None, *, skip: bool = True
) -> pd.DataFrame:
    """Parse, and keep integers as text if a floating point number can't store them."""
    frame = _parse(source, parsing, layout, rows, skip=skip)
    doubtful = [
        index
        for index, dtype in enumerate(frame.dtypes)
        if str(dtype) == "object" or (dtype.kind == "f" and inexact(frame[index].to_numpy()))
    ]
    if not doubtful:
        return frame
    texts = _parse(source, parsing, layout, rows, skip=skip, as_text=doubtful)
    for index in doubtful:
        known = texts[index].dropna().astype("str")
        if known.str.fullmatch(r"[+-]?\d+").all() and known.str.fullmatch(_LONG_WHOLE).any():
            name = layout.names[index] if layout.names else f"Col{index + 1}"
            warn_kept_as_text(name)
            frame[index] = texts[index]
    return frame


def _parse(
    source: Any,
    parsing: Parsing,
    layout: Layout,
    rows: int | None,
    *,
    skip: bool = True,
    as_text: Sequence[int] = (),
) -> pd.DataFrame:
    import pandas as pd

    quote = parsing.quote_character
    options: dict[str, Any] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame: pd.DataFrame = pd.read_csv(
            io.BytesIO(source) if isinstance(source, bytes) else source,
            sep=layout.delimiter,
            encoding=layout.encoding,
            header=0 if layout.names is not None else None,
            # By index, so that repeated and empty names are unchanged.
            names=list(range(layout.width)),
            index_col=False,
            skiprows=parsing.skip_rows if skip else 0,
            nrows=rows,
            decimal=parsing.decimal_character,
            dtype=dict.fromkeys(as_text, "str") or None,
            na_values=parsing.missing_texts,
            keep_default_na=False,
            skip_blank_lines=layout.width > 1,
            # All at once: in chunks, a column could be numbers in one and texts in another.
            low_memory=False,
            compression=None,
            **options,
        )
    return frame


def _may_be_short(
    frame: pd.DataFrame, source: Path | bytes, parsing: Parsing, layout: Layout
) -> bool:
    """Return whether a row may have too few values; pandas fills such rows silently."""
    if layout.width < 2 or not frame.iloc[:, -1].isna().any():
        return False
    if parsing.skip_rows or not layout.encoding.startswith("utf-8"):
        return True
    delimiter, quote = layout.delimiter.encode(), (parsing.quote_character or "").encode()
    count = 0
    with opened(source) as stream:
        while chunk := stream.read(_CHUNK):
            if quote and quote in chunk:
                return True
            count += chunk.count(delimiter)
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
    kept = 0
    with opened(source) as stream:
        text = io.TextIOWrapper(stream, layout.encoding, newline="")
        for _ in range(parsing.skip_rows):
            text.readline()
        for line, record in records_of(text, layout.delimiter, parsing):
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
    warn(
        f"{rows} skipped because they don't have {layout.width} values, the first in line {first}."
    )
    plain = Layout("utf-8", layout.delimiter, layout.names, layout.width, False)
    quoted = Parsing(**{**vars(parsing), "quote": _quote_of_writer(parsing)})
    return _exact(good.getvalue().encode(), quoted, plain, wanted, skip=False)


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
