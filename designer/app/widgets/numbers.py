"""Numbers as people write them: with a point or a comma, plain or in groups of three."""

from __future__ import annotations

import math
import re

from designer.texts import tr

_WITH_COMMA = re.compile(r"([+-]?)(\d*),(\d+)(e[+-]?\d+)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*;\s*|,?\s+")
_IN_GROUPS = re.compile(r"([+-]?)([1-9]\d{0,2}(?:([.,'’\s])\d{3})(?:\3\d{3})*)(?:(?!\3)[.,](\d+))?")


def parse_number(text: str, *, whole: bool = False) -> int | float | str:
    """Read a number; text that isn't one, or could be two, is returned unchanged.

    ``0,7`` is 0.7 and ``12.345,6`` is 12345.6, but ``1,500`` could be 1.5 or 1500.

    Parameters
    ----------
    whole : bool
        Accept only integers, so that ``1,500`` is 1500.
    """
    text = text.strip()
    number = _plain(text)
    if not isinstance(number, str):
        return number
    meanings = [_plain(each) for each in _meanings(text, whole)]
    return meanings[0] if len(meanings) == 1 else text


def number_hint(text: str) -> str:
    """Return how to write a text that could be two numbers; empty for any other."""
    meanings = _meanings(text.strip(), whole=False)
    return (
        tr("Enter {listed}.").format(listed=tr(" or ").join(meanings)) if len(meanings) > 1 else ""
    )


def list_hint(text: str) -> str:
    """Return how numbers separated by commas are written where decimals have a comma, too.

    ``0,5; 0,3`` isn't such a list, and ``1,5`` is a list of two. Empty for any other text.
    """
    pieces = [piece for piece in _BETWEEN.split(text.strip()) if piece]
    with_comma = [piece for piece in pieces if _WITH_COMMA.fullmatch(piece)]
    if not with_comma or any(isinstance(_plain(_pointed(piece)), str) for piece in pieces):
        return ""
    meant = ", ".join(map(_pointed, pieces))
    read = [part.strip() for part in text.split(",")]
    if any(isinstance(_plain(part), str) for part in read):
        return tr("Enter {meant}.").format(meant=meant)
    return tr("Interpreted as {listed}. For decimals, enter {meant}.").format(
        listed=", ".join(read), meant=meant
    )


def write_number(value: object) -> str:
    """Write a number as briefly as it reads back the same."""
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return repr(value)
    return str(value)


def _pointed(text: str) -> str:
    """Return a number with a point instead of its comma."""
    return text.replace(",", ".")


def _plain(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _meanings(text: str, whole: bool) -> list[str]:
    """Return the possible meanings of a number that Python can't read, as Python writes them."""
    found = []
    grouped = _IN_GROUPS.fullmatch(text)
    comma = _WITH_COMMA.fullmatch(text)
    if comma and not (grouped and whole):
        sign, before, after, power = comma.groups("")
        number = _plain(f"{sign}{before or '0'}.{after}{power}")
        if not isinstance(number, str):
            found.append(write_number(number))
    if grouped:
        sign, before, _, after = grouped.groups("")
        digits = re.sub(r"\D", "", before)
        found.append(f"{sign}{digits}.{after}" if after else f"{sign}{digits}")
    return found
