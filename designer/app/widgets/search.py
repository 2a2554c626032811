"""Finding modules, datasets, and commands by typed text. Without Qt."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol, TypeVar

_LEAST_INSIDE, _LEAST_IN_SUMMARY = 4, 3
"""Letters that a word must have to be found in the middle of a title, or in a summary."""

_LEAST_MISTYPED = 5
"""Letters that a word must have to be read as mistyped: most short words are near another."""

_SIMILAR, _SAME_LETTERS_SIMILAR = 0.8, 0.7
"""How much a mistyped word and the word meant must agree, as difflib counts.

Less is enough if the letters are the same in another order.
"""

_WELL_FOUND = 3
"""The rank up to which a word of the title or a whole keyword was typed or begun."""


class Searchable(Protocol):
    """Something that a search finds, for example a module."""

    @property
    def title(self) -> str: ...

    @property
    def keywords(self) -> Sequence[str]: ...

    @property
    def category_title(self) -> str: ...

    @property
    def summary(self) -> str: ...


Found = TypeVar("Found", bound=Searchable)


def ranked(
    entries: Iterable[Found], text: str, preferred: Callable[[Found], int] = lambda entry: 0
) -> list[Found]:
    """Return the entries that match, best first; all of them for an empty text.

    Every word must be found in title, keywords, category, or summary; a word of several parts
    can be written as one ("groupby", "kmeans"). Otherwise the text can abbreviate the words
    of a title in their order ("scd" or "selcol" finds "Select Columns in Dataset"). Only a word
    that is found nowhere is read as a mistyped one. Without any of these nothing is returned.

    Of equally good matches that comes first which names the text earlier among its keywords,
    and then the shorter title: more of it was typed.

    Parameters
    ----------
    preferred : callable
        From an entry to a number; of equally good matches, lower ones come first.
    """
    # In this order matches that are otherwise equal stay.
    every = sorted(entries, key=preferred)
    words = _words(text)
    if not words:
        return every
    known = [_Words.of(entry) for entry in every]
    return (
        _matches(every, known, words, preferred)
        or _matches(every, known, [_corrected(word, known) for word in words], preferred)
        or _abbreviated(every, known, "".join(words))
    )


@dataclass(frozen=True)
class _Words:
    """The words of an entry, in lowercase."""

    title: list[str]
    keywords: list[list[str]]
    category: list[str]
    summary: list[str]

    @classmethod
    def of(cls, entry: Searchable) -> _Words:
        return cls(
            _words(entry.title),
            [_words(keyword) for keyword in entry.keywords],
            _words(entry.category_title),
            _words(entry.summary),
        )

    def rank(self, word: str) -> int | None:
        """Return how far the entry is from a word; None if the word isn't in it."""
        rests = [self.title[index:] for index in range(len(self.title))]
        if any(word in accumulate(rest) for rest in rests):
            return 1
        if len(word) > 1 and self.place(word) < math.inf:
            return 2
        if any("".join(rest).startswith(word) for rest in rests):
            return _WELL_FOUND
        if len(word) == 1:
            return None
        if any(word in parts for parts in self.keywords):
            return 4
        if len(word) >= _LEAST_INSIDE and word in "".join(self.title):
            return 5
        if any(part.startswith(word) for parts in self.keywords for part in parts):
            return 6
        if any("".join(parts).startswith(word) for parts in self.keywords):
            return 6
        if any(part.startswith(word) for part in self.category):
            return 7
        if len(word) >= _LEAST_IN_SUMMARY and any(part.startswith(word) for part in self.summary):
            return 9
        return None

    def place(self, word: str) -> float:
        """Return the index of the keyword that the word is; infinity if it's none."""
        whole = ["".join(parts) for parts in self.keywords]
        return whole.index(word) if word in whole else math.inf

    def vocabulary(self) -> list[str]:
        """Return the words that a mistyped one can mean."""
        parts = [part for keyword in self.keywords for part in keyword]
        return [*self.title, *parts, *self.category]


def _words(text: str) -> list[str]:
    """Return the words of a text; "StandardScaler" and "get_dummies" have two each."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text)
    return re.findall(r"[^\W_]+", parted.casefold())


def _matches(
    entries: Sequence[Found],
    known: Sequence[_Words],
    words: Sequence[str | None],
    preferred: Callable[[Found], int],
) -> list[Found]:
    scored = []
    for position, (entry, its) in enumerate(zip(entries, known, strict=True)):
        ranks = [rank for word in words if word and (rank := its.rank(word)) is not None]
        if len(ranks) < len(words):
            continue
        # What isn't preferred doesn't come first for its first word.
        typed = " ".join(word for word in words if word)
        started = not preferred(entry) and " ".join(its.title).startswith(typed)
        total = 0 if started else sum(ranks)
        place, length = math.inf, 0
        if total <= _WELL_FOUND:
            place = min(its.place(word) for word in words if word)
            length = len(entry.title)
        scored.append((total, preferred(entry), place, length, position))
    return [entries[position] for *_, position in sorted(scored)]


def _corrected(word: str, known: Sequence[_Words]) -> str | None:
    """Return the word itself if any entry has it, or else the nearest one; None if none is."""
    if any(its.rank(word) is not None for its in known):
        return word
    if len(word) < _LEAST_MISTYPED:
        return None
    # While a word is being typed, its start is what has to agree.
    starts = {
        _one_layout(part[:length]): part[:length]
        for its in known
        for part in its.vocabulary()
        for length in (len(word) - 1, len(word), len(word) + 1, len(part))
        if word[0] in part[:2] and part[0] in word[:2]
    }
    typed = _one_layout(word)
    for near in difflib.get_close_matches(typed, starts, cutoff=_SAME_LETTERS_SIMILAR):
        ratio = difflib.SequenceMatcher(None, near, typed).ratio()
        if ratio > _SIMILAR or sorted(near) == sorted(typed):
            return starts[near]
    return None


def _one_layout(word: str) -> str:
    """Return a word in which Y and Z, which keyboards swap, are the same."""
    return word.replace("z", "y")


def _abbreviated(entries: Sequence[Found], known: Sequence[_Words], letters: str) -> list[Found]:
    found = [
        (its.title[0].startswith(letters[0]), entry)
        for entry, its in zip(entries, known, strict=True)
        if len(letters) > 1 and _abbreviates(letters, its.title)
    ]
    # An abbreviation rarely leaves out the first word.
    return [entry for _, entry in sorted(found, key=lambda pair: not pair[0])]


def _abbreviates(letters: str, words: Sequence[str]) -> bool:
    """Return whether the letters are starts of words in their order."""
    if not letters:
        return True
    return any(
        _abbreviates(letters[length:], words[index + 1 :])
        for index, word in enumerate(words)
        for length in range(1, len(word) + 1)
        if letters[:length] == word[:length]
    )
