"""Separate parts of a pipeline on one readable area, in the order of reading."""

from __future__ import annotations

import math
from collections.abc import Sequence

from designer.app.canvas.arranging.boxes import Box

GAP = 80.0
GAP_DOWN = 60.0
"""Least distance of two parts beside each other, and of one below another."""

STEP = 120.0
"""Tops of parts are multiples of this, so that their order can be read from them again."""

SHAPE = 1.6
"""Width by height of the view that all should fit into."""

_WIDTHS = 24
"""How many widths are tried."""


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return the indexes of parts from left to right, row by row."""
    top = min((box[1] for box in boxes), default=0.0)

    def key(index: int) -> tuple[int, float, float]:
        left, upper = boxes[index][:2]
        return math.floor((upper - top) / STEP + 0.5), left, upper

    return sorted(range(len(boxes)), key=key)


def packed(sizes: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the top left corner of each rectangle, so that all are as large as can be in a view.

    A part is never above the one before it, and if beside it, on its right.
    """
    if not sizes:
        return []
    widest = max(width for width, _ in sizes)
    total = sum(width + GAP for width, _ in sizes) - GAP
    ratio = (total / widest) ** (1 / _WIDTHS)
    found: list[tuple[float, float]] = []
    least = math.inf
    for step in range(_WIDTHS + 1):
        corners = _within(sizes, widest * ratio**step + 1.0)
        edges = list(zip(corners, sizes, strict=True))
        width = max(x + size[0] for (x, _), size in edges)
        height = max(y + size[1] for (_, y), size in edges)
        extent = max(width, height * SHAPE)
        if extent < least - 1.0:
            found, least = corners, extent
    return found


def _within(sizes: Sequence[tuple[float, float]], limit: float) -> list[tuple[float, float]]:
    """Return each as high, and there as far left, as fits below and right of the one before."""
    # What is taken, from left to right: where a step begins and how far down it reaches.
    skyline: list[tuple[float, float]] = [(0.0, 0.0)]
    corners: list[tuple[float, float]] = []
    last = (0.0, -1.0)
    for width, height in sizes:
        best: tuple[float, float] | None = None
        for left, _ in skyline:
            if left + width > limit and left:
                continue
            depth = max(
                down
                for index, (start, down) in enumerate(skyline)
                if start < left + width + GAP
                and (index + 1 == len(skyline) or skyline[index + 1][0] > left)
            )
            y = max(math.ceil(depth / STEP) * STEP, last[1])
            place = (y, left)
            if y == last[1] and left <= last[0]:
                continue
            if best is None or place < best:
                best = place
        if best is None:
            best = (math.ceil(max(down for _, down in skyline) / STEP) * STEP, 0.0)
        y, left = best
        last = (left, y)
        corners.append((left, y))
        skyline = _raised(skyline, left, left + width + GAP, y + height + GAP_DOWN)
    return corners


def _raised(
    skyline: list[tuple[float, float]], left: float, right: float, down: float
) -> list[tuple[float, float]]:
    """Return the skyline with a step from left to right."""
    after = [depth for start, depth in skyline if start <= right][-1]
    kept = [step for step in skyline if step[0] < left]
    rest = [step for step in skyline if step[0] > right]
    return [*kept, (left, down), (right, after), *rest]
