"""Charts as plain data: what they accept, their limits, and their values as tables."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, linkage

from modules.contract.chart import LIMITS, MOST_LEAVES, Chart, Series
from modules.values.charts.tables import sheet_of

POINTS = np.random.default_rng(5).normal(size=(MOST_LEAVES + 40, 2))

CHARTS = [
    Chart("bars", "B", "Loss", "Feature", [Series("", y=[2, 1], low=[1, 0], high=[3, 2])], "ab"),
    Chart("lines", "L", "x", "y", [Series("one", [1, 2], [3, np.nan]), Series("two", [0], [1])]),
    Chart("steps", "S", "Age", "Rows", [Series("", [0, 1, 3], [5, 7])]),
    Chart("points", "P", series=[Series("", np.arange(2), np.arange(2.0))], x_log=True),
    Chart("heatmap", "H", "", "", [Series("a", y=[1, 0.5]), Series("b", y=[0.5, 1])], "ab"),
    Chart("dendrogram", "D", links=linkage(POINTS[:4]), categories="wxyz"),
    Chart("parallel", "T", series=[Series("C", y=[1, 10], log=True), Series("kernel", y="ab")]),
    Chart("boxes", "X", series=[Series("Rome", [99, -5], [1, 2, 3, 4, 5])]),
]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.kind)
def test_a_chart_is_the_same_after_json(chart: Chart) -> None:
    assert Chart.from_json(json.loads(json.dumps(chart.to_json(), allow_nan=False))) == chart


def test_values_become_plain_and_missing_ones_gaps() -> None:
    series = Series("s", np.array([1, 2], dtype="int64"), [np.inf, np.float32(0.5)])
    assert series.x == (1.0, 2.0)
    assert series.y == (None, 0.5)
    assert all(type(value) is float for value in series.x)


def test_the_tables_of_charts_have_their_values() -> None:
    tables = {chart.kind: sheet_of(chart) for chart in CHARTS}
    assert tables["bars"].headers == ("Feature", "Loss", "Loss, low", "Loss, high")
    assert tables["bars"].rows == (("a", 2, 1, 3), ("b", 1, 0, 2))
    assert tables["lines"].rows == (("one", 1, 3), ("one", 2, None), ("two", 0, 1))
    assert tables["steps"].headers == ("Age from", "to", "Rows")
    assert tables["steps"].rows == ((0, 1, 5), (1, 3, 7))
    assert tables["heatmap"].rows == (("a", 1, 0.5), ("b", 0.5, 1))
    assert tables["parallel"].rows == ((1, "a"), (10, "b"))
    assert tables["boxes"].rows == (("Rome", 1, 2, 3, 4, 5, 2),)
    assert [row[-1] for row in tables["dendrogram"].rows][-1] == 4


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("pie", {}),
        ("bars", {"series": [Series("a", y=[1, 2])], "categories": "a"}),
        ("lines", {"series": [Series("a", [1, 2], [1])]}),
        ("lines", {"series": [Series("a", ["one"], [1])]}),
        ("steps", {"series": [Series("a", [1], [])]}),
        ("boxes", {"series": [Series("a", y=[1, 2, 3])]}),
        ("parallel", {"series": [Series("a", y=[1]), Series("b", y=[1, 2])]}),
        ("dendrogram", {"links": [[0, 0, 1, 2]]}),
        ("dendrogram", {"links": [[0, 3, 1, 2], [1, 2, 2, 3]]}),
        ("dendrogram", {"links": [[0, 1, float("inf"), 2]]}),
        ("dendrogram", {"links": [[0, 1, 1, 2]], "categories": "abc"}),
    ],
)
def test_what_does_not_fit_to_the_kind_is_an_error(kind: str, more: dict) -> None:
    with pytest.raises(ValueError, match=r"chart|dendrogram|contains text"):
        Chart(kind, "title", **more)  # type: ignore[arg-type]


def test_intervals_belong_to_all_values() -> None:
    with pytest.raises(ValueError, match="intervals"):
        Series("a", [1, 2], [1, 2], low=[0])


def test_long_lines_keep_both_ends_and_say_how_many_points_there_were() -> None:
    x = np.arange(10_001)
    (line,) = (chart := Chart("lines", "t", series=[Series("", x, x, x - 1, x + 1)])).series
    assert len(line.x) == len(line.high) == LIMITS["lines"][1]
    assert (line.x[0], line.x[-1], line.low[-1]) == (0, 10_000, 9_999)
    assert chart.note == "2,000 of 10,001 points."


def test_more_bars_rows_and_columns_than_fit_are_cut() -> None:
    bars = Chart("bars", "t", series=[Series("", y=range(999))], categories=range(999))
    assert bars.series[0].y == tuple(range(200))
    assert bars.note == "The first 200 of 999 bars."
    square = [Series(str(row), y=range(300)) for row in range(300)]
    heat = Chart("heatmap", "t", series=square, categories=range(300), note="Why.")
    assert (len(heat.series), len(heat.series[0].y), len(heat.categories)) == (200, 200, 200)
    assert heat.note == "Why. The first 200 of 300 rows. The first 200 of 300 columns."


def test_a_large_dendrogram_keeps_its_top_as_scipy_truncates_it() -> None:
    links = linkage(POINTS, "average")
    names = [f"row {index}" for index in range(len(POINTS))]
    chart = Chart("dendrogram", "t", links=links, categories=names)
    peer = dendrogram(links, p=MOST_LEAVES, truncate_mode="lastp", labels=names, no_plot=True)
    assert sorted(chart.categories) == sorted(peer["ivl"])
    assert [link[2] for link in chart.links] == list(links[-MOST_LEAVES + 1 :, 2])
    assert chart.links[-1][3] == len(POINTS)
    assert Chart.from_json(chart.to_json()) == chart
