"""Finds the line of a value in a JSON document, for messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+')


def line_of(text: str, path: Path) -> int | None:
    """Return the line (from 1) on which the value at a path begins; None if it isn't there."""
    for found, offset in _keys(text):
        if found == path:
            return text.count("\n", 0, offset) + 1
    return None


def repeated_key(text: str) -> tuple[Path, int] | None:
    """Return the path and line of the first key that an object has twice.

    ``text`` is valid JSON. Python's parser would silently keep the last one.
    """
    seen: set[Path] = set()
    for path, offset in _keys(text):
        if path in seen:
            return path, text.count("\n", 0, offset) + 1
        seen.add(path)
    return None


def _keys(text: str) -> Iterator[tuple[Path, int]]:
    """Yield the path of every member and element with the offset where it begins."""
    path: list[str | int] = []
    key: tuple[str, int] | None = None
    fresh_element = False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if fresh_element and sign != "]":
            yield tuple(path), token.start()
        fresh_element = False
        if sign[0] == '"':
            key = sign, token.start()
        elif sign == ":" and key:
            path[-1] = json.loads(key[0], strict=False)
            yield tuple(path), key[1]
        elif sign == "{":
            path.append("")
        elif sign == "[":
            path.append(0)
            fresh_element = True
        elif sign in "}]":
            path.pop()
        elif sign == "," and isinstance(path[-1], int):
            path[-1] += 1
            fresh_element = True
