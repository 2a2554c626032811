"""Which cards are in a part of the scene, without looking at all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from designer.app.canvas.arranging.boxes import Box, touch

_ACROSS, _DOWN = 480.0, 240.0


class Obstacles:
    """Boxes, found by where they are.

    Parameters
    ----------
    boxes : iterable of (str, tuple)
        What owns each box, and the box.
    """

    def __init__(self, boxes: Iterable[tuple[str, Box]] = ()) -> None:
        self._cells: dict[tuple[int, int], list[tuple[str, Box]]] = {}
        for entry in boxes:
            for cell in _cells(entry[1]):
                self._cells.setdefault(cell, []).append(entry)

    def within(self, area: Box) -> dict[str, Box]:
        """Return the boxes that overlap an area, by their owners."""
        found: dict[str, Box] = {}
        for cell in _cells(area):
            for name, box in self._cells.get(cell, ()):
                if touch(box, area):
                    found[name] = box
        return found


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    rows = range(int(box[1] // _DOWN), int(box[3] // _DOWN) + 1)
    for column in range(int(box[0] // _ACROSS), int(box[2] // _ACROSS) + 1):
        for row in rows:
            yield column, row
