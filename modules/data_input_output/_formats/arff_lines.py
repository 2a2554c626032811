"""Errors for lines of an ARFF file, independent of its parser's messages."""

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
    """Lines of a text that count how many were read.

    Parameters
    ----------
    lines : iterable of str
        Starting with the first line of the file.
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


def header_error(lines: Lines, error: Exception) -> ModuleError:
    """Return the error for a header that the parser rejected at the last line read."""
    start = lines.text.casefold()
    # The error's text would interpret a % in a name.
    message = getattr(error, "message", "")
    reason = f"Line {lines.number} can't be parsed"
    if lines.at_end:
        return not_arff("The line “@data” before the rows is missing")
    if start.startswith("@relation"):
        reason = f"Line {lines.number} must be “@relation NAME”, once and before the attributes"
    elif start.startswith("@data"):
        reason = f"Line {lines.number} starts the rows, but no attribute is declared before it"
    elif start.startswith("@attribute"):
        duplicate = re.search(r"name (.*) at line .*in use in line (\d+)", message)
        reason = f"Line {lines.number} doesn't declare an attribute; {_FORM} is expected"
        if duplicate:
            reason = (
                f"Line {lines.number} declares the attribute “{_short(duplicate[1])}”, "
                f"as line {duplicate[2]} does"
            )
        elif "layout" in message:
            reason = f"Line {lines.number} declares an attribute before “@relation NAME”"
    return not_arff(reason)


def row_error(lines: Lines, attributes: Sequence[Attribute]) -> ModuleError:
    """Return the error for a row that the parser rejected."""
    line = f"Line {lines.number}"
    count = len(attributes)
    declared = f"{count} attribute is" if count == 1 else f"{count} attributes are"
    values = _values(lines.text, count)
    if values is None and re.search("[\"'{}]", lines.text):
        return not_arff(
            f"{line} can't be split into one value per attribute ({declared} declared): "
            "quote texts that contain spaces, commas, or quotes"
        )
    if values is None:
        found = lines.text.count(",") + 1
        has = "1 value" if found == 1 else f"{found} values"
        if found == count:
            return not_arff(f"{line} contains an unquoted text with a space")
        return not_arff(f"{line} has {has}, but {declared} declared")
    for (name, kind), value in zip(attributes, values, strict=True):
        expected = _misfit(kind, value)
        if expected:
            return not_arff(
                f"{line} has “{_short(value)}” for the attribute “{name}”; {expected} is expected"
            )
    return not_arff(f"{line} can't be parsed; one value per attribute is expected")


def not_arff(reason: str) -> ModuleError:
    """Return the error for a file or text that isn't valid ARFF."""
    return ModuleError(
        "not-the-format",
        f"{reason}.",
        "Correct it, or choose the file's actual format.",
        parameter="format",
    )


def _values(text: str, count: int) -> list[Any] | None:
    """Return the values of a row as texts; None if it can't be split into ``count`` values."""
    import arff

    header = [
        "@relation r",
        *(f"@attribute@attribute a{index} string" for index in range(count)),
        "@data",
    ]
    try:
        (row,) = arff.load(iter([*header, text]))["data"]
    except (arff.ArffException, ValueError, TypeError, IndexError):
        return None
    return list(row)


def _misfit(kind: Any, value: str | None) -> str:
    """Return what is expected instead of an invalid value; empty if it is valid."""
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
