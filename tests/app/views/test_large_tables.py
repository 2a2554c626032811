"""Tables of many rows or columns."""

from __future__ import annotations

import re
import sys
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from table_desk import Output, laid_out, profiled

from designer.app.views import open_result
from designer.app.views.table.grid import MOST_CELLS
from modules.contract.data_table import DataTable
from modules.contract.table_files import TABLE_FILE
from modules.values import storage


@pytest.fixture(scope="module")
def million(tmp_path_factory):
    folder = tmp_path_factory.mktemp("million") / "value"
    base = np.random.default_rng(0).normal(size=1_000_000)
    frame = pd.DataFrame({f"c{place}": base + place for place in range(50)})
    storage.save(DataTable(frame), folder)
    return Output(folder)


@pytest.mark.long
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
    mapped, touched = resident(million.path / TABLE_FILE)
    assert mapped >= 400_000_000
    # The kernel maps 64 kB around each page that is touched.
    assert touched < 0.05 * mapped


class Silent:
    """An engine that never answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def call(self, function, *_) -> Future:
        self.asked.append(function.__name__)
        return Future()


@pytest.mark.long
def test_a_million_rows_can_be_read_while_nobody_answers(qtbot, million):
    engine = Silent()
    widget = open_result(million, "Million", engine)
    qtbot.addWidget(widget)
    widget.resize(1400, 900)
    with qtbot.waitExposed(widget):
        widget.show()
    qtbot.waitUntil(lambda: laid_out(widget), timeout=60_000)
    view, grid = widget.view, widget.view.grid
    grid.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(grid, key, Qt.KeyboardModifier.ControlModifier)
    widget.grab()
    assert grid.currentIndex().row() == 999_999
    assert grid.rowViewportPosition(999_999) < grid.viewport().height()
    view.sort_by("c7", True)
    assert view._bar.message.text() == "Sorting…"
    # What takes time is asked of the engine, and nothing of it is waited for.
    asked = ["find_rows", "profile_table"]
    qtbot.waitUntil(lambda: sorted(engine.asked) == asked, timeout=60_000)
    assert not view._profiles
    assert grid.table_model.values_read <= 50 * 1024


@pytest.mark.long
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


def test_a_wide_table_is_profiled_in_turns(qtbot, opened, engine):
    frame = pd.DataFrame(np.zeros((3, 250)), columns=[f"c{place}" for place in range(250)])
    view = opened(DataTable(frame)).view
    profiled(qtbot, view, 250)
    assert engine.asked.count("profile_table") == 3


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
