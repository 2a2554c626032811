"""Statements of templates, broken into lines as ruff and black do it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from designer.export.source import WIDTH, Source, brackets, laid_out

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_STRING = re.compile(
    r"[rRbBfF]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')", re.DOTALL
)


def wrapped(statement: str, indent: int) -> list[str]:
    """Return the lines of a statement; blocks of several lines keep their own layout."""
    lines: list[str] = []
    for line in statement.split("\n"):
        inside = indent + len(line) - len(line.lstrip())
        text = line.strip()
        if not text or text.startswith("#") or inside + len(text) <= WIDTH:
            lines.append(f"{' ' * indent}{line}".rstrip())
        else:
            lines += _broken(text, inside)
    return lines


def _broken(text: str, indent: int) -> list[str]:
    """Break at the last brackets outside of others that contain something, or the first longest."""
    groups = [each for each in _groups(text) if text[each[0] + 1 : each[1]].strip()]
    if not groups:
        return [" " * indent + text]
    # What is before the brackets stays in one line.
    fitting = [each for each in groups if indent + each[0] < WIDTH] or groups
    start, end = max(fitting, key=lambda each: (each[1] - each[0] > 20, each[0]))
    pad = " " * indent
    if _is_without_comma(text, start):
        # A comma would make it a tuple.
        inner = wrapped(text[start + 1 : end], indent + 4)
        return [f"{pad}{text[: start + 1]}", *inner, f"{pad}{text[end:]}"]
    source = _source(text[start : end + 1])
    return laid_out(source, before=text[:start], after=text[end + 1 :], indent=indent)


def _source(text: str) -> Source:
    """Return the expression of brackets as items that can be broken further."""
    clauses = _clauses(text[1:-1])
    if len(clauses) > 1:
        broken = tuple(("", _clause(clause)) for clause in clauses)
        return Source(text, text[0], broken, text[-1], comma=False)
    parts = list(_parts(text[1:-1]))
    items = []
    for part in parts:
        label = re.match(r"[A-Za-z_]\w*=(?!=)|\*{1,2}(?=[^*])", part)
        before = label[0] if label else ""
        items.append((before, _item(part[len(before) :])))
    made = brackets(text[0], items, text[-1], exploded=text[0] != "(")
    return Source(text, made.opening, made.items, made.closing, made.exploded)


def _clause(text: str) -> Source:
    """Return a clause of a comprehension, which may be broken before the operators of its test."""
    operands = _split(text, r" (?:and|or) ")
    if len(operands) == 1 and text.startswith("if "):
        operands = _split(text, r" (?:not )?in ")
    if len(operands) == 1:
        return _item(text)
    return Source(text, items=tuple(("", _item(each)) for each in operands), comma=False)


def _item(text: str) -> Source:
    found = list(_groups(text))
    start = found[0][0] if found else 0
    if len(found) == 1 and found[0][1] == len(text) - 1 and not _is_without_comma(text, start):
        inner = _source(text[start:])
        opening = text[:start] + inner.opening
        return Source(text, opening, inner.items, inner.closing, inner.exploded, inner.comma)
    return Source(text)


def _is_without_comma(text: str, start: int) -> bool:
    """Return whether brackets can't have a comma at the end: an index, or around an operation."""
    if re.search(r"[\w)\]]$", text[:start]):
        return text[start] == "["
    end = next(end for first, end in _groups(text) if first == start)
    return text[start] == "(" and len(list(_parts(text[start + 1 : end]))) == 1


def _clauses(text: str) -> list[str]:
    """Return the parts of a comprehension; only one if the text isn't one."""
    if not re.search(r" for \S+(?:, \S+)* in ", _without_groups(text)):
        return [text]
    return _split(text, r" (?:for|if) ")


def _split(text: str, before: str) -> list[str]:
    """Split a text before a pattern that isn't in brackets or strings."""
    starts = [match.start() + 1 for match in re.finditer(before, _without_groups(text))]
    return [text[a:b].strip() for a, b in zip([0, *starts], [*starts, len(text)], strict=True)]


def _without_groups(text: str) -> str:
    plain = list(_without_strings(text))
    for start, end in _groups(text):
        plain[start : end + 1] = "_" * (end + 1 - start)
    return "".join(plain)


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last index of the brackets that aren't inside of others."""
    stack: list[int] = []
    for index, sign in _signs(text):
        if sign in _PAIRS:
            stack.append(index)
        elif sign in _PAIRS.values() and stack:
            start = stack.pop()
            if not stack:
                yield start, index


def _parts(text: str) -> Iterator[str]:
    """Yield what commas outside of brackets separate."""
    depth, start = 0, 0
    for index, sign in _signs(text):
        depth += (sign in _PAIRS) - (sign in _PAIRS.values())
        if sign == "," and not depth:
            yield text[start:index].strip()
            start = index + 1
    if text[start:].strip():
        yield text[start:].strip()


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """Yield brackets and commas that aren't in strings, with their indices."""
    return ((i, sign) for i, sign in enumerate(_without_strings(text)) if sign in "()[]{},")


def _without_strings(text: str) -> str:
    return _STRING.sub(lambda match: "_" * len(match[0]), text)
