"""A table on the screen: cells, statistics, charts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from table_desk import Output, click_header, order, profiled, shown

from designer.app.shell import theme
from designer.app.views import open_result
from modules.contract.data_table import DataTable
from modules.contract.table_files import TABLE_FILE
from modules.values import storage

RIGHT = Qt.AlignmentFlag.AlignRight


def test_cells_are_formatted_for_people(view, frame):
    assert view._bar.size_label.text() == "400 rows × 4 columns"
    model = view.grid.model()
    assert shown(view, 0, 3) == ["–", f"{frame['price'][1]:.6g}", f"{frame['price'][2]:.6g}"]
    assert model.index(1, 0).data(Qt.ItemDataRole.TextAlignmentRole) & RIGHT
    assert not model.index(1, 2).data(Qt.ItemDataRole.TextAlignmentRole) & RIGHT
    muted = model.index(0, 0).data(Qt.ItemDataRole.ForegroundRole)
    assert muted.name() == theme.current().text_muted
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "missing"
    assert model.headerData(0, Qt.Orientation.Vertical, Qt.ItemDataRole.DisplayRole) == "1"


def test_long_texts_are_cut_in_the_cell_and_whole_beside_it(qtbot, view, frame):
    model = view.grid.model()
    text = model.index(0, 3).data()
    assert len(text) < 250
    assert text.endswith("…")
    assert "thousand letters" in model.index(0, 3).data(Qt.ItemDataRole.ToolTipRole)
    click_header(qtbot, view, 3)
    assert view._pane._cell.toPlainText() == frame["note"][0]


def test_a_text_from_the_data_is_never_read_as_html(opened):
    frame = pd.DataFrame({"a": ["<b>bold</b> & <img src='x'> and more text"]})
    view = opened(DataTable(frame)).view
    tip = view.grid.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;bold&lt;/b&gt; &amp;" in tip
    assert "<img" not in tip


def test_clicking_a_column_shows_its_statistics(qtbot, view, frame):
    profiled(qtbot, view)
    assert view._pane.isHidden()
    click_header(qtbot, view, 0)
    assert view._pane.isVisible()
    figures = view._pane.shown()
    price = frame["price"]

    def read(name):
        return float(figures[name].replace(",", ""))

    assert read("Mean") == pytest.approx(price.mean(), rel=1e-4)
    assert read("Median") == pytest.approx(price.median(), rel=1e-4)
    assert read("Minimum") == pytest.approx(price.min(), rel=1e-4)
    assert read("Maximum") == pytest.approx(price.max(), rel=1e-4)
    assert read("Standard deviation") == pytest.approx(price.std(), rel=1e-4)
    assert read("Lower quartile") == pytest.approx(price.quantile(0.25), rel=1e-4)
    assert read("Upper quartile") == pytest.approx(price.quantile(0.75), rel=1e-4)
    assert figures["Unique values"] == str(price.nunique())
    assert figures["Missing values"].startswith(f"{price.isna().sum()} (")
    assert (figures["Type"], figures["Role"]) == ("Number", "Label")
    chart = view._pane._chart
    assert sum(chart._counts) == price.notna().sum()
    assert sum(bar.isEnabled() for bar in [view._pane._logarithmic]) == 1


def test_a_category_shows_its_commonest_values(qtbot, view, frame):
    profiled(qtbot, view)
    click_header(qtbot, view, 2)
    expected = {f"{value}: {count}" for value, count in frame["make"].value_counts().items()}
    assert set(view._pane._chart.texts()) == expected
    assert "Mean" not in view._pane.shown()


def test_the_log_scale_lifts_rare_values(qtbot, view):
    profiled(qtbot, view)
    click_header(qtbot, view, 0)
    chart = view._pane._chart
    rare = min(count for count in chart._counts if count)
    before = chart.share(rare)
    view._pane._logarithmic.setChecked(True)
    assert chart.share(rare) > before
    assert chart.share(max(chart._counts)) == 1


def test_the_keyboard_moves_the_statistics_and_closes_them(qtbot, view):
    profiled(qtbot, view)
    click_header(qtbot, view, 0)
    view.grid.setFocus()
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    assert view._pane._name.text() == "doors"
    qtbot.keyClick(view.grid, Qt.Key.Key_Escape)
    assert view._pane.isHidden()


def test_no_rows_and_strange_columns(qtbot, opened, frame):
    view = opened(DataTable(frame.iloc[:0])).view
    profiled(qtbot, view)
    click_header(qtbot, view, 0)
    assert view._pane._chart_title.text() == "No values"
    strange = pd.DataFrame(
        {
            "nothing": [np.nan, np.nan],
            "wide": [np.inf, 1e300],
            "when": pd.to_datetime(["2024-05-01 00:00", "2024-05-01 12:30"]),
            "lines": ["a\nb\tc", ""],
        }
    )
    view = opened(DataTable(strange)).view
    assert shown(view, 0) == ["–", "–"]
    assert shown(view, 1) == ["∞", "1e+300"]
    assert shown(view, 2) == ["2024-05-01 00:00:00", "2024-05-01 12:30:00"]
    assert shown(view, 3) == ["a b c", ""]
    profiled(qtbot, view)
    for column in range(4):
        click_header(qtbot, view, column)
        view.grab()


def test_days_are_shown_and_copied_as_days_and_times_with_their_zone(qtbot, opened):
    moments = pd.to_datetime(["2024-05-31 14:30", None, "2024-06-01 00:00"])
    frame = pd.DataFrame(
        {
            "day": moments.normalize(),
            "moment": moments,
            "zone": moments.tz_localize("Europe/Berlin"),
        }
    )
    view = opened(DataTable(frame), size=(700, 400)).view
    texts = [shown(view, column) for column in range(3)]
    assert texts == [
        ["2024-05-31", "–", "2024-06-01"],
        ["2024-05-31 14:30:00", "–", "2024-06-01 00:00:00"],
        ["2024-05-31 14:30:00+02:00", "–", "2024-06-01 00:00:00+02:00"],
    ]
    grid = view.grid
    for column in range(3):
        needed = grid.fontMetrics().horizontalAdvance(texts[column][0])
        assert grid.columnWidth(column) > needed
    tip = Qt.ItemDataRole.ToolTipRole
    assert texts[2][2] in grid.model().index(2, 2).data(tip)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert copied[0] == ["day", "moment", "zone"]
    assert copied[3] == ["2024-06-01", "2024-06-01 00:00:00", "2024-06-01 00:00:00+02:00"]


def test_without_an_engine_a_thread_does_the_work(qtbot, opened, frame):
    view = opened(DataTable(frame), engine=None).view
    profiled(qtbot, view)
    view.sort_by("doors")
    expected = frame["doors"].sort_values(kind="stable").index.tolist()
    qtbot.waitUntil(lambda: order(view) == expected, timeout=30_000)


def test_a_result_that_comes_after_the_view_is_gone_is_let_go(qtbot, frame, engine, tmp_path):
    storage.save(DataTable(frame), tmp_path / "value")
    widget = open_result(Output(tmp_path / "value"), "Cars", engine)
    qtbot.waitUntil(lambda: not widget.reading)
    widget.view.sort_by("doors")
    shiboken6.delete(widget)
    engine.call(len, ()).result(timeout=30)
    # Warnings and errors in what is delivered now fail the test.
    QGuiApplication.processEvents()


def test_damaged_and_missing_tables_are_one_sentence(qtbot, opened, frame, engine, tmp_path):
    storage.save(DataTable(frame), tmp_path / "bad")
    (tmp_path / "bad" / TABLE_FILE).write_bytes(b"\0" * 100)
    for path, words in ((tmp_path / "bad", "damaged"), (tmp_path / "none", "no longer exists")):
        widget = open_result(Output(path), "Cars", engine)
        qtbot.addWidget(widget)
        qtbot.waitUntil(lambda widget=widget: not widget.reading)
        assert words in widget.view.message
        assert "again" in widget.view.hint


def test_charts_appear_in_the_header_as_profiles_arrive(qtbot, opened, frame, engine):
    view = opened(DataTable(frame)).view
    header = view.grid.header
    profiled(qtbot, view)
    chart = header.grab().toImage()
    tints = {
        chart.pixelColor(x, y).name()
        for x in range(header.sectionSize(0))
        for y in range(chart.height() - 20, chart.height() - 4)
    }
    assert len(tints) > 1
    assert engine.asked.count("profile_table") == 1


def test_the_table_follows_the_theme(qapp, qtbot, view):
    profiled(qtbot, view)
    click_header(qtbot, view, 0)
    try:
        theme.apply(qapp, "dark")
        image = view.grab().toImage()
        for x, y in ((20, image.height() - 40), (image.width() - 8, image.height() - 8)):
            assert image.pixelColor(x, y).lightness() < 90
    finally:
        theme.apply(qapp, "light")


@pytest.mark.parametrize(
    "name", ["x" * 300, "a_long_name_without_spaces_" * 3, "two words " * 12 + "end"]
)
def test_a_long_name_of_a_column_hides_none_of_its_statistics(qtbot, opened, name):
    frame = pd.DataFrame({name: [1.0, 2.0], "b": [1, 2]})
    view = opened(DataTable(frame), size=(800, 600)).view
    view.show_statistics(0)
    qtbot.waitUntil(lambda: "Mean" in view._pane.shown())
    QApplication.processEvents()
    pane = view._pane
    edge = pane.mapTo(view, QPoint(pane.width(), 0)).x()
    for label in pane.findChildren(QWidget):
        if label.isVisible() and label.width():
            assert label.mapTo(view, QPoint(label.width(), 0)).x() <= edge
    assert pane._name.text() == name
    assert pane._name.height() <= 3 * pane._name.fontMetrics().height()


def test_few_columns_need_no_field_to_find_them(view):
    assert not view._bar.finder.isVisible()
