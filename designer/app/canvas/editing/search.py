"""Finding modules by typed text. Without Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

_IN_TITLE = 2


class Searchable(Protocol):
    """Something that a search finds, for example a module."""

    @property
    def title(self) -> str: ...

    @property
    def keywords(self) -> Sequence[str]: ...

    @property
    def category(self) -> str: ...

    @property
    def summary(self) -> str: ...


Found = TypeVar("Found", bound=Searchable)


def ranked(specs: Iterable[Found], text: str) -> list[Found]:
    """Return the modules that fit, best first; all of them for an empty text.

    Every word must be found in title, keywords, category, or summary, or the letters
    of the text must follow each other in the title ("esd" finds "Execute SQL ...").
    Of equally good matches the shorter title comes first: more of it was typed.
    """
    words = text.casefold().split()
    scored = []
    for position, spec in enumerate(specs):
        score = _score(spec, words)
        if score is not None:
            length = len(spec.title) if words and score <= _IN_TITLE else 0
            scored.append((score, length, position, spec))
    return [entry[-1] for entry in sorted(scored, key=lambda entry: entry[:-1])]


def _score(spec: Searchable, words: list[str]) -> int | None:
    """Return how far a module is from the search terms; None if it doesn't match."""
    title = spec.title.casefold()
    if words and title.startswith(" ".join(words)):
        return 0
    total = 0
    for word in words:
        rank = _rank(spec, title, word)
        if rank is None:
            return 50 if _letters_follow("".join(words), title) else None
        total += rank
    return total


def _rank(spec: Searchable, title: str, word: str) -> int | None:
    if any(part.startswith(word) for part in title.replace("-", " ").split()):
        return 1
    if word in title:
        return _IN_TITLE
    if any(keyword.casefold().startswith(word) for keyword in spec.keywords):
        return 3
    if any(word in keyword.casefold() for keyword in spec.keywords):
        return 4
    if word in spec.category.casefold():
        return 6
    if word in spec.summary.casefold():
        return 8
    return None


def _letters_follow(letters: str, title: str) -> bool:
    if len(letters) < 2:
        return False
    rest = iter(title)
    return all(letter in rest for letter in letters)
