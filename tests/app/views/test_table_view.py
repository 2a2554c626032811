"""A table on the screen, used as a person uses it."""

from __future__ import annotations

import io
import re
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shiboken6
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QWidget

from designer.app import theme
from designer.app.views import open_result
from designer.app.views.table_grid import MOST_CELLS
from designer.app.views.table_view import TableView
from modules.contract import storage
from modules.contract.data_table import DataTable

RIGHT = Qt.AlignmentFlag.AlignRight


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(11)
    rows = 400
    price = draw.lognormal(9, 1, rows).round(2)
    price[::9] = np.nan
    return pd.DataFrame(
        {
            "price": price,
            "doors": draw.integers(2, 6, rows),
            "make": draw.choice(["audi", "bmw", "saab"], rows),
            "note": ["a text of a thousand letters " * 40 for _ in range(rows)],
        }
    )


@pytest.fixture
def view(opened, frame) -> TableView:
    return opened(DataTable(frame, {"price": "label"}), "Cars").view


@pytest.fixture(scope="module")
def million(tmp_path_factory):
    folder = tmp_path_factory.mktemp("million") / "value"
    base = np.random.default_rng(0).normal(size=1_000_000)
    frame = pd.DataFrame({f"c{place}": base + place for place in range(50)})
    storage.save(DataTable(frame), folder)
    return Output(folder)


class Output:
    type = "DataTable"
    rows, columns = 1_000_000, 50

    def __init__(self, path: Path):
        self.path = path


def shown(view: TableView, column: int, rows: int | None = None) -> list[str]:
    model = view.grid.model()
    count = model.rowCount() if rows is None else rows
    return [model.index(row, column).data() for row in range(count)]


def order(view: TableView) -> list[int]:
    model = view.grid.table_model
    return [model.position(row) for row in range(model.rowCount())]


