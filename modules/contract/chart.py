"""Charts as plain data, drawn by the window, by notebooks, and as text without a library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from modules.contract.sheet import json_value

Kind = Literal["bars", "lines", "steps", "points", "heatmap", "dendrogram", "parallel", "boxes"]

Value = float | str | None


@dataclass(frozen=True)
class Series:
    """The values of one color, row, axis or box of a chart; see :class:`Chart`.

    Any sequence of numbers is accepted and becomes a tuple; NaN, infinity and missing values
    become None, which is a gap.

    Parameters
    ----------
    name : str
        For the legend.
    x, y : sequence of float, str or None
    low, high : sequence of float or None, optional
        The ends of the interval around each y: an error bar, or a band around a line.
    log : bool
        ``parallel``: the axis is logarithmic.
    sizes : sequence of float, optional
        ``points``: the area of each marker, from 0 (smallest) to 1.
    """

    name: str
    x: tuple[Value, ...] = ()
    y: tuple[Value, ...] = ()
    low: tuple[Value, ...] = ()
    high: tuple[Value, ...] = ()
    log: bool = False
    sizes: tuple[Value, ...] = ()

    def __init__(
        self,
        name: str,
        x: Iterable[Any] = (),
        y: Iterable[Any] = (),
        low: Iterable[Any] = (),
        high: Iterable[Any] = (),
        log: bool = False,
        sizes: Iterable[Any] = (),
    ) -> None:
        object.__setattr__(self, "name", str(name))
        object.__setattr__(self, "log", bool(log))
        given = (("x", x), ("y", y), ("low", low), ("high", high), ("sizes", sizes))
        for field, values in given:
            object.__setattr__(self, field, tuple(map(_plain, values)))
        if self.sizes and len(self.sizes) != len(self.y):
            raise ValueError(f"“{self.name}” has sizes for some of its markers only")
        if any(values and len(values) != len(self.y) for values in (self.low, self.high)):
            raise ValueError(f"“{self.name}” has intervals for some of its values only")

    def thinned(self, most: int) -> Series:
        """Return at most that many points, evenly chosen, including both ends."""
        # A histogram has one more edge than bars: thinning would change what its bars mean.
        if len(self.y) <= most or len(self.x) > len(self.y):
            return self
        last = len(self.y) - 1
        kept = sorted({round(index * last / (most - 1)) for index in range(most)})
        return self._chosen(kept)

    def cut(self, most: int) -> Series:
        """Return the first values."""
        return self._chosen(range(most))

    def _chosen(self, kept: Iterable[int]) -> Series:
        chosen = list(kept)
        x, y, low, high, sizes = (
            [values[index] for index in chosen if index < len(values)]
            for values in (self.x, self.y, self.low, self.high, self.sizes)
        )
        return Series(self.name, x, y, low, high, self.log, sizes)


@dataclass(frozen=True)
class Chart:
    """A chart as plain data.

    What ``series`` and ``categories`` mean depends on the kind:

    ========== =====================================================================
    bars       Horizontal bars from top to bottom: a category each; a series is a
               color, its y the lengths, low and high the error bars.
    lines      A line each; low and high are a band around it. Of several, those without
               a name are thin: a bundle of single rows.
    steps      As lines, each y holding until the next x; with one more x than y, a
               histogram with the edges x.
    points     A marker at each x and y.
    heatmap    A series is a row from top to bottom, its y the values; the
               categories are the columns.
    dendrogram ``links`` are the rows of SciPy's linkage (two clusters, distance, size);
               the categories are the names of the leaves, or none.
    parallel   A series is an axis: its y has a number or a text for each line, of which
               the last axis decides the color.
    boxes      A series is a box: its y are lower whisker, lower quartile, median, upper
               quartile and upper whisker, its x the outliers.
    ========== =====================================================================

    Charts stay small: of longer series evenly chosen points are kept, of more series or
    categories the first, of more leaves the topmost links; the note contains the numbers.

    Parameters
    ----------
    kind : str
    title, x_title, y_title : str
        Of the chart and its axes: x is horizontal, also for bars.
    series : sequence of Series
    categories : sequence of str
    note : str
        An explanation for the reader.
    links : sequence of (float, float, float, float)
    x_log, y_log : bool
        The axis is logarithmic.
    reference : sequence of (float, float)
        ``lines``, ``steps`` and ``points``: a dashed line through these points, behind the
        values, to compare them with.
    x_range, y_range : (float, float)
        What an axis of numbers includes, besides the values: charts beside each other have the
        same, so that they can be compared. Empty if only the values matter.

    Raises
    ------
    ValueError
        If the kind doesn't exist, or series don't fit to it.
    """

    kind: Kind
    title: str
    x_title: str = ""
    y_title: str = ""
    series: tuple[Series, ...] = ()
    categories: tuple[str, ...] = ()
    note: str = ""
    links: tuple[tuple[float, float, float, float], ...] = ()
    x_log: bool = False
    y_log: bool = False
    reference: tuple[tuple[float, float], ...] = ()
    x_range: tuple[float, ...] = ()
    y_range: tuple[float, ...] = ()

    def __init__(
        self,
        kind: Kind,
        title: str,
        x_title: str = "",
        y_title: str = "",
        series: Iterable[Series] = (),
        categories: Iterable[Any] = (),
        note: str = "",
        *,
        links: Iterable[Iterable[float]] = (),
        x_log: bool = False,
        y_log: bool = False,
        reference: Iterable[Iterable[float]] = (),
        x_range: Iterable[float] = (),
        y_range: Iterable[float] = (),
    ) -> None:
        if kind not in get_args(Kind):
            raise ValueError(f"“{kind}” isn't a kind of chart")
        parts = {
            "kind": kind,
            "title": str(title),
            "x_title": str(x_title),
            "y_title": str(y_title),
            "series": tuple(series),
            "categories": tuple(map(str, categories)),
            "note": str(note),
            "links": tuple(_link(link) for link in links),
            "x_log": bool(x_log),
            "y_log": bool(y_log),
            "reference": tuple(_point(point) for point in reference),
            "x_range": tuple(map(float, x_range)),
            "y_range": tuple(map(float, y_range)),
        }
        for name, value in parts.items():
            object.__setattr__(self, name, value)
        self._check()
        self._limit()

    def _check(self) -> None:
        for each in self.series:
            ends = len(each.x) - len(each.y)
            fits = {
                "bars": len(each.y) == len(self.categories),
                "heatmap": len(each.y) == len(self.categories),
                "lines": ends == 0,
                "points": ends == 0,
                "steps": ends == 0 or (ends == 1 and len(each.y) > 0),
                "boxes": len(each.y) == _BOX,
                "parallel": len(each.y) == len(self.series[0].y),
                "dendrogram": False,
            }[self.kind]
            if not fits:
                raise ValueError(f"“{each.name}” doesn't fit to a chart of {self.kind}")
            texts = each.y if self.kind != "parallel" else ()
            numbers = (*each.x, *texts, *each.low, *each.high, *each.sizes)
            if any(isinstance(value, str) for value in numbers):
                raise ValueError(f"“{each.name}” contains text")
        if self.kind == "dendrogram":
            self._check_links()

    def _check_links(self) -> None:
        leaves = len(self.links) + 1
        if self.categories and len(self.categories) != leaves:
            raise ValueError("a dendrogram has one link fewer than leaves")
        used: set[int] = set()
        for number, (first, second, *_) in enumerate(self.links):
            for cluster in (first, second):
                known = cluster == int(cluster) and 0 <= cluster < leaves + number
                if not known or int(cluster) in used:
                    raise ValueError("the links of a dendrogram must form a tree")
                used.add(int(cluster))

    def _limit(self) -> None:
        most_series, most_values = LIMITS[self.kind]
        series, categories, notes = self.series, self.categories, [self.note]
        if len(series) > most_series:
            word = {"heatmap": "rows", "parallel": "axes", "boxes": "boxes"}.get(
                self.kind, "series"
            )
            notes.append(f"The first {most_series:,} of {len(series):,} {word}.")
            series = series[:most_series]
        if self.kind in ("bars", "heatmap") and len(categories) > most_values:
            word = "columns" if self.kind == "heatmap" else "bars"
            notes.append(f"The first {most_values:,} of {len(categories):,} {word}.")
            categories = categories[:most_values]
            series = tuple(each.cut(most_values) for each in series)
        elif self.kind == "boxes":
            series = tuple(
                Series(each.name, each.x[:most_values], each.y, log=each.log) for each in series
            )
        elif max((len(each.y) for each in series), default=0) > most_values:
            longest = max(len(each.y) for each in series)
            word = "lines" if self.kind == "parallel" else "points"
            notes.append(f"{most_values:,} of {longest:,} {word}.")
            series = tuple(each.thinned(most_values) for each in series)
        if len(self.links) >= MOST_LEAVES:
            notes.append(f"The top {MOST_LEAVES:,} of {len(self.links) + 1:,} leaves.")
            links, categories = topmost(self.links, categories, MOST_LEAVES)
            object.__setattr__(self, "links", links)
        object.__setattr__(self, "series", series)
        object.__setattr__(self, "categories", categories)
        object.__setattr__(self, "note", " ".join(filter(None, notes)))

    def to_json(self) -> dict[str, Any]:
        """Return the chart as plain JSON, without what has its default."""
        found = _stated(self)
        found["series"] = [_stated(each) for each in self.series]
        return found

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Chart:
        """Read what :meth:`to_json` returned.

        Raises
        ------
        ValueError, TypeError
            If it isn't a chart.
        """
        found = dict(plain)
        series = [Series(**each) for each in found.pop("series", ())]
        if sum(len(each.x) + len(each.y) for each in series) > MOST_VALUES:
            raise ValueError(f"a chart has more than {MOST_VALUES:,} values")
        return cls(**found, series=series)


LIMITS: Mapping[str, tuple[int, int]] = {
    "bars": (20, 200),
    "lines": (200, 2_000),
    "steps": (100, 2_000),
    "points": (50, 5_000),
    "heatmap": (200, 200),
    "dendrogram": (0, 0),
    "parallel": (30, 2_000),
    "boxes": (200, 500),
}
"""The most series, and the most values of each, by kind."""

MOST_LEAVES = 300
MOST_VALUES = 1_000_000
"""Of a stored chart: more than any within the limits has."""

_BOX = 5


def topmost(
    links: Sequence[tuple[float, float, float, float]], names: Sequence[str], leaves: int
) -> tuple[tuple[tuple[float, float, float, float], ...], tuple[str, ...]]:
    """Return the last links of a dendrogram; what is below them becomes leaves.

    A leaf of several is named after their number, ``(12)`` for example, as in
    SciPy's ``truncate_mode="lastp"``.
    """
    count = len(links) + 1
    first = count - leaves
    new: dict[int, int] = {}
    labels: list[str] = []
    for link in links[first:]:
        for cluster in map(int, link[:2]):
            if cluster < count + first:
                new[cluster] = len(labels)
                own = names[cluster] if names and cluster < count else str(cluster)
                labels.append(own if cluster < count else f"({links[cluster - count][3]:.0f})")
    new |= {count + first + index: leaves + index for index in range(leaves - 1)}
    kept = tuple((float(new[int(a)]), float(new[int(b)]), *rest) for a, b, *rest in links[first:])
    return kept, tuple(labels)  # type: ignore[return-value]


def _plain(value: Any) -> Value:
    """Return a finite number, a text, or None."""
    value = json_value(value)
    if isinstance(value, str) and value in ("inf", "-inf"):
        return None
    if value is None or isinstance(value, str):
        return value
    return float(value)


def _point(point: Iterable[float]) -> tuple[float, float]:
    x, y = map(float, point)
    return x, y


def _link(link: Iterable[float]) -> tuple[float, float, float, float]:
    first, second, distance, size = map(float, link)
    if not all(abs(number) < float("inf") for number in (first, second, distance, size)):
        raise ValueError("a link of a dendrogram isn't finite")
    return first, second, distance, size


def _stated(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that differ from their defaults."""
    return {
        field.name: list(content) if isinstance(content, tuple) else content
        for field in fields(value)
        if (content := getattr(value, field.name)) != field.default
    }
