"""Reports on the screen: charts read by pointer and keys, their tables and images."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog, QLabel, QToolButton
from scipy.cluster.hierarchy import linkage

from designer.app.shell import theme
from designer.app.views.report_view import ReportView
from modules.contract.chart import Chart, Series
from modules.contract.sheet import Sheet
from modules.values import Report, Section
from modules.values.charts.svg import to_svg

BARS = Chart(
    "bars", "Importance", "Loss", series=[Series("", y=[4, 1], low=[3, 0.5], high=[5, 1.5])],
    categories=("engine", "<b>make</b>"), note="Five shuffles.",
)  # fmt: skip
LINE = Chart("lines", "Dependence", "age", "income", [Series("", [20, 40, 60], [1, 3, 2])])
SHEET = Sheet(("column", "loss"), (("engine", 4.0), ("make", 1.0)))
REPORT = Report(
    "Why",
    (
        Section("Importance", "Which columns matter.", SHEET, BARS),
        Section("Dependence", chart=LINE),
    ),
)
KINDS = [
    BARS,
    LINE,
    Chart(
        "lines",
        "Bundle",
        series=[Series("" if n else "one", [0, 1], [n, 1 - n]) for n in range(40)],
    ),
    Chart("lines", "Gap", series=[Series("a", [0, 1, 2], [1, None, 2])] * 2, y_log=True),
    Chart("steps", "S", series=[Series("a", [0, 1], [1, 0], [1, 0], [1, 0.5])]),
    Chart("steps", "H", series=[Series("a", [0, 1, 2], [5, 7])]),
    Chart("points", "P", series=[Series(n, [1, 2], [3, 4]) for n in "abcde"]),
    Chart("heatmap", "H", "x", "y", [Series("a", y=[1, -1]), Series("b", y=[None, 0])], "ab"),
    Chart("dendrogram", "D", links=linkage(np.random.default_rng(0).normal(size=(9, 2)))),
    Chart("parallel", "T", series=[Series("C", y=[1, 10], log=True), Series("kernel", y="ab")]),
    Chart("boxes", "X", series=[Series("Rome", [99], [1, 2, 3, 4, 5])]),
    Chart("bars", "Nothing"),
    Chart("lines", "Constant", series=[Series("", [5, 5], [1e300, 1e300])]),
    Chart("parallel", "Nothing"),
]


@pytest.fixture
def view(qtbot, opened) -> ReportView:
    widget = opened(REPORT, "Explain Model")
    qtbot.waitUntil(lambda: isinstance(widget.view, ReportView), timeout=30_000)
    widget.resize(800, 700)
    qtbot.waitUntil(lambda: widget.view.charts[0].chart.width() > 500, timeout=10_000)
    return widget.view


def test_sections_are_below_each_other_with_heading_text_chart_and_table(view):
    texts = [label.text() for label in view.findChildren(QLabel)]
    for text in ("Why", "Importance", "Which columns matter.", "Dependence"):
        assert text in texts
    assert [pane.chart.accessibleName() for pane in view.charts] == ["Importance", "Dependence"]
    assert view.tables[0].sheet.texts()[1] == ["engine", "4.0000"]
    assert "engine: 4 (3 to 5)" in view.charts[0].chart.accessibleDescription()


def test_pointing_at_a_bar_or_a_point_reads_it(qtbot, view):
    bars, line = view.charts
    assert bars.readout() == "Five shuffles."
    spot = bars.chart.spots()[0]
    qtbot.mouseMove(bars.chart, QPoint(round(spot.x + 40), round(spot.y + spot.height / 2)))
    qtbot.waitUntil(lambda: bars.readout() == "engine: 4 (3 to 5)")
    point = line.chart.spots()[1]
    qtbot.mouseMove(line.chart, QPoint(round(point.x), round(point.y)))
    qtbot.waitUntil(lambda: line.readout() == "age 40 · income 3")
    qtbot.waitUntil(lambda: bars.readout() == "Five shuffles.")


def test_keys_go_through_the_values_and_open_the_table(qtbot, view):
    pane = view.charts[1]
    pane.chart.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(pane.chart, Qt.Key.Key_Right)
    assert pane.readout() == "age 20 · income 1"
    qtbot.keyClick(pane.chart, Qt.Key.Key_End)
    assert pane.readout() == "age 60 · income 2"
    qtbot.keyClick(pane.chart, Qt.Key.Key_Return)
    assert pane.values is not None
    assert pane.values.sheet.texts()[0] == ["age", "income"]
    assert len(pane.values.sheet.texts()) == 4
    qtbot.keyClick(pane.chart, Qt.Key.Key_Space)
    assert pane.values is None


def buttons(pane) -> dict[str, QToolButton]:
    return {each.toolTip(): each for each in pane.findChildren(QToolButton)}


def test_a_chart_is_copied_and_saved(qtbot, view, tmp_path, monkeypatch):
    pane = view.charts[0]
    qtbot.mouseClick(buttons(pane)["Copy image"], Qt.MouseButton.LeftButton)
    image = QGuiApplication.clipboard().image()
    assert image.width() == 2 * pane.chart.width()
    assert colors_of(image) >= {theme.current().accent}
    for suffix in ("png", "svg"):
        target = tmp_path / f"importance.{suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, to=target: (str(to), ""))
        qtbot.mouseClick(buttons(pane)["Save image"], Qt.MouseButton.LeftButton)
        assert pane.readout() == f"Saved importance.{suffix}."
    assert QImage(str(tmp_path / "importance.png")).width() == 2 * pane.chart.width()
    assert "engine" in (tmp_path / "importance.svg").read_text("utf-8")


def colors_of(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    }


def test_charts_follow_the_theme(qapp, qtbot, view):
    try:
        theme.apply(qapp, "dark")
        found = colors_of(view.charts[0].chart.grab().toImage())
        assert QColor(theme.current().accent).name() in found
    finally:
        theme.apply(qapp, "light")


@pytest.mark.parametrize("chart", KINDS, ids=lambda chart: f"{chart.kind}-{chart.title}")
@pytest.mark.parametrize("width", [280, 900])
def test_every_kind_is_drawn_within_its_area(qtbot, chart, width):
    report = ReportView(Report("r", (Section("s", chart=chart),)).summary(), "r")
    qtbot.addWidget(report)
    widget = report.charts[0].chart
    widget.resize(width, widget.heightForWidth(width))
    for spot in widget.spots():
        assert -1 <= spot.x <= width + 1
        assert -1 <= spot.y <= widget.height() + 1
    if chart.series or chart.links:
        assert widget.spots()
        assert len(colors_of(widget.grab().toImage())) > 2


@pytest.mark.parametrize("width", [400, 900, 1600])
def test_no_part_of_a_chart_is_cut_off(qtbot, width):
    report = ReportView(REPORT.summary(), "Why")
    qtbot.addWidget(report)
    report.resize(width, 900)
    with qtbot.waitExposed(report):
        report.show()
    for pane in report.charts:
        chart = pane.chart
        qtbot.waitUntil(lambda chart=chart: chart.height() == chart.heightForWidth(chart.width()))


@pytest.mark.parametrize("chart", KINDS, ids=lambda chart: f"{chart.kind}-{chart.title}")
def test_the_drawing_of_notebooks_is_valid_svg_that_escapes_names(qapp, chart):
    svg = to_svg(chart)
    assert QSvgRenderer(svg.encode()).isValid()
    assert "<b>" not in svg
    assert "nan" not in svg


def test_a_notebook_shows_the_sections_in_their_order():
    bundle = REPORT._repr_mimebundle_()
    html = bundle["text/html"]
    order = [html.index(part) for part in ("Why", "Which columns", "<img", "<table", "Dependence")]
    assert order == sorted(order)
    assert "engine" in bundle["text/plain"]
