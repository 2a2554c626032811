"""Help texts of modules where nothing is formatted: labels, tool tips, what is spoken."""

from __future__ import annotations


def plain_help(text: str) -> str:
    """Return a text without the marks of code, which would be shown and spelled out.

    >>> plain_help("The table passed as ``dataframe1``.")
    'The table passed as dataframe1.'
    """
    return text.replace("``", "")
