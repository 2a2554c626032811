"""Create Chart, and the figures that it shares with the window, against numpy, pandas, scipy."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.contract.chart import Chart
from modules.statistical_functions.create_chart import create_chart
from modules.tables.figures.building import build_figure
from modules.tables.figures.columns import groups
from modules.tables.figures.figure import Cells, Density, Points
from modules.tables.figures.settings import ChartSettings
from modules.values.charts.drawing import draw as drawn
from modules.values.charts.shapes import Dot, Label, Look
from modules.values.charts.svg import to_svg

name = ColumnSelector.names


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(4)
    rows = 1200
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 90, rows),
            "income": draw.lognormal(10, 0.6, rows),
            "city": draw.choice(["Rome", "Oslo", "Bern"], rows, p=[0.5, 0.3, 0.2]),
            "level": pd.Categorical(
                draw.choice(["low", "mid", "high"], rows), ["low", "mid", "high"]
            ),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 90, rows), "D"),
            "member": draw.random(rows) < 0.4,
        }
    )
    frame.loc[::11, "income"] = np.nan
    frame.loc[5, "income"] = np.inf
    frame.loc[::50, "city"] = None
    return frame


@pytest.fixture(scope="module")
def table(frame) -> DataTable:
    return DataTable.from_arrow(DataTable(frame).arrow)


def chart(table: DataTable, kind: str, **parameters):
    (section,) = create_chart(table, kind=kind, **parameters).sections
    assert section.chart is not None
    return section.chart


@pytest.mark.proves("create_chart", by="NumPy")
def test_a_histogram_counts_as_numpy_does(frame, table):
    known = frame["income"][np.isfinite(frame["income"])]
    counts, edges = np.histogram(known, 12)
    made = chart(table, "histogram", x=name("income"), bins=12)
    assert made.series[0].y == tuple(counts)
    assert made.series[0].x == pytest.approx(edges)


def test_integers_have_a_bin_each(frame, table):
    made = chart(table, "histogram", x=name("age"), bins=100)
    assert made.series[0].y == tuple(frame["age"].value_counts().sort_index())


@pytest.mark.parametrize("statistic", ["mean", "median", "sum", "minimum", "maximum"])
def test_bars_equal_those_of_pandas(frame, table, statistic):
    made = chart(
        table, "bar", x=name("city"), y=name("income"), color=name("level"), statistic=statistic
    )
    finite = frame.replace(np.inf, np.nan).fillna({"city": "(missing)"})
    way = {"minimum": "min", "maximum": "max"}.get(statistic, statistic)
    truth = finite.groupby(["city", "level"], observed=True)["income"].agg(way)
    assert made.categories == ("Bern", "Oslo", "Rome", "(missing)")
    assert [each.name for each in made.series] == ["low", "mid", "high"]
    for each in made.series:
        wanted = [truth[city, each.name] for city in made.categories]
        assert each.y == pytest.approx(wanted)


def test_boxes_have_the_whiskers_of_tukey(table):
    values = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 30]
    made = chart(DataTable(pd.DataFrame({"v": values})), "box", y=name("v"))
    # Quartiles 3.25, 5.5 and 7.75: the whiskers reach at most to -3.5 and 14.5.
    assert made.series[0].y == (1, 3.25, 5.5, 7.75, 9)
    assert made.series[0].x == (30,)


def test_correlations_equal_those_of_pandas(frame, table):
    made = chart(table, "correlation")
    truth = frame[["age", "income"]].replace(np.inf, np.nan).corr().to_numpy()
    assert np.array([each.y for each in made.series]) == pytest.approx(truth)


def test_a_line_is_the_mean_at_each_day(frame, table):
    made = chart(table, "line", x=name("day"), y=name("income"))
    truth = frame.replace(np.inf, np.nan).groupby("day")["income"].mean()
    days = (truth.index - pd.Timestamp("2024-01-01")).days
    assert made.series[0].x == tuple(days)
    assert made.series[0].y == pytest.approx(truth.to_numpy())
    assert "2024-01-01" in made.x_title


def test_a_scatter_chart_leaves_missing_and_infinite_numbers_out(frame, table):
    made = chart(table, "scatter", x=name("age"), y=name("income"), color=name("member"))
    finite = frame[np.isfinite(frame["income"])]
    for each, value in zip(made.series, (False, True), strict=True):
        assert each.name == str(value).lower()
        own = finite[finite["member"] == value]
        assert each.x == tuple(own["age"])
        assert each.y == pytest.approx(own["income"].to_numpy())


def test_the_areas_of_markers_show_a_column(frame, table):
    made = chart(table, "scatter", x=name("age"), y=name("income"), size=name("age"))
    age = frame.loc[np.isfinite(frame["income"]), "age"]
    # All rows count for the range, also those that are left out.
    truth = (age - frame["age"].min()) / (frame["age"].max() - frame["age"].min())
    assert made.series[0].sizes == pytest.approx(truth.to_numpy())
    low, high = frame["age"].min(), frame["age"].max()
    assert made.note == f"The areas of markers show “age”, from {low} to {high}."
    assert Chart.from_json(made.to_json()) == made
    radii = [shape.radius for shape in drawn(made, Look(600)).shapes if isinstance(shape, Dot)]
    assert (min(radii), max(radii)) == (2, 10)


def test_pairs_of_columns_are_the_same_with_axes_exchanged(frame, table):
    figure = build_figure(table, ChartSettings("pairs", columns=("age", "income")))
    _, upper, lower, _ = figure.panels
    assert (upper.x_title, upper.y_title) == (lower.y_title, lower.x_title) == ("income", "age")
    assert lower.marks[0].x == pytest.approx(upper.marks[0].y)
    big = pd.DataFrame(np.random.default_rng(7).normal(size=(30_000, 2)), columns=["u", "v"])
    pairs = build_figure(DataTable(big), ChartSettings("pairs", columns=("u", "v")))
    alone = build_figure(DataTable(big), ChartSettings("scatter", "u", "v")).panels[0].marks[0]
    (mirrored,) = pairs.panels[2].marks
    edges = (mirrored.left, mirrored.bottom, mirrored.right, mirrored.top)
    assert edges == (alone.left, alone.bottom, alone.right, alone.top)
    truth, _, _ = np.histogram2d(big["v"], big["u"], mirrored.counts.shape)
    assert np.abs(mirrored.counts - truth).sum() <= 4


def test_densities_of_pairs_count_the_rows_in_which_both_columns_have_values():
    draw = np.random.default_rng(8)
    values = pd.DataFrame(draw.normal(size=(40_000, 3)), columns=["u", "v", "w"])
    values["n"] = draw.integers(-2, 3, len(values))
    values.loc[draw.random(len(values)) < 0.3, "u"] = np.nan
    values.loc[draw.random(len(values)) < 0.3, "v"] = np.nan
    values.loc[3, "w"] = -np.inf
    values["group"] = draw.choice(["one", "two"], len(values))
    names = ["u", "v", "w", "n"]
    chosen = ChartSettings("pairs", columns=tuple(names), color="group")
    panels = build_figure(DataTable(values), chosen).panels
    for index, panel in enumerate(panels):
        row, column = divmod(index, len(names))
        if row == column:
            continue
        assert len(panel.marks) == 2
        for mark, group in zip(panel.marks, ("one", "two"), strict=True):
            own = values[values["group"] == group]
            own = own[np.isfinite(own[[names[row], names[column]]]).all(axis=1)]
            ends = [(mark.bottom, mark.top), (mark.left, mark.right)]
            pair = own[names[row]], own[names[column]]
            truth, _, _ = np.histogram2d(*pair, mark.counts.shape, ends)
            assert mark.counts.sum() == len(own)
            # A value at an edge may be on either side of it.
            assert np.abs(mark.counts - truth).sum() <= 8
    assert panels[3].marks[0].counts.shape[1] == 5


def test_a_report_has_a_chart_for_each_panel_and_pair(table):
    facets = create_chart(table, kind="histogram", x=name("age"), facet=name("level"))
    assert [each.heading for each in facets.sections] == [
        "level: low",
        "level: mid",
        "level: high",
    ]
    pairs = create_chart(table, kind="pairs", columns=name("age", "income"))
    assert [each.heading for each in pairs.sections] == [
        "Rows by age",
        "age by income",
        "Rows by income",
    ]


@pytest.mark.parametrize("kind", ["scatter", "line", "histogram"])
def test_charts_of_panels_show_the_ranges_of_all_rows(frame, table, kind):
    chosen = {"x": name("age"), "facet": name("level")}
    if kind != "histogram":
        chosen["y"] = name("income")
    charts = [each.chart for each in create_chart(table, kind=kind, **chosen).sections]
    drawings = [drawn(each, Look(600)) for each in charts]
    assert len({numbers(each) for each in drawings}) == 1
    values = [value for each in charts for one in each.series for value in one.y]
    if kind == "scatter":
        finite = frame[np.isfinite(frame["income"])]
        assert {each.x_range for each in charts} == {(finite["age"].min(), finite["age"].max())}
        truth = (finite["income"].min(), finite["income"].max())
        assert {each.y_range for each in charts} == {truth}
    assert {each.y_range for each in charts} == {(min(values), max(values))}


def test_equal_values_of_panels_are_drawn_at_equal_places():
    frame = pd.DataFrame({"x": [0.0, 10.0, 5.0], "y": [-3.0, 7.0, 2.0], "part": [*"aab"]})
    wide, narrow = create_chart(
        DataTable(frame), kind="scatter", x=name("x"), y=name("y"), facet=name("part")
    ).sections
    first, last = places(wide.chart)
    (middle,) = places(narrow.chart)
    assert middle == pytest.approx(((first[0] + last[0]) / 2, (first[1] + last[1]) / 2), abs=0.1)


def test_dates_of_panels_count_from_the_same_day():
    days = pd.to_datetime(["2024-01-01", "2024-01-11", "2024-01-06"])
    frame = pd.DataFrame({"day": days, "y": [1.0, 2.0, 3.0], "part": [*"aab"]})
    wide, narrow = create_chart(
        DataTable(frame), kind="scatter", x=name("day"), y=name("y"), facet=name("part")
    ).sections
    assert wide.chart.x_title == narrow.chart.x_title == "day (days since 2024-01-01)"
    assert wide.chart.series[0].x == (0, 10)
    assert narrow.chart.series[0].x == (5,)


def test_bars_and_boxes_of_panels_have_a_common_scale():
    frame = pd.DataFrame({"kind": [*"uvuv"], "y": [1.0, 8.0, 2.0, 3.0], "part": [*"aabb"]})
    for kind in ("bar", "box"):
        sections = create_chart(
            DataTable(frame), kind=kind, x=name("kind"), y=name("y"), facet=name("part")
        ).sections
        assert {each.chart.x_range for each in sections} == {(1, 8)}
        assert len({numbers(drawn(each.chart, Look(600))) for each in sections}) == 1


def numbers(drawing) -> tuple[tuple[str, float, float], ...]:
    """The numbers at the axes, and where they are."""
    labels = [shape for shape in drawing.shapes if isinstance(shape, Label)]
    return tuple(
        (label.text, label.x, label.y) for label in labels if re.fullmatch(r"-?[\d,.]+", label.text)
    )


def places(made: Chart) -> list[tuple[float, float]]:
    """The centers of the markers in an SVG drawing."""
    circles = re.findall(r"<circle [^>]*>", to_svg(made))
    return [
        tuple(float(re.search(rf'{key}="([^"]+)"', circle)[1]) for key in ("cx", "cy"))
        for circle in circles
    ]


def test_too_many_rows_become_a_density_as_numpy_counts_it():
    draw = np.random.default_rng(5)
    frame = pd.DataFrame(draw.normal(size=(50_000, 2)), columns=["x", "y"])
    frame["half"] = np.where(frame["x"] > 0, "right", "left")
    table = DataTable(frame)
    figure = build_figure(table, ChartSettings("scatter", "x", "y", color="half"))
    layers = figure.panels[0].marks
    assert all(isinstance(each, Density) for each in layers)
    tall, wide = layers[0].counts.shape
    truth, _, _ = np.histogram2d(frame["y"], frame["x"], (tall, wide))
    total = sum(each.counts for each in layers)
    # A value at the edge of a cell may be rounded to the other side.
    assert np.abs(total - truth).sum() <= 4
    assert total.sum() == len(frame)
    assert layers[0].counts.sum() == (frame["half"] == "left").sum()
    window = (-0.1, -0.1, 0.1, 0.1)
    near = build_figure(table, ChartSettings("scatter", "x", "y"), window=window)
    (points,) = near.panels[0].marks
    assert isinstance(points, Points)
    inside = frame[frame["x"].abs().le(0.1) & frame["y"].abs().le(0.1)]
    assert points.rows.tolist() == inside.index.tolist()


def test_a_density_of_integers_has_a_cell_for_each():
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"x": draw.integers(10, 60, 30_000), "y": draw.normal(size=30_000)})
    (density,) = build_figure(DataTable(frame), ChartSettings("scatter", "x", "y")).panels[0].marks
    assert (density.left, density.right) == (9.5, 59.5)
    truth = frame["x"].value_counts().sort_index()
    assert density.counts.sum(axis=0).tolist() == truth.tolist()


def test_panels_beside_each_other_have_the_same_kind_of_marks():
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(draw.normal(size=(30_000, 2)), columns=["x", "y"])
    frame["part"] = np.where(np.arange(len(frame)) < 200, "few", "many")
    figure = build_figure(DataTable(frame), ChartSettings("scatter", "x", "y", facet="part"))
    assert [panel.title for panel in figure.panels] == ["part: few", "part: many"]
    counts = [sum(mark.counts.sum() for mark in panel.marks) for panel in figure.panels]
    assert counts == [200, 29_800]


def test_numbers_are_cut_at_their_quintiles(frame, table):
    found = groups(table, "age", 8)
    cuts = np.quantile(frame["age"], [0, 0.2, 0.4, 0.6, 0.8, 1])
    truth = pd.cut(frame["age"], cuts, labels=False, include_lowest=True)
    assert found.codes.tolist() == truth.tolist()
    for code, (test, (low, high)) in enumerate(found.choices):
        assert test == "between"
        assert frame["age"].between(low, high).tolist() == (truth == code).tolist()


def test_rare_values_are_together(table):
    frame = pd.DataFrame({"v": ["a"] * 5 + ["b"] * 4 + ["c", "d", None]})
    found = groups(DataTable(frame), "v", 3)
    assert found.names == ("a", "b", "(others)", "(missing)")
    assert np.bincount(found.codes).tolist() == [5, 4, 2, 1]


def test_constant_columns_have_no_correlation():
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [5.0, 5, 5], "c": [3.0, 2, 1]})
    (cells,) = build_figure(DataTable(frame), ChartSettings("correlation")).panels[0].marks
    assert isinstance(cells, Cells)
    assert np.isnan(cells.values[1]).all()
    assert cells.values[0, 2] == -1


@pytest.mark.parametrize(
    ("parameters", "code", "words"),
    [
        ({"kind": "scatter", "x": name("age")}, "column-missing", "no column for y"),
        (
            {"kind": "scatter", "x": name("city"), "y": name("age")},
            "column-type",
            "dates or numbers",
        ),
        ({"kind": "bar", "x": name("city"), "y": name("level")}, "column-type", "“level”"),
        ({"kind": "pairs", "columns": name("city")}, "column-type", "doesn't contain numbers"),
    ],
)
def test_what_cannot_be_drawn_is_explained(table, refused, parameters, code, words):
    with refused(code, words):
        create_chart(table, **parameters)


def test_settings_survive_their_file():
    settings = ChartSettings("pairs", color="city", columns=("a", "b"), bins=7)
    assert settings.to_json() == {"kind": "pairs", "color": "city", "columns": ["a", "b"]}
    assert ChartSettings.from_json(settings.to_json()) == settings.used()
    for odd in (None, 3, {"kind": "pie"}, {"kind": "bar", "bins": 0}, {"kind": "bar", "x": 1},
                {"kind": "bar", "unknown": 1}, {"kind": "pairs", "columns": "a"}):  # fmt: skip
        assert ChartSettings.from_json(odd) is None
