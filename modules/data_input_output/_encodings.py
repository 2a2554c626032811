"""Determine the encoding of a text: chosen, from its first bytes, or guessed.

A text that isn't UTF-8 is read as cp1252 (Western European), unless there is strong evidence.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from modules.contract import ModuleError

_START = 4_096
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = "cp1252"
"""The encoding of Western European text, which is taken where nothing speaks against it."""

_LETTERS = 1 << 16
_WESTERN_ALPHABETS = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúüïç", "àáâãçéêíóôõúü", "àèéìíîòóùú", "àçèéíïòóúü",
    "åäöæøéüšž", "áéíóúýþæöðø", "áéíóúèëïöüê", "äöõüšž",
)  # fmt: skip
"""Letters beyond a to z: German, French, Spanish, Portuguese, Italian, Catalan, Scandinavian,
Icelandic, Dutch, Estonian."""
_OTHER_ALPHABETS = (
    (("cp1250", "iso8859_2"), ("áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű",
                               "čćđšž", "ăâîşţ")),
    (("cp1254", "iso8859_9"), ("âçğıîöşüû",)),
    (("cp1257", "iso8859_13"), ("ąčęėįšųūž", "āčēģīķļņšūž")),
)  # fmt: skip
"""The same of encodings that share most of their characters with cp1252: Czech, Slovak, Polish,
Hungarian, Croatian, Romanian; Turkish; Lithuanian, Latvian."""
_DOS_AND_MAC = ("cp850", "mac_roman", "cp437")
_SCRIPTS = (
    "cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic", "cp1253", "iso8859_7", "cp1255",
    "cp1256", "tis_620", "cp932", "shift_jis", "euc_jp", "gb18030", "big5", "cp949", "euc_kr",
)  # fmt: skip
"""Encodings of scripts whose words consist of bytes above 127: Cyrillic to Korean."""

# The euro, low and curly quotes, the ellipsis, the bullet, dashes, and the trade mark.
_SIGNS = frozenset(b"\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99")
_WORDS = re.compile(rb"[\x80-\xff]{3,}")
_LOWER = "a-zß-öø-ÿœšž"
_UPPER = "À-ÖØ-ÞŒŠŽŸ"
_SYMBOLS = "ªº\ufffd" + "".join(
    sign
    for sign in bytes(range(128, 256)).decode(WESTERN, errors="ignore")
    # Apostrophes, dashes, and what joins or divides words are within some.
    if not sign.isalpha() and sign not in "‘’–\u2014·\u00a0\u00ad"
)
# Before a small letter of the same word: what isn't a letter, or a capital one.
_MISPLACED = re.compile(f"(?<=[A-Z{_LOWER}])[{_SYMBOLS}{_UPPER}](?=[{_LOWER}])")
_CONTROLS = re.compile("[\x80-\x9f\ufffd]")
_ENOUGH = {0: 1 << 17, 1: 1 << 17, 2: 20, 3: 10}
"""How many letters of another language are strong evidence, by the number of different ones."""


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
    """Guess the encoding of a text from its lines with characters beyond ASCII.

    Western European (cp1252) unless its reading is wrong: bytes that it doesn't define, symbols
    or capitals within words, words without any plain letter, or the letters of one language of
    another encoding that no Western language has. A few accented letters never suffice.
    """
    content = _beyond_ascii(source)
    beyond = bytes(byte for byte in content if byte > 127)
    text = content.decode(WESTERN, errors="replace")
    if _SIGNS.issuperset(beyond):
        return WESTERN
    known = _within(_letters(text), _WESTERN_ALPHABETS)
    doubts = len(_MISPLACED.findall(text)) + 2 * text.count("\ufffd")
    if known and not doubts:
        return WESTERN
    if _has_other_script(content, beyond):
        found = _detected(content, _SCRIPTS)
        if found:
            return found
    found = _of_another_language(content, text, doubts)
    if found:
        return found
    if doubts > 1:
        for name in _DOS_AND_MAC:
            other = content.decode(name)
            if _within(_letters(other), _WESTERN_ALPHABETS) and not _MISPLACED.search(other):
                return name
    if "\ufffd" in text:
        return _detected(content, ()) or WESTERN
    return WESTERN


def _two_bytes(start: bytes) -> str | None:
    """Detect UTF-16 without a mark: in a table, every other byte of most characters is zero."""
    half = len(start) // 2
    first, second = start[0::2].count(0), start[1::2].count(0)
    if second > half / 3 and first < half / 20:
        return "utf-16-le"
    if first > half / 3 and second < half / 20:
        return "utf-16-be"
    return None


def _beyond_ascii(source: Path | bytes) -> bytes:
    """Return the first lines with characters beyond ASCII."""
    lines: list[bytes] = []
    size = 0
    with opened(source) as stream:
        for line in stream:
            if not line.isascii():
                lines.append(line)
                size += len(line)
                if size > _LETTERS:
                    break
    return b"".join(lines)


def _letters(text: str) -> set[str]:
    return {letter for letter in text.lower() if letter > "\x7f" and letter.isalpha()}


def _within(letters: set[str], alphabets: Iterable[str]) -> bool:
    return any(letters.issubset(alphabet) for alphabet in alphabets)


def _has_other_script(content: bytes, beyond: bytes) -> bool:
    words = _WORDS.findall(content)
    return len(set(words)) > 1 and sum(map(len, words)) > 0.6 * len(beyond)


def _of_another_language(content: bytes, western: str, doubts: int) -> str:
    """Return the encoding in which all letters belong to one language; empty if there is none."""
    found, most = "", 0
    for names, alphabets in _OTHER_ALPHABETS:
        for name in names:
            text = content.decode(name, errors="replace")
            letters = [a for a, b in zip(text, western, strict=True) if a != b and a.isalpha()]
            if len(letters) <= most or _MISPLACED.search(text) or _CONTROLS.search(text):
                continue
            if _within(_letters(text), alphabets) and _suffice(letters, western, doubts):
                found, most = name, len(letters)
    return found


def _suffice(letters: Sequence[str], western: str, doubts: int) -> bool:
    """Return whether letters of another language are too many to be chance."""
    # š and ž are the same in both encodings, and rare in the West.
    distinct = len({letter.lower() for letter in letters} | (_letters(western) & {"š", "ž"}))
    return len(letters) >= (2 if doubts and distinct > 1 else _ENOUGH.get(distinct, 1))


def _detected(content: bytes, among: Iterable[str]) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=list(among), cp_exclusion=["utf_16", "utf_32"]).best()
    return "" if best is None else best.encoding
