"""Texts that rooms below the window made in English, in the language that is used.

Modules, the engine, and workers don't know the window's language, and their texts are stored with
results and runs. So the window translates a text where it is shown, by its form: the catalog
``messages`` has the forms, ``Column “{name}” has no values.`` for example, and their translations.

>>> from designer.composed_texts import in_language
>>> in_language("Column “price” has no values.")
'Column “price” has no values.'
"""

from __future__ import annotations

import gettext
import re
import string
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import NamedTuple

from designer.paths import resources
from designer.texts import language, localized, tr

DOMAIN = "messages"
"""The catalog with the forms."""


def in_language(text: str) -> str:
    """Return a text in the language that is used; itself if its form isn't known.

    Names and values of the user stay as they are; they are in “quotes” in most texts.
    """
    if language() == "en" or not text.strip():
        return text
    return _translated(language(), text)


@lru_cache(maxsize=10_000)
def _translated(used: str, text: str) -> str:
    if _NUMBER.fullmatch(text):
        return localized(text)
    start = text[: len(text) - len(text.lstrip())]
    end = text[len(text.rstrip()) :]
    inner = text.strip()
    found = _whole(inner)
    if not found and inner.endswith("."):
        # Of some sentences the form is followed by what is needed: a period, or more.
        found = _whole(inner[:-1])
        found += "." if found else ""
    found = found or _listed(inner)
    return f"{start}{found}{end}" if found else text


def _whole(text: str) -> str:
    """Return the translation of one or several sentences; empty if no part is known."""
    forms = _forms(language())
    return (
        _exact(text)
        or _filled(text, forms.clear)
        or _divided(text, _ENDS)
        or _filled(text, forms.weak)
        or _divided(text, _COLON)
    )


def _filled(text: str, forms: Sequence[_Form]) -> str:
    """Return the translation of a text with one of some forms; empty if it has none."""
    for form in forms:
        if form.anchor not in text:
            continue
        match = form.match(text)
        if match is None:
            continue
        given = match.groupdict(default="")
        values = {
            name: _quoted(value) if name in form.kept else _inner(value, decimals=form.decimals)
            for name, value in given.items()
        }
        if form.words >= _FEW or all(map(_is_plausible, given.values(), values.values())):
            filled = form.translation.format(**values)
            first = _FIRST.match(form.translation)
            starts_known = first and values[first[1]] != given[first[1]]
            return filled[:1].upper() + filled[1:] if starts_known and text[0].isupper() else filled
    return ""


def _exact(text: str) -> str:
    """Return the translation of a text without placeholders, also of one in another case."""
    found = tr(text)
    if found != text or text in _forms(language()).same:
        return found
    upper = text[:1].isupper()
    other = (text[:1].lower() if upper else text[:1].upper()) + text[1:]
    found = tr(other)
    if found == other:
        return ""
    return found[:1].upper() + found[1:] if upper else found


def _inner(text: str, *, decimals: bool) -> str:
    """Return what was put into a text, with each known part translated."""
    if decimals and _DECIMAL.fullmatch(text):
        return localized(text)
    found = _translated(language(), text)
    return _quoted(found)


def _is_plausible(given: str, value: str) -> bool:
    """Return whether something may have been put into a form of few words.

    A name, a number, and what is known may; a piece of an unknown sentence may not.
    """
    words = re.findall(r"[^\W\d_][^\W\d_']+", re.sub("[“„][^“”]*[”“]", "", value))
    known = value != _quoted(given)
    if "/" in given or "\\" in given or ": " in given:
        # A piece of a path, or a title with a sentence.
        return False
    return _SENTENCE_WORDS.isdisjoint(words) and (known or len(words) <= _MOST_WORDS)


def _divided(text: str, dividers: Sequence[re.Pattern[str]]) -> str:
    """Return the parts of a text, each translated; empty if there is none that is known."""
    for divider in dividers:
        pieces = divider.split(text)
        if len(pieces) > 1:
            translated = [_translated(language(), piece) for piece in pieces]
            if translated != pieces:
                gaps = [*divider.findall(text), ""]
                return "".join(map("".join, zip(translated, gaps, strict=True)))
    return ""


def _listed(text: str) -> str:
    """Return a list of which each item is known; empty if one isn't: it may be a name."""
    if bracketed := _BRACKETS.fullmatch(text):
        outer, inner = map(_whole, bracketed.groups())
        return f"{outer or bracketed[1]} ({inner or bracketed[2]})" if outer or inner else ""
    pieces = _BETWEEN.split(text)
    translated = [_whole(piece) for piece in pieces]
    if len(pieces) < 2 or not all(translated):
        return ""
    gaps = [*map(tr, _BETWEEN.findall(text)), ""]
    return "".join(map("".join, zip(translated, gaps, strict=True)))


