"""Numbers that are entered as a text, separated by commas."""

from __future__ import annotations


def numbers_in(text: str) -> list[float]:
    """Return the numbers in a text; semicolons separate them too.

    Raises
    ------
    ValueError
        If a part isn't a number.
    """
    return [float(part) for part in text.replace(";", ",").split(",") if part.strip()]
