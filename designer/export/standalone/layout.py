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
    start, end = max(groups, key=lambda each: (each[1] - each[0] > 20, each[0]))
    pad = " " * indent
    if _is_without_comma(text, start):
        # A comma would make it a tuple.
        inner = wrapped(text[start + 1 : end], indent + 4)
        return [f"{pad}{text[: start + 1]}", *inner, f"{pad}{text[end:]}"]
    clauses = _clauses(text[start + 1 : end])
    if len(clauses) > 1:
        inner = [f"{pad}    {clause}" for clause in clauses]
        if len(" ".join(clauses)) + indent + 4 <= WIDTH:
            inner = [f"{pad}    {' '.join(clauses)}"]
        return [f"{pad}{text[: start + 1]}", *inner, f"{pad}{text[end:]}"]
    source = _source(text[start : end + 1])
    return laid_out(source, before=text[:start], after=text[end + 1 :], indent=indent)


def _source(text: str) -> Source:
    """Return the expression of brackets as items that can be broken further."""
    if len(_clauses(text[1:-1])) > 1:
        # A comma can't follow a comprehension.
        return Source(text)
    parts = list(_parts(text[1:-1]))
    items = []
    for part in parts:
        label = re.match(r"[A-Za-z_]\w*=(?!=)|\*{1,2}(?=[^*])", part)
        before = label[0] if label else ""
        items.append((before, _item(part[len(before) :])))
    made = brackets(text[0], items, text[-1], exploded=text[0] != "(")
    return Source(text, made.opening, made.items, made.closing, made.exploded)


def _item(text: str) -> Source:
    found = list(_groups(text))
    start = found[0][0] if found else 0
    if len(found) == 1 and found[0][1] == len(text) - 1 and not _is_without_comma(text, start):
        inner = _source(text[start:])
        return Source(text, text[:start] + inner.opening, inner.items, inner.closing)
    return Source(text)


def _is_without_comma(text: str, start: int) -> bool:
    """Return whether brackets can't have a comma at the end: an index, or around an operation."""
    follows = bool(re.search(r"[\w)\]]$", text[:start]))
    return text[start] == ("[" if follows else "(")


def _clauses(text: str) -> list[str]:
    """Return the parts of a comprehension; only one if the text isn't one."""
    plain = list(_without_strings(text))
    for start, end in _groups(text):
        plain[start : end + 1] = "_" * (end + 1 - start)
    starts = [match.start() + 1 for match in re.finditer(r" (?:for|if) ", "".join(plain))]
    if not re.search(r" for \S+(?:, \S+)* in ", "".join(plain)):
        return [text]
    return [text[a:b].strip() for a, b in zip([0, *starts], [*starts, len(text)], strict=True)]


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
