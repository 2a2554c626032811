"""Comments of a script: of cards, groups and notes, and the docstrings."""

from __future__ import annotations

import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

from designer.export.source import WIDTH
from designer.pipeline.model import Node, Note

CARD_SIZE = (200.0, 60.0)
"""About the size of a card in scene units."""


def comment(text: str, indent: int = 0) -> list[str]:
    """Return the lines of a comment; none for an empty text."""
    pad = " " * indent
    return [f"{pad}# {line}".rstrip() for line in wrapped(text, WIDTH - indent - 2)]


def docstring(text: str, indent: int = 0) -> list[str]:
    """Return the lines of a docstring."""
    pad = " " * indent
    lines = [
        line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        for line in wrapped(text, WIDTH - indent - 6)
    ] or [""]
    if len(lines) == 1 and not lines[0].endswith(('"', "\\")):
        return [f'{pad}"""{lines[0]}"""']
    first, *rest = lines
    start = " " if first.startswith('"') else ""
    return [f'{pad}"""{start}{first}', *((pad + line).rstrip() for line in rest), f'{pad}"""']


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text without characters that source code can't contain."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        shown = "".join(each if each.isprintable() else " " for each in line).rstrip()
        inset = " " * (len(shown) - len(shown.lstrip()))
        lines += textwrap.wrap(
            shown,
            width,
            subsequent_indent=inset,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines


def sentence(text: str) -> str:
    """Return a text with a period at its end, for a docstring."""
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?", "。", "…", ":")) else f"{text}."


def notes_by_card(notes: Iterable[Note], nodes: Mapping[str, Node]) -> dict[str, list[Note]]:
    """Return the notes by the card that each is beside, those further up first.

    A note in a group belongs to a card in it, if the group has any. There is a node at least.
    """
    members: dict[str, list[Node]] = {}
    for node in sorted(nodes.values(), key=_top):
        parts = node.id.split("/")
        for count in range(len(parts)):
            members.setdefault("/".join(parts[:count]), []).append(node)
    found: dict[str, list[Note]] = {}
    for note in sorted(notes, key=lambda note: (note.position[1], note.position[0], note.id)):
        if note.text.strip():
            inside = members.get(note.id.rpartition("/")[0]) or members[""]
            card = min(_beside(note, inside), key=lambda node: _distance(note, node))
            found.setdefault(card.id, []).append(note)
    return found


def _beside(note: Note, nodes: list[Node]) -> list[Node]:
    """Return the nodes beside a note; else those next above and below. They are sorted by top."""
    top = note.position[1]
    first = bisect_left(nodes, top - CARD_SIZE[1], key=_top)
    last = bisect_right(nodes, top + note.size[1], key=_top)
    if first == last:
        first = bisect_left(nodes, _top(nodes[first - 1]), key=_top) if first else 0
        last = bisect_right(nodes, _top(nodes[last]), key=_top) if last < len(nodes) else last
    return nodes[first:last]


def _top(node: Node) -> float:
    return node.position[1]


def _distance(note: Note, node: Node) -> tuple[float, float, float]:
    """Return what is compared: a note is beside its card more often than above it."""
    (x, y), (width, height) = note.position, note.size
    left, top = node.position
    return (
        max(top - y - height, y - top - CARD_SIZE[1], 0.0),
        abs(y - top),
        max(left - x - width, x - left - CARD_SIZE[0], 0.0),
    )
