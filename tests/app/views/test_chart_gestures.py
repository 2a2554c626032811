"""Columns for color, size, and panels, and looking closer, with mouse and keys."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from chart_desk import WAIT, charts, choose, drag, move, on_screen, press, turn_wheel
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtSvg import QSvgRenderer

from modules.contract.data_table import DataTable
from modules.tables.figures.figure import Density, Line, Points

pytestmark = pytest.mark.usefixtures("every_move")


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(4)
    rows = 90
    frame = pd.DataFrame(
        {
            "weight": draw.normal(1500, 200, rows),
            "power": draw.normal(150, 40, rows),
            "length": draw.uniform(3, 6, rows),
            "make": draw.choice(["audi", "bmw", "saab"], rows),
            "fuel": draw.choice(["gas", "diesel"], rows),
        }
    )
    # Two cars far from all others, the longest and the shortest.
    frame.loc[0, ["weight", "power", "length"]] = (4000, 400, 6.5)
    frame.loc[1, ["weight", "power", "length"]] = (4000, 10, 2.5)
    return frame


def marks(page, panel: int = 0):
    return page.plot.figure.panels[panel].marks


def visible(page) -> tuple[tuple[float, float], tuple[float, float]]:
    across, up = page.plot.plots[0].getViewBox().viewRange()
    return tuple(across), tuple(up)


def test_columns_for_color_size_and_panels_are_chosen_by_keys(qtbot, opened, frame):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    choose(qtbot, page, "color", "make")
    choose(qtbot, page, "size", "length")
    assert page.plot.figure.groups == ("audi", "bmw", "saab")
    for group, name in enumerate(page.plot.figure.groups):
        (own,) = (mark for mark in marks(page) if mark.group == group)
        expected = frame[frame["make"] == name]
        assert own.x == pytest.approx(expected["weight"].to_numpy())
        assert own.sizes == pytest.approx(expected["length"].to_numpy())
    # The longest car is the largest marker, and the shortest the smallest.
    drawn = [item.data for item in page.plot.plots[0].items]
    sizes = {point["size"] for data in drawn for point in data}
    assert (min(sizes), max(sizes)) == (4, 20)
    assert "The areas of markers show “length”, from 2.5 to 6.5." in page.readout.text()
    move(page, on_screen(page, 4000, 400))
    car = f"Row 1: weight 4,000 · power 400 · make {frame['make'][0]} · length 6.5"
    qtbot.waitUntil(lambda: page.readout.text() == car, timeout=WAIT)
    choose(qtbot, page, "facet", "fuel")
    assert [panel.title for panel in page.plot.figure.panels] == ["fuel: diesel", "fuel: gas"]
    for panel, fuel in enumerate(("diesel", "gas")):
        rows = np.concatenate([mark.rows for mark in marks(page, panel)])
        assert sorted(rows) == frame.index[frame["fuel"] == fuel].tolist()


def read_at(qtbot, page, x: float, y: float, begin: str) -> str:
    """Point at a place of the chart, and return what is read there."""
    move(page, on_screen(page, x, y))
    qtbot.waitUntil(lambda: page.readout.text().startswith(begin), timeout=WAIT)
    return page.readout.text()


def test_the_pointer_reads_bars_boxes_lines_and_cells(qtbot, opened, frame):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    counts = frame["make"].value_counts()
    choose(qtbot, page, "kind", "Bar")
    choose(qtbot, page, "x", "make")
    choose(qtbot, page, "y", "Count rows")
    assert read_at(qtbot, page, 1, 1, "make") == f"make bmw: rows {counts['bmw']}"
    choose(qtbot, page, "kind", "Box")
    choose(qtbot, page, "y", "power")
    own = frame.loc[frame["make"] == "saab", "power"]
    text = read_at(qtbot, page, 2, own.median(), "make saab")
    assert text.startswith(f"make saab, {counts['saab']} rows: lower whisker ")
    assert f"median {own.median():.5g}, " in text
    choose(qtbot, page, "kind", "Histogram")
    choose(qtbot, page, "x", "length")
    first = np.histogram(frame["length"], 30)[0][0]
    assert first > 0
    text = read_at(qtbot, page, 2.51, first / 2, "length 2.5 to ")
    assert text.endswith(f": rows {first}")
    choose(qtbot, page, "kind", "Correlation matrix")
    truth = np.corrcoef(frame["weight"], frame["power"])[0, 1]
    assert read_at(qtbot, page, 1, 0, "weight and power") == f"weight and power: {truth:.3f}"
    choose(qtbot, page, "kind", "Line")
    choose(qtbot, page, "y", "power")
    last = frame["length"].argmax()
    text = read_at(qtbot, page, 6.5, frame["power"][last], "length 6.5")
    assert text == "length 6.5 · power 400"


@pytest.mark.parametrize("parts", [2, 3, 5])
def test_panels_show_all_rows_and_are_zoomed_together(qtbot, opened, parts):
    draw = np.random.default_rng(parts)
    table = pd.DataFrame({"a": draw.normal(size=300), "b": draw.normal(size=300)})
    table["part"] = np.resize([f"part {number}" for number in range(parts)], 300)
    page = charts(qtbot, opened(DataTable(table), "Parts").view)
    choose(qtbot, page, "facet", "part")

    def ranges() -> list:
        return [plot.getViewBox().viewRange() for plot in page.plot.plots]

    def show_everything() -> bool:
        return len(ranges()) == parts and all(
            low < table[name].min() < table[name].max() < high < table[name].max() + 1
            for found in ranges()
            for (low, high), name in zip(found, "ab", strict=True)
        )

    qtbot.waitUntil(show_everything, timeout=WAIT)
    turn_wheel(page, on_screen(page, 0, 0, panel=1), 4)
    first, *others = ranges()
    assert not show_everything()
    assert all(found == [pytest.approx(axis) for axis in first] for found in others)
    press(qtbot, page, "Show all")
    qtbot.waitUntil(show_everything, timeout=WAIT)


def test_the_panels_of_a_pair_plot_share_axes_at_its_edge(qtbot, opened):
    draw = np.random.default_rng(2)
    table = pd.DataFrame({"a": draw.normal(size=90), "b": draw.normal(50, 9, 90)})
    table.loc[:30, "b"] = np.nan
    page = charts(qtbot, opened(DataTable(table), "Pairs").view)
    choose(qtbot, page, "kind", "Pair plot")
    first, above, below, last = page.plot.plots
    axes = [plot.axes for plot in page.plot.plots]
    assert [sorted(each) for each in axes] == [[], ["left"], ["bottom", "left"], ["bottom"]]
    titles = [each[side].labelText for each in axes for side in sorted(each)]
    assert titles == ["a", "a", "b", "b"]
    # The axis of the first row is beside its histogram, which has another one.
    assert axes[1]["left"].sceneBoundingRect().right() < first.sceneBoundingRect().left() + 2
    widths = [plot.sceneBoundingRect().width() for plot in page.plot.plots]
    assert max(widths) - min(widths) <= 2

    def shown(plot):
        return plot.getViewBox().viewRange()

    everything = [shown(plot) for plot in page.plot.plots]
    assert everything[0][0] == pytest.approx(everything[1][1])
    turn_wheel(page, on_screen(page, 0, 50, panel=2), 3)
    assert shown(below)[0] == pytest.approx(shown(first)[0]) != pytest.approx(everything[0][0])
    assert shown(last)[0] == pytest.approx(everything[3][0])
    assert shown(below)[1] != pytest.approx(everything[2][1])
    assert shown(above) == [pytest.approx(each) for each in everything[1]]
    press(qtbot, page, "Show all")
    qtbot.waitUntil(
        lambda: (
            [shown(plot) for plot in page.plot.plots]
            == [[pytest.approx(axis) for axis in each] for each in everything]
        ),
        timeout=WAIT,
    )


def test_the_wheel_zooms_at_the_pointer_and_a_double_click_shows_all(qtbot, opened, frame):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    before = visible(page)
    at = on_screen(page, 4000, 400)
    turn_wheel(page, at, 5)
    (left, right), (bottom, top) = visible(page)
    assert right - left < (before[0][1] - before[0][0]) / 2
    assert left < 4000 < right
    assert bottom < 400 < top
    # What is under the pointer stays there; half a pixel is several after zooming.
    there = on_screen(page, 4000, 400)
    assert (there - at).manhattanLength() <= 8
    turn_wheel(page, at, -2)
    assert visible(page)[0][1] - visible(page)[0][0] > right - left
    area = page.plot._area.viewport()
    qtbot.mouseDClick(area, Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: visible(page)[0] == pytest.approx(before[0]), timeout=WAIT)


def test_a_drag_moves_the_chart_once_that_is_chosen(qtbot, opened, frame):
    view = opened(DataTable(frame), "Cars").view
    page = charts(qtbot, view)
    press(qtbot, page, "Move")
    (left, right), up = visible(page)
    start = page.plot._area.viewport().rect().center()
    drag(qtbot, page, start, start + QPoint(120, 0))
    moved, after = visible(page)
    assert moved[0] < left
    assert moved[1] - moved[0] == pytest.approx(right - left)
    assert after == pytest.approx(up)
    assert view.query.filters == ()


def test_a_long_line_shows_more_where_it_is_zoomed_into(qtbot, opened):
    draw = np.random.default_rng(2)
    rows = 50_000
    table = pd.DataFrame({"second": np.arange(rows) * 1.0, "signal": draw.normal(size=rows)})
    page = charts(qtbot, opened(DataTable(table), "Signal").view)
    choose(qtbot, page, "kind", "Line")
    (line,) = marks(page)
    assert isinstance(line, Line)
    assert line.averaged
    assert len(line.x) == 2_000
    assert "Zoom in to see each row." in page.readout.text()
    middle = on_screen(page, rows / 2, 0)
    turn_wheel(page, middle, 25)

    def is_exact() -> bool:
        found = marks(page)
        return not page.drawing and bool(found) and not found[0].averaged

    qtbot.waitUntil(is_exact, timeout=WAIT)
    (line,) = marks(page)
    (left, right), _ = visible(page)
    inside = (line.x >= left) & (line.x <= right)
    expected = table[table["second"].between(left, right)]
    assert line.x[inside] == pytest.approx(expected["second"].to_numpy())
    assert line.y[inside] == pytest.approx(expected["signal"].to_numpy())
    # It continues beyond the edges, so that it doesn't seem to end there.
    assert line.x.min() < left
    assert line.x.max() > right
    press(qtbot, page, "Show all")
    qtbot.waitUntil(lambda: not page.drawing and marks(page)[0].averaged, timeout=WAIT)


def test_the_button_copies_the_chart_as_pixels_and_as_svg(qtbot, opened, frame):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    press(qtbot, page, "Copy chart")
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert QSvgRenderer(data.data("image/svg+xml")).isValid()
    assert page.readout.text() == "Copied."


@pytest.mark.long
def test_ten_million_rows_are_a_density_until_few_are_visible(qtbot, opened, engine):
    draw = np.random.default_rng(6)
    rows = 10_000_000
    big = pd.DataFrame({"a": draw.normal(size=rows), "b": draw.normal(size=rows)})
    page = charts(qtbot, opened(DataTable(big), "Big").view)
    (density,) = marks(page)
    assert isinstance(density, Density)
    assert density.counts.sum() == rows
    # A worker counts them; the window only draws.
    assert "table_figure" in engine.asked
    turn_wheel(page, on_screen(page, 0, 0), 30)

    def shows_rows() -> bool:
        return not page.drawing and bool(marks(page)) and isinstance(marks(page)[0], Points)

    qtbot.waitUntil(shows_rows, timeout=WAIT)
    (left, right), (bottom, top) = visible(page)
    inside = big["a"].between(left, right) & big["b"].between(bottom, top)
    assert sorted(marks(page)[0].rows) == np.flatnonzero(inside).tolist()
