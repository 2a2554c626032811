"""Ranking of modules and commands for what a person types into a search field."""

from __future__ import annotations

from collections.abc import Iterable

from modules.contract import ModuleSpec


def rank(query: str, title: str, keywords: Iterable[str] = (), summary: str = "") -> int | None:
    """Tell how well something matches; lower is better, None is no match.

    Every word of the query must be found. The beginning of the title counts
    most, then the beginning of a word of it, its initials, a keyword, anywhere in the
    title and last the summary.
    """
    title = title.lower()
    words = title.replace("-", " ").split()
    initials = "".join(word[0] for word in words)
    found_keywords = [keyword.lower() for keyword in keywords]
    summary = summary.lower()
    total = 0
    parts = query.lower().split()
    if not parts:
        return 0
    if title.startswith(" ".join(parts)):
        return 0
    for part in parts:
        if title.startswith(part):
            score = 1
        elif any(word.startswith(part) for word in words):
            score = 2
        elif len(part) > 1 and initials.startswith(part):
            score = 3
        elif any(keyword.startswith(part) for keyword in found_keywords):
            score = 4
        elif part in title:
            score = 5
        elif any(part in keyword for keyword in found_keywords):
            score = 6
        elif part in summary:
            score = 8
        else:
            return None
        total += score
    return total


def matching_modules(query: str, specs: Iterable[ModuleSpec]) -> list[ModuleSpec]:
    """Return the modules that match a query, best first."""
    scored = [
        (score, spec.title.lower(), spec)
        for spec in specs
        if (score := rank(query, spec.title, (*spec.keywords, spec.category), spec.summary))
        is not None
    ]
    return [spec for _, _, spec in sorted(scored, key=lambda entry: entry[:2])]
