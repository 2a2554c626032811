"""Sentences that stay readable with any names and values in the data."""

from __future__ import annotations

import re

LONGEST_QUOTE = 60
"""Maximum characters of a name or value in a sentence."""

LONGEST_PATH = 250
"""Maximum characters of a path in a sentence."""

LONGEST_SENTENCE = 400
"""Maximum characters of a sentence."""

KIND_LABELS = {
    "integer": "integers",
    "number": "numbers",
    "boolean": "booleans",
    "string": "text",
    "datetime": "dates and times",
    "categorical": "categories",
}
"""What a column of each kind contains, for sentences."""


def readable(text: str) -> str:
    """Return a sentence on one line, with long names and values truncated.

    Parameters
    ----------
    text : str
        Names and values are in typographic quotes: “price”.
    """
    text = " ".join(text.split())
    if len(text) <= LONGEST_QUOTE:
        return text
    text = _QUOTED.sub(_cut, text)
    if len(text) > LONGEST_SENTENCE:
        text = text[:LONGEST_SENTENCE].rstrip() + " …"
    return text


def _cut(match: re.Match[str]) -> str:
    quoted = match[1]
    most = LONGEST_PATH if _PATH.match(quoted) else LONGEST_QUOTE
    return match[0] if len(quoted) <= most else f"“{quoted[: most - 2].rstrip()} …”"


_QUOTED = re.compile("“([^“”]*)”")
_PATH = re.compile(r"(?:[A-Za-z]:[\\/]|[/~]|\w+://|\.{1,2}/)\S")
