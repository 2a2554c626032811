"""Determine the encoding of a text: chosen, from its first bytes, or guessed."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from modules.contract import ModuleError

_START = 4_096
_LETTERS = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "cp1252"
# How much messier than the best guess, on charset-normalizer's scale, Western text may look.
_ABOUT_AS_TIDY = 0.02
_FEW = 1 / 3
# The euro, low and curly quotes, the ellipsis, the bullet, dashes, and the trade mark.
_SIGNS = frozenset(b"\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99")


@contextmanager
def opened(source: Path | bytes) -> Iterator[IO[bytes]]:
    """Open a file, or its content, for reading bytes."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        with source.open("rb") as stream:
            yield stream


def encoding_of(source: Path | bytes, chosen: str) -> str:
    """Return the chosen encoding; for ``auto`` the one of the byte order mark, or UTF-8.

    Raises
    ------
    ModuleError
        If the encoding is unknown.
    """
    with opened(source) as stream:
        start = stream.read(_START)
    marked = next((name for mark, name in _BOMS if start.startswith(mark)), None)
    if chosen == "auto":
        return marked or _two_bytes(start) or "utf-8"
    try:
        name = codecs.lookup(chosen.strip()).name
        # Python also has codecs that aren't text encodings; those fail here.
        "a".encode(name)
    except LookupError:
        raise ModuleError(
            "encoding-unknown",
            f"“{chosen}” isn't a known encoding.",
            "Enter auto, or a name such as utf-8, utf-16, latin-1, or cp1252.",
            parameter="encoding",
        ) from None
    if name == "utf-16" and not marked:
        # Python requires a byte order mark; nearly all files without one come from Windows.
        return _two_bytes(start) or "utf-16-le"
    return name


def guessed_encoding(source: Path | bytes) -> str:
    """Guess the encoding from the lines with non-ASCII characters.

    A few letters fit many encodings. Where Western European (cp1252) is as likely as the best
    guess, or if no language is detected and non-ASCII characters are few or all of the text,
    it is taken: these, the euro and curly quotes, occur in every language.
    """
    from charset_normalizer import from_bytes

    lines: list[bytes] = []
    size = 0
    with opened(source) as stream:
        for line in stream:
            if not line.isascii():
                lines.append(line)
                size += len(line)
                if size > _LETTERS:
                    break
    content = b"".join(lines)
    matches = from_bytes(content)
    best = matches.best()
    if best is None:
        return _WESTERN
    others = [byte for byte in content if byte > 127]
    if not best.coherence and (len(others) < _FEW * len(content) or _SIGNS.issuperset(others)):
        return _WESTERN
    for match in matches:
        likely = match.chaos <= best.chaos + _ABOUT_AS_TIDY and match.coherence >= best.coherence
        if likely and _WESTERN in match.could_be_from_charset:
            return _WESTERN
    return best.encoding


def _two_bytes(start: bytes) -> str | None:
    """Detect UTF-16 without a mark: in a table, every other byte of most characters is zero."""
    half = len(start) // 2
    first, second = start[0::2].count(0), start[1::2].count(0)
    if second > half / 3 and first < half / 20:
        return "utf-16-le"
    if first > half / 3 and second < half / 20:
        return "utf-16-be"
    return None
