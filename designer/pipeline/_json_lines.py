"""Finds the line of a value in a JSON document, for messages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

# Possessive: backtracking would keep several times the size of the text.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s"{}\[\],:]++')


def line_of(text: str, path: Path) -> int | None:
    """Return the line (from 1) on which the value at a path begins; None if it isn't there."""
    wanted = list(path)
    for found, offset in _keys(text):
        if found == wanted:
            return text.count("\n", 0, offset) + 1
    return None


def repeated_key(text: str) -> tuple[Path, int] | None:
    """Return the path and line of the first key that an object has twice.

    ``text`` is valid JSON. Python's parser would silently keep the last one.
    """
    # The keys of each object that is open, by its depth.
    seen: list[set[str]] = []
    for path, offset in _keys(text):
        del seen[len(path) :]
        while len(seen) < len(path):
            seen.append(set())
        key = path[-1]
        if isinstance(key, str):
            if key in seen[-1]:
                return tuple(path), text.count("\n", 0, offset) + 1
            seen[-1].add(key)
    return None


def _keys(text: str) -> Iterator[tuple[list[str | int], int]]:
    """Yield the path of every member and element with the offset where it begins.

    The path is the same list each time, changed in place.
    """
    path: list[str | int] = []
    key: tuple[str, int] | None = None
    fresh_element = False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if fresh_element and sign != "]":
            yield path, token.start()
        fresh_element = False
        if sign[0] == '"':
            key = sign, token.start()
        elif sign == ":" and key:
            path[-1] = json.loads(key[0], strict=False)
            yield path, key[1]
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