def _quoted(text: str) -> str:
    """Return a text with the quotes of the language."""
    opening, closing = _QUOTES.get(language(), ("“", "”"))
    return re.sub("“([^“”]*)”", rf"{opening}\1{closing}", text)


class _Form:
    """A text with placeholders, whose pattern is compiled when it is first needed.

    Attributes
    ----------
    anchor : str
        The longest part that each text of this form has.
    kept : set of str
        Placeholders of names and values.
    decimals : bool
        A number with a point is one with decimals, and no version.
    words, length : int
        The number of letters, and of characters, outside of placeholders.
    """

    def __init__(self, text: str, translation: str) -> None:
        self.translation = translation
        self.kept: set[str] = set()
        self.decimals = _OF_VERSIONS.search(text) is None
        self._pattern, literals = "", [""]
        for literal, name, _, _ in string.Formatter().parse(text):
            self._pattern += re.escape(literal)
            literals.append(literal)
            if name is None:
                continue
            if not name:
                self._pattern += "(?:.*?)"
                continue
            inside = literal.endswith("“")
            self._pattern += f"(?P<{name}>.*?)"
            plain = name.rstrip("0123456789")
            if plain in _DATA or (inside and plain not in _TITLES):
                self.kept.add(name)
        self.anchor = max(literals, key=len)
        self.words = sum(char.isalpha() for literal in literals for char in literal)
        self.length = sum(map(len, literals))

    def match(self, text: str) -> re.Match[str] | None:
        """Return what is at the placeholders of a text; None if it has another form."""
        return self._compiled.fullmatch(text)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, re.DOTALL)


class _Forms(NamedTuple):
    """What the catalog of a language has, most words first.

    Parameters
    ----------
    weak : tuple of _Form
        Forms with so few words that texts of other forms fit as well.
    same : frozenset of str
        Texts that are the same in English.
    """

    clear: tuple[_Form, ...]
    weak: tuple[_Form, ...]
    same: frozenset[str]


class _Listed(gettext.GNUTranslations):
    """A catalog whose texts can be listed."""

    _catalog: dict[str, str]

    def texts(self) -> dict[str, str]:
        return {key: value for key, value in self._catalog.items() if key and value}


@lru_cache(maxsize=4)
def _forms(used: str) -> _Forms:
    texts: dict[str, str] = {}
    # A catalog that can't be read leaves the texts in English.
    with suppress(OSError):
        found = gettext.translation(DOMAIN, resources() / "locale", [used], class_=_Listed)
        assert isinstance(found, _Listed)
        texts = found.texts()
    forms = [_Form(text, to) for text, to in texts.items() if "{" in text]
    forms.sort(key=lambda form: (-form.words, -form.length))
    same = frozenset(text for text, to in texts.items() if text == to)
    clear = tuple(form for form in forms if form.words >= _FEW)
    weak = tuple(form for form in forms if _LEAST <= form.words < _FEW)
    return _Forms(clear, weak, same)


_QUOTES = {"de": ("„", "“")}

_ENDS = (re.compile(r"\n+"), re.compile(r"(?<=[.!?…]) +(?=[“A-Z0-9])"))
"""Between lines, and between sentences."""

_COLON = (re.compile(": +"),)
"""Between a title and a sentence."""

_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?(?:\d+|\d+\.\d+)%")
"""What can only be a number, wherever it is."""

_DECIMAL = re.compile(r"-?\d+\.\d+")

_OF_VERSIONS = re.compile("version|Python|SDK|install", re.IGNORECASE)
"""What is in texts with versions of something."""

_FIRST = re.compile(r"\{(\w+)\}")

_BRACKETS = re.compile(r"([^()]+) \(([^()]+)\)")
"""A title, and in brackets what distinguishes it."""

_BETWEEN = re.compile("; +|, and |, or |, | and | or ")

_DATA = frozenset(
    {"name", "names", "label", "positive", "classes", "column", "columns", "path", "value"}
)
"""Placeholders of what users name and enter."""

_TITLES = frozenset({"title", "metric", "kind", "phrase", "type_name", "port"})
"""Placeholders of what the application names, also in quotes."""

_LEAST, _FEW, _MOST_WORDS = 2, 20, 3
"""Letters of a form that is of any use, and that is clear by itself; words in a name."""

_SENTENCE_WORDS = frozenset(
    {"the", "of", "is", "isn't", "are", "aren't", "to", "and", "or", "an", "in", "not", "has"}
    | {"have", "contains", "with", "for", "from", "it", "by", "on", "must", "can't", "doesn't"}
    | {"needs", "was", "were", "this", "that", "more", "only"}
)
"""Words that are part of a sentence, and hardly of a name."""
