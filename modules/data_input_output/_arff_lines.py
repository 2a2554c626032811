"""What is wrong with a line of an ARFF file, in words that need no knowledge of its parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from modules.contract import ModuleError

Attribute = tuple[str, Any]
"""Name, and type or declared values."""

_FORM = "“@attribute NAME TYPE” with numeric, integer, string, date or {a, b} for the type"
_MOST_SHOWN = 40


class Lines:
    """Lines of a text, of which the last that was read is known.

    Parameters
    ----------
    lines : iterable of str
        From the first line of the file on.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.number = 0
        self.text = ""
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.number += 1
            self.text = line.strip()
            yield line
        self.at_end = True


def header_trouble(lines: Lines, error: Exception) -> ModuleError:
    """Return the error for a header at whose last read line the parser has given up."""
    start = lines.text.casefold()
    # As text, the error would take a % in a name for its own.
    said = getattr(error, "message", "")
    reason = f"Line {lines.number} can't be understood"
    if lines.at_end:
        return not_arff("There is no line “@data”, after which the rows stand")
    if start.startswith("@relation"):
        reason = f"Line {lines.number} is to be “@relation NAME”, once and before the attributes"
    elif start.startswith("@data"):
        reason = f"Line {lines.number} begins the rows, but no attribute is declared before it"
    elif start.startswith("@attribute"):
        again = re.search(r"name (.*) at line .*in use in line (\d+)", said)
        reason = f"Line {lines.number} declares no attribute; {_FORM} is expected"
        if again:
            reason = (
                f"Line {lines.number} declares the attribute “{_short(again[1])}”, "
                f"as line {again[2]} does"
            )
        elif "layout" in said:
            reason = f"Line {lines.number} declares an attribute before “@relation NAME”"
    return not_arff(reason)


def row_trouble(lines: Lines, attributes: Sequence[Attribute]) -> ModuleError:
    """Return the error for a row at which the parser has given up."""
    place = f"Line {lines.number}"
    count = len(attributes)
    declared = f"{count} attribute is" if count == 1 else f"{count} attributes are"
    values = _values(lines.text, count)
    if values is None and re.search("[\"'{}]", lines.text):
        return not_arff(
            f"{place} can't be divided into a value for each attribute ({declared} declared): "
            "texts with spaces, commas or quotes stand in quotes"
        )
    if values is None:
        found = lines.text.count(",") + 1
        has = "1 value" if found == 1 else f"{found} values"
        if found == count:
            return not_arff(f"{place} has a text with a space in it, which is to stand in quotes")
        return not_arff(f"{place} has {has}, but {declared} declared")
    for (name, kind), value in zip(attributes, values, strict=True):
        expected = _misfit(kind, value)
        if expected:
            return not_arff(
                f"{place} has “{_short(value)}” for the attribute “{name}”; {expected} is expected"
            )
    return not_arff(f"{place} can't be understood; a value for each attribute is expected")


def not_arff(reason: str) -> ModuleError:
    """Return the error for a file or text that is not ARFF as it should be."""
    return ModuleError(
        "not-the-format",
        f"{reason}.",
        "Correct it, or choose the file format that the file has.",
        parameter="format",
    )


def _values(text: str, count: int) -> list[Any] | None:
    """Return the values of a row as texts; None if it can't be divided into so many."""
    import arff

    header = ["@relation r", *(f"@attribute a{place} string" for place in range(count)), "@data"]
    try:
        (row,) = arff.load(iter([*header, text]))["data"]
    except (arff.ArffException, ValueError, TypeError, IndexError):
        return None
    return list(row)


def _misfit(kind: Any, value: str | None) -> str:
    """Return what is expected in the place of a value that doesn't fit, else nothing."""
    if value is None:
        return ""
    if isinstance(kind, list):
        if value in kind:
            return ""
        shown = ", ".join(f"“{_short(each)}”" for each in kind[:5])
        return f"one of {shown}{' …' if len(kind) > 5 else ''}"
    if kind == "STRING":
        return ""
    try:
        float(value)
    except ValueError:
        return "a number, or ? for a missing one,"
    return ""


def _short(text: Any) -> str:
    text = str(text)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 2]} …"
