"""Titles inside of sentences. Without Qt."""

from __future__ import annotations

from designer.texts import language, tr

NAMES = (tr("Azure"), tr("Docker"), tr("Python"))
"""Words that keep their capital letter everywhere."""


def in_sentence(title: str) -> str:
    """Return a title as it is written inside of a sentence; German nouns keep their capital.

    >>> in_sentence("Random seed"), in_sentence("AUC"), in_sentence("L1 weight")
    ('random seed', 'AUC', 'L1 weight')
    """
    if language() != "en":
        return title
    word = title.partition(" ")[0]
    ordinary = word.isalpha() and (len(word) == 1 or word[1:].islower()) and word not in NAMES
    return title[:1].lower() + title[1:] if ordinary else title
