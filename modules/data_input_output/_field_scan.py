"""Scan the bytes of a delimited text for what parsing would hide, in a fraction of its time."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.data_input_output._encodings import opened

if TYPE_CHECKING:
    import numpy as np

_BLOCK = 1 << 16
_REACH = 64
"""Bytes from the start of a field that decide about it."""
_RARE = (b"#N", b"#I", b"#Q", b"<NA>")
_ENOUGH = 10_000
"""Words that turn out to be others in a block, after which one is presumed."""


@dataclass(frozen=True)
class Clues:
    """What the fields of a text may contain. What isn't in the clues isn't in the text.

    Parameters
    ----------
    zeros : bool
        More numbers than known start with a zero and another digit.
    words : bool
        Words that usually mean a missing value.
    """

    zeros: bool
    words: bool


def clues_of(
    source: Path | bytes,
    separators: str,
    decimal: str,
    words: Sequence[str],
    zeros: int,
) -> Clues:
    """Return the clues of a text whose encoding contains ASCII.

    Parameters
    ----------
    separators : str
        Characters before and after fields, besides line breaks.
    words : sequence of str
        The words to look for; none: they aren't looked for.
    zeros : int
        How many numbers that start with a zero are known.
    """
    scan = _Scan(separators.encode(), decimal.encode(), words, zeros)
    buffer = bytearray(_REACH + _BLOCK)
    # The first field starts a line too.
    buffer[:_REACH] = b"\n" * _REACH
    with opened(source) as stream:
        while not scan.is_complete:
            size = stream.readinto(memoryview(buffer)[_REACH:])  # type: ignore[attr-defined]
            buffer[_REACH + size :] = b"\n" * (_BLOCK - size)
            if buffer.startswith(codecs.BOM_UTF8, _REACH):
                buffer[_REACH : _REACH + 3] = b"\n\n\n"
            scan.look(buffer)
            if size < _BLOCK - _REACH:
                break
            # Fields that start at the end of a block are looked at with the next one.
            buffer[:_REACH] = buffer[-_REACH:]
    return Clues(scan.zeros > zeros, scan.words)


class _Scan:
    def __init__(self, separators: bytes, decimal: bytes, words: Sequence[str], known: int) -> None:
        import numpy as np

        self.zeros = 0
        self._known = known
        self.words = not words
        self._separators = separators
        self._decimal = decimal[0]
        self._ends = np.zeros(256, dtype=bool)
        self._ends[list(separators + b"\r\n")] = True
        named = "|".join(re.escape(word) for word in words if word).encode()
        edge = b"[" + re.escape(separators) + rb"\r\n]"
        self._word = re.compile(b"(?:" + named + b")(?=" + edge + b")")
        self._whole = re.compile(edge + self._word.pattern)

    @property
    def is_complete(self) -> bool:
        return self.zeros > self._known and self.words

    def look(self, buffer: bytearray) -> None:
        """Look at the fields that start in a block, except at its end."""
        import numpy as np

        every = np.frombuffer(buffer, dtype=np.uint8)
        count = len(every) - _REACH
        before, first, second = every[:count], every[1 : count + 1], every[2 : count + 2]
        begins = before == 10
        for value in self._separators + b"\r":
            if value in buffer:
                begins |= before == value
        if self.zeros <= self._known:
            found = first == 48
            found &= begins
            found &= second - np.uint8(48) < 10
            if found.any():
                self.zeros += self._numbers(every, np.flatnonzero(found) + 1)
        if not self.words:
            self.words = self._has_word(buffer, every, first, begins | (before == 45))

    def _numbers(self, every: np.ndarray, at: np.ndarray) -> int:
        """Return how many of these positions start a number that fills its field."""
        import numpy as np

        at = self._after_digits(every, at)
        at = self._after_digits(every, at + (every[at] == self._decimal))
        return int(np.count_nonzero(self._ends[every[at]]))

    def _after_digits(self, every: np.ndarray, at: np.ndarray) -> np.ndarray:
        import numpy as np

        for _ in range(_REACH // 2 - 2):
            digits = every[at] - np.uint8(48) < 10
            if not digits.any():
                break
            at = at + digits
        return at

    def _has_word(self, buffer: bytearray, every: Any, first: Any, begins: Any) -> bool:
        import numpy as np

        # Of the others, each contains one of these.
        rare = any(sign in buffer for sign in _RARE if sign[:1] in buffer)
        if rare and self._whole.search(buffer):
            return True
        at = np.flatnonzero((first | np.uint8(32) == ord("n")) & begins) + 1
        ends = self._ends
        at = at[ends[every[at + 2]] | ends[every[at + 3]] | ends[every[at + 4]]]
        if len(at) > _ENOUGH:
            return True
        return any(
            self._word.match(buffer, start) or self._word.match(buffer, start - 1)
            for start in at.tolist()
        )
