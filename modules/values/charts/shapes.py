"""The shapes that a drawn chart consists of. Without any library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from modules.contract.chart import Value
from modules.values.charts.axes import number

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """Connected points; ``fill`` fills the area that they enclose instead."""

    points: Sequence[Point]
    color: str
    width: float = 1.0
    opacity: float = 1.0
    dashes: tuple[float, ...] = ()
    fill: bool = False


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    color: str
    opacity: float = 1.0


@dataclass(frozen=True)
class Dot:
    """A marker: a circle, square, triangle or diamond by its number."""

    x: float
    y: float
    radius: float
    color: str
    mark: int = 0
    opacity: float = 1.0


@dataclass(frozen=True)
class Label:
    """A text; (x, y) is the middle of its line at the anchor."""

    x: float
    y: float
    text: str
    color: str
    anchor: Anchor = "start"
    upright: bool = False
    """Whether it reads from bottom to top."""


Shape = Line | Box | Dot | Label


@dataclass(frozen=True)
class Spot:
    """The position of a value: a rectangle, or a point if it has no size."""

    x: float
    y: float
    text: str
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True)
class Look:
    """How a chart is drawn.

    Parameters
    ----------
    width : float
        Device-independent pixels.
    text, muted, grid, surface : str
        Colors ``#rrggbb``.
    series : sequence of str
        Colors of the series.
    line : float
        The height of a line of text.
    measure : callable
        Returns the width of a text.
    written : callable
        Returns a number as the reader's language writes it.
    """

    width: float
    text: str = "#1d2430"
    muted: str = "#5a6472"
    grid: str = "#d4d9e0"
    surface: str = "#ffffff"
    series: Sequence[str] = ("#2f6fc4", "#c4572f", "#2f8050", "#7a55c4", "#8a6d00", "#b03a6a")
    line: float = 15.0
    # A letter is seldom wider than seven pixels at this size.
    measure: Callable[[str], float] = field(default=lambda text: 7.0 * len(text))
    written: Callable[[str], str] = field(default=lambda text: text)

    def number(self, value: Value, digits: int = 4) -> str:
        """Return a value for a label: a number in the reader's language, a text as it is."""
        text = number(value, digits)
        return text if isinstance(value, str) else self.written(text)

    def color(self, index: int) -> str:
        """Return the color of a series."""
        return self.series[index % len(self.series)]

    def elided(self, text: str, width: float) -> str:
        """Return a text that fits, with … for what is left out."""
        text = " ".join(text.split())
        if self.measure(text) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.measure(text[:middle] + "…") <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"


@dataclass
class Drawing:
    """A drawn chart: shapes from back to front, and where its values are."""

    look: Look
    height: float = 0.0
    shapes: list[Shape] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        """Add shapes in front of the others."""
        self.shapes += shapes


def mixed(first: str, second: str, share: float) -> str:
    """Return the first color with a share of the second one."""
    pairs = ((int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def readable_on(color: str) -> str:
    """Return black or white, whichever is easier to read on a color (WCAG 2.1)."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if luminance < 0.179 else "#10151f"
