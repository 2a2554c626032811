"""Text and icons follow the size of the application's font, which is set in points or pixels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QFont, QFontInfo
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QStyle, QToolButton, QTreeWidget

from designer.app.shell import theme
from designer.app.shell.settings import Settings
from designer.app.shell.start_page import StartPage
from designer.app.views.charts.bar_chart import BarChart
from designer.app.views.charts.confusion_matrix import ConfusionMatrix
from designer.app.views.charts.curve_plot import Curve, CurvePlot
from designer.app.views.charts.figure_plot import FigurePlot
from designer.app.views.icon_label import IconLabel
from designer.app.views.metric_cards import MetricCards
from designer.app.views.report_view import ReportView
from designer.app.views.sheet_view import SheetView
from designer.app.views.table.column_header import ColumnHeader
from designer.app.widgets.text_scale import resized
from modules.contract.columns import Column
from modules.contract.data_table import DataTable
from modules.contract.sheet import Sheet
from modules.tables.figures.building import build_figure
from modules.tables.figures.settings import ChartSettings
from modules.values import Report, Section
from modules.values.evaluation_summary import EvaluationReportSummary

PIXELS = 15
"""Of the usual font; 11.25 points at 96 dots per inch."""


@pytest.fixture
def set_font(qapp):
    """Set the application's font in a unit, so many times as large as usual."""
    usual = QFont(qapp.font())

    def set_font(unit: str, times: float) -> None:
        made = QFont(usual)
        if unit == "pixels":
            made.setPixelSize(round(PIXELS * times))
        else:
            made.setPixelSize(PIXELS)
            made.setPointSizeF(QFontInfo(made).pointSizeF() * times)
        qapp.setFont(made)
        theme.apply(qapp, "light")

    yield set_font
    qapp.setFont(usual)
    theme.apply(qapp, "light")


@pytest.fixture
def warnings():
    """What Qt says while the test runs."""
    said: list[str] = []

    def note(kind: QtMsgType, context: object, text: str) -> None:
        said.append(text)

    before = qInstallMessageHandler(note)
    yield said
    qInstallMessageHandler(before)


@pytest.fixture
def shown(qtbot):
    """Show a widget and return it."""

    def show(widget):
        qtbot.addWidget(widget)
        widget.resize(600, 400)
        with qtbot.waitExposed(widget):
            widget.show()
        widget.grab()
        return widget

    return show


def pixels(widget, text: str) -> int:
    found = [each for each in widget.findChildren(QLabel) if each.text() == text]
    return found[0].fontInfo().pixelSize()


def bars():
    chart = BarChart()
    chart.show_histogram([0.0, 1.0, 2.0], [3, 4])
    return chart


def curves():
    return CurvePlot("ROC", "x", "y", [Curve("Tree", (0.0, 1.0), (0.0, 1.0))], unit=True)


def figure():
    plot = FigurePlot()
    frame = pd.DataFrame({"weight": [1.5, 2.5], "power": [10.0, 20.0]})
    plot.show_figure(build_figure(DataTable(frame), ChartSettings("scatter", "weight", "power")))
    return plot


def matrix():
    # Figures that are too long for a cell are drawn in a smaller font.
    return ConfusionMatrix(("cat", "dog"), ((8_000_000_000, 2), (1, 9)), largest=30)


def header():
    tree = QTreeWidget()
    tree.setHeader(ColumnHeader([Column("age", "integer")], tree))
    return tree


def cards():
    return MetricCards([EvaluationReportSummary("Tree", "regression", {"R2": 0.75})])


def report():
    return ReportView(Report("Weights", (Section("Largest"),)).summary(), "Weights")


UNITS = pytest.mark.parametrize("unit", ["points", "pixels"])
TIMES = pytest.mark.parametrize("times", [1.0, 1.5, 2.0])


@UNITS
@TIMES
@pytest.mark.parametrize("make", [bars, curves, figure, matrix, header, cards, report])
def test_it_is_drawn_without_a_font_that_qt_refuses(set_font, shown, warnings, make, unit, times):
    set_font(unit, times)
    shown(make())
    assert [text for text in warnings if "font" in text.lower()] == []


