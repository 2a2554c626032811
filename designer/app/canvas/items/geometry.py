"""Sizes and positions on the canvas, in scene units."""

from __future__ import annotations

import math

WIDTH = 240.0
"""Width of a card; halves, thirds, and quarters are on the grid, so that links run straight."""

HEIGHT = 60.0
"""Height of a card."""

GRID = 20
"""Distance of the dots that cards snap to."""

RADIUS = 5.5
"""Radius of a port."""

REACH = 12.0
"""How near a port the pointer must be to mean it."""

LINKING_REACH = 26.0
"""The same while a link is being drawn."""

NOTE_MINIMUM = (80.0, 40.0)
"""Smallest size of a note."""

FRAME_PADDING = 20.0
"""How far the frame of a group reaches beyond what it contains."""

FRAME_TITLE = 32.0
"""Height of the strip in which a group's title is."""

EMPTY_FRAME = (200.0, FRAME_TITLE + 60.0)
"""Size of the frame of a group without members."""

HANDLE = 16.0
"""Edge of the corner by which a note is resized."""


def card_in(width: float, height: float, *, shared: bool = False) -> tuple[float, float]:
    """Return where in a rectangle the card is that represents all in it: in the middle.

    It keeps to the grid if the rectangle's corner does. The card of a shared module is at the
    corner, so that it stays where it is when something is added to the module.
    """
    if shared:
        return 0.0, 0.0
    return (width - WIDTH) // 2 // GRID * GRID, (height - HEIGHT) // 2 // GRID * GRID


def port_offsets(count: int) -> list[float]:
    """Return the distances of evenly spread ports from the left edge of a card."""
    return [WIDTH * (index + 1) / (count + 1) for index in range(count)]


def in_steps(length: float) -> float:
    """Return a length that is a multiple of the grid's distance, at least as long."""
    return math.ceil(round(length / GRID, 3)) * float(GRID)


def snapped(x: float, y: float) -> tuple[float, float]:
    """Return the dot of the grid nearest to a point."""
    return (round(x / GRID) * float(GRID), round(y / GRID) * float(GRID))