def click_header(qtbot, view, column, at=20):
    header = view.grid.header
    place = QPoint(header.sectionViewportPosition(column) + at, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def profiled(qtbot, view, count=4):
    qtbot.waitUntil(lambda: len(view._profiles) == count, timeout=30_000)


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


@pytest.mark.parametrize("descending", [False, True])
def test_sorting_gives_the_order_of_pandas(qtbot, view, frame, descending):
    click_header(qtbot, view, 0)
    view.activateWindow()
    (view._bar.descending if descending else view._bar.ascending).trigger()
    expected = frame["price"].sort_values(ascending=not descending, kind="stable").index.tolist()
    qtbot.waitUntil(lambda: order(view) == expected, timeout=30_000)
    model = view.grid.model()
    number = model.headerData(0, Qt.Orientation.Vertical, Qt.ItemDataRole.DisplayRole)
    assert number == str(expected[0] + 1)
    assert shown(view, 1) == [str(value) for value in frame["doors"][expected]]
    (view._bar.descending if descending else view._bar.ascending).trigger()
    qtbot.waitUntil(lambda: order(view) == list(range(len(frame))), timeout=5_000)


def test_double_clicks_on_a_column_turn_the_order(qtbot, view, frame):
    header = view.grid.header
    place = QPoint(header.sectionViewportPosition(1) + 20, 10)
    for ascending in (True, False):
        qtbot.mouseDClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        expected = frame["doors"].sort_values(ascending=ascending, kind="stable").index.tolist()
        qtbot.waitUntil(lambda expected=expected: order(view) == expected, timeout=30_000)
    qtbot.mouseDClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert order(view) == list(range(len(frame)))


def test_finding_rows_by_a_text(qtbot, view, frame):
    view._bar.field.setFocus()
    qtbot.keyClicks(view._bar.field, "SAAB")
    qtbot.keyClick(view._bar.field, Qt.Key.Key_Return)
    expected = frame.index[frame["make"].eq("saab")].tolist()
    qtbot.waitUntil(lambda: order(view) == expected, timeout=30_000)
    assert view._bar.size_label.text() == f"{len(expected)} of 400 rows × 4 columns"
    view._bar.field.setText("no such car")
    qtbot.waitUntil(lambda: "No row contains" in view._bar.message.text(), timeout=30_000)
    assert view.grid.model().rowCount() == 0
    view._bar.field.clear()
    qtbot.waitUntil(lambda: len(order(view)) == len(frame), timeout=5_000)


def test_a_copy_pastes_into_a_spreadsheet(qtbot, view, frame):
    grid = view.grid
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(0, 0))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(grid, key, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    text = QGuiApplication.clipboard().text()
    back = pd.read_csv(io.StringIO(text), sep="\t")
    pd.testing.assert_frame_equal(back, frame.iloc[:2, :3], check_dtype=False)


def test_one_cell_is_copied_without_its_name(qtbot, view):
    grid = view.grid
    grid.setCurrentIndex(grid.model().index(0, 2))
    grid.copy()
    assert QGuiApplication.clipboard().text() == grid.model().index(0, 2).data()


def test_exporting_what_is_shown(qtbot, view, frame, tmp_path, monkeypatch):
    target = tmp_path / "cars.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), "CSV (*.csv)"))
    view.sort_by("doors", True)
    view._export()
    qtbot.waitUntil(lambda: view._bar.message.text() == "Exported 400 rows.", timeout=30_000)
    expected = frame.sort_values("doors", ascending=False, kind="stable")
    assert pd.read_csv(target)["doors"].tolist() == expected["doors"].tolist()


def test_an_export_that_fails_says_why(qtbot, view, tmp_path, monkeypatch):
    target = tmp_path / "nowhere" / "cars.parquet"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    view._export()
    qtbot.waitUntil(lambda: "can't be written" in view._bar.message.text(), timeout=30_000)


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
    assert shown(view, 2) == ["2024-05-01", "2024-05-01 12:30:00"]
    assert shown(view, 3) == ["a b c", ""]
    profiled(qtbot, view)
    for column in range(4):
        click_header(qtbot, view, column)
        view.grab()


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
    (tmp_path / "bad" / storage.TABLE_FILE).write_bytes(b"\0" * 100)
    for path, words in ((tmp_path / "bad", "damaged"), (tmp_path / "none", "gone")):
        widget = open_result(Output(path), "Cars", engine)
        qtbot.addWidget(widget)
        qtbot.waitUntil(lambda widget=widget: not widget.reading)
        assert words in widget.view.message
        assert "again" in widget.view.hint


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of mapped pages")
def test_a_million_rows_open_without_being_read(qtbot, engine, million):
    widget = open_result(million, "Million", engine)
    qtbot.addWidget(widget)
    widget.resize(1400, 900)
    with qtbot.waitExposed(widget):
        widget.show()
    qtbot.waitUntil(lambda: not widget.reading)
    widget.grab()
    grid = widget.view.grid
    model = grid.table_model
    assert model.rowCount() == 1_000_000
    assert model.values_read <= 50 * 256
    grid.scrollToBottom()
    widget.grab()
    assert model.index(999_999, 49).data()
    assert model.values_read <= 50 * 256 + 50 * 512
    mapped, touched = resident(million.path / storage.TABLE_FILE)
    assert mapped >= 400_000_000
    # The kernel maps 64 kB around each page that is touched.
    assert touched < 0.05 * mapped


@pytest.mark.slow
def test_opening_a_million_rows_leaves_the_window_free(qtbot, engine, million):
    # Processor time of this thread: other programs must not decide the outcome.
    beats = [time.thread_time()]
    longest = 0.0

    def beat():
        nonlocal longest
        now = time.thread_time()
        longest = max(longest, now - beats[-1])
        beats.append(now)

    heart = QTimer()
    heart.timeout.connect(beat)
    heart.start(0)
    widget = open_result(million, "Million", engine)
    qtbot.addWidget(widget)
    widget.resize(1400, 900)
    widget.show()
    qtbot.waitUntil(lambda: not widget.reading)
    qtbot.waitUntil(lambda: len(widget.view._profiles) > 1, timeout=60_000)
    heart.stop()
    assert len(beats) > 10
    assert longest < 0.4


@pytest.mark.slow
def test_a_million_rows_never_hold_the_window_up(qtbot, engine, million):
    widget = open_result(million, "Million", engine)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    qtbot.waitUntil(lambda: not widget.reading)
    view, grid = widget.view, widget.view.grid
    model = grid.table_model
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert grid.selected_cells() < MOST_CELLS
    assert "too large" in view._bar.message.text()
    before = grid.table_model.values_read
    qtbot.keyClicks(grid, "zz")
    assert grid.table_model.values_read - before < 50 * 512
    everything = QItemSelection(model.index(0, 0), model.index(999_999, 49))
    grid.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.Select)
    qtbot.keyClick(grid, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert grid.selected_cells() > MOST_CELLS
    assert not grid.copy()
    assert "too many" in view._bar.message.text()
    view.sort_by("c7", True)
    values = np.random.default_rng(0).normal(size=1_000_000)
    expected = np.argsort(-values, kind="stable")
    qtbot.waitUntil(lambda: view._search is None, timeout=60_000)
    assert [grid.table_model.position(row) for row in range(500)] == expected[:500].tolist()
    qtbot.waitUntil(lambda: len(view._profiles) > 4, timeout=60_000)
    profile = view._profiles["c0"]
    assert profile.mean == pytest.approx(values.mean())
    assert profile.median == pytest.approx(np.median(values))


def resident(path: Path) -> tuple[int, int]:
    """Return how many bytes of a file are mapped here, and how many of these are in use."""
    mapped = touched = 0
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            inside = line.endswith(str(path))
        elif inside and line.startswith("Size:"):
            mapped += int(line.split()[1]) * 1024
        elif inside and line.startswith("Rss:"):
            touched += int(line.split()[1]) * 1024
    return mapped, touched


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


def test_a_wide_table_is_profiled_in_turns(qtbot, opened, engine):
    frame = pd.DataFrame(np.zeros((3, 250)), columns=[f"c{place}" for place in range(250)])
    view = opened(DataTable(frame)).view
    profiled(qtbot, view, 250)
    assert engine.asked.count("profile_table") == 3


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


def test_copying_works_in_a_window_that_has_the_same_keys(qtbot, engine, frame, tmp_path):
    storage.save(DataTable(frame), tmp_path / "value")
    widget = open_result(Output(tmp_path / "value"), "Cars", engine)
    window = QMainWindow()
    qtbot.addWidget(window)
    taken = []
    for keys in ("Ctrl+C", "Ctrl+A"):
        action = QAction(window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _, keys=keys: taken.append(keys))
        window.addAction(action)
    window.setCentralWidget(widget)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: not widget.reading)
    grid = widget.view.grid
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(0, 2))
    qtbot.keyClick(grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert taken == []
    assert QGuiApplication.clipboard().text() == frame["make"][0]
    assert grid.selected_cells() == frame.size


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


def test_a_column_is_found_by_a_part_of_its_name(qtbot, opened):
    frame = pd.DataFrame(np.zeros((3, 300)), columns=[f"c{place}" for place in range(300)])
    view = opened(DataTable(frame)).view
    finder = view._bar.finder
    assert finder.isVisible()
    finder.setFocus()
    qtbot.keyClicks(finder, "C250")
    qtbot.keyClick(finder, Qt.Key.Key_Return)
    assert view.grid.currentIndex().column() == 250
    left = view.grid.columnViewportPosition(250)
    assert 0 <= left < view.grid.viewport().width() - view.grid.columnWidth(250)
    # The whole name comes before names that only hold it.
    finder.clear()
    qtbot.keyClicks(finder, "c2")
    assert finder.matches("c2")[:3] == [2, 20, 21]
    qtbot.keyClick(finder, Qt.Key.Key_Return)
    assert view.grid.currentIndex().column() == 2
    before = view.grid.currentIndex().column()
    finder.clear()
    qtbot.keyClicks(finder, "nothing")
    qtbot.keyClick(finder, Qt.Key.Key_Return)
    assert view.grid.currentIndex().column() == before


def test_choosing_from_the_list_goes_to_the_column(qtbot, opened):
    frame = pd.DataFrame(np.zeros((3, 20)), columns=[f"column {place}" for place in range(20)])
    view = opened(DataTable(frame)).view
    finder = view._bar.finder
    finder.setFocus()
    qtbot.keyClicks(finder, "umn 1")
    popup = finder.completer().popup()
    assert popup.isVisible()
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert view.grid.currentIndex().column() == 10


def test_few_columns_need_no_field_to_find_them(view):
    assert not view._bar.finder.isVisible()


def test_an_empty_table_says_what_is_missing(qtbot, opened, view):
    assert opened(DataTable(pd.DataFrame({"a": []}))).view.grid.empty_words() == (
        "This table has no rows."
    )
    assert view.grid.empty_words() == ""
    view._bar.field.setText("zebra of no car")
    qtbot.keyClick(view._bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.grid.model().rowCount() == 0, timeout=30_000)
    assert view.grid.empty_words() == "No row contains this text."
    view.grab()
