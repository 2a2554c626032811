"""Parse delimited text, and keep as text what would lose something as a number."""

from __future__ import annotations

import csv
import dataclasses
import io
import warnings
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract import warn
from modules.contract.context import threads
from modules.data_input_output._dates import text_columns
from modules.data_input_output._field_scan import Clues, clues_of
from modules.data_input_output._parsing import Parsing
from modules.data_input_output._text_layout import ZERO_FIRST, Layout
from modules.data_input_output._typed_columns import (
    has_long_integers,
    listed,
    warn_kept_as_text,
    warn_of_words,
)

if TYPE_CHECKING:
    import pandas as pd

_WHOLE = r"^[+-]?\d+\s*$"
_LONG = r"^[+-]?\d{16,}\s*$"
_NUMBER = r"^\s*[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?\s*$"
# What clues_of() counts, too, and never more.
_COUNTED = r"^0\d{1,28}$"


def read_exactly(
    source: Path | bytes, parsing: Parsing, layout: Layout, rows: int | None
) -> pd.DataFrame:
    """Parse a text into columns named by their index.

    Codes that start with a zero and long integers with gaps are text. Blanks after delimiters
    are removed. Words that were read as missing are named in a warning.

    Parameters
    ----------
    rows : int or None
        How many are sufficient; None for all.

    Raises
    ------
    pandas.errors.ParserWarning, pandas.errors.ParserError
        If rows have different numbers of values.
    """
    from pandas.api.types import is_object_dtype

    names, chosen = layout.column_names, parsing.chosen_types
    texts = [at for at, name in enumerate(names) if parsing.keeps_text(name)]
    codes = [at for at in sorted(layout.codes) if at < len(names) and names[at] not in chosen]
    frame = _parse(source, parsing, layout, rows, texts, codes)
    if parsing.strip_blanks and not layout.blanks and not layout.aligned:
        found = frozenset(at for at, text in text_columns(frame) if _has_blank(text))
        if found:
            before, layout = frame, dataclasses.replace(layout, blanks=found)
            frame = _parse(source, parsing, layout, rows, texts, codes)
            # Blanks in quotes are still there.
            changed = frozenset(at for at in found if not frame[at].equals(before[at]))
            layout = dataclasses.replace(layout, blanks=changed)
    if layout.blanks:
        _warn_of_blanks(frame, layout)
    dtypes = list(frame.dtypes)
    free = [at for at, name in enumerate(names) if name not in chosen]
    numbers = [at for at in free if dtypes[at].kind in "iuf"]
    long = [at for at in free if is_object_dtype(dtypes[at])]
    long += [at for at in numbers if dtypes[at].kind == "f" and has_long_integers(frame[at])]
    incomplete = frame.isna().any().to_numpy()
    gaps = [at for at in range(layout.needed) if incomplete[at] and at not in texts]
    known = sum(_count(frame[at], _COUNTED) for at in codes)
    clues = _clues(source, parsing, layout, rows, bool(numbers), bool(gaps), known)
    zeros = numbers if clues.zeros else []
    asked = sorted({*zeros, *long, *(gaps if clues.words else ())})
    raw = _raw(source, parsing, layout, rows, asked, frame) if asked else {}
    if clues.words:
        warn_of_words({names[at]: raw[at][frame[at].isna()] for at in gaps})
    numbered = {at: frame[at] for at in codes if _count(frame[at], _NUMBER) == frame[at].count()}
    numbered |= _keep_text(frame, raw, parsing, layout, zeros, long)
    _warn_of_codes(numbered, layout)
    return frame


def _clues(
    source: Path | bytes,
    parsing: Parsing,
    layout: Layout,
    rows: int | None,
    zeros: bool,
    words: bool,
    known: int,
) -> Clues:
    words = words and parsing.usual_missing
    if not (zeros or words) or rows is not None or layout.encoding.startswith(("utf-16", "utf-32")):
        # To read a few rows again takes no time.
        return Clues(zeros, words)
    separators = layout.delimiter + (parsing.quote_character or "")
    if layout.blanks or layout.aligned:
        separators += " \t"
    looked_for = parsing.usual_words if words else ()
    return clues_of(source, separators, parsing.decimal_character, looked_for, known)


def _keep_text(
    frame: pd.DataFrame,
    raw: dict[int, pd.Series],
    parsing: Parsing,
    layout: Layout,
    zeros: Collection[int],
    long: Collection[int],
) -> dict[int, pd.Series]:
    """Replace columns by their texts where numbers would lose something; return the codes."""
    codes = {}
    for at in sorted({*zeros, *long}):
        name, text = layout.column_names[at], raw[at]
        if at in zeros and _matches(text, ZERO_FIRST).any():
            codes[at] = text
        elif at in long and _matches(text, _LONG).any():
            known = text.dropna()
            words = known.isin(parsing.missing_texts)
            if not _matches(known[~words], _WHOLE).all():
                continue
            warn_kept_as_text(name)
        else:
            continue
        frame[at] = text.mask(text.isin(parsing.missing_texts))
    return codes


def _warn_of_codes(columns: Mapping[int, pd.Series], layout: Layout) -> None:
    if columns:
        firsts = {at: text[_matches(text, ZERO_FIRST)].iloc[0] for at, text in columns.items()}
        named = [f"“{layout.column_names[at]}” (“{firsts[at]}”)" for at in sorted(firsts)]
        warn(
            f"Codes that start with a zero were read as text: {listed(named)}. "
            "If they are numbers, choose the type in Column types."
        )


