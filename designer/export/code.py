"""Lines of code, and which of them belong to which card."""

from __future__ import annotations

from collections.abc import Iterable


class Code:
    """Lines, with the first and last line of each part of a card or group, from 1."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.ranges: dict[str, list[tuple[int, int]]] = {}

    def add(self, lines: Iterable[str], owner: str | None = None) -> None:
        """Add lines, of a card or group perhaps."""
        start = len(self.lines) + 1
        self.lines += lines
        if owner is not None:
            self.ranges.setdefault(owner, []).append((start, len(self.lines)))

    def join(self, other: Code) -> None:
        """Add other code."""
        offset = len(self.lines)
        self.lines += other.lines
        for owner, ranges in other.ranges.items():
            self.ranges.setdefault(owner, []).extend(
                (first + offset, last + offset) for first, last in ranges
            )
