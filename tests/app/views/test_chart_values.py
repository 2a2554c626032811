"""Charts without seeing them: each is reached by Tab, and its values by a key."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from assistive_desk import NAME, act, children, spoken
from focus_desk import faults, ring, stops
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from designer import texts
from designer.app.deployment.endpoints.live_chart import LiveChart
from designer.app.shell import theme
from designer.app.views import image_export
from designer.app.views.charts.bar_chart import BarChart
from designer.app.views.charts.chart_widget import ChartWidget
from designer.app.views.charts.confusion_matrix import ConfusionMatrix
from designer.app.views.charts.curve_plot import Curve, CurvePlot
from designer.app.views.charts.figure_plot import FigurePlot
from designer.app.views.charts.tree_canvas import TreeCanvas
from designer.app.views.charts.values_dialog import ValuesDialog
from modules.contract.chart import Chart, Series
from modules.contract.data_table import DataTable
from modules.tables.figures.building import build_figure
from modules.tables.figures.settings import ChartSettings
from modules.values.drawn_tree import DrawnTree, TreeNode


def curves():
    roc = Curve("Tree", (0.0, 0.25, 1.0), (0.0, 0.5, 1.0), labels=(1.0, 0.5, 0.0))
    return CurvePlot("ROC", "False positive rate", "True positive rate", [roc], unit=True)


def histograms():
    pair = [Curve(name, (0.0, 1.0, 2.0), counts, steps=True) for name, counts in COUNTS.items()]
    return CurvePlot("Residuals", "Actual minus predicted", "Rows", pair)


COUNTS = {"Tree": (3, 4), "Line": (5, 2)}


def matrix():
    return ConfusionMatrix(("cat", "dog"), ((8, 2), (1, 9)))


def bars():
    chart = BarChart()
    chart.show_categories([("audi", 7), ("bmw", 5)])
    return chart


def tree():
    canvas = TreeCanvas()
    nodes = (
        TreeNode("age < 30", "yes", 10, 1, 2),
        TreeNode("", "no", 4),
        TreeNode("", "yes", 6),
    )
    canvas.show_tree(DrawnTree(1, 1, "", nodes, (0, 2)))
    return canvas


def live():
    chart = LiveChart("Median latency", "running", kept=60, unit="ms")
    for value in (4.0, None, 5.0):
        chart.add(value)
    return chart


def figure():
    plot = FigurePlot()
    frame = pd.DataFrame({"weight": [1.5, 2.5], "power": [10.0, 20.0], "make": ["audi", "bmw"]})
    settings = ChartSettings("scatter", x="weight", y="power", color="make")
    plot.show_figure(build_figure(DataTable(frame), settings))
    return plot


CHARTS = {
    "curves": (
        curves,
        ("False positive rate", "True positive rate", "Threshold"),
        [(0.0, 0.0, 1.0), (0.25, 0.5, 0.5), (1.0, 1.0, 0.0)],
    ),
    "histograms": (
        histograms,
        ("Name", "Actual minus predicted from", "Actual minus predicted to", "Rows"),
        [("Tree", 0, 1, 3), ("Tree", 1, 2, 4), ("Line", 0, 1, 5), ("Line", 1, 2, 2)],
    ),
    "matrix": (
        matrix,
        ("Actual", "Predicted cat", "Predicted dog"),
        [("cat", 8, 2), ("dog", 1, 9)],
    ),
    "bars": (bars, ("Value", "Rows"), [("audi", 7), ("bmw", 5)]),
    "tree": (
        tree,
        ("Node", "Below", "Test", "Prediction", "Rows", "On the path"),
        [
            (1, None, "age < 30", "yes", 10, "yes"),
            (2, "1, yes", "Leaf", "no", 4, "no"),
            (3, "1, no", "Leaf", "yes", 6, "yes"),
        ],
    ),
    "live": (live, ("Seconds ago", "Median latency in ms"), [(0, 5.0), (1, None), (2, 4.0)]),
    "figure": (
        figure,
        ("make", "Row", "weight", "power"),
        [("audi", 1, 1.5, 10.0), ("bmw", 2, 2.5, 20.0)],
    ),
}


def test_an_axis_keeps_the_size_of_its_numbers_when_the_theme_changes(qtbot, qapp, tmp_path):
    curve = Curve("Best so far", (1, 2, 3), (0.77, 0.79, 0.8))
    plot = CurvePlot("Best so far", "Trial", "AUC", [curve], counts=True)
    qtbot.addWidget(plot)
    with qtbot.waitExposed(plot):
        plot.show()
    try:
        theme.apply(qapp, "dark")
        file = tmp_path / "curve.svg"
        qtbot.waitUntil(lambda: image_export.save(plot, file) and len(numbers(file)) > 3)
    finally:
        theme.apply(qapp, "light")
    assert set(numbers(file)) & {0.77, 0.78, 0.79, 0.8}
    assert all(0.76 < number < 0.81 or number in (1, 2, 3) for number in numbers(file))


def test_a_stored_chart_has_the_numbers_of_the_language(qtbot, tmp_path):
    series = Series("a,b", (10_000, 20_000, 30_000), (0.25, 0.5, 0.75))
    bars = Chart("bars", "Cost", series=[Series("", y=(40_000,))], categories=["v1.5"])
    texts.use("de")
    try:
        plot = ChartWidget(Chart("points", "", "price", "share", [series]))
        qtbot.addWidget(plot)
        plot.resize(500, 300)
        plot.show()
        plot.setFocus()
        qtbot.keyClick(plot, Qt.Key.Key_Right)
        assert plot.chosen() == "price 10.000 · share 0,25"
        assert {"10.000", "0,4", "0,6"} <= set(drawn(plot, tmp_path))
        plot.show_chart(bars)
        qtbot.keyClick(plot, Qt.Key.Key_Right)
        assert plot.chosen() == "v1.5: 40.000"
        # The name of a category stays.
        assert {"v1.5", "40.000"} <= set(drawn(plot, tmp_path))
    finally:
        texts.use("en")


def drawn(chart, folder) -> list[str]:
    """The texts of a chart that is saved as a drawing."""
    file = folder / "chart.svg"
    assert image_export.save(chart, file)
    return re.findall(r"<text[^>]*>([^<]*)</text>", file.read_text(encoding="utf-8"))


def numbers(svg):
    """The texts of a drawing that are numbers."""
    found = re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text(encoding="utf-8"))
    return [float(text) for text in found if re.fullmatch(r"-?[\d.]+", text.strip())]


@pytest.mark.parametrize("kind", CHARTS)
def test_a_key_shows_the_values_of_a_chart(qtbot, kind):
    make, heads, rows = CHARTS[kind]
    chart = make()
    qtbot.addWidget(chart)
    with qtbot.waitExposed(chart):
        chart.show()
    spoken = QAccessible.queryAccessibleInterface(chart)
    assert spoken.role() == QAccessible.Role.Chart
    assert spoken.text(QAccessible.Text.Name)
    assert "T shows the values as a table" in spoken.text(QAccessible.Text.Description)
    assert chart.focusPolicy() & Qt.FocusPolicy.TabFocus
    chart.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(chart, Qt.Key.Key_T)
    (dialog,) = chart.findChildren(ValuesDialog)
    assert dialog.windowTitle() == f"Values of {chart.accessibleName()}"
    model = dialog.page.sheet.model()
    spoken_heads = [
        model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole)
        for column in range(model.columnCount())
    ]
    assert spoken_heads == list(heads)
    assert dialog.page.content.rows == tuple(rows)
    assert faults(dialog) == []
    qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.page.sheet)
    qtbot.keyClick(dialog.page.sheet, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize("mode", [pytest.param("light", marks=pytest.mark.long), "contrast-dark"])
def test_the_focus_of_a_chart_is_seen(qtbot, qapp, mode):
    theme.apply(qapp, mode)
    try:
        for make, *_ in CHARTS.values():
            holder = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
            chart = make()
            chart.setParent(holder)
            holder.layout().addWidget(chart)
            qtbot.addWidget(holder)
            holder.resize(500, 400)
            with qtbot.waitExposed(holder):
                holder.show()
            assert chart in stops(holder)
            assert ring(holder, chart) >= 3, type(chart)
            holder.hide()
    finally:
        theme.apply(qapp, "light")


def test_the_table_of_a_chart_of_a_module_is_asked_for_by_the_same_key(qtbot):
    chart = ChartWidget(Chart("lines", "Loss", series=[Series("", [0, 1], [2, 1])]))
    qtbot.addWidget(chart)
    with qtbot.waitExposed(chart):
        chart.show()
    assert "T shows the values as a table" in chart.accessibleDescription()
    chart.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(chart.asked):
        qtbot.keyClick(chart, Qt.Key.Key_T)


def test_a_large_confusion_matrix_is_described_by_what_is_wrong_most(qtbot):
    names = tuple(f"class {index}" for index in range(30))
    counts = np.full((30, 30), 0)
    np.fill_diagonal(counts, 9)
    counts[3, 7] = 20
    counts[5, 2] = 10
    chart = ConfusionMatrix(names, counts.tolist())
    qtbot.addWidget(chart)
    text = chart.accessibleDescription()
    # 30 times 9 of 30 times 9 + 30.
    assert text.startswith("30 classes, 270 of 300 rows are predicted right (90.0%). ")
    assert "Most frequent errors: actual class 3, predicted class 7: 20" in text
    assert text.index("class 7: 20") < text.index("actual class 5, predicted class 2: 10")


def test_a_pair_plot_of_many_rows_has_a_table_of_its_cells(qtbot):
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({name: draw.normal(size=60) for name in ("a", "b")})
    plot = FigurePlot()
    qtbot.addWidget(plot)
    plot.show_figure(build_figure(DataTable(frame), ChartSettings("pairs", columns=("a", "b"))))
    sheet = plot.values()
    rows = [dict(zip(sheet.headers, row, strict=True)) for row in sheet.rows]
    points = [row for row in rows if row.get("Row") == 4]
    # One below and one above the diagonal.
    assert [(row["a"], row["b"]) for row in points] == [(frame.a[3], frame.b[3])] * 2


@pytest.mark.parametrize("kind", CHARTS)
def test_pressing_a_chart_without_a_key_shows_its_values(qtbot, kind):
    chart = CHARTS[kind][0]()
    qtbot.addWidget(chart)
    with qtbot.waitExposed(chart):
        chart.show()
    act(spoken(chart))
    (dialog,) = chart.findChildren(ValuesDialog)
    assert dialog.isVisible()
    table = spoken(dialog.page.sheet)
    assert children(table)[1].text(NAME) == CHARTS[kind][1][0]


def test_counts_of_rows_are_read_without_decimals(qtbot):
    for counts in (((8.0, 2.0), (1.0, 9.0)), ((0.5, 2.0), (1.0, 9.0))):
        chart = ConfusionMatrix(("cat", "dog"), counts)
        qtbot.addWidget(chart)
        act(spoken(chart))
        (dialog,) = chart.findChildren(ValuesDialog)
        shown = dialog.page.sheet.texts()[1:]
        assert shown == (
            [["cat", "8", "2"], ["dog", "1", "9"]]
            if counts[0][0] == 8
            else [["cat", "0.5000", "2.0000"], ["dog", "1.0000", "9.0000"]]
        )


@pytest.fixture
def direction(qapp):
    """Return a function that sets the direction in which the window reads."""
    yield qapp.setLayoutDirection
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize("kind", CHARTS)
def test_charts_read_from_left_to_right_in_every_window(qtbot, direction, kind):
    pictures = []
    for each in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        direction(each)
        chart = CHARTS[kind][0]()
        qtbot.addWidget(chart)
        chart.resize(420, 320)
        with qtbot.waitExposed(chart):
            chart.show()
        chart.clearFocus()
        QApplication.processEvents()
        # Legends above and hints below are texts of the window.
        pictures.append(chart.grab().toImage().copy(8, 30, 404, 250))
    assert pictures[0] == pictures[1]


def test_quotation_marks_in_a_title_stay_where_they_are_written(qtbot, qapp, direction):
    theme.apply(qapp, "light")
    bars = [Series("", (), [1.0, 2.0])]
    title, unit = "Contributions to “yes”", "Share of “yes”"
    made = Chart("bars", title, unit, "Column (“a”)", bars, ["“a”", "(b)"], "Of “yes”.")
    pictures = []
    for each in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        direction(each)
        chart = ChartWidget(made)
        qtbot.addWidget(chart)
        chart.resize(420, 320)
        with qtbot.waitExposed(chart):
            chart.show()
        pictures.append(chart.grab().toImage())
    assert pictures[0] == pictures[1]


def test_a_chart_is_drawn_for_its_width_font_and_data(qtbot):
    chart = ChartWidget(Chart("lines", "Loss", series=[Series("", [0, 1, 2], [2, 1, 3])]))
    qtbot.addWidget(chart)
    chart.resize(600, chart.heightForWidth(600))
    wide = [spot.x for spot in chart.spots()]
    chart.resize(300, chart.heightForWidth(300))
    narrow = [spot.x for spot in chart.spots()]
    assert wide[-1] - wide[0] > 1.5 * (narrow[-1] - narrow[0]) > 0
    font, height = chart.font(), chart.heightForWidth(300)
    font.setPointSizeF(2 * font.pointSizeF())
    chart.setFont(font)
    assert chart.heightForWidth(300) > height
    chart.show_chart(Chart("lines", "Loss", series=[Series("", [0, 1], [2, 7])]))
    assert len(chart.spots()) == 2
    assert "7" in chart.accessibleDescription()


def test_an_axis_of_integers_has_no_fractions(qtbot):
    frame = pd.DataFrame({"year": [2012, 2013, 2014], "share": [0.1, 0.2, 0.3]})
    plot = FigurePlot()
    qtbot.addWidget(plot)
    plot.resize(900, 600)
    for y, across, up in (("share", True, False), ("year", False, True)):
        x = "share" if y == "year" else "year"
        figure = build_figure(DataTable(frame), ChartSettings("scatter", x, y))
        plot.show_figure(figure)
        with qtbot.waitExposed(plot):
            plot.show()
        axes = plot.plots[0].axes
        found = {side: whole_ticks(axis) for side, axis in axes.items()}
        assert found == {"bottom": across, "left": up}


def whole_ticks(axis):
    """Return whether all ticks with numbers are at integers."""
    ticks = axis.tickValues(*axis.range, axis.size().width() + axis.size().height())
    return all(float(value).is_integer() for _, values in ticks for value in values)
