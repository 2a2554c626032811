"""A chart as numbers: panels of marks in the units of their axes, without colors or pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.tables.figures.columns import Choice

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Points:
    """A marker for each row.

    Parameters
    ----------
    x, y : numpy.ndarray
        Finite numbers; of dates, seconds since 1970.
    rows : numpy.ndarray
        The positions of the rows in the table.
    sizes : numpy.ndarray or None
        The numbers that the areas of the markers show; NaN where there is none.
    group : int
        Which color.
    """

    x: np.ndarray
    y: np.ndarray
    rows: np.ndarray
    sizes: np.ndarray | None = None
    group: int = 0


@dataclass(frozen=True)
class Density:
    """How many rows are in each cell of a grid: for more rows than markers can show.

    Parameters
    ----------
    counts : numpy.ndarray
        Shape (cells upwards, cells across).
    left, bottom, right, top : float
        The edges of the grid.
    """

    counts: np.ndarray
    left: float
    bottom: float
    right: float
    top: float
    group: int = 0


@dataclass(frozen=True)
class Line:
    """Connected points, ordered by x.

    Parameters
    ----------
    averaged : bool
        They are means in intervals of x, which are narrower where less is visible.
    """

    x: np.ndarray
    y: np.ndarray
    group: int = 0
    averaged: bool = False


@dataclass(frozen=True)
class Bars:
    """Upright bars from 0; ``left`` and ``right`` are their sides."""

    left: np.ndarray
    right: np.ndarray
    height: np.ndarray
    group: int = 0


@dataclass(frozen=True)
class Box:
    """Whiskers, quartiles, and median at a position; at most some hundred outliers.

    Whiskers end at the last value within 1.5 interquartile ranges of the box (Tukey 1977).
    """

    position: float
    name: str
    five: tuple[float, float, float, float, float]
    outliers: np.ndarray
    rows: int


@dataclass(frozen=True)
class Cells:
    """A matrix of numbers from -1 to 1, rows from top to bottom; NaN is empty."""

    values: np.ndarray


Marks = Points | Density | Line | Bars | Box | Cells


@dataclass(frozen=True)
class Panel:
    """One pair of axes.

    Parameters
    ----------
    title : str
        The value of the facet; empty without one.
    x_labels, y_labels : tuple of str
        Names at 0, 1, 2, ...; empty for an axis of numbers.
    x_time, y_time : bool
        The axis has dates, as seconds since 1970.
    x_whole, y_whole : bool
        The axis has integers only, counts for example.
    x_column, y_column : str
        The column that the axis has; empty if it has something else, counts for example.
    x_choices : tuple of Choice
        For each of ``x_labels`` the condition that its rows meet.
    facet : tuple of (str, Choice) or None
        The column of the panels, and the condition that the rows of this one meet.
    note : str
        What a reader must know: what is left out, for example.
    """

    title: str = ""
    x_title: str = ""
    y_title: str = ""
    marks: tuple[Marks, ...] = ()
    x_labels: tuple[str, ...] = ()
    y_labels: tuple[str, ...] = ()
    x_time: bool = False
    y_time: bool = False
    x_whole: bool = False
    y_whole: bool = False
    x_column: str = ""
    y_column: str = ""
    x_choices: tuple[Choice, ...] = ()
    facet: tuple[str, Choice] | None = None
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A whole chart.

    Parameters
    ----------
    panels : tuple of Panel
        From left to right, then down.
    across : int
        Panels in a row.
    groups : tuple of str
        What the colors mean; empty if there is only one.
    color_title : str
        The column that decides the color.
    ordered : bool
        The groups are ranges of numbers, so their colors go from light to dark.
    linked : bool
        All panels have the same axes.
    paired : bool
        Panels in a column have the same axis across, and panels in a row the same axis upwards;
        those from the first to the last show how the values of one column are distributed.
    size_title : str
        The column that decides the area of markers.
    size_range : tuple of float
        Its least and largest number.
    """

    title: str
    panels: tuple[Panel, ...]
    across: int = 1
    groups: tuple[str, ...] = ()
    color_title: str = ""
    ordered: bool = False
    linked: bool = False
    paired: bool = False
    size_title: str = ""
    size_range: tuple[float, float] = (0.0, 1.0)

    def areas(self, points: Points) -> np.ndarray:
        """Return the areas of markers from 0 to 1, the same for equal numbers in all panels."""
        import numpy as np

        assert points.sizes is not None
        low, high = self.size_range
        # Of halves, so that the difference of the largest numbers is one, too.
        width = (high / 2 - low / 2) or 1.0
        shares = np.nan_to_num((points.sizes / 2 - low / 2) / width, posinf=0.0, neginf=0.0)
        return np.asarray(np.clip(shares, 0.0, 1.0))

    @property
    def has_more(self) -> bool:
        """Whether zooming in shows more of the table: a density or a line of means."""
        marks = (mark for panel in self.panels for mark in panel.marks)
        return any(
            isinstance(mark, Density) or (isinstance(mark, Line) and mark.averaged)
            for mark in marks
        )

    @property
    def size_note(self) -> str:
        """What the areas of markers mean; empty if they mean nothing."""
        if not self.size_title:
            return ""
        low, high = self.size_range
        return f"The areas of markers show “{self.size_title}”, from {low:.4g} to {high:.4g}."
