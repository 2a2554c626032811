"""The words of a program that have a color; works in any process."""

from __future__ import annotations

from typing import Any

Spans = list[list[tuple[int, int, str]]]
"""For each line the first character, the number of characters, and the kind of each word."""

_KINDS = (
    *("Keyword", "String", "Number", "Comment", "Name.Function", "Name.Class", "Name.Builtin"),
    *("Name.Decorator", "Operator.Word"),
)
"""Kinds of words that have a color."""


def read_spans(text: str, language: str) -> Spans:
    """Return the words of a program that have a color."""
    from pygments.lexers import get_lexer_by_name

    name = language if language in ("python", "sql", "r") else "text"
    lines: Spans = [[]]
    column = 0
    kinds: dict[Any, str | None] = {}
    for token, value in get_lexer_by_name(name, stripnl=False).get_tokens(text):
        if token not in kinds:
            kinds[token] = _kind(token)
        kind = kinds[token]
        for index, piece in enumerate(value.split("\n")):
            if index:
                lines.append([])
                column = 0
            # Qt counts UTF-16 units.
            length = len(piece) if piece.isascii() else len(piece.encode("utf-16-le")) // 2
            if piece and kind:
                lines[-1].append((column, length, kind))
            column += length
    return lines


def _kind(token: Any) -> str | None:
    text = str(token).removeprefix("Token.").removeprefix("Literal.")
    return next((name for name in _KINDS if text.startswith(name)), None)
