"""The Charts tab of a table, with mouse and keys."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from chart_desk import WAIT, charts, choose, drag, move, on_screen, press
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog

from designer.app.shell import theme
from designer.app.views import image_export
from designer.app.views.charts.figure_plot import FigurePlot
from modules.contract.data_table import DataTable
from modules.tables.figures.building import build_figure
from modules.tables.figures.figure import Density, Points
from modules.tables.figures.settings import ChartSettings

pytestmark = pytest.mark.usefixtures("every_move")


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(12)
    rows = 300
    return pd.DataFrame(
        {
            "weight": draw.normal(1500, 200, rows),
            "power": draw.normal(150, 40, rows),
            "make": draw.choice(["audi", "bmw", "saab"], rows),
        }
    )


def test_a_table_starts_with_a_scatter_chart_that_a_frame_selects_rows_of(qtbot, opened, frame):
    view = opened(DataTable(frame), "Cars").view
    page = charts(qtbot, view)
    (points,) = page.plot.figure.panels[0].marks
    assert len(points.x) == len(frame)
    first, last = on_screen(page, 1400, 120), on_screen(page, 1600, 180)
    drag(qtbot, page, first, last)
    qtbot.waitUntil(lambda: view.query.filters != () and view._search is None, timeout=WAIT)
    assert view.tabs.tabText(view.tabs.currentIndex()) == "Data"
    across, up = view.query.filters
    # A frame ends at whole pixels.
    box = page.plot.plots[0].getViewBox().viewPixelSize()
    assert across.values == pytest.approx((1400, 1600), abs=2 * box[0])
    assert up.values == pytest.approx((120, 180), abs=2 * box[1])
    inside = frame[frame["weight"].between(*across.values) & frame["power"].between(*up.values)]
    model = view.grid.table_model
    assert [model.position(row) for row in range(model.rowCount())] == inside.index.tolist()
    assert 0 < len(inside) < len(frame)


def test_the_pointer_reads_a_row(qtbot, opened, frame):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    alone = int((frame["weight"] - frame["weight"].mean()).abs().argmax())
    at = on_screen(page, frame["weight"][alone], frame["power"][alone])
    move(page, at)
    qtbot.waitUntil(lambda: f"Row {alone + 1}: " in page.readout.text(), timeout=WAIT)


def test_kinds_and_columns_are_chosen_by_keys(qtbot, opened, frame):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    choose(qtbot, page, "kind", "Bar")
    assert page.form.fields["size"].isHidden()
    choose(qtbot, page, "x", "make")
    choose(qtbot, page, "statistic", "Maximum")
    (bars,) = page.plot.figure.panels[0].marks
    assert bars.height == pytest.approx(frame.groupby("make")["power"].max().to_numpy())
    for kind in ("Histogram", "Box", "Pair plot", "Correlation matrix", "Line"):
        choose(qtbot, page, "kind", kind)
    assert page.message.isVisible()
    assert "“make” can't be used for x: it doesn't contain dates or numbers" in page.message.text()
    choose(qtbot, page, "x", "weight")
    assert page.plot.isVisible()


def test_a_frame_around_bars_selects_their_categories(qtbot, opened, frame):
    view = opened(DataTable(frame), "Cars").view
    page = charts(qtbot, view)
    choose(qtbot, page, "kind", "Bar")
    choose(qtbot, page, "x", "make")
    drag(qtbot, page, on_screen(page, 0.7, 50), on_screen(page, 2.3, 100))
    qtbot.waitUntil(lambda: view.query.filters != () and view._search is None, timeout=WAIT)
    assert view.query.filters[0].values == ("bmw", "saab")
    assert view.grid.table_model.rowCount() == frame["make"].isin(["bmw", "saab"]).sum()


def test_many_rows_are_a_density_until_the_user_zooms_in(qtbot, opened):
    draw = np.random.default_rng(8)
    big = pd.DataFrame(draw.normal(size=(60_000, 2)), columns=["a", "b"])
    page = charts(qtbot, opened(DataTable(big), "Big").view)
    assert isinstance(page.plot.figure.panels[0].marks[0], Density)
    assert "Zoom in" in page.readout.text()
    page.plot.setFocus()
    for _ in range(12):
        qtbot.keyClick(page.plot, Qt.Key.Key_Plus)

    def shows_rows() -> bool:
        marks = page.plot.figure.panels[0].marks
        return bool(marks) and isinstance(marks[0], Points)

    qtbot.waitUntil(shows_rows, timeout=WAIT)
    (points,) = page.plot.figure.panels[0].marks
    (left, right), (bottom, top) = page.plot.plots[0].getViewBox().viewRange()
    inside = big["a"].between(left, right) & big["b"].between(bottom, top)
    assert sorted(points.rows) == np.flatnonzero(inside).tolist()
    qtbot.keyClick(page.plot, Qt.Key.Key_0)
    qtbot.waitUntil(lambda: not page.drawing and not shows_rows(), timeout=WAIT)


def test_a_chart_is_saved_and_copied_as_png_and_svg(qtbot, opened, frame, tmp_path, monkeypatch):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    for suffix in ("png", "svg"):
        file = tmp_path / f"chart.{suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, file=file: (str(file), ""))
        press(qtbot, page, "Save chart as PNG or SVG")
        assert page.readout.text() == f"Saved {file.name}."
    assert not QImage(str(tmp_path / "chart.png")).isNull()
    assert QSvgRenderer(str(tmp_path / "chart.svg")).isValid()
    page.plot.setFocus()
    qtbot.keyClick(page.plot, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert QSvgRenderer(data.data("image/svg+xml")).isValid()


def test_colors_follow_the_theme(qtbot, opened, frame, qapp):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    before = image_export.picture(page.plot).pixelColor(2, 2).name()
    theme.apply(qapp, "dark")
    after = image_export.picture(page.plot).pixelColor(2, 2).name()
    theme.apply(qapp, "light")
    assert before != after == theme.stored_theme("dark").surface


def test_a_table_without_values_shows_a_message(qtbot, opened):
    page = charts(qtbot, opened(DataTable(pd.DataFrame({"a": [], "b": []})), "Empty").view)
    assert page.message.isVisible()
    assert page.message.text()


def between(qtbot, plot, events: int) -> list[tuple[int, int]]:
    """Return how many panels were drawn, and how many visible, when other events were handled."""
    counts: list[tuple[int, int]] = []

    def count() -> None:
        shown = sum(each.opacity() > 0 for each in plot.plots)
        counts.append((len(plot.plots), shown))

    timer = QTimer(plot, interval=0)
    timer.timeout.connect(count)
    timer.start()
    qtbot.waitUntil(lambda: len(counts) >= events, timeout=WAIT)
    timer.stop()
    return counts


def paired(qtbot, columns: str) -> FigurePlot:
    """Begin to draw a pair plot."""
    draw = np.random.default_rng(3)
    table = DataTable(pd.DataFrame({name: draw.normal(size=60) for name in columns}))
    plot = FigurePlot()
    qtbot.addWidget(plot)
    plot.resize(900, 700)
    plot.show()
    plot.show_figure(build_figure(table, ChartSettings("pairs", columns=tuple(columns))))
    return plot


def test_other_events_are_handled_between_two_panels_of_a_pair_plot(qtbot):
    plot = paired(qtbot, "abc")
    assert plot.accessibleDescription().startswith("Drawing…")
    counts = between(qtbot, plot, 30)
    assert {panels for panels, _ in counts} >= set(range(2, 10))
    shown = sorted({shown for _, shown in counts})
    assert (shown[0], shown[-1]) == (0, 9)
    assert max(after - before for before, after in itertools.pairwise(shown)) <= 2
    assert not plot.drawing
    assert plot.accessibleDescription().startswith("9 panels")
    assert all(each.opacity() == 1 for each in plot.plots)


def test_zooming_draws_panels_in_turns_of_their_own(qtbot):
    plot = paired(qtbot, "ab")
    plot.complete()
    before = [each.items[0] for each in plot.plots]
    plot.show_figure(plot.figure, keep_view=True)
    replaced = [each.items[0] is not old for each, old in zip(plot.plots, before, strict=True)]
    assert replaced == [True, False, False, False]
    qtbot.waitUntil(lambda: not plot.drawing, timeout=WAIT)
    assert all(each.items[0] is not old for each, old in zip(plot.plots, before, strict=True))


def test_another_figure_ends_the_drawing_of_the_first(qtbot):
    plot = paired(qtbot, "abc")
    table = DataTable(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}))
    plot.show_figure(build_figure(table, ChartSettings("scatter", "a", "b")))
    assert not plot.drawing
    assert [each.opacity() for each in plot.plots] == [1]


def test_a_change_of_the_theme_meanwhile_leaves_no_panel_hidden(qtbot, qapp):
    plot = paired(qtbot, "abc")
    theme.apply(qapp, "dark")
    theme.apply(qapp, "light")
    qtbot.waitUntil(lambda: not plot.drawing, timeout=WAIT)
    assert [each.opacity() for each in plot.plots] == [1] * 9


def test_a_hidden_chart_isnt_drawn_until_it_is_seen(qtbot):
    plot = paired(qtbot, "ab")
    plot.hide()
    assert set(between(qtbot, plot, 20)) == {(1, 0)}
    plot.show()
    qtbot.waitUntil(lambda: not plot.drawing, timeout=WAIT)
    assert len(plot.plots) == 4


def test_an_image_contains_all_panels(qtbot, opened, frame, tmp_path, monkeypatch):
    page = charts(qtbot, opened(DataTable(frame), "Cars").view)
    choose(qtbot, page, "kind", "Pair plot")
    page.plot.show_figure(page.plot.figure)
    assert page.plot.drawing
    page.copy()
    assert not page.plot.drawing
    copied = QGuiApplication.clipboard().image()
    page.plot.show_figure(page.plot.figure)
    file = tmp_path / "pairs.svg"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    press(qtbot, page, "Save chart as PNG or SVG")
    saved = file.read_text(encoding="utf-8").count("<text")
    page.plot.show_figure(page.plot.figure)

    def is_same() -> bool:
        finished = image_export.picture(page.plot)
        return not page.plot.drawing and finished == copied.convertToFormat(finished.format())

    qtbot.waitUntil(is_same, timeout=WAIT)
    press(qtbot, page, "Save chart as PNG or SVG")
    assert file.read_text(encoding="utf-8").count("<text") == saved > 0


def test_an_image_of_linked_panels_contains_all_marks(qtbot):
    draw = np.random.default_rng(1)
    table = pd.DataFrame(draw.normal(size=(900, 2)), columns=["a", "b"])
    table["group"] = draw.choice(list("abcdefghi"), len(table))
    plot = FigurePlot()
    qtbot.addWidget(plot)
    plot.resize(1000, 650)
    plot.show()
    plot.show_figure(
        build_figure(DataTable(table), ChartSettings("scatter", "a", "b", facet="group"))
    )
    plot.complete()
    assert len(plot.plots) == 9
    for each in plot.plots:
        for (low, high), column in zip(each.getViewBox().viewRange(), "ab", strict=True):
            assert low < table[column].min()
            assert table[column].max() < high


def test_a_saved_drawing_of_panels_has_the_same_numbers_at_each(qtbot, tmp_path):
    table = pd.DataFrame({"a": [0.0, 60.0, 30.0], "b": [100.0, 400.0, 250.0]})
    table["part"] = ["wide", "wide", "narrow"]
    plot = FigurePlot()
    qtbot.addWidget(plot)
    plot.resize(1000, 500)
    plot.show()
    settings = ChartSettings("scatter", "a", "b", facet="part")
    plot.show_figure(build_figure(DataTable(table), settings))
    plot.complete()
    file = tmp_path / "panels.svg"
    assert image_export.save(plot, file)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", file.read_text(encoding="utf-8"))
    shown = Counter(float(text) for text in texts if re.fullmatch(r"-?[\d.]+", text.strip()))
    # A panel of its own would have no numbers besides those near 30 and 250.
    assert shown[0] == shown[60] == shown[100] == shown[400] == 2