SMALL = {
    bars: lambda chart: chart._small_font(),
    curves: lambda plot: plot._plot.getPlotItem().getAxis("left").style["tickFont"],
    figure: lambda plot: plot._plots[0].axes["left"].style["tickFont"],
    matrix: lambda chart: chart._small(),
    header: lambda tree: tree.header()._small_font(),
}
"""The fonts of what is smaller than other text, by the chart."""


@UNITS
@TIMES
@pytest.mark.parametrize("make", SMALL)
def test_small_text_of_charts_is_a_little_smaller(set_font, shown, make, unit, times):
    set_font("points", 1.0)
    chart = shown(make())
    set_font(unit, times)
    small = QFontInfo(SMALL[make](chart)).pixelSize()
    assert PIXELS * times - 3 <= small < PIXELS * times


@TIMES
def test_a_font_is_resized_in_its_own_unit_by_the_same_share(set_font, qapp, times):
    made = []
    for unit in ("points", "pixels"):
        set_font(unit, times)
        small = resized(qapp.font(), -1.5, 7.0)
        assert (small.pixelSize() > 0) == (unit == "pixels")
        made.append(QFontInfo(small).pixelSize())
        assert made[-1] == pytest.approx(PIXELS * times - 1.5 / 0.75, abs=1)
    assert made[0] == pytest.approx(made[1], abs=1)
    assert QFontInfo(resized(qapp.font(), -100, 9.0)).pointSizeF() == pytest.approx(9, abs=0.5)


@UNITS
@TIMES
def test_headings_and_figures_keep_their_share_of_the_text(set_font, shown, unit, times):
    set_font("points", 1.0)
    title, numbers = shown(report()), shown(cards())
    # Those that are open follow, too.
    set_font(unit, times)
    usual = PIXELS * times
    assert pixels(title, "Weights") == pytest.approx(usual * 1.35, abs=1)
    assert pixels(title, "Largest") == pytest.approx(usual * 1.2, abs=1)
    assert pixels(numbers, "0.7500") == pytest.approx(usual * 1.5, abs=1)


@UNITS
def test_the_start_page_has_a_large_title(set_font, shown, tmp_path: Path, unit):
    page = shown(StartPage(Settings(tmp_path / "settings.ini"), tmp_path, {}))
    for times in (1.0, 2.0):
        set_font(unit, times)
        assert pixels(page, "ModelDesk") == pytest.approx(PIXELS * times * 2.1, abs=1)


@UNITS
def test_icons_grow_with_the_text_beside_them(set_font, shown, window, unit):
    set_font("points", 1.0)
    button, tool, tree = shown(QPushButton("Run")), shown(QToolButton()), shown(QTreeWidget())
    label = shown(IconLabel("info", 32))
    palette = window.palette_panel.tree
    set_font(unit, 2.0)
    QApplication.processEvents()
    for each in (button, tool):
        assert each.iconSize().height() == 32
    # The rest of a button's icon is room before its text.
    assert button.iconSize().width() == 40
    assert tool.iconSize().width() == 32
    for each in (tree, palette):
        assert each.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, each) == 32
        assert not each.iconSize().isValid()
    assert window.toolbar.iconSize().width() == 36
    assert label.sizeHint().width() == 64
    tabs = window.workbench.sides["right"].tabBar()
    assert tabs.iconSize().width() == 32
    run = window.toolbar.widgetForAction(window.actions_by_id["run"])
    assert run.height() >= 36
    set_font(unit, 1.0)
    QApplication.processEvents()
    assert window.toolbar.iconSize().width() == 18


def test_rows_of_an_open_table_grow_with_their_text(set_font, shown):
    set_font("points", 1.0)
    sheet = shown(SheetView(Sheet(("a",), ((1,), (2,))), "Numbers"))
    before = sheet.rowHeight(0)
    set_font("points", 2.0)
    assert sheet.rowHeight(0) >= before + PIXELS
    assert sheet.rowHeight(0) >= sheet.fontMetrics().height()
