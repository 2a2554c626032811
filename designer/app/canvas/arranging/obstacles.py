"""Which cards are in a part of the scene, without looking at all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from designer.app.canvas.arranging.boxes import Box, touch

_ACROSS, _DOWN = 480.0, 240.0


class Obstacles:
    """Boxes by what owns them, found by where they are.

    Parameters
    ----------
    boxes : iterable of (str, tuple)
        Owners and boxes.
    """

    def __init__(self, boxes: Iterable[tuple[str, Box]] = ()) -> None:
        self._boxes: dict[str, Box] = {}
        self._cells: dict[tuple[int, int], dict[str, Box]] = {}
        for name, box in boxes:
            self.put(name, box)

    def put(self, name: str, box: Box | None) -> list[Box]:
        """Set or remove a box; return the old and the new one if they differ."""
        old = self._boxes.get(name)
        if old == box:
            return []
        if old is not None:
            del self._boxes[name]
            for cell in _cells(old):
                del self._cells[cell][name]
        if box is not None:
            self._boxes[name] = box
            for cell in _cells(box):
                self._cells.setdefault(cell, {})[name] = box
        return [one for one in (old, box) if one is not None]

    def replace(self, boxes: Mapping[str, Box]) -> list[Box]:
        """Have exactly these boxes; return all that are gone or new."""
        changed: list[Box] = []
        for name in [name for name in self._boxes if name not in boxes]:
            changed += self.put(name, None)
        for name, box in boxes.items():
            changed += self.put(name, box)
        return changed

    def within(self, area: Box) -> dict[str, Box]:
        """Return the boxes that overlap an area."""
        found: dict[str, Box] = {}
        for cell in _cells(area):
            for name, box in self._cells.get(cell, {}).items():
                if touch(box, area):
                    found[name] = box
        return found


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    rows = range(int(box[1] // _DOWN), int(box[3] // _DOWN) + 1)
    for column in range(int(box[0] // _ACROSS), int(box[2] // _ACROSS) + 1):
        for row in rows:
            yield column, row