def _raw(
    source: Path | bytes,
    parsing: Parsing,
    layout: Layout,
    rows: int | None,
    columns: Sequence[int],
    frame: pd.DataFrame,
) -> dict[int, pd.Series]:
    """Return columns as text, in which only empty values and the user's own are missing."""
    plain = dataclasses.replace(parsing, usual_missing=False)
    found = None
    if rows is None:
        found = _raw_by_arrow(source, plain, layout, columns, frame)
    if found is None:
        found = _parse(source, plain, layout, rows, columns, only=columns)
    return {at: found[at] for at in columns}


def _raw_by_arrow(
    source: Path | bytes,
    parsing: Parsing,
    layout: Layout,
    columns: Sequence[int],
    frame: pd.DataFrame,
) -> pd.DataFrame | None:
    """Do it with Arrow, several times as fast; None where the two may differ."""
    import pyarrow as pa
    import pyarrow.csv

    if layout.blanks or layout.aligned or not layout.encoding.startswith("utf-8"):
        return None
    names = [str(at) for at in range(layout.width)]
    wanted = [str(at) for at in columns]
    quote = parsing.quote_character
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(source) if isinstance(source, bytes) else source,
            pyarrow.csv.ReadOptions(
                use_threads=False, column_names=names, skip_rows=parsing.skip_rows
            ),
            pyarrow.csv.ParseOptions(
                delimiter=layout.delimiter,
                quote_char=quote or False,
                newlines_in_values=quote is not None,
                ignore_empty_lines=layout.width > 1,
            ),
            pyarrow.csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.large_string()),
                null_values=parsing.missing_texts,
                strings_can_be_null=True,
            ),
        )
    except (pa.ArrowException, OSError):
        return None
    found: pd.DataFrame = table.slice(1 if layout.names is not None else 0).to_pandas()
    found.columns = found.columns.astype(int)
    if len(found) != len(frame):
        return None
    differ = (found[at].isna() & frame[at].notna() for at in columns)
    return None if any(each.any() for each in differ) else found


def _parse(
    source: Path | bytes,
    parsing: Parsing,
    layout: Layout,
    rows: int | None,
    as_text: Sequence[int] = (),
    codes: Sequence[int] = (),
    only: Sequence[int] | None = None,
    whole: bool = False,
) -> pd.DataFrame:
    """Parse columns; ``whole``: at once, which takes much longer than in chunks and threads."""
    import pandas as pd
    from pandas.api.types import is_object_dtype

    quote = parsing.quote_character
    options: dict[str, Any] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    options["usecols"] = None if only is None else list(only)
    if layout.blanks and not layout.aligned:
        # Only then: it takes a quarter more of the time.
        options["skipinitialspace"] = True
    missing: Any = parsing.missing_texts
    if parsing.usual_missing and as_text:
        own = dataclasses.replace(parsing, usual_missing=False).missing_texts
        missing = {at: own if at in as_text else missing for at in range(layout.width)}
    with warnings.catch_warnings(), pd.option_context("mode.max_threads", threads()):
        warnings.simplefilter("error", pd.errors.ParserWarning)
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        frame: pd.DataFrame = pd.read_csv(
            io.BytesIO(source) if isinstance(source, bytes) else source,
            sep=r"\s+" if layout.aligned else layout.delimiter,
            encoding=layout.encoding,
            header=0 if layout.names is not None else None,
            # By index, so that repeated and empty names are unchanged.
            names=list(range(layout.width)),
            index_col=False,
            skiprows=parsing.skip_rows,
            nrows=rows,
            decimal=parsing.decimal_character,
            dtype=dict.fromkeys((*as_text, *codes), "str") or None,
            na_values=missing,
            keep_default_na=False,
            skip_blank_lines=layout.width > 1,
            low_memory=not whole,
            compression=None,
            **options,
        )
    if not whole:
        # Of these, chunks may have had numbers and texts, or integers with and without sign.
        columns = {int(str(at)): column for at, column in frame.items()}
        mixed = [
            at
            for at, column in columns.items()
            if is_object_dtype(column) or (has_long_integers(column) and column.notna().all())
        ]
        if mixed:
            again = _parse(source, parsing, layout, rows, as_text, codes, only=mixed, whole=True)
            frame[mixed] = again[mixed]
    return frame


def _has_blank(text: pd.Series) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    values = pa.array(text, from_pandas=True)
    return any(pc.any(pc.starts_with(values, blank)).as_py() for blank in (" ", "\t"))


def _count(text: pd.Series, pattern: str) -> int:
    return int(_matches(text, pattern).sum())


def _matches(text: pd.Series, pattern: str) -> pd.Series:
    """Return which texts match, much faster than pandas does."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.match_substring_regex(pa.array(text, from_pandas=True), pattern)
    return pd.Series(pc.fill_null(found, False).to_numpy(zero_copy_only=False), text.index)


def _warn_of_blanks(frame: pd.DataFrame, layout: Layout) -> None:
    texts = [at for at, _ in text_columns(frame) if at in layout.blanks]
    if texts:
        named = [f"“{layout.column_names[at]}”" for at in texts]
        warn(f"Blanks after the delimiter were removed from values: {listed(named)}.")
