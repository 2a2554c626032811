"""Panels of a figure that show the same part of an axis."""

from __future__ import annotations

from typing import Any

from modules.tables.figures.figure import Figure


class LinkedViews:
    """Keeps the ranges of panels equal where they have an axis in common.

    pyqtgraph's own links also move the range by how panels overlap on the screen, which changes
    while they are laid out.

    Parameters
    ----------
    figure : Figure
        Its panels are linked, or paired.
    boxes : list of pyqtgraph.ViewBox
        The areas of all panels.
    """

    def __init__(self, figure: Figure, boxes: list[Any]) -> None:
        self._boxes = boxes
        self._axes = [_axes(figure, index) for index in range(len(boxes))]
        self._following = False
        self.show_all()
        for box in boxes:
            box.sigRangeChanged.connect(self._follow)

    def show_all(self) -> None:
        """Show all marks of each panel."""
        found: dict[int, tuple[float, float]] = {}
        for box, axes in zip(self._boxes, self._axes, strict=True):
            for axis, ends in zip(axes, box.childrenBounds(), strict=True):
                if ends is not None and axis is not None:
                    low, high = found.get(axis, ends)
                    found[axis] = min(low, ends[0]), max(high, ends[1])
        for box, axes in zip(self._boxes, self._axes, strict=True):
            ranges: dict[str, tuple[float, float]] = {}
            for at, (axis, name) in enumerate(zip(axes, ("xRange", "yRange"), strict=True)):
                if axis is None:
                    box.enableAutoRange(axis=at)
                elif axis in found:
                    ranges[name] = found[axis]
            if ranges:
                box.setRange(**ranges, padding=0.03)

    def scale(self, factor: float) -> None:
        """Zoom around the middle; a factor below 1 shows less."""
        self._following = True
        for box in self._boxes:
            box.scaleBy((factor, factor))
        self._following = False

    def _follow(self, changed: Any, *_: Any) -> None:
        if self._following:
            return
        self._following = True
        moved = self._axes[self._boxes.index(changed)]
        shown = changed.viewRange()
        for box, axes in zip(self._boxes, self._axes, strict=True):
            ranges = {
                name: part
                for name, part, axis, own in zip(
                    ("xRange", "yRange"), shown, axes, moved, strict=True
                )
                if axis is not None and axis == own
            }
            if box is not changed and ranges:
                box.setRange(**ranges, padding=0)
        self._following = False


def _axes(figure: Figure, index: int) -> tuple[int | None, int | None]:
    """Return what the axes across and upwards of a panel show, as numbers.

    None is an axis that no other panel has.
    """
    if figure.linked:
        return 0, 1
    row, column = divmod(index, figure.across)
    return column, None if row == column else row
